"""When what is held goes: a day for each plan, and one for each evaluation project.

A plan's people are held until RETENTION_YEARS after its end, or until the day that a data controller has set. That is
never sooner than NOTICE after the site first knew of the plan, so that everybody is warned: 90 and 30 days ahead.
What is restricted (article 18 of the General Data Protection Regulation) and whom an open request is about stays until
that is over.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Any

from django.conf import settings
from django.db.models import QuerySet
from django.shortcuts import get_object_or_404

from accounts.permissions import Permission
from collection.models import Participant, Plan
from collection.policies import plans_of
from consent import gate
from consent.actions.proofs import years_after
from exports.deletions import outstanding
from exports.models import EvaluationProject, Reader
from exports.policies import under_way
from rights.models import Certificate, PlanRetention, Request

NOTICE, LAST_NOTICE = timedelta(days=90), timedelta(days=30)


@dataclass(frozen=True)
class PlanDay:
    """`held`: the row, where the site has noted one."""

    plan: Plan
    erase_on: date
    held: PlanRetention | None

    @property
    def is_overdue(self) -> bool:
        """The usual day had gone by when the site first knew of the plan: NOTICE is all that is left."""
        by_controller = self.held is not None and self.held.set_by_id is not None
        return not by_controller and self.erase_on > years_after(self.plan.end, settings.RETENTION_YEARS)


def usual_day(plan: Plan, known_on: date) -> date:
    return max(years_after(plan.end, settings.RETENTION_YEARS), known_on + NOTICE)


def days(plans: Iterable[Plan], today: date) -> list[PlanDay]:
    """The earliest first."""
    held = {row.plan_id: row for row in PlanRetention.objects.select_related("set_by")}
    found = (
        PlanDay(plan, row.erase_on if (row := held.get(plan.pk)) else usual_day(plan, today), held.get(plan.pk))
        for plan in plans
    )
    return sorted(found, key=lambda each: (each.erase_on, each.plan.name))


def erasable(plans: Iterable[Plan] | QuerySet[Plan]) -> QuerySet[Participant]:
    """The people of the plans whose identity is held, but for those of whom it must be for now."""
    asked = Request.objects.filter(outcome="").values("people")
    held_back = gate.restrictions().values("participant")
    return gate.registered(plans).exclude(pk__in=asked.filter(people__isnull=False)).exclude(pk__in=held_back)


def due_plans(today: date) -> list[Plan]:
    plans = Plan.objects.filter(pk__in=PlanRetention.objects.filter(erase_on__lte=today).values("plan"))
    return list(plans.filter(pk__in=erasable(plans).values("plan")))


def is_due(plan: Plan, today: date) -> bool:
    return PlanRetention.objects.filter(plan=plan, erase_on__lte=today).exists()


def due_projects(today: date) -> list[EvaluationProject]:
    """Projects whose day is over. Their keys stay as long as a recipient has files, so that codes can be recalled."""
    projects = EvaluationProject.objects.filter(ended_at__isnull=True, ends_on__lt=today)
    return [project for project in projects if not files_outside(project) and not under_way(project).exists()]


def files_outside(project: EvaluationProject) -> bool:
    """Whether a recipient has yet to report files of the project deleted."""
    return any(outstanding(reader).filter(project=project).exists() for reader in Reader)


def certificates_of(user: Any) -> QuerySet[Certificate]:
    """Those of one's own plans; those of projects too for who answers for them."""
    found = Certificate.objects.select_related("plan", "project")
    if user.can(Permission.SET_RETENTION):
        return found
    return found.filter(plan__in=plans_of(user)) if user.can(Permission.SEE_RETENTION) else found.none()


def certificate_or_404(user: Any, pk: Any) -> Certificate:
    """Of something that is finished."""
    return get_object_or_404(certificates_of(user), pk=pk, finished_at__isnull=False)
