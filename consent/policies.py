"""Which participants a user may act on. Loaders answer 404 for somebody else's, so that existence isn't told."""

from typing import Any
from uuid import UUID

from django.db.models import QuerySet
from django.http import Http404
from django.shortcuts import get_object_or_404

from collection.models import Participant
from collection.policies import plans_of
from consent import gate
from consent.models import Decision, Kind


def participants_of(user: Any) -> QuerySet[Participant]:
    """Registered participants of the plans a user works in."""
    return gate.registered(plans_of(user))


def participant_or_404(user: Any, pk: UUID) -> Participant:
    return get_object_or_404(participants_of(user).select_related("plan"), pk=pk)


def withdrawal_or_404(user: Any, pk: UUID) -> Decision:
    """The latest withdrawal of participant `pk` in a plan of the user's; the person is erased by then."""
    withdrawals = Decision.objects.filter(
        participant=pk, participant__plan__in=plans_of(user), kind=Kind.WITHDRAWN
    ).select_related("participant__plan", "purpose", "recorded_by")
    decision = withdrawals.order_by("-pk").first()
    if decision is None:
        raise Http404
    return decision
