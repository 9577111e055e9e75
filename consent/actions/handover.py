"""When somebody leaves: their activities and open work go to a colleague, and then they lose their access."""

from collections.abc import Iterable, Mapping
from typing import Any
from uuid import UUID

from django.db.models import Exists, OuterRef, Q, QuerySet
from django.utils.timezone import localdate

from accounts.actions.closing import close_account
from accounts.models import User
from accounts.permissions import WORK_IN_PLANS
from audit.recording import audited
from collection.actions.activities import estimate_headcount
from collection.models import Activity, Headcount, Membership, Plan
from collection.queries import staff_of
from consent import erasures
from consent.worklists import answers_waiting


class NotInPlan(Exception):
    """Only a colleague in the plan can take over."""


class WorkIsOpen(Exception):
    """Who has open work in a plan can't leave it before it is handed over or done."""


def open_work_of(user: User, plan: Plan) -> dict[str, QuerySet]:
    """`activities` that have not ended, and `answers` on screen that wait to be registered."""
    return {
        "activities": Activity.objects.filter(plan=plan, responsible=user).exclude(end__lt=localdate()),
        "answers": answers_waiting([plan]).filter(started_by=user),
    }


def may_have_work(plan: Plan) -> QuerySet[User]:
    """Who works in a plan, or has left with activities to their name."""
    responsible = Activity.objects.filter(plan=plan, responsible=OuterRef("pk"))
    return User.objects.filter(Exists(responsible) | Q(pk__in=staff_of(plan).order_by().values("pk")))


def hand_over(
    *, by: Any, plan: Plan, leaver: User, successor: User, estimates: Iterable[tuple[Activity, int, int]] = ()
) -> int:
    """Gives all activities of `leaver` in the plan to `successor`; returns how many.

    `estimates`: (activity, year, headcount) as the leaver remembers them. Answers on screen stay theirs, for they say
    who obtained the consent; anybody in the plan may register them. Raises NotInPlan.
    """
    with audited(by=by) as log:
        Plan.objects.select_for_update(no_key=True).get(pk=plan.pk)  # nobody leaves meanwhile
        if successor == leaver or not staff_of(plan).filter(pk=successor.pk).exists():
            raise NotInPlan
        for activity, year, estimate in estimates:
            estimate_headcount(
                by=by, activity=activity, year=year, estimate=estimate, basis=Headcount.Basis.MEMORY.value
            )
        activities = list(Activity.objects.filter(plan=plan, responsible=leaver))
        for activity in activities:
            Activity.objects.filter(pk=activity.pk).update(responsible=successor)
            log("activity.handed_over", activity, plan=plan.pk, leaver=leaver.pk, successor=successor.pk)
    return len(activities)


def remove_member(*, by: Any, plan: Plan, user: User) -> bool:
    """Ends somebody's access to a plan; returns whether it was their last one, and their account is closed.

    Raises WorkIsOpen.
    """
    with audited(by=by) as log:
        Plan.objects.select_for_update(no_key=True).get(pk=plan.pk)
        if any(rows.exists() for rows in open_work_of(user, plan).values()):
            raise WorkIsOpen
        Membership.objects.filter(user=user, plan=plan).delete()
        log("member.removed", user, plan=plan.pk)
        User.objects.select_for_update().get(pk=user.pk)  # may be let out of another plan at the same time
        closed = user.role in WORK_IN_PLANS and not Membership.objects.filter(user=user).exists()
        if closed:
            close_account(by=by, user=user)
            erasures.keep_account(user.pk)
    return closed


def leave_plans(*, by: Any, user: User, successors: Mapping[UUID, User]) -> None:
    """Ends somebody's access to all plans; their activities in a plan go to its successor, by the plan's id.

    Open work keeps nobody in, unlike in `remove_member`: what has no successor is named on the page Medarbejdere, and
    answers on screen may be registered by anybody in the plan. Raises NotInPlan.
    """
    with audited(by=by) as log:
        for plan in Plan.objects.select_for_update(no_key=True).filter(memberships__user=user).order_by("pk"):
            if plan.pk in successors:
                hand_over(by=by, plan=plan, leaver=user, successor=successors[plan.pk])
            Membership.objects.filter(user=user, plan=plan).delete()
            log("member.removed", user, plan=plan.pk)
