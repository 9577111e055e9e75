"""Which function runs the job of this app."""

from exports import wording as jobs_wording
from exports.jobs import RUNNERS, Runner
from exports.models import Job
from rights import erasing, wording


def register() -> None:
    RUNNERS[Job.Kind.ERASE] = Runner(erasing.run, lambda job, code: None)  # begun anew the night after
    jobs_wording.JOBS |= wording.JOBS
    jobs_wording.STEPS |= wording.STEPS
