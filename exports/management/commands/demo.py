"""`manage.py demo`: fills an empty demo site with invented data, or writes the invented resident list."""

import time
from argparse import ArgumentParser
from pathlib import Path
from typing import Any

from django.conf import settings
from django.core.management.base import BaseCommand, CommandError

from collection.models import Plan
from config.demo_password import demo_password
from exports.demo.comparison import make_group, patiently
from exports.demo.filling import fill, hand_in_residents
from exports.demo.residents import write
from exports.demo.world import World

SAY_EVERY = 2.0  # seconds


class Command(BaseCommand):
    help = "Fills an empty demo site with invented plans, participants, consents and residents, and four users."

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument(
            "--participants", type=int, default=5000, metavar="N", help="up to a million; 5,000 if not given"
        )
        parser.add_argument("--seed", type=int, default=2016, help="other invented data for another number")
        parser.add_argument(
            "--residents",
            type=Path,
            metavar="FILE",
            help="write the invented resident list to FILE (.csv or .parquet) and leave the database alone",
        )
        parser.add_argument("--no-residents", action="store_true", help="fill the database without a resident list")
        parser.add_argument(
            "--group", action="store_true", help="beside a running demo: order and approve a comparison group"
        )

    def handle(
        self,
        *args: Any,
        participants: int,
        seed: int,
        residents: Path | None,
        no_residents: bool,
        group: bool,
        **options: Any,
    ) -> None:
        if not settings.DEMO:
            raise CommandError(
                "This is no demo site: `manage.py demo` needs DEMO=1 in the environment. `make run` sets it."
            )
        if group:
            make_group(patiently)
            return
        if not 1 <= participants <= 1_000_000:
            raise CommandError("--participants must be from 1 to 1000000.")
        world = World(seed, participants)
        if residents is not None:
            self.write_residents(world, residents)
            return
        if Plan.objects.exists():
            raise CommandError("The database has plans already. The demo fills an empty one only.")
        self.next_line = time.monotonic() + SAY_EVERY
        fill(world, password=demo_password(), say=self.say)
        if not no_residents:
            hand_in_residents(world, say=self.say)

    def say(self, line: str) -> None:
        if time.monotonic() >= self.next_line:
            self.stdout.write(line)
            self.stdout.flush()
            self.next_line = time.monotonic() + SAY_EVERY

    def write_residents(self, world: World, path: Path) -> None:
        self.stdout.write(f"Writing the resident list to {path} …")
        size = write(world, path)
        self.stdout.write(f"{size / 1e6:.1f} MB written.")
