"""Asking for a delivery, deciding on it, and its way to the files."""

from collections.abc import Callable, Sequence
from datetime import timedelta
from typing import Any
from uuid import UUID

from django.db import transaction
from django.db.models import Max
from django.utils import timezone

from audit.recording import audited
from exports import approvals, difference, groups, jobs, ledger, storage
from exports.models import Archive, Delivery, EvaluationProject, Fetch, Job, State
from exports.policies import (
    NotAllowed,
    check_can_decide,
    check_can_fetch,
    check_can_request,
    needs_acceptance,
    open_requests_of,
)
from exports.recipients import sealed_to_revoked
from exports.states import WrongState, allowed, move

# Asks, in the transaction that ends a job, whether the job is still this worker's; raises jobs.ClaimLost.
Confirm = Callable[[], None]
KEPT = timedelta(days=30)  # how long a built delivery can be fetched


def request_delivery(
    *, by: Any, project: EvaluationProject, kind: Delivery.Kind, definition: dict | None = None
) -> Delivery:
    """A new delivery of the project, and the job that prepares it. Raises NotAllowed (another_group: see
    exports.groups)."""
    with audited(by=by) as log:
        project = EvaluationProject.objects.select_for_update().get(pk=project.pk)  # one number at a time
        check_can_request(by, project)
        definition = _permitted(project, definition or {}) if kind == Delivery.Kind.COMPARISON else {}
        last = project.deliveries.aggregate(last=Max("number"))["last"] or 0
        delivery = Delivery.objects.create(
            project=project,
            kind=kind,
            number=last + 1,
            definition=definition,
            requested_by=by,
            delete_by=project.ends_on,
        )
        jobs.enqueue(by=by, kind=Job.Kind.PREPARE, delivery=delivery)
        log("delivery.requested", delivery, kind=Delivery.Kind(kind).value, project=project.pk)
    return delivery


def _permitted(project: EvaluationProject, definition: dict) -> dict:
    """The definition with the decision that it needs, which is used up. Raises NotAllowed."""
    definition = {name: value for name, value in definition.items() if name != "permitted"}
    if not groups.is_another(project, definition):
        return definition
    if not project.another_group:
        raise NotAllowed("another_group")
    definition["permitted"], project.another_group = project.another_group, ""
    project.save(update_fields=["another_group"])
    return definition


def try_again(*, by: Any, delivery: Delivery) -> None:
    """After a failure: prepare from the start. Raises NotAllowed, WrongState.

    Who tries again asks for it from now on: the project may have been changed since, and who changed it and
    ordered what came of it can't be the one who approves.
    """
    check_can_request(by, delivery.project)
    if ledger.was_given_out(delivery):  # its ledger stays, so another set can't come in its place
        raise WrongState("given out")
    with audited(by=by) as log:
        move(delivery, State.REQUESTED, requested_by=by, **_undecided())
        jobs.enqueue(by=by, kind=Job.Kind.PREPARE, delivery=delivery)
        log("delivery.requested_again", delivery)


def bring_up_to_date(delivery: Delivery) -> None:
    """Puts the recipients and the last delivery of today into the report of a set that waits for approval."""
    if not approvals.news(delivery):
        return
    with audited(by=None) as log:
        _lock(delivery)
        news = approvals.news(delivery)
        if delivery.state == State.PREPARED and news:
            delivery.report |= news
            delivery.save(update_fields=["report"])
            log("delivery.brought_up_to_date", delivery, parts=sorted(news))


