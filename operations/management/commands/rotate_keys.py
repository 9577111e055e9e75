import time
from pathlib import Path

from django.core.management.base import BaseCommand, CommandError

from accounts.models import User
from accounts.permissions import Permission
from crypto import keys
from crypto.errors import KeyUnavailable
from exports import jobs
from exports.models import Job
from operations import queries
from operations.actions.keys import KekRefused, change_kek, forget_kek_before, jobs_of, start_rotation
from operations.models import KeyRotation

KEK = "kek"


class Command(BaseCommand):
    help = "Changes data keys, or the key-encryption key; without arguments, shows how they stand. See docs/keys.md."

    def add_arguments(self, parser):
        parser.add_argument("purpose", nargs="*", help="purposes as shown, `all` of them, or `kek`")
        parser.add_argument("--by", metavar="USERNAME", help="the data controller who has decided it")
        parser.add_argument(
            "--backed-up", type=Path, metavar="FILE",
            help="with `kek`: the copy of the new key in your backup. The key before is then removed from KEY_DIR.",
        )  # fmt: skip

    def handle(self, *args, purpose: list[str], by: str | None, backed_up: Path | None, **options):
        if not purpose:
            self._show()
            return
        user = User.objects.filter(username=by, is_active=True).first() if by else None
        if user is None or not user.can(Permission.MANAGE_KEYS):
            raise CommandError("Say with --by which data controller has decided it: a user who may manage keys.")
        if KEK in purpose:
            if len(purpose) > 1:
                raise CommandError("Change the key-encryption key by itself.")
            self._change_kek(user, backed_up)
            return
        wanted = keys.purposes() if purpose == ["all"] else purpose
        if unknown := sorted(set(wanted) - set(keys.purposes())):
            raise CommandError(f"There is no key for {', '.join(unknown)}.")
        for each in wanted:
            self._rotate(user, each)

    def _show(self) -> None:
        kek = queries.kek_standing()
        self.stdout.write(f"{KEK:34} {kek.fingerprint}{'  (being changed)' if kek.changing else ''}")
        for one in queries.standings():
            state = "runs" if one.runs else "stopped" if one.stopped else "in use"
            older = f", {one.older} older kept" if one.older else ""
            self.stdout.write(f"{one.purpose:34} version {one.version} since {one.since:%Y-%m-%d}: {state}{older}")

    def _rotate(self, user: User, purpose: str) -> None:
        held, said = start_rotation(by=user, purpose=purpose), ""
        while held.finished_at is None:
            for job in jobs_of(held).filter(state=Job.State.QUEUED):
                jobs.run(job.pk)  # here, unless a worker has it already
            held = KeyRotation.objects.get(pk=held.pk)
            last = jobs_of(held).order_by("-queued_at").first()
            if held.finished_at is None and last.state not in (Job.State.QUEUED, Job.State.RUNNING):
                raise CommandError(f"{purpose}: stopped ({last.problem or last.state}). Run it again to go on.")
            if held.finished_at is None:
                line = f"{purpose}: {last.step}" + (f" {last.done} of {last.total}" if last.total else " …")
                if line != said:  # a step may wait for a minute
                    self.stdout.write(line)
                said = line
                time.sleep(1)
        unread = f", {held.unreadable} can't be read: see `manage.py verify_identities`" if held.unreadable else ""
        self.stdout.write(f"{purpose}: changed, {held.done} rows{unread}")

    def _change_kek(self, user: User, backed_up: Path | None) -> None:
        try:
            if backed_up:
                forget_kek_before(by=user, copy=backed_up)
                self.stdout.write("The key-encryption key before is gone from KEY_DIR.")
                return
            data, projects = change_kek(by=user)
        except (KekRefused, KeyUnavailable, OSError) as error:
            raise CommandError(_WHY.get(getattr(error, "code", ""), str(error))) from None
        self.stdout.write(
            f"{data} data keys and {projects} project keys are wrapped with the key-encryption key "
            f"{queries.kek_standing().fingerprint}.\nBack it up now, and then see docs/keys.md for the last step."
        )


_WHY = {
    "no_change": "The key-encryption key is not being changed.",
    "other_key": "That file does not hold the key-encryption key of today.",
}
