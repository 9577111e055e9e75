import sys
from pathlib import Path

from django.core.management.base import BaseCommand, CommandError

from crypto.agefile import AgeError
from crypto.errors import CryptoError
from operations import restoring
from operations.backups import BackupRefused
from operations.databases import DatabaseProgramFailed

CONFIRMATION = "replace this site"


class Command(BaseCommand):
    help = "Restores a backup into an empty site, erases again what was erased since, and opens it when it is in order."
    requires_system_checks = ()  # of a site that may hold nothing yet
    requires_migrations_checks = False

    def add_arguments(self, parser):
        parser.add_argument("file", type=Path, nargs="?")
        parser.add_argument(
            "--identity", type=Path, metavar="FILE", help="a file with the recipient's age identity (AGE-SECRET-KEY-1…)"
        )
        parser.add_argument(
            "--force", action="store_true", help="in the place of a site that holds something; asks for confirmation"
        )
        parser.add_argument(
            "--without-journal", action="store_true", help="nothing was ever erased, so there is no journal of it"
        )
        parser.add_argument(
            "--check", action="store_true", help="only look through a restored site again, and open it when in order"
        )
        parser.add_argument("--open", action="store_true", help="open a restored site although faults were found in it")

    def handle(self, *args, file, identity, force, without_journal, check, open, **options):
        try:
            if open:
                if not restoring.unfinished():
                    raise CommandError("No restore is under way: the site is open.")
                restoring.open_site()
                self.stdout.write("The site is open.")
                return
            if check:
                in_order = restoring.look_through(self.stdout.write)
            else:
                if not file or not identity:
                    raise CommandError("Say which backup, and with --identity which key opens it.")
                key = _key_in(identity)
                if force:
                    self._confirm()
                in_order = restoring.restore(
                    file, key, over=force, without_journal=without_journal, say=self.stdout.write
                )
        except (BackupRefused, AgeError, CryptoError, DatabaseProgramFailed, OSError) as error:
            raise CommandError(str(error)) from None
        if not in_order:
            raise CommandError("Faults were found (above). `restore --open` opens the site all the same.")
        self.stdout.write("The site is in order." if check else "The site is restored. Start it.")

    def _confirm(self) -> None:
        held = restoring.holdings()
        if not held:
            return
        self.stdout.write(f"This site holds {held}. All of it is replaced.\nType: {CONFIRMATION}")
        if sys.stdin.readline().strip() != CONFIRMATION:
            raise CommandError("Not confirmed. Nothing was changed.")


def _key_in(file: Path) -> str:
    """The identity in a file as age-keygen writes it: comments begin with #."""
    lines = [line.strip() for line in file.read_text().splitlines()]
    return next((line for line in lines if line and not line.startswith("#")), "")
