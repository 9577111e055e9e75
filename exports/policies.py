"""In which state, and for which project, somebody may do something. `check_…` raises, `can_…` answers."""

from collections.abc import Callable
from typing import Any
from uuid import UUID

from django.db.models import Q, QuerySet, Subquery
from django.db.models.functions import Coalesce
from django.shortcuts import get_object_or_404
from django.utils.timezone import localdate

from accounts.permissions import Permission
from audit.models import Event
from exports.models import Archive, Delivery, EvaluationProject, Job, Reader, Recipient, State
from exports.recipients import still_usable
from exports.states import TRANSITIONS, UNDER_WAY, allowed


class NotAllowed(Exception):
    """`code` says why, in words of the pages: own_request, own_change, not_prepared, wrong_role, wrong_state, ended,
    another_group."""

    def __init__(self, code: str):
        super().__init__(code)
        self.code = code


def _passes(check: Callable[..., Any], *about: Any) -> bool:
    """What a `can_…` answers where its `check_…` raises."""
    try:
        check(*about)
    except NotAllowed:
        return False
    return True


def projects_of(user: Any) -> QuerySet[EvaluationProject]:
    """All projects for who manages them; otherwise those one is an evaluator of."""
    if user.can(Permission.MANAGE_PROJECTS):
        return EvaluationProject.objects.all()
    if user.can(Permission.SEE_PROJECTS):
        return EvaluationProject.objects.filter(evaluators=user)
    return EvaluationProject.objects.none()


def deliveries_of(user: Any) -> QuerySet[Delivery]:
    return Delivery.objects.filter(project__in=projects_of(user))


def project_or_404(user: Any, pk: UUID) -> EvaluationProject:
    return get_object_or_404(projects_of(user), pk=pk)


def delivery_or_404(user: Any, pk: UUID) -> Delivery:
    return get_object_or_404(deliveries_of(user).select_related("project", "requested_by", "decided_by"), pk=pk)


def check_can_request(user: Any, project: EvaluationProject) -> None:
    if not user.can(Permission.REQUEST_DELIVERY) or not projects_of(user).filter(pk=project.pk).exists():
        raise NotAllowed("wrong_role")
    if project.ended_at is not None:
        raise NotAllowed("ended")


def open_project_or_404(user: Any, pk: UUID) -> EvaluationProject:
    """A project that has not ended."""
    return get_object_or_404(projects_of(user).filter(ended_at__isnull=True), pk=pk)


def under_way(project: EvaluationProject) -> QuerySet[Delivery]:
    """Deliveries that a job works on or that wait for a decision."""
    at_work = Job.objects.filter(state__in=[Job.State.QUEUED, Job.State.RUNNING], delivery__project=project)
    return project.deliveries.filter(Q(state__in=UNDER_WAY) | Q(pk__in=at_work.values("delivery"))).order_by("number")


def check_can_end(user: Any, project: EvaluationProject) -> None:
    if not user.can(Permission.END_PROJECT):
        raise NotAllowed("wrong_role")
    check_at_rest(project)


def check_at_rest(project: EvaluationProject) -> None:
    if project.ended_at is not None:
        raise NotAllowed("ended")
    if under_way(project).exists():
        raise NotAllowed("under_way")


def check_no_longer_used(project: EvaluationProject) -> None:
    """Whether it may end by itself. Raises NotAllowed (ended, under_way, not_due)."""
    check_at_rest(project)
    if project.ends_on is None or project.ends_on >= localdate():
        raise NotAllowed("not_due")


def check_can_look_up(user: Any, project: EvaluationProject) -> None:
    if not user.can(Permission.LOOK_UP_PSEUDONYM) or not projects_of(user).filter(pk=project.pk).exists():
        raise NotAllowed("wrong_role")
    if project.ended_at is not None:
        raise NotAllowed("ended")


def check_can_decide(user: Any, delivery: Delivery) -> None:
    """Four eyes: somebody with the right to approve, who did not ask for it nor change what it holds since, on a
    prepared set."""
    if not user.can(Permission.APPROVE_DELIVERY):
        raise NotAllowed("wrong_role")
    if delivery.requested_by_id == user.pk:
        raise NotAllowed("own_request")
    if delivery.state != State.PREPARED:
        raise NotAllowed("not_prepared")
    if _changed_terms(user, delivery):
        raise NotAllowed("own_change")


def _changed_terms(user: Any, delivery: Delivery) -> bool:
    """Whether they have changed what the project's files may hold since somebody last asked for the delivery: nobody
    but them would have said yes to that."""
    asked = Event.objects.filter(
        object_id=str(delivery.pk), action__in=("delivery.requested", "delivery.requested_again")
    ).order_by("-sequence")
    changes = Event.objects.filter(actor=str(user.pk), action="project.terms_changed")
    since = Coalesce(Subquery(asked.values("sequence")[:1]), 0)
    return changes.filter(object_id=str(delivery.project_id), sequence__gt=since).exists()


