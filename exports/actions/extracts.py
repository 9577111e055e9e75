"""Resident lists: taking one in, and deleting it before its date."""

import os
from datetime import date
from typing import Any
from uuid import UUID

from audit.recording import audited
from crypto.secret import Secret
from exports import expiry, jobs
from exports.models import Job, RegisterExtract


def load_extract(*, by: Any, extract_id: UUID, name: str, delete_on: date) -> RegisterExtract:
    """A list with a run key of its own, whose sealed upload lies at `uploads.upload_path(extract_id)`, and its job."""
    with audited(by=by) as log:
        extract = RegisterExtract.objects.create(
            id=extract_id, name=name, delete_on=delete_on, loaded_by=by, run_key=Secret(os.urandom(32).hex())
        )
        jobs.enqueue(by=by, kind=Job.Kind.LOAD, extract=extract)
        log("extract.uploaded", extract, delete_on=delete_on)
    return extract


def delete_now(*, by: Any, extract: RegisterExtract) -> None:
    """Ends its job, destroys its key and removes its files."""
    jobs.cancel(extract=extract)
    expiry.delete_extract(extract, by=by)


def mark_loaded(extract: RegisterExtract, *, years: list[int], rows: int) -> None:
    """By the job: the list is in place, encrypted under its run key."""
    with audited(by=None) as log:
        waiting = RegisterExtract.objects.filter(pk=extract.pk, state=RegisterExtract.State.WAITING)
        waiting.update(state=RegisterExtract.State.READY, years=years, rows=rows)
        log("extract.loaded", extract, rows=rows)


def mark_refused(extract: RegisterExtract, *, problems: list[dict], count: int) -> None:
    """By the job: the list has faults; nothing of it was kept, and its key is destroyed."""
    with audited(by=None) as log:
        waiting = RegisterExtract.objects.filter(pk=extract.pk, state=RegisterExtract.State.WAITING)
        waiting.update(state=RegisterExtract.State.REFUSED, problems=problems, rows=count, run_key=None)
        log("extract.refused", extract, faults=count)
