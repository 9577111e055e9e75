"""Which function runs which job, and what a failure means for its file."""

from exports.jobs import RUNNERS, Progress, Runner
from exports.models import Job
from spreadsheets import checking, flip, reading_job, wording, writing
from spreadsheets.models import Spreadsheet

State = Spreadsheet.State


def _look_through(job: Job, progress: Progress) -> None:
    """Reads the file, or checks its rows: which, its state says."""
    reading_job.read(job, progress)
    checking.check_all(job, progress)


def _failed(job: Job, code: str) -> None:
    """A file that can't be read goes; rows that can't be checked or written go back to the step before."""
    spreadsheet = Spreadsheet.objects.filter(pk=str(job.subject)).first()
    if spreadsheet is None:
        return
    if spreadsheet.state == State.READING:
        reading_job.refuse(spreadsheet, code)
        return
    before = {State.CHECKING: State.MATCHING, State.WRITING: State.PREVIEW}.get(State(spreadsheet.state))
    if before:
        Spreadsheet.objects.filter(pk=spreadsheet.pk).update(state=before, problem=code)
        flip.clear(spreadsheet)


def register() -> None:
    RUNNERS[Job.Kind.CHECK_ROWS] = Runner(_look_through, _failed)
    RUNNERS[Job.Kind.WRITE_ROWS] = Runner(writing.write, _failed)
    wording.register()
