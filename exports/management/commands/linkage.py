import shutil
from pathlib import Path
from uuid import UUID

from django.core.management.base import BaseCommand, CommandError

from audit.recording import audited
from exports import jobs, runners, storage  # noqa: F401  (runners registers what runs a job)
from exports.models import Delivery, Job, State


class Command(BaseCommand):
    help = (
        "Builds an approved linkage delivery here, without a worker, and copies its archives, sealed as on the site, "
        "to a folder. Refuses what is not approved."
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
        if found.state not in (State.BUILT, State.FETCHED):
            raise CommandError(f"The delivery is {found.state}; only an approved one can be built.")
        out.mkdir(mode=0o700, parents=True, exist_ok=True)
        with audited(by=None) as log:
            for archive in found.archives.all():
                target = out / f"{archive.reader}.zip.age"
                shutil.copyfile(storage.absolute(archive), target)
                target.chmod(0o600)
                self.stdout.write(f"{target}  {archive.sha256}")
            log("archive.copied", found)

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