def why_not_decide(user: Any, delivery: Delivery) -> str:
    """The code of NotAllowed; "" when they may."""
    try:
        check_can_decide(user, delivery)
    except NotAllowed as refused:
        return refused.code
    return ""


def needs_acceptance(delivery: Delivery) -> bool:
    """Whether persons in the data file are in groups below the project's k: a yes then takes a reason for that too."""
    return bool(delivery.report.get("k", {}).get("persons_below"))


def may_be_accepted(delivery: Delivery) -> bool:
    """Only of a data file that is used at Statistics Denmark, where people work under its rules."""
    return delivery.project.data_at == EvaluationProject.DataAt.DST


# After a failure: what was given out can't be prepared again, nor anything of a project that has ended.
RETRIABLE = Q(state=State.FAILED, project__ended_at__isnull=True, fetches__isnull=True)


def can_retry(delivery: Delivery) -> bool:
    if delivery.state != State.FAILED:  # which most are: their pages need not ask
        return False
    return Delivery.objects.filter(RETRIABLE, pk=delivery.pk).exists()


def can_cancel(user: Any, delivery: Delivery) -> bool:
    return delivery.requested_by_id == user.pk and allowed(delivery, State.CANCELLED)


def open_requests_of(requester: Any) -> QuerySet[Delivery]:
    """Deliveries that somebody asked for and may still take back: no files were built of them."""
    states = [state for state in State if (state, State.CANCELLED) in TRANSITIONS]
    return Delivery.objects.filter(requested_by=requester, state__in=states)


READER_PERMISSION = {Reader.OFFICER: Permission.FETCH_KEYS, Reader.EVALUATOR: Permission.FETCH_DATA}


def reader_of(user: Any) -> Reader | None:
    """As whose archives' reader a user takes files, if they do."""
    return next((reader for reader, permission in READER_PERMISSION.items() if user.can(permission)), None)


def check_can_fetch(user: Any, archive: Archive) -> None:
    """Each reader's archive is for that reader's role only; nobody may fetch both."""
    if not user.can(READER_PERMISSION[Reader(archive.reader)]):
        raise NotAllowed("wrong_role")
    if archive.delivery.state not in (State.BUILT, State.FETCHED):
        raise NotAllowed("wrong_state")
    if not projects_of(user).filter(pk=archive.delivery.project_id).exists():
        raise NotAllowed("wrong_role")


def can_fetch(user: Any, archive: Archive) -> bool:
    return _passes(check_can_fetch, user, archive)


# --- Recipients -----------------------------------------------------------------------------------------


def recipient_or_404(user: Any, project: UUID, pk: UUID) -> Recipient:
    found = Recipient.objects.select_related("project", "added_by", "confirmed_by")
    return get_object_or_404(found.filter(project__in=projects_of(user)), project=project, pk=pk)


def missing_recipients(delivery: Delivery) -> list[Reader]:
    """Readers of a prepared delivery for whom no key is left of those it was prepared for: nobody could open theirs."""
    return [reader for reader, keys in still_usable(delivery, on=localdate()).items() if not keys]


def check_can_add_recipient(user: Any, project: EvaluationProject) -> Reader:
    """Evaluators add keys of evaluators, controllers of officers: as which reader is told. Raises NotAllowed."""
    reader = reader_of(user)
    if reader is None or not user.can(Permission.ADD_RECIPIENT):
        raise NotAllowed("wrong_role")
    if not projects_of(user).filter(pk=project.pk).exists():
        raise NotAllowed("wrong_role")
    return reader


def can_add_recipient(user: Any, project: EvaluationProject) -> bool:
    return project.ended_at is None and _passes(check_can_add_recipient, user, project)


def check_can_confirm(user: Any, recipient: Recipient, way: str = "") -> None:
    """Somebody else than who added it; a controller's own key ("own") is theirs to confirm. Raises NotAllowed.

    Without a `way`: whether there is any by which the user may confirm it.
    """
    if not user.can(Permission.CONFIRM_RECIPIENT):
        raise NotAllowed("wrong_role")
    if recipient.confirmed_at or recipient.revoked_at or recipient.expires_on < localdate():
        raise NotAllowed("wrong_state")
    added_it = recipient.added_by_id == user.pk
    if added_it and recipient.reader != Reader.OFFICER:
        raise NotAllowed("own_key")
    if way and added_it != (way == Recipient.Way.OWN):
        raise NotAllowed("own_key")


def can_confirm(user: Any, recipient: Recipient) -> bool:
    return _passes(check_can_confirm, user, recipient)


def can_revoke(user: Any, recipient: Recipient) -> bool:
    """Controllers any key, and everybody those of their own reader: a lost key must not wait for somebody else."""
    if recipient.revoked_at is not None or not projects_of(user).filter(pk=recipient.project_id).exists():
        return False
    may_add = user.can(Permission.ADD_RECIPIENT) and reader_of(user) == recipient.reader
    return may_add or user.can(Permission.CONFIRM_RECIPIENT)
