"""The consent gate: which participants may be used for a purpose, on a date, as known at a time.

The only door to participants for exports, and the usual one for pages. Participants have no `objects`
manager; a test lists the few other places that may use `ungated`.
"""

from collections.abc import Iterable
from datetime import date, datetime
from uuid import UUID

from django.db.models import Exists, F, OuterRef, Q, QuerySet

from collection.models import Activity, Participant, Participation, Plan
from consent.models import Decision, Kind, Purpose


def valid_decisions(purpose: Purpose | str, *, on: date, known_at: datetime | None = None) -> QuerySet[Decision]:
    """The decision that each participant with a valid consent stands on: one per participant.

    Valid: the latest decision of `purpose` up to `on` (as recorded up to `known_at`, if given) is a given
    consent that has not lapsed by `on`.
    """
    known = Q() if known_at is None else Q(recorded_at__lte=known_at)
    decisions = Decision.objects.filter(known, purpose=purpose, decided_on__lte=on)
    later = decisions.filter(participant=OuterRef("participant")).filter(
        Q(decided_on__gt=OuterRef("decided_on")) | Q(decided_on=OuterRef("decided_on"), pk__gt=OuterRef("pk"))
    )
    not_lapsed = Q(lapses_on__isnull=True) | Q(lapses_on__gt=on)
    return decisions.filter(not_lapsed, kind=Kind.GIVEN).exclude(Exists(later))


def usable(purpose: Purpose | str, *, on: date, known_at: datetime | None = None) -> QuerySet[Participant]:
    """Participants whose consent for `purpose` is valid on `on`, as known at `known_at` (default: now)."""
    decisions = valid_decisions(purpose, on=on, known_at=known_at)
    return Participant.ungated.filter(erased_at__isnull=True, pk__in=decisions.values("participant"))


def is_usable(participant: UUID, purpose: Purpose | str, *, on: date, known_at: datetime | None = None) -> bool:
    """The gate for one person."""
    return usable(purpose, on=on, known_at=known_at).filter(pk=participant).exists()


def participations(
    purpose: Purpose | str, activities: Iterable[Activity] | QuerySet[Activity], *, on: date
) -> QuerySet[Participation]:
    """Participations in `activities` of people whose consent is valid on `on`."""
    decisions = valid_decisions(purpose, on=on)
    return Participation.ungated.filter(activity__in=activities, participant__in=decisions.values("participant"))


def registered(plans: Iterable[Plan] | QuerySet[Plan]) -> QuerySet[Participant]:
    """Participants that staff of `plans` may see and act on: those whose identity is still held.

    An identity whose consent lapsed is held for asking again; a withdrawn one is erased.
    """
    return Participant.ungated.filter(plan__in=plans, erased_at__isnull=True)


def in_activity(activity: Activity) -> QuerySet[Participation]:
    """Participations in one activity of people whose identity is still held."""
    return Participation.ungated.filter(activity=activity, participant__erased_at__isnull=True).select_related(
        "participant"
    )


def of_participant(participant: Participant) -> QuerySet[Participation]:
    """One person's participations in their plan."""
    return Participation.ungated.filter(participant=participant).select_related("activity", "activity__type")


def history(participant: Participant, purpose: Purpose | str) -> QuerySet[Decision]:
    """One person's decisions, the latest first."""
    return Decision.objects.filter(participant=participant, purpose=purpose).order_by(F("decided_on").desc(), "-pk")
