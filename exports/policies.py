"""In which state, and for which project, somebody may do something. `check_…` raises, `can_…` answers."""

from typing import Any
from uuid import UUID

from django.db.models import QuerySet
from django.shortcuts import get_object_or_404

from accounts.permissions import Permission
from exports.models import Archive, Delivery, EvaluationProject, Reader, State
from exports.states import allowed


class NotAllowed(Exception):
    """`code` says why, in words of the pages: own_request, not_prepared, wrong_role, wrong_state."""

    def __init__(self, code: str):
        super().__init__(code)
        self.code = code


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


def check_can_decide(user: Any, delivery: Delivery) -> None:
    """Four eyes: somebody with the right to approve, who did not ask for it, on a prepared set."""
    if not user.can(Permission.APPROVE_DELIVERY):
        raise NotAllowed("wrong_role")
    if delivery.requested_by_id == user.pk:
        raise NotAllowed("own_request")
    if delivery.state != State.PREPARED:
        raise NotAllowed("not_prepared")


def can_decide(user: Any, delivery: Delivery) -> bool:
    try:
        check_can_decide(user, delivery)
    except NotAllowed:
        return False
    return True


def can_cancel(user: Any, delivery: Delivery) -> bool:
    return delivery.requested_by_id == user.pk and allowed(delivery, State.CANCELLED)


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
    try:
        check_can_fetch(user, archive)
    except NotAllowed:
        return False
    return True
