"""Which function runs which job."""

from exports import comparison_delivery, linkage_delivery
from exports.jobs import Progress, runner
from exports.models import Delivery, Job

_PREPARE = {
    Delivery.Kind.LINKAGE: linkage_delivery.prepare,
    Delivery.Kind.COMPARISON: comparison_delivery.prepare,
}
_BUILD = {
    Delivery.Kind.LINKAGE: linkage_delivery.build,
    Delivery.Kind.COMPARISON: comparison_delivery.build,
}


@runner(Job.Kind.PREPARE)
def prepare(job: Job, progress: Progress) -> None:
    assert job.delivery is not None
    _PREPARE[Delivery.Kind(job.delivery.kind)](job, progress)


@runner(Job.Kind.BUILD)
def build(job: Job, progress: Progress) -> None:
    assert job.delivery is not None
    _BUILD[Delivery.Kind(job.delivery.kind)](job, progress)


@runner(Job.Kind.LOAD)
def load(job: Job, progress: Progress) -> None:
    comparison_delivery.load(job, progress)
