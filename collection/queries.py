"""Questions about plans and activities."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, timedelta
from uuid import UUID

from django.db.models import BooleanField, Case, Exists, OuterRef, Q, QuerySet, Value, When
from django.db.models.functions import Coalesce
from django.utils import timezone
from django.utils.timezone import localdate

from accounts.models import IDLE_AFTER, User
from collection.models import Activity, Headcount, Membership, Plan

ESTIMATE_OLD_AFTER = timedelta(days=183)
YEAR_ASKED_ABOUT_FROM = 10  # October: before it an estimate of the year would be old when the year is over


def plan_names() -> dict[str, str]:
    """The names of all plans by id as text, for the audit log."""
    return {str(pk): name for pk, name in Plan.objects.order_by("name").values_list("pk", "name")}


def latest_headcounts(activities: Iterable[Activity] | QuerySet[Activity]) -> QuerySet[Headcount]:
    """The estimate that counts for each activity and year: the newest revision."""
    newer = Headcount.objects.filter(activity=OuterRef("activity"), year=OuterRef("year"), pk__gt=OuterRef("pk"))
    return Headcount.objects.filter(activity__in=activities).exclude(Exists(newer))


def in_reading_order(activities: QuerySet[Activity], today: date, *, ended: bool | None = None) -> QuerySet[Activity]:
    """By plan, those that go on (annotated `ended` False) before those that have ended, then by name.

    `ended`: only those that have, or have not.
    """
    has_ended = Case(When(end__lt=today, then=Value(True)), default=Value(False), output_field=BooleanField())
    found = activities.annotate(ended=has_ended).select_related("plan", "type", "responsible")
    if ended is not None:
        found = found.filter(ended=ended)
    return found.order_by("plan__name", "plan_id", "ended", "name", "pk")


def named(activities: QuerySet[Activity], text: str) -> QuerySet[Activity]:
    """Those with `text` in their name. Compared here, because SQLite knows no capital Æ, Ø and Å."""
    wanted = text.casefold()
    names = activities.order_by().values_list("pk", "name")
    return activities.filter(pk__in=[pk for pk, name in names if wanted in name.casefold()])


def estimates_of(activity: Activity) -> QuerySet[Headcount]:
    """All estimates of an activity, the latest year first and in it the newest revision first."""
    return activity.headcounts.select_related("made_by").order_by("-year", "-pk")


def years_of(activity: Activity, today: date) -> list[int]:
    """Calendar years in which an activity ran so far."""
    return list(range(activity.start.year, runs_until(activity.end, activity.plan.end, today).year + 1))


def runs_until(end: date | None, plan_end: date, today: date) -> date:
    """The last day of an activity so far. One without an end runs until its plan ends, not longer."""
    return min(end or plan_end, today)


def estimate_is_old(made_on: date, *, year: int, end: date | None, today: date) -> bool:
    """Whether an estimate was made more than half a year before the last day of the activity that it should tell of."""
    last = min(day for day in (date(year, 12, 31), end, today) if day)
    return made_on < last - ESTIMATE_OLD_AFTER


@dataclass(frozen=True)
class EstimateGaps:
    """Years in which an activity ran and which have no estimate, or one to be looked at again."""

    missing: list[int]
    old: list[int]


def estimate_gaps(activities: Iterable[Activity], today: date) -> dict[UUID, EstimateGaps]:
    """The gaps of each of `activities` (loaded with their plans), by its id.

    A year is asked about when it or the activity is over, or from October on; none after the end of the plan.
    """
    activities = list(activities)
    latest = {(one.activity_id, one.year): localdate(one.made_at) for one in latest_headcounts(activities)}
    gaps = {}
    for activity in activities:
        asked = [
            year
            for year in years_of(activity, today)
            if year <= activity.plan.end.year
            and (year < today.year or today.month >= YEAR_ASKED_ABOUT_FROM or (activity.end and activity.end < today))
        ]
        made = {year: latest[activity.pk, year] for year in asked if (activity.pk, year) in latest}
        old = [y for y, day in made.items() if estimate_is_old(day, year=y, end=activity.end, today=today)]
        gaps[activity.pk] = EstimateGaps([year for year in asked if year not in made], old)
    return gaps


def staff_of(plan: Plan) -> QuerySet[User]:
    """Who works in a plan and can be responsible for its activities."""
    return User.objects.filter(
        Q(is_active=True), Exists(Membership.objects.filter(plan=plan, user=OuterRef("pk")))
    ).order_by("full_name")


def members_of(plans: Iterable[Plan]) -> QuerySet[Membership]:
    """The memberships of several plans with their users, by name."""
    return (
        Membership.objects.filter(plan__in=plans, user__is_active=True)
        .select_related("user__invitation")
        .order_by("user__full_name", "user_id")
    )


def idle(users: QuerySet[User]) -> QuerySet[User]:
    """Whose access nobody uses: they have not signed in for IDLE_AFTER, or their invitation ran out."""
    now = timezone.now()
    seen = Q(seen__lt=now - IDLE_AFTER, invitation__isnull=True)
    return users.annotate(seen=Coalesce("last_login", "created_at")).filter(seen | Q(invitation__expires_at__lte=now))


def accounts(*, state: str = "", role: str = "", text: str = "") -> QuerySet[User]:
    """Accounts by name, with their invitations and plans. `state`: "" for those with access, "invited", "idle" or
    "closed"."""
    found = User.objects.filter(is_active=state != "closed")
    if state == "invited":
        found = found.filter(invitation__isnull=False)
    if state == "idle":
        found = idle(found)
    if role:
        found = found.filter(role=role)
    if text:  # compared here, because SQLite knows no capital Æ, Ø and Å
        names = found.order_by().values_list("pk", "full_name")
        found = found.filter(pk__in=[pk for pk, name in names if text.casefold() in name.casefold()])
    return found.select_related("invitation").prefetch_related("plans").order_by("full_name", "pk")