def approve(*, by: Any, delivery: Delivery, shown: str, reason: str, k_accepted: str = "") -> None:
    """Says yes to exactly what was `shown` (approvals.shown), for a `reason`, and starts building it.

    `k_accepted`: why groups below the project's k may go to Statistics Denmark. Raises NotAllowed (four eyes, or no
    reason), WrongState when it has become another by now, or when something hinders it.
    """
    with audited(by=by) as log:
        _lock(delivery)
        check_can_decide(by, delivery)
        _check_shown(delivery, shown)
        _check_reason(reason)
        accepted = k_accepted.strip() if needs_acceptance(delivery) else ""
        if approvals.hindrances(delivery) or (needs_acceptance(delivery) and not accepted):
            raise WrongState("hindered")
        move(
            delivery,
            State.APPROVED,
            decided_by=by,
            decided_at=timezone.now(),
            decided_hash=delivery.prepared_hash,
            reason=reason,
            k_accepted=accepted,
        )
        jobs.enqueue(by=by, kind=Job.Kind.BUILD, delivery=delivery)
        log("delivery.approved", delivery, set=delivery.prepared_hash, shown=shown, below_k=bool(accepted))


def reject(*, by: Any, delivery: Delivery, shown: str, reason: str) -> None:
    """Says no to what was `shown`, with a reason for the requester. Raises NotAllowed, WrongState."""
    with audited(by=by) as log:
        _lock(delivery)
        check_can_decide(by, delivery)
        _check_shown(delivery, shown)
        _check_reason(reason)
        move(delivery, State.REJECTED, decided_by=by, decided_at=timezone.now(), reason=reason)
        log("delivery.rejected", delivery)
    _forget_set(delivery)


def cancel(*, by: Any, delivery: Delivery) -> None:
    """The requester changes their mind. Raises NotAllowed, WrongState."""
    if delivery.requested_by_id != by.pk:
        raise NotAllowed("wrong_role")
    _cancel(by, delivery)


def cancel_all_of(*, by: Any, requester: Any) -> None:
    """What somebody who leaves asked for and has not been built comes to nothing: whoever still needs it asks anew."""
    with audited(by=by):
        for delivery in open_requests_of(requester).select_for_update():
            _cancel(by, delivery)


def _cancel(by: Any, delivery: Delivery) -> None:
    with audited(by=by) as log:
        jobs.cancel(delivery=delivery)  # first, as a job that ends holds its own row before the delivery's
        move(delivery, State.CANCELLED)
        log("delivery.cancelled", delivery)
        transaction.on_commit(lambda: _forget_set(delivery))


def mark_prepared(delivery: Delivery, *, prepared_hash: str, report: dict, confirm: Confirm) -> None:
    """By the job: the set is frozen and waits for approval."""
    report = report | {
        "terms": approvals.terms_of(delivery.project),
        "difference": difference.since_last(delivery, report.get("variables", [])),
    }
    with audited(by=None) as log:
        confirm()
        move(
            delivery,
            State.PREPARED,
            **_undecided() | {"prepared_hash": prepared_hash, "prepared_at": timezone.now(), "report": report},
        )
        log("delivery.prepared", delivery, set=prepared_hash, persons=report["persons"])
        log("identity.ages_read", delivery, persons=report["persons"])


def prepare_again(delivery: Delivery, *, why: str, confirm: Confirm) -> None:
    """By the job: the set changed since the approval by more than withdrawals, so a new approval is needed.

    `why`: project_changed, identity_changed, or blocked. Of a delivery that was given out before, whose ledger stays,
    nothing more is built.
    """
    with audited(by=None) as log:
        confirm()
        if ledger.was_given_out(delivery):
            mark_failed(delivery, code=why)
            return
        by = delivery.requested_by
        move(delivery, State.REQUESTED, **_undecided())
        jobs.enqueue(by=by, kind=Job.Kind.PREPARE, delivery=delivery)
        log("delivery.changed_since_approval", delivery, why=why)


def mark_built(
    delivery: Delivery, *, archives: list[Archive], taken_out: Sequence[UUID], report: dict, confirm: Confirm
) -> None:
    """By the job: the files are sealed and in place; `taken_out` of the prepared set are not in them."""
    with audited(by=None) as log:
        confirm()
        ledger.take_out(delivery, taken_out)
        delivery.archives.all().delete()
        Archive.objects.bulk_create(archives)
        move(delivery, State.BUILT, built_at=timezone.now(), expires_on=timezone.localdate() + KEPT, report=report)
        log("delivery.built", delivery, persons=report["persons"], rows=report["rows"])
        # who they are stands in the ledger, in the same transaction's reach
        log("identity.exported", delivery, persons=report["persons"])


