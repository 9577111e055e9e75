"""The checks that need a site: `migrations` (none is missing) and `deployable` (`check --deploy` says nothing).

The site is a new one in a temporary folder, set up as the README says for real data.
"""

import base64
import os
import secrets
import subprocess
import sys
import tempfile
from pathlib import Path


def manage(environment: dict[str, str], *arguments: str) -> int:
    return subprocess.run([sys.executable, "manage.py", *arguments], env=environment).returncode


def main(check: str) -> int:
    with tempfile.TemporaryDirectory() as folder:
        environment = {
            **os.environ,
            "DATA_DIR": str(Path(folder) / "data"),
            "KEY_DIR": str(Path(folder) / "keys"),
            "KEK": base64.b64encode(os.urandom(32)).decode(),
            "SECRET_KEY": secrets.token_urlsafe(64),
            "ALLOWED_HOSTS": "site.example",
            "DATABASE_URL": f"sqlite:///{folder}/site.sqlite3",
            "HTTPS": "1",
            "DEBUG": "0",
            "DEMO": "0",
            "LOG_LEVEL": "WARNING",
        }
        if check == "migrations":
            return manage(environment, "makemigrations", "--check", "--dry-run")
        return manage(environment, "migrate", "--verbosity=0") or manage(
            environment, "check", "--deploy", "--database=default", "--fail-level=WARNING"
        )


if __name__ == "__main__":
    sys.exit(main(*sys.argv[1:]))
