"""`manage.py demo_register`: an invented register of Denmark's size, for trying and measuring comparison groups."""

import time
from argparse import ArgumentParser
from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand, CommandError

from exports.demo.register import write
from exports.demo.register.people import PEOPLE

SAY_EVERY = 2.0  # seconds


class Command(BaseCommand):
    help = "Writes invented registers as Parquet files (BEF2014.parquet …), participants and areas. Nobody's data."
    requires_system_checks: list[str] = []

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("--out", type=Path, required=True, metavar="DIR", help="a folder that is new or empty")
        parser.add_argument("--people", type=int, default=PEOPLE, metavar="N", help=f"{PEOPLE:,} if not given")
        parser.add_argument("--years", type=int, nargs="+", default=[2014, 2015, 2016], metavar="YEAR")
        parser.add_argument("--seed", type=int, default=1, help="another invented country for another number")

    def handle(self, *args: Any, out: Path, people: int, years: list[int], seed: int, **options: Any) -> None:
        out.mkdir(parents=True, exist_ok=True)
        if any(out.iterdir()):
            raise CommandError(f"{out} is not empty.")
        self.next_line = time.monotonic() + SAY_EVERY
        try:
            write(out, people=people, years=tuple(sorted(set(years))), seed=seed, say=self.say)
        except ValueError as wrong:
            raise CommandError(str(wrong)) from None
        files = list(out.iterdir())
        size = sum(file.stat().st_size for file in files)
        self.stdout.write(f"{len(files)} files in {out}, {size / 1e6:,.0f} MB.")

    def say(self, done: int, people: int) -> None:
        if time.monotonic() >= self.next_line:
            self.stdout.write(f"{done:,} of {people:,} people")
            self.stdout.flush()
            self.next_line = time.monotonic() + SAY_EVERY
