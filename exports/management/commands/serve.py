"""`manage.py serve`: web server, job worker and scheduler, under one supervisor."""

import os
import socket
import sys
from argparse import ArgumentParser
from pathlib import Path
from typing import Any

from django.conf import settings
from django.core.management import call_command
from django.core.management.base import BaseCommand, CommandError, SystemCheckError
from django.db import connection
from django.db.migrations.executor import MigrationExecutor

from config.demo_password import demo_password
from config.env import env
from config.supervisor import beat_command, run_beside, supervise, web_command, worker_command
from exports.demo.keys import folder as demo_keys

DEMO_USERS = ("medarbejder", "koordinator", "evaluator", "dataansvarlig")


class Command(BaseCommand):
    help = "Serves the site: web server, job worker and scheduler together, until Ctrl-C."
    requires_system_checks = ()  # made below, where their findings can be explained

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument(
            "--without-beat",
            action="store_true",
            help="on every host of a site but one: leaves the periodic tasks (anchors, deletions, sweeps) to that one",
        )
        parser.add_argument(
            "--demo", action="store_true", help="a site of invented data with demo users (what `make run` calls)"
        )

    def handle(self, *args: Any, demo: bool, without_beat: bool, **options: Any) -> None:
        address = f"{env.str('BIND', '127.0.0.1')}:{env.int('PORT', 8000)}"
        self.refuse_wrong_site(demo)
        self.refuse_taken_address(address)
        try:
            if demo:
                self.prepare_demo()
            else:
                self.refuse_unfit_site()
            self.say("Collecting static files …")
            call_command("collectstatic", interactive=False, verbosity=0)
        except KeyboardInterrupt:
            self.say("\nStopped before the site was ready.")
            sys.exit(130)
        self.introduce(address, demo)
        connection.close()
        if demo:
            run_beside([sys.executable, "manage.py", "demo", "--group"])
        parts = {"web server": web_command(address), "job worker": worker_command()}
        if not without_beat:
            parts["job scheduler"] = beat_command()
        ended = supervise(parts)
        if ended:
            raise CommandError(f"The {ended} ended by itself (see above), so everything was stopped.")
        self.say("Stopped.")

    def say(self, text: str) -> None:
        self.stdout.write(text)
        self.stdout.flush()  # at once, also into a file or a pipe

    def refuse_wrong_site(self, demo: bool) -> None:
        if demo and not settings.DEMO:
            raise CommandError(
                "serve --demo needs DEMO=1 in the environment. `make run` sets it, and folders of its own."
            )
        if settings.DEMO and not demo:
            raise CommandError("DEMO=1 is set, so this is a demo site: start it with `make run`, or unset DEMO.")

    def refuse_taken_address(self, address: str) -> None:
        host, _, port = address.rpartition(":")
        with socket.socket(socket.AF_INET6 if ":" in host else socket.AF_INET) as probe:
            probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
            try:
                probe.bind((host.strip("[]"), int(port)))
            except OSError as error:
                raise CommandError(
                    f"Can't listen on {address}: {os.strerror(error.errno or 0).lower()}. "
                    "Stop what uses it, or choose another port: PORT=8001"
                ) from None

    def prepare_demo(self) -> None:
        from accounts.models import User
        from collection.models import Plan

        self.say("Preparing the database …")
        unfinished = Path(settings.DATA_DIR) / "demo-unfinished"
        if unfinished.exists():
            self.forget_half_a_demo()
        call_command("migrate", interactive=False, verbosity=0)
        os.environ["DEMO_PASSWORD"] = password = demo_password()
        if not Plan.objects.exists():
            self.say("Inventing demo data …")
            unfinished.touch()
            call_command("demo")
        unfinished.unlink(missing_ok=True)
        for user in User.objects.filter(username__in=DEMO_USERS):
            if not user.check_password(password):
                user.set_password(password)
                user.save(update_fields=["password"])

    def forget_half_a_demo(self) -> None:
        """Inventing the data was cut off last time, and the demo fills an empty database only."""
        if connection.vendor != "sqlite":
            raise CommandError("The demo data was cut off half way. Empty the database and start again.")
        connection.close()
        for suffix in ("", "-wal", "-shm"):
            Path(f"{connection.settings_dict['NAME']}{suffix}").unlink(missing_ok=True)

    def refuse_unfit_site(self) -> None:
        executor = MigrationExecutor(connection)
        waiting = executor.migration_plan(executor.loader.graph.leaf_nodes())
        if waiting:
            raise CommandError(f"{len(waiting)} migrations are not applied. Run `manage.py migrate` first.")
        try:
            call_command("check", deploy=True, databases=["default"], fail_level="ERROR", verbosity=0)
        except SystemCheckError as error:
            raise CommandError(f"The site is not fit to serve.\n{error}") from None

    def introduce(self, address: str, demo: bool) -> None:
        database = settings.DATABASES["default"]
        lines = [
            "",
            f"Deltagerdata: http://{address}/   (Ctrl-C stops it)",
            f"  data     {settings.DATA_DIR}",
            f"  database {database['NAME'] if connection.vendor == 'sqlite' else connection.vendor}",
            f"  keys     {settings.KEY_DIR}",
        ]
        if demo:
            lines += ["  demo site with invented people; sign in as", f"           {', '.join(DEMO_USERS)}"]
            lines += [f"  password {os.environ['DEMO_PASSWORD']}"]
            lines += [f"  recipients' private keys: {demo_keys()}   (python3 scripts/open_delivery.py --help)"]
        else:
            lines += ["           Back the keys up, apart from the data: without them no identity can be read again."]
        self.say("\n".join([*lines, ""]))
