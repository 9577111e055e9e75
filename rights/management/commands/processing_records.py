"""`manage.py processing_records`: the records of processing of this site, or with --write those of docs/."""

from argparse import ArgumentParser
from pathlib import Path
from typing import Any

from django.conf import settings
from django.core.management.base import BaseCommand

from rights import processing

DOCS = Path(settings.BASE_DIR) / "docs"


def pages() -> dict[Path, str]:
    return {
        DOCS / "records-of-processing.md": processing.records(),
        DOCS / "dpia-technical.md": processing.assessment(),
    }


class Command(BaseCommand):
    help = (
        "Prints the records of processing (article 30 GDPR) and the technical part of an impact assessment with what "
        "this site holds, in Danish. With --write: writes docs/, as the code is."
    )

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("--write", action="store_true", help="write docs/, without what this site holds")

    def handle(self, *args: Any, write: bool, **options: Any) -> None:
        if not write:
            self.stdout.write(processing.records(of_site=True))
            self.stdout.write(processing.assessment())
            return
        for path, text in pages().items():
            path.write_text(text)
