"""`python -m benchmarks.load.sessions ACCOUNTS_FILE`: signs everybody in who is not, without password and code, so that
the day can be measured without its morning. Prints how many there were."""

import json
import sys
import time
from pathlib import Path


def main() -> None:
    import django

    django.setup()
    from django.conf import settings
    from django.test import Client

    from accounts import sessions
    from accounts.models import User

    settings.ALLOWED_HOSTS = ["testserver"]
    path = Path(sys.argv[1])
    accounts = json.loads(path.read_text())
    waiting = [row for row in accounts if "signed_in" not in row]
    users = User.objects.in_bulk([row["id"] for row in waiting], field_name="pk")
    known = {str(pk): user for pk, user in users.items()}
    for row in waiting:
        client = Client()
        client.force_login(known[row["id"]])
        session = client.session
        session[sessions.SECOND_FACTOR] = row["id"]
        session.save()
        row |= {"cookies": {settings.SESSION_COOKIE_NAME: session.session_key}, "signed_in": time.time()}
    path.write_text(json.dumps(accounts))
    print(json.dumps({"signed_in": len(waiting)}))


if __name__ == "__main__":
    main()
