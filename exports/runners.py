"""Which function runs which job, and what a failure means for its delivery."""

from importlib import import_module

from exports import storage
from exports.actions.deliveries import mark_failed
from exports.jobs import RUNNERS, Progress, Runner
from exports.models import Delivery, Job
from exports.uploads import upload_path

# loaded when first needed: a linkage of a million should not carry DuckDB
_DELIVERIES = {Delivery.Kind.LINKAGE: "linkage_delivery", Delivery.Kind.COMPARISON: "comparison_delivery"}


def _module(kind: str):
    return import_module(f"exports.{_DELIVERIES[Delivery.Kind(kind)]}")


def _prepare(job: Job, progress: Progress) -> None:
    assert job.delivery is not None
    with storage.attempt(job) as folder:
        _module(job.delivery.kind).prepare(job, progress, folder)


def _build(job: Job, progress: Progress) -> None:
    assert job.delivery is not None
    with storage.attempt(job) as folder:
        _module(job.delivery.kind).build(job, progress, folder)


def _load(job: Job, progress: Progress) -> None:
    _module(Delivery.Kind.COMPARISON).load(job, progress)


def _delivery_failed(job: Job, code: str) -> None:
    assert job.delivery is not None
    mark_failed(job.delivery, code=code)


def _load_failed(job: Job, code: str) -> None:
    """Its page shows the failed job; what was uploaded goes, as nothing reads the numbers in it any more."""
    assert job.extract is not None
    upload_path(job.extract.pk).unlink(missing_ok=True)


RUNNERS[Job.Kind.PREPARE] = Runner(_prepare, _delivery_failed)
RUNNERS[Job.Kind.BUILD] = Runner(_build, _delivery_failed)
RUNNERS[Job.Kind.LOAD] = Runner(_load, _load_failed)
