"""Which requests a user may see, and what may be done with one. Somebody else's answers 404."""

from datetime import date, timedelta
from typing import Any
from uuid import UUID

from django.db.models import Q, QuerySet
from django.shortcuts import get_object_or_404

from accounts.permissions import Permission
from collection.models import Participant
from collection.policies import plans_of
from rights.deadlines import due_on
from rights.models import Kind, Outcome, Request
from rights.retention import LAST_NOTICE


class NotAllowed(Exception):
    """`code`: answered | not_identified | too_late | no_report | not_restricted | too_soon | too_far."""

    def __init__(self, code: str):
        super().__init__(code)
        self.code = code


def requests_of(user: Any) -> QuerySet[Request]:
    """All for who answers them; otherwise those of people in one's own plans, and those one took in oneself."""
    if user.can(Permission.ANSWER_REQUEST):
        return Request.objects.all()
    if user.can(Permission.TAKE_REQUEST):
        own = Q(people__plan__in=plans_of(user)) | Q(recorded_by=user)
        return Request.objects.filter(pk__in=Request.objects.filter(own).values("pk"))
    return Request.objects.none()


def request_or_404(user: Any, pk: UUID) -> Request:
    return get_object_or_404(requests_of(user).select_related("recorded_by", "answered_by"), pk=pk)


def rows_shown(user: Any, request: Request) -> list[Participant]:
    """The person's rows, of the plans that the user works in: that somebody takes part in another one is not theirs to
    know."""
    rows = request.people.select_related("plan").order_by("registered_at", "pk")
    return list(rows.filter(plan__in=plans_of(user)))


def check_open(request: Request) -> None:
    """Raises NotAllowed."""
    if not request.is_open:
        raise NotAllowed("answered")


def check_extendable(request: Request, today: date) -> None:
    """Only once, and within the first month. Raises NotAllowed."""
    check_open(request)
    if request.extension or today > due_on(request.received_on):
        raise NotAllowed("too_late")


def check_answer(request: Request, outcome: str) -> None:
    """Nothing is told or done before it is known who asks. Raises NotAllowed."""
    check_open(request)
    if outcome in (Outcome.GRANTED, Outcome.PARTLY):
        if not request.identity_proof:
            raise NotAllowed("not_identified")
        if request.kind == Kind.ACCESS and request.reported_at is None and request.people.exists():
            raise NotAllowed("no_report")


def check_lift(request: Request) -> None:
    """Whether it is a restriction that was granted. Raises NotAllowed."""
    if request.kind != Kind.RESTRICTION or request.outcome not in (Outcome.GRANTED, Outcome.PARTLY):
        raise NotAllowed("not_restricted")


LATEST = timedelta(days=3653)  # ten years from today, or back: more is a typing mistake


def check_day(erase_on: date, today: date) -> None:
    """Whether a plan's people may be erased on that day. Raises NotAllowed."""
    if erase_on < today + LAST_NOTICE:
        raise NotAllowed("too_soon")
    if erase_on > today + LATEST:
        raise NotAllowed("too_far")
