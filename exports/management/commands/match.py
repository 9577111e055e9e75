import sys

from django.core.management.base import BaseCommand

from exports.comparison.runner.__main__ import main


class Command(BaseCommand):
    """The runner's `match`, with its own arguments and words: it asks the site for nothing and runs no checks of it."""

    help = "Describes and matches a data set: match SPEC.json DATA --out DIR (docs/matching.md)."

    def run_from_argv(self, argv: list[str]) -> None:
        sys.exit(main(argv[1:]))
