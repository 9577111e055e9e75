"""What the three load commands have in common: a path, and faults told one a line."""

from collections.abc import Callable
from pathlib import Path

from django.core.management.base import BaseCommand, CommandError

from collection.actions.load import Loaded
from collection.tables import TableRefused


class LoadCommand(BaseCommand):
    action: Callable[..., Loaded]
    things: str

    def add_arguments(self, parser):
        parser.add_argument("path", type=Path, help="CSV file, UTF-8, with ; or ,")

    def handle(self, *args, path: Path, **options):
        if not path.is_file():
            raise CommandError(f"There is no file {path}.")
        try:
            loaded = type(self).action(path)
        except TableRefused as refused:
            for fault in refused.faults:
                self.stderr.write(fault)
            raise CommandError("Nothing was loaded.") from None
        self.stdout.write(
            f"{self.things}: {loaded.created} new, {loaded.changed} changed, {loaded.unchanged} as they were."
        )
