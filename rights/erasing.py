"""The job that erases what is due: a plan's people some hundreds at a time, or what is left of a project.

Each part is a transaction of its own, with its audit event, its counts in the certificate, and the claim held to the
end of it: killed at any point the next run goes on with whoever is left, and of two workers one is told to stop. What
was erased is listed by the events, from which the certificate's digest is made at last.
"""

import hashlib
from collections.abc import Iterable, Iterator
from uuid import UUID

from django.utils import timezone

from audit.models import Subject
from audit.recording import Recorder, audited
from collection.models import Plan
from consent import gate
from consent.actions.retire import retire_people
from exports import ledger
from exports.actions.projects import destroy_what_is_left, end_on_its_day
from exports.deletions import NOTICE, outstanding
from exports.jobs import JobFailed, Progress
from exports.models import Delivery, Job, Pseudonym, Reader
from exports.policies import NotAllowed
from rights import retention
from rights.models import Certificate

AT_ONCE = 500  # people in one transaction
PART = "retention.erased"


def run(job: Job, progress: Progress) -> None:
    held = Certificate.objects.select_related("plan", "project").get(pk=str(job.subject))
    if held.finished_at is not None:
        return
    if held.project is not None:
        _end_project(held, progress)
    elif held.plan is not None:
        _erase_people(held, held.plan, progress)


def listed(held: Certificate) -> Iterator[UUID]:
    """The participants that a certificate speaks of, in the order of their ids, by the audit log."""
    rows = Subject.objects.filter(event__object_id=str(held.pk), event__action=PART).order_by("subject")
    return rows.values_list("subject", flat=True).iterator(chunk_size=5000)


def digest_of(ids: Iterable[UUID]) -> str:
    digest = hashlib.sha256()
    for each in ids:
        digest.update(each.bytes)
    return digest.hexdigest()


# --- A plan's people -------------------------------------------------------------------------------------------


def _erase_people(held: Certificate, plan: Plan, progress: Progress) -> None:
    progress.step("erase_people", retention.erasable([plan]).count() + held.counts.get("people", 0))
    while _erase_part(held, plan, progress):
        progress.advance(held.counts["people"])
    progress.step("certify")
    with audited(by=None) as log:
        progress.confirm()
        held.counts["held_back"] = gate.registered([plan]).count() if _is_due(plan) else 0
        _tell_recipients(log, held)
        _certify(log, held, digest_of(listed(held)))


def _erase_part(held: Certificate, plan: Plan, progress: Progress) -> bool:
    """Whether there was somebody left."""
    with audited(by=None) as log:
        progress.confirm()
        if not _is_due(plan):  # a controller has moved the day meanwhile: what is done is certified
            return False
        people = retention.erasable([plan])
        some = people.order_by("pk").select_for_update(no_key=True)[:AT_ONCE]
        # asked again under the lock: a request may have come in while this waited for the row
        rows = list(people.filter(pk__in=[row.pk for row in some]))
        if not rows:
            return False
        done = retire_people(rows, at=timezone.now())
        held.counts = {name: held.counts.get(name, 0) + count for name, count in done.items()}
        held.save(update_fields=["counts"])
        log(PART, held, plan=plan.pk, subjects=[row.pk for row in rows], **done)
    return True


def _is_due(plan: Plan) -> bool:
    return retention.is_due(plan, timezone.localdate())


def _tell_recipients(log: Recorder, held: Certificate) -> None:
    """Counts the deliveries with files outside that hold somebody. Each has a day on which they are deleted, or gets
    one: pseudonymised data may be used until then, but nobody can be found in them from here any more."""
    people = list(listed(held))
    found = {pk for reader in Reader for pk, _ in ledger.given_out(people, reader, outstanding(reader))}
    days = []
    for delivery in Delivery.objects.filter(pk__in=found).defer("report", "definition"):
        if delivery.delete_by is None:
            delivery.delete_by = timezone.localdate() + NOTICE
            delivery.save(update_fields=["delete_by"])
            log("delivery.delete_by_set", delivery, day=delivery.delete_by)
        days.append(delivery.delete_by)
    held.counts["deliveries"] = len(days)
    held.deliveries_until = max(days, default=None)


# --- A project -------------------------------------------------------------------------------------------------


def _end_project(held: Certificate, progress: Progress) -> None:
    project = held.project
    assert project is not None
    progress.step("end_project")
    if project.ended_at is None:
        with audited(by=None):
            progress.confirm()
            held.counts = {
                "codes": Pseudonym.objects.filter(project=project).count(),
                "project_deliveries": project.deliveries.count(),
            }
            held.save(update_fields=["counts"])
        try:
            end_on_its_day(project)
        except NotAllowed as refusal:  # prolonged, or a delivery is being made: another night
            raise JobFailed(refusal.code) from None
    destroy_what_is_left(project)
    with audited(by=None) as log:
        progress.confirm()
        _certify(log, held, digest_of(project.deliveries.order_by("pk").values_list("pk", flat=True)))


def _certify(log: Recorder, held: Certificate, digest: str) -> None:
    held.digest, held.finished_at = digest, timezone.now()
    held.save(update_fields=["counts", "deliveries_until", "digest", "finished_at"])
    log("retention.certified", held, plan=held.plan_id or "", digest=digest, **held.counts)
