"""Setting the day on which a plan's people are erased, and setting the erasing in motion."""

from datetime import date
from typing import Any

from django.utils import timezone

from audit.recording import Recorder, audited
from collection.models import Plan
from consent.actions.retire import proofs_go
from exports import jobs
from exports.models import EvaluationProject, Job
from rights import retention
from rights.models import Certificate, PlanRetention, Reason
from rights.policies import check_day

OPEN = (Job.State.QUEUED, Job.State.RUNNING)


def set_day(*, by: Any, plan: Plan, erase_on: date, reason: Reason) -> PlanRetention:
    """Raises NotAllowed (too_soon, too_far)."""
    today = timezone.localdate()
    check_day(erase_on, today)
    with audited(by=by) as log:
        Plan.objects.select_for_update().get(pk=plan.pk)
        held = PlanRetention.objects.filter(plan=plan).first()
        before = held.erase_on if held else retention.usual_day(plan, today)
        held, _ = PlanRetention.objects.update_or_create(
            plan=plan,
            defaults={"erase_on": erase_on, "reason": reason, "set_by": by, "set_at": timezone.now()},
            create_defaults={
                "erase_on": erase_on,
                "reason": reason,
                "set_by": by,
                "set_at": timezone.now(),
                "known_on": today,
            },
        )
        log("retention.changed", held, plan=plan.pk, day=erase_on, before=before, why=Reason(reason).value)
    return held


def note_days(today: date | None = None) -> None:
    """Notes the day of each plan that has none, and lets those that nobody has set follow their plan's end."""
    today = today or timezone.localdate()
    held = {row.plan_id: row for row in PlanRetention.objects.all()}
    for plan in Plan.objects.all():
        row = held.get(plan.pk)
        known_on = row.known_on if row else today
        day = retention.usual_day(plan, known_on)
        if row is None:
            PlanRetention.objects.get_or_create(plan=plan, defaults={"erase_on": day, "known_on": known_on})
        elif row.set_by_id is None and row.erase_on != day:
            PlanRetention.objects.filter(plan=plan, set_by__isnull=True).update(erase_on=day)


def erase_due(today: date | None = None) -> int:
    """A job for each plan and project whose day has come, and for each whose job before came to no end; how many.

    May run as often as one likes, and at the same time as itself.
    """
    today = today or timezone.localdate()
    note_days(today)
    for held in PlanRetention.objects.filter(erase_on__lte=today).select_related("plan"):
        proofs_go(held.plan, since=held.erase_on, today=today)
    unfinished = Certificate.objects.filter(finished_at__isnull=True)
    plans = {*retention.due_plans(today), *Plan.objects.filter(pk__in=unfinished.values("plan"))}
    stopped = EvaluationProject.objects.filter(pk__in=unfinished.values("project"))
    projects = {*retention.due_projects(today), *stopped}
    return sum(_begin(plan, "plan", today) for plan in plans) + sum(
        _begin(project, "project", today) for project in projects
    )


def _begin(what: Plan | EvaluationProject, name: str, today: date) -> bool:
    with audited(by=None) as log:
        type(what)._default_manager.select_for_update().get(pk=what.pk)  # one job of each at a time
        held = Certificate.objects.filter(**{name: what}, finished_at__isnull=True).first()
        if held is None:
            held = _new(log, what, name, today)
        elif held.job is not None and held.job.state in OPEN:
            return False
        held.job = jobs.enqueue(by=None, kind=Job.Kind.ERASE, subject=held.pk)
        held.save(update_fields=["job"])
    return True


def _new(log: Recorder, what: Plan | EvaluationProject, name: str, today: date) -> Certificate:
    day = what.ends_on if isinstance(what, EvaluationProject) else PlanRetention.objects.get(plan=what).erase_on
    assert day is not None  # a project without a day is never due
    held = Certificate.objects.create(**{name: what}, day=day)
    log("retention.begun", held, plan=what.pk if name == "plan" else "")
    return held
