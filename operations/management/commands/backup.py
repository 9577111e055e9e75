from pathlib import Path

from django.core.management.base import BaseCommand, CommandError
from django.db import DatabaseError

from crypto.agefile import AgeError
from crypto.errors import CryptoError
from operations import backups
from operations.databases import DatabaseProgramFailed


class Command(BaseCommand):
    help = (
        "Makes a backup of the database and the sealed files, sealed to a recipient; no key is in it. docs/backups.md"
    )

    def add_arguments(self, parser):
        parser.add_argument("--to", type=Path, required=True, metavar="FOLDER")
        parser.add_argument(
            "--recipient", action="append", required=True, metavar="age1…",
            help="an age public key; may be repeated. Keep the private one away from this machine.",
        )  # fmt: skip
        parser.add_argument(
            "--keep-days", type=int, default=backups.KEPT_DAYS,
            help="after so many days `manage.py backups --delete-expired` deletes it",
        )  # fmt: skip

    def handle(self, *args, to: Path, recipient: list[str], keep_days: int, **options):
        try:
            to.mkdir(mode=0o700, parents=True, exist_ok=True)
            file = backups.make(to=to, recipients=recipient, keep_days=keep_days)
        except (AgeError, CryptoError, DatabaseProgramFailed, OSError) as error:
            raise CommandError(f"There is no backup: {error}") from None
        except DatabaseError as error:  # read-only, say: what is on the disk by then is whole
            raise CommandError(
                f"The database failed ({type(error).__name__}), at the latest when the log was to tell of the backup. "
                f"`manage.py backups {to}` says whether there is one."
            ) from None
        self.stdout.write(str(file))
