"""A recipient says that the files of a delivery are deleted: the data, copies of it, and what was made of it."""

from typing import Any

from audit.recording import audited
from exports import deletions
from exports.models import DeletionReport, Delivery, Reader
from exports.policies import NotAllowed, projects_of, reader_of


def report_deletion(*, by: Any, delivery: Delivery) -> None:
    """For the files that the reader whom `by` belongs to has fetched; a report from before the last fetch is replaced.

    Raises NotAllowed when there is nothing to report.
    """
    reader = reader_of(by)
    if reader is None or not projects_of(by).filter(pk=delivery.project_id).exists():
        raise NotAllowed("wrong_role")
    with audited(by=by) as log:
        Delivery.objects.select_for_update().get(pk=delivery.pk)  # two say so at once
        if not deletions.outstanding(reader).filter(pk=delivery.pk).exists():
            raise NotAllowed("wrong_state")
        DeletionReport.objects.filter(delivery=delivery, reader=reader).delete()
        DeletionReport.objects.create(delivery=delivery, reader=reader, by=by)
        log("delivery.deletion_reported", delivery, reader=Reader(reader).value)
