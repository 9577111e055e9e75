"""Questions about plans and activities."""

from collections.abc import Iterable
from datetime import date

from django.db.models import Exists, OuterRef, Q, QuerySet

from accounts.models import User
from collection.models import Activity, Headcount, Membership, Plan


def latest_headcounts(activities: Iterable[Activity] | QuerySet[Activity]) -> QuerySet[Headcount]:
    """The estimate that counts for each activity and year: the newest revision."""
    newer = Headcount.objects.filter(activity=OuterRef("activity"), year=OuterRef("year"), pk__gt=OuterRef("pk"))
    return Headcount.objects.filter(activity__in=activities).exclude(Exists(newer))


def years_of(activity: Activity, today: date) -> list[int]:
    """Calendar years in which an activity ran so far."""
    last = min(activity.end, today) if activity.end else today
    return list(range(activity.start.year, last.year + 1))


def staff_of(plan: Plan) -> QuerySet[User]:
    """Who works in a plan and can be responsible for its activities."""
    return User.objects.filter(
        Q(is_active=True), Exists(Membership.objects.filter(plan=plan, user=OuterRef("pk")))
    ).order_by("full_name")
