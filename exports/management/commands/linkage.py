import hashlib
import shutil
from pathlib import Path
from uuid import UUID

from django.core.management.base import BaseCommand, CommandError

from exports import jobs, runners, storage  # noqa: F401  (runners registers what runs a job)
from exports.actions.deliveries import SomebodyLeft, record_copies
from exports.models import Delivery, Job, State
from exports.states import WrongState


class Command(BaseCommand):
    help = (
        "Builds an approved linkage delivery here, without a worker, and copies its archives, sealed as on the site, "
        "to a folder. It counts as fetched by each reader. Refuses what is not approved."
    )

    def add_arguments(self, parser):
        parser.add_argument("delivery", type=UUID, help="the delivery's id, as in its address")
        parser.add_argument("--out", type=Path, required=True, help="folder for the sealed archives")

    def handle(self, *args, delivery: UUID, out: Path, **options):
        found = Delivery.objects.filter(pk=delivery, kind=Delivery.Kind.LINKAGE).first()
        if found is None:
            raise CommandError("There is no such linkage delivery.")
        if found.state == State.APPROVED:
            self._build(found)
            found.refresh_from_db()
        try:
            archives = record_copies(found)
        except WrongState:
            raise CommandError(f"The delivery is {found.state}; only an approved one can be built.") from None
        except SomebodyLeft:
            raise CommandError(
                "A consent has ceased, or a key was revoked, since the files were built. Who fetches them on the site "
                "has them built again."
            ) from None
        out.mkdir(mode=0o700, parents=True, exist_ok=True)
        for archive in archives:
            target = out / f"{archive.reader}.zip.age"
            shutil.copyfile(storage.absolute(archive), target)
            target.chmod(0o600)
            with target.open("rb") as copy:
                if hashlib.file_digest(copy, "sha256").hexdigest() != archive.sha256:
                    target.unlink()
                    raise CommandError(f"The archive for the {archive.reader} is not the one that was sealed.")
            self.stdout.write(f"{target}  {archive.sha256}")

    def _build(self, delivery: Delivery) -> None:
        job = delivery.jobs.filter(kind=Job.Kind.BUILD, state__in=[Job.State.QUEUED, Job.State.RUNNING]).first()
        if job is None:
            raise CommandError("The delivery has no open job.")
        jobs.run(job.pk)
        job.refresh_from_db()
        if job.state == Job.State.RUNNING:
            raise CommandError("A worker is building it now. Try again when it is done.")
        if job.state == Job.State.FAILED:
            raise CommandError(f"Building failed: {job.problem}.")
