"""Which function runs which job of this app."""

from exports import wording as jobs_wording
from exports.jobs import RUNNERS, Runner
from exports.models import Job
from operations import rotating, wording


def register() -> None:
    RUNNERS[Job.Kind.ROTATE_KEY] = Runner(rotating.run, lambda job, code: None)  # the page of keys offers to go on
    jobs_wording.JOBS |= wording.JOBS
    jobs_wording.STEPS |= wording.STEPS