def mark_failed(delivery: Delivery, *, code: str) -> None:
    if not allowed(delivery, State.FAILED):
        return
    with audited(by=None) as log:
        move(delivery, State.FAILED, reason=code, **{k: v for k, v in _undecided().items() if k != "reason"})
        log("delivery.failed", delivery, code=code)
    transaction.on_commit(lambda: _forget_set(delivery))


class SomebodyLeft(Exception):
    """A consent that the files rely on has ceased since they were built, or a key that opens them was revoked: they are
    built again without."""


def check_nobody_left(delivery: Delivery, archives: Sequence[Archive]) -> None:
    """Raises SomebodyLeft unless these archives may be given out as they are."""
    if ledger.somebody_left(delivery, on=timezone.localdate()) or any(map(sealed_to_revoked, archives)):
        raise SomebodyLeft


def build_again(*, by: Any, delivery: Delivery) -> None:
    """The approved set less those who have left since. Raises WrongState."""
    with audited(by=by) as log:
        EvaluationProject.objects.select_for_update().get(pk=delivery.project_id)  # not while somebody ends it
        jobs.cancel(delivery=delivery)  # one that has built it and was killed before it could say so
        move(delivery, State.APPROVED)
        jobs.enqueue(by=by, kind=Job.Kind.BUILD, delivery=delivery)
        log("delivery.built_again", delivery)


def record_fetch(*, by: Any, archive: Archive) -> None:
    """Somebody takes an archive. Raises NotAllowed, WrongState, SomebodyLeft."""
    check_can_fetch(by, archive)
    check_nobody_left(archive.delivery, [archive])
    with audited(by=by) as log:
        # builders change the state of this row, so the files can't be others by the time this is committed
        delivery = Delivery.objects.select_for_update().get(pk=archive.delivery_id)
        archive.delivery = delivery
        check_can_fetch(by, archive)
        _give_out(delivery, [archive])
        log("archive.fetched", delivery, reader=archive.reader)  # of the delivery: archives are replaced


def record_copies(delivery: Delivery) -> list[Archive]:
    """The operator takes all archives, for their readers: recalls rest on it as on a fetch. Raises WrongState,
    SomebodyLeft."""
    with audited(by=None) as log:
        _lock(delivery)
        archives = list(delivery.archives.all())
        if delivery.state not in (State.BUILT, State.FETCHED):
            raise WrongState("no files")
        check_nobody_left(delivery, archives)
        _give_out(delivery, archives)
        log("archive.copied", delivery)
    return archives


def _give_out(delivery: Delivery, archives: Sequence[Archive]) -> None:
    """Within a transaction that has locked the delivery. Raises WrongState when an archive was replaced meanwhile."""
    now = timezone.now()
    for archive in archives:
        if not Archive.objects.filter(pk=archive.pk).update(fetched_at=now):
            raise WrongState("built again")
        Fetch.objects.create(delivery=delivery, reader=archive.reader, at=now)
    if delivery.state == State.BUILT and not delivery.archives.filter(fetched_at__isnull=True).exists():
        move(delivery, State.FETCHED)


def _forget_set(delivery: Delivery) -> None:
    """What was frozen or built for a delivery that comes to nothing."""
    storage.remove_delivery(delivery)
    if not storage.keeps_group(delivery):
        ledger.clear(delivery)


def _undecided() -> dict[str, Any]:
    return {"decided_by": None, "decided_at": None, "decided_hash": "", "reason": "", "k_accepted": ""}


def _lock(delivery: Delivery) -> None:
    """From here on nobody else changes the delivery until the transaction ends."""
    delivery.refresh_from_db(from_queryset=Delivery.objects.select_for_update())


def _check_shown(delivery: Delivery, shown: str) -> None:
    if shown != approvals.shown(delivery) or approvals.news(delivery):
        raise WrongState("not what was shown")


def _check_reason(reason: str) -> None:
    if not reason.strip():
        raise NotAllowed("no_reason")
