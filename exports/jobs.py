"""Running jobs so that none is lost: the Job row is the truth, the broker only wakes a worker.

A claim is one conditional UPDATE; a thread keeps its lease up while the process lives. A worker that is killed or
hangs stops doing so, its lease runs out, and the sweep sends the job again. Running a job twice gives the same files.
docs/reliability.md tells what was tried.
"""

import errno
import logging
import threading
import time
import uuid
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any

import structlog
from celery import current_app
from django.conf import settings
from django.db import DatabaseError, InterfaceError, OperationalError, connection, transaction
from django.db.models import F, Q
from kombu.exceptions import KombuError

from config import outages
from exports.models import Delivery, Job, RegisterExtract, WorkerSign

log = logging.getLogger(__name__)

MAX_ATTEMPTS = 5
RESEND_AFTER = timedelta(seconds=60)
REPORT_EVERY = 0.5  # seconds between writes of progress
SILENCE = 15 * 60  # seconds without a report after which a process that lives is taken to hang all the same
NO_ROOM = (errno.ENOSPC, errno.EDQUOT)


class JobFailed(Exception):
    """An expected end without result; `code` is shown in words on the page, and never quotes data."""

    def __init__(self, code: str):
        super().__init__(code)
        self.code = code


class ClaimLost(Exception):
    """The job was cancelled, or its lease ran out and another worker has taken it: stop at once."""


@dataclass(frozen=True)
class Runner:
    """What runs a kind of job (it may raise JobFailed), and what is to be told of a failure, by its code."""

    run: Callable[[Job, "Progress"], None]
    failed: Callable[[Job, str], None]


RUNNERS: dict[str, Runner] = {}  # filled by exports.runners


def lease() -> timedelta:
    return timedelta(seconds=settings.JOB_LEASE_SECONDS)


def enqueue(
    *,
    by: Any,
    kind: Job.Kind,
    delivery: Delivery | None = None,
    extract: RegisterExtract | None = None,
    subject: uuid.UUID | None = None,
) -> Job:
    """Writes the row now and sends its key when the transaction commits. `subject`: what an app above works on."""
    job = Job.objects.create(kind=kind, delivery=delivery, extract=extract, subject=subject, requested_by=by)
    transaction.on_commit(lambda: send(job.pk))
    return job


def send(job_id: uuid.UUID) -> bool:
    """Wakes a worker. With the broker down the job stays queued and the sweep sends it later."""
    try:
        current_app.send_task("exports.tasks.run_job", (str(job_id),), retry=False)
    except (KombuError, OSError) as error:
        log.warning("broker unreachable", extra={"job_id": str(job_id), "error": type(error).__name__})
        return False
    Job.objects.filter(pk=job_id).update(sent_at=datetime.now(UTC))
    return True


class Progress:
    """How far a job is. Each report renews the lease and raises ClaimLost when the job is no longer ours."""

    def __init__(self, job: Job):
        self.job = job
        self.reported = time.monotonic()

    def step(self, name: str, total: int = 0, *, at_once: timedelta | None = None) -> None:
        """Begins a step of `total` rows (0: not known). `at_once`: how long it may take without a report in between."""
        self.job.step, self.job.done, self.job.total = name, 0, total
        self._write(at_once)

    def advance(self, done: int) -> None:
        """`done` rows of this step so far; written at most every half second."""
        self.job.done = done
        if time.monotonic() >= self.reported + REPORT_EVERY:
            self._write()

    def confirm(self) -> None:
        """In a transaction, before what only the holder of the claim may do: nobody else can claim the job until it
        is committed. Raises ClaimLost when another worker has the job by now, or it was cancelled.
        """
        self._hold()

    def _write(self, at_once: timedelta | None = None) -> None:
        self.reported = time.monotonic()
        self._hold(at_once)
        sign_of_life()  # a row that all workers write: never in a transaction that takes long

    def _hold(self, at_once: timedelta | None = None) -> None:
        until = datetime.now(UTC) + max(lease(), at_once or timedelta())
        held = Job.objects.filter(pk=self.job.pk, claim=self.job.claim, state=Job.State.RUNNING).update(
            step=self.job.step, done=self.job.done, total=self.job.total, lease_until=until
        )
        if not held:
            raise ClaimLost


@contextmanager
def _kept_up(progress: Progress) -> Iterator[None]:
    """Keeps the lease up from a thread: some steps can't report for longer than a lease, such as one file format.

    Not inside a transaction of the caller's (as tests run jobs): the thread has a connection of its own and would wait
    for the rows that the transaction holds, and the transaction for the thread.
    """
    if connection.in_atomic_block:
        yield
        return
    ended = threading.Event()
    thread = threading.Thread(target=_keep_up, args=(progress, ended), name="lease", daemon=True)
    thread.start()
    try:
        yield
    finally:
        ended.set()
        thread.join()


