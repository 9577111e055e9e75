"""What waits to be done in a plan: questions behind the worklists and the handover. Counts only, no identities."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, timedelta
from uuid import UUID

from django.db.models import Count, Exists, F, OuterRef, Q, QuerySet, Subquery, Sum
from django.utils.timezone import localdate

from collection.models import Activity, Participant, Plan
from collection.queries import EstimateGaps, estimate_gaps, latest_headcounts
from consent import gate
from consent.models import Kind, ScreenAnswer, Tally, Text
from consent.queries import EVALUATION, waiting_answers

UNUSED_AFTER = timedelta(days=30)  # how long an activity may run before somebody is registered or counted

ASK_BEFORE = timedelta(days=60)  # how long before a consent by a guardian lapses the child is to be asked


def to_ask_again(plans: Iterable[Plan] | QuerySet[Plan], today: date) -> QuerySet[Participant]:
    """Registered people whose consent has lapsed, lapses within 60 days, or is to a text that asks again.

    Annotated `lapses`: from which day on; a day that has come means that the identity is locked. The most urgent first.
    """
    asking = list(Text.objects.filter(version__consents_lapse_on__isnull=False).values_list("pk", flat=True))
    consents = gate.standing(EVALUATION, on=today).filter(
        Q(lapses_on__lte=today + ASK_BEFORE) | Q(text__in=asking), kind=Kind.GIVEN, participant=OuterRef("pk")
    )
    return (
        gate.registered(plans)
        .filter(Exists(consents))
        .annotate(lapses=Subquery(consents.annotate(day=gate.LAPSES_ON).values("day")[:1]))
        .order_by("lapses", "pk")
    )


def in_doubt(plans: Iterable[Plan] | QuerySet[Plan]) -> QuerySet[Participant]:
    """Registered people, whose identity is not locked, about whom a second look is needed and not taken yet.

    Annotated `failing`: the check digit of the number fails and was confirmed on registering; `namesake`: somebody else
    in the plan has the same name and birth date.
    """
    people = gate.usable(EVALUATION, on=localdate()).filter(plan__in=plans)
    other = people.filter(plan=OuterRef("plan"), name_birth_index=OuterRef("name_birth_index"))
    found = people.filter(doubts_settled_at__isnull=True)
    return found.annotate(failing=F("check_digit_confirmed"), namesake=Exists(other.exclude(pk=OuterRef("pk")))).filter(
        Q(failing=True) | Q(namesake=True)
    )


def namesakes_of(participant: Participant) -> QuerySet[Participant]:
    """Others of the plan with the same name and birth date, as far as both are known and not locked."""
    others = gate.usable(EVALUATION, on=localdate()).filter(plan=participant.plan_id).exclude(pk=participant.pk)
    if participant.name_birth_index is None:
        return others.none()
    return others.filter(name_birth_index=participant.name_birth_index).order_by("registered_at", "pk")


def answers_waiting(plans: Iterable[Plan] | QuerySet[Plan]) -> QuerySet[ScreenAnswer]:
    """A yes that was given on the screen and belongs to nobody yet."""
    return waiting_answers(Activity.objects.filter(plan__in=plans))


def unused(activities: QuerySet[Activity], today: date) -> QuerySet[Activity]:
    """Those that began more than 30 days ago, and nobody was ever registered, or is counted, in them.

    An estimate of nought says that nobody came.
    """
    counted = Tally.objects.filter(activity=OuterRef("pk")).values("activity").annotate(n=Sum("change"))
    told = latest_headcounts(activities).filter(activity=OuterRef("pk"))
    nobody_came = Exists(told.filter(estimate=0)) & ~Exists(told.filter(estimate__gt=0))
    return (
        activities.filter(start__lt=today - UNUSED_AFTER)
        .exclude(pk__in=gate.in_activities(activities).values("activity"))
        .exclude(Exists(counted.filter(n__gt=0)))
        .exclude(nobody_came)
    )


@dataclass(frozen=True)
class ActivityWork:
    """What one activity lacks. `unused`: nobody is registered or counted."""

    activity: Activity
    gaps: EstimateGaps
    unused: bool

    @property
    def years(self) -> list[int]:
        """Those that somebody should estimate, whether for the first time or again."""
        return sorted(self.gaps.missing + self.gaps.old)


def activity_work(activities: QuerySet[Activity], today: date) -> list[ActivityWork]:
    """What each of `activities` (those of few plans) lacks, in their order."""
    found = list(activities.select_related("plan", "type", "responsible"))
    gaps = estimate_gaps(found, today)
    idle = set(unused(activities.order_by(), today).values_list("pk", flat=True))
    return [ActivityWork(one, gaps[one.pk], one.pk in idle) for one in found]


def by_activity(people: QuerySet[Participant], activities: Iterable[Activity]) -> dict[UUID, int]:
    """How many of `people` take part in each activity that has any."""
    rows = gate.in_activities(activities).filter(participant__in=people.order_by().values("pk"))
    return dict(rows.order_by().values_list("activity").annotate(Count("participant", distinct=True)))
