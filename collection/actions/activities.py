"""Setting up activities and estimating their headcounts."""

from datetime import date
from typing import Any

from accounts.models import User
from audit.recording import audited
from collection.models import Activity, ActivityType, Headcount, Plan


def save_activity(
    *,
    by: Any,
    plan: Plan,
    type: ActivityType,
    name: str,
    start: date,
    end: date | None,
    responsible: User,
    age_from: int | None = None,
    age_to: int | None = None,
    activity: Activity | None = None,
) -> Activity:
    """Creates an activity, or changes `activity`. Raises IntegrityError when it would end before it starts."""
    created = activity is None
    activity = activity or Activity(plan=plan)
    activity.type, activity.name, activity.start, activity.end = type, name, start, end
    activity.responsible, activity.age_from, activity.age_to = responsible, age_from, age_to
    with audited(by=by) as log:
        activity.save()
        log("activity.created" if created else "activity.changed", activity, plan=plan.pk, type=type.code)
    return activity


def estimate_headcount(*, by: Any, activity: Activity, year: int, estimate: int, basis: str) -> Headcount:
    """Adds a revision; the earlier ones stay."""
    with audited(by=by) as log:
        headcount = Headcount.objects.create(activity=activity, year=year, estimate=estimate, basis=basis, made_by=by)
        log("headcount.estimated", activity, plan=activity.plan_id, year=year, estimate=estimate, basis=basis)
    return headcount
