"""Server time of the pages of consent rates at 50,000 participants, against the page of the audit log.

`python -m benchmarks.rates` on the database and folders that the environment names: an empty one is filled with the
demo, which needs DEMO=1; a filled one is used as it is. Prints one line of JSON: a row for each page.
"""

import argparse
import gc
import json
import time
from collections.abc import Callable
from statistics import median

ROUNDS, LIMIT_MS, LIMIT_QUERIES = 9, 300, 15


def main() -> None:
    import django

    django.setup()
    from django.conf import settings
    from django.core.management import call_command
    from django.db import connection
    from django.test import Client
    from django.test.utils import CaptureQueriesContext
    from django.urls import reverse

    import consent.rates
    from accounts.models import User
    from collection.models import Plan

    parser = argparse.ArgumentParser()
    parser.add_argument("--participants", type=int, default=50_000)
    options = parser.parse_args()
    settings.ALLOWED_HOSTS = ["testserver"]
    call_command("migrate", verbosity=0)
    call_command("collectstatic", verbosity=0, interactive=False)
    if not Plan.objects.exists():
        call_command("demo", participants=options.participants, no_residents=True)
        if connection.vendor == "postgresql":
            with connection.cursor() as cursor:
                cursor.execute("VACUUM ANALYZE")  # as a server does by itself within the hour
    plan = Plan.objects.filter(memberships__user__username="koordinator").order_by("name")[0]
    clients = {}
    for username in ("dataansvarlig", "koordinator"):
        clients[username] = Client()
        clients[username].force_login(User.objects.get(username=username))

    def page(username: str, address: str) -> Callable[[], None]:
        def ask() -> None:
            assert clients[username].get(address).status_code == 200

        return ask

    overview, trend = reverse("consent:rates"), reverse("consent:trend")
    of_plan, trend_of_plan = (reverse(f"consent:{name}_plan", args=[plan.pk]) for name in ("rates", "trend"))

    def anew(ask: Callable[[], None]) -> Callable[[], None]:
        def forget_and_ask() -> None:
            consent.rates._kept = None
            ask()

        return forget_and_ask

    pages = {
        "all plans, one year": page("dataansvarlig", overview),
        "all plans, one year, counted anew": anew(page("dataansvarlig", overview)),
        "all activities, all years": page("dataansvarlig", f"{overview}?by=activity&year=alle"),
        "all plans, year by year": page("dataansvarlig", trend),
        "all plans, year by year, counted anew": anew(page("dataansvarlig", trend)),
        "one plan, masked": page("dataansvarlig", of_plan),
        "one plan": page("koordinator", of_plan),
        "one plan, year by year": page("koordinator", trend_of_plan),
    }
    plain = page("dataansvarlig", reverse("audit:events"))
    plain()
    gc.freeze()  # as config.wsgi does
    rows = []
    for name, ask in pages.items():
        ours, theirs = [], []
        ask()
        for _ in range(ROUNDS):
            ours.append(_ms(ask))
            theirs.append(_ms(plain))
        with CaptureQueriesContext(connection) as queries:
            ask()
        met = "yes" if median(ours) <= LIMIT_MS and len(queries) <= LIMIT_QUERIES else "**no**"
        ratio = median(one / other for one, other in zip(ours, theirs, strict=True))
        rows.append(
            f"| {name} ({connection.vendor}) | {median(ours):.0f} | {min(ours):.0f} | {median(theirs):.0f} "
            f"| {ratio:.1f} | {len(queries)} | {met} |"
        )
    print(json.dumps({"plans": Plan.objects.count(), "rows": rows}))


def _ms(ask: Callable[[], None]) -> float:
    began = time.perf_counter()
    ask()
    return (time.perf_counter() - began) * 1000


if __name__ == "__main__":
    main()
