import sys

from django.core.management.base import BaseCommand

from exports.comparison.runner.__main__ import main


class Command(BaseCommand):
    """The runner's `comparison`, with its own arguments and words: it asks the site for nothing and runs no checks of
    it."""

    help = (
        "Draws a comparison group from registers: comparison DEFINITION.json --register YEAR=FILE ... "
        "--participants FILE --areas FILE --out DIR (docs/comparison.md)."
    )

    def run_from_argv(self, argv: list[str]) -> None:
        sys.exit(main(argv[1:]))