def _keep_up(progress: Progress, ended: threading.Event) -> None:
    mine = Job.objects.filter(pk=progress.job.pk, claim=progress.job.claim, state=Job.State.RUNNING)
    while not ended.wait(lease().total_seconds() / 3) and time.monotonic() < progress.reported + SILENCE:
        until = datetime.now(UTC) + lease()
        try:
            mine.filter(lease_until__lt=until).update(lease_until=until)
            sign_of_life()
        except (DatabaseError, InterfaceError) as error:
            log.warning("lease not kept up", extra={"error": type(error).__name__})
        finally:
            connection.close()


def claim(job_id: uuid.UUID) -> Job | None:
    """Takes the job if it is queued or its lease has run out; None when there is nothing to do."""
    now, token = datetime.now(UTC), uuid.uuid4()
    free = Q(state=Job.State.QUEUED) | Q(state=Job.State.RUNNING, lease_until__lt=now)
    taken = Job.objects.filter(free, pk=job_id).update(
        state=Job.State.RUNNING, claim=token, lease_until=now + lease(), started_at=now, attempts=F("attempts") + 1
    )
    return Job.objects.select_related("delivery", "extract", "requested_by").get(pk=job_id) if taken else None


def run(job_id: uuid.UUID) -> None:
    """Claims and runs a job; a second call for the same job does nothing."""
    job = claim(job_id)
    if job is None:
        return
    structlog.contextvars.bind_contextvars(job_id=str(job_id))
    try:
        if job.attempts > MAX_ATTEMPTS:
            raise JobFailed("gave_up")
        progress = Progress(job)
        with _kept_up(progress):
            RUNNERS[job.kind].run(job, progress)
    except ClaimLost:
        log.warning("claim lost")
    except JobFailed as error:
        _fail(job, error.code)
    except Exception as error:
        if _is_of_database(error):
            log.warning("database lost", extra={"error": type(error).__name__})
            _let_go(job)
            return
        log.exception("job failed")
        _fail(job, "disk_full" if isinstance(error, OSError) and error.errno in NO_ROOM else "unexpected")
    else:
        _finish(job, Job.State.DONE)
    finally:
        structlog.contextvars.unbind_contextvars("job_id")


def _is_of_database(error: Exception) -> bool:
    """Whether the database was away, full or read-only: no fault of the job's, which is done again."""
    lost = isinstance(error, OperationalError | InterfaceError)
    return lost or (isinstance(error, DatabaseError) and outages.passes(error))


def _finish(job: Job, state: Job.State, problem: str = "") -> bool:
    return bool(
        Job.objects.filter(pk=job.pk, claim=job.claim, state=Job.State.RUNNING).update(
            state=state, problem=problem, finished_at=datetime.now(UTC), lease_until=None
        )
    )


def _fail(job: Job, code: str) -> None:
    with transaction.atomic():
        if _finish(job, Job.State.FAILED, code):
            RUNNERS[job.kind].failed(job, code)


def _let_go(job: Job) -> None:
    """Gives the job back for the next sweep to send; if the database is still away, its lease runs out instead."""
    connection.close_if_unusable_or_obsolete()
    try:
        Job.objects.filter(pk=job.pk, claim=job.claim, state=Job.State.RUNNING).update(
            state=Job.State.QUEUED, claim=None, lease_until=None, sent_at=None
        )
    except (DatabaseError, InterfaceError) as error:
        log.warning("job left to its lease", extra={"error": type(error).__name__})


def cancel(**of: Any) -> None:
    """Ends the open jobs of a delivery, an extract or a subject; a running one stops at its next report."""
    Job.objects.filter(state__in=[Job.State.QUEUED, Job.State.RUNNING], **of).update(
        state=Job.State.CANCELLED, finished_at=datetime.now(UTC), lease_until=None
    )


def sign_of_life() -> None:
    """Says that a worker is at work; pages and `/healthz` tell when none has been for long."""
    now = datetime.now(UTC)
    # one statement and no transaction: all workers write this row, and one that hangs must not hold it
    if not WorkerSign.objects.filter(pk=1).update(seen_at=now):
        WorkerSign.objects.get_or_create(pk=1, defaults={"seen_at": now})


def sweep() -> int:
    """Sends again what is queued for long or whose worker is gone; returns how many were sent."""
    now = datetime.now(UTC)
    sign_of_life()
    waiting = Q(state=Job.State.QUEUED) & (Q(sent_at__isnull=True) | Q(sent_at__lt=now - RESEND_AFTER))
    orphaned = Q(state=Job.State.RUNNING, lease_until__lt=now)
    jobs = Job.objects.filter(waiting | orphaned).order_by("queued_at").values_list("pk", flat=True)
    return sum(send(job_id) for job_id in list(jobs))
