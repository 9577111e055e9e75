"""Setting up evaluation projects, changing them, and ending them."""

from collections.abc import Iterable
from typing import Any

from django.utils import timezone

from accounts.models import User
from audit.recording import Recorder, audited
from exports import approvals, groups, ledger, project_keys, storage
from exports.models import EvaluationProject, Pseudonym, State
from exports.policies import NotAllowed, check_can_end, check_no_longer_used
from exports.states import move


def create_project(*, by: Any, project: EvaluationProject, evaluators: Iterable[User]) -> EvaluationProject:
    """Saves a new project and makes its key, a file of the key folder."""
    project.created_by = by
    with audited(by=by) as log:
        project.save(force_insert=True)
        project.evaluators.set(evaluators)
        project_keys.make(project.pk)
        log("project.created", project, dst_number=project.dst_number)
    return project


class PermissionMoved(Exception):
    """The decision about another comparison group is not what the page showed: an order has used it up, or somebody
    else has changed it. `now`: as it is."""

    def __init__(self, now: str):
        super().__init__("permission moved")
        self.now = now


def change_project(
    *, by: Any, project: EvaluationProject, evaluators: Iterable[User], another_group: tuple[str, str] | None = None
) -> None:
    """Changes name, years, variables and evaluators; deliveries already prepared keep what they hold, and are
    prepared and approved anew when their files have yet to be built.

    The day by which the project's data is to be deleted becomes that of all its deliveries. Raises NotAllowed when the
    project has ended, or when it would get another number or purpose though there are files: its codes would link two
    projects, and recalls would ask about another consent than the one that the files rest on.

    `another_group`: the decision about another comparison group as it was shown (groups.mark) and as it is to be; None
    leaves it as it is. Raises PermissionMoved: an old page may not give again what was used up.
    """
    with audited(by=by) as log:
        before = EvaluationProject.objects.select_for_update().get(pk=project.pk)
        if before.ended_at is not None:
            raise NotAllowed("ended")
        same = (before.dst_number, before.purpose_id) == (project.dst_number, project.purpose_id)
        if not same and ledger.was_built(project):
            raise NotAllowed("wrong_state")
        shown, wanted = another_group or (groups.mark(before.another_group), before.another_group)
        if shown != groups.mark(before.another_group):
            raise PermissionMoved(before.another_group)
        project.another_group = wanted
        project.save()
        project.deliveries.update(delete_by=project.ends_on)
        project.evaluators.set(evaluators)
        same = approvals.may_hold(before) == approvals.may_hold(project)
        log("project.changed" if same else "project.terms_changed", project, variables=len(project.variables))
        if project.another_group and project.another_group != before.another_group:
            log("project.another_group_allowed", project)


def end_project(*, by: Any, project: EvaluationProject) -> None:
    """Destroys the project's key, codes and files: from then on nobody can tell who has which code.

    Raises NotAllowed (wrong_role, ended, under_way). The ledger stays: it says which deliveries held a person.
    """
    with audited(by=by) as log:
        project = EvaluationProject.objects.select_for_update().get(pk=project.pk)
        check_can_end(by, project)
        _end(log, project, by)
    destroy_what_is_left(project)


def end_again(project: EvaluationProject) -> None:
    """Ends a project that had ended, and that a restored backup has brought back without its key."""
    with audited(by=None) as log:
        _end(log, EvaluationProject.objects.select_for_update().get(pk=project.pk), None)
    destroy_what_is_left(project)


def end_on_its_day(project: EvaluationProject) -> None:
    """As `end_project`, the day after the project's data were to be deleted. Raises NotAllowed (ended, under_way,
    not_due: it was prolonged, or has files outside again)."""
    with audited(by=None) as log:
        project = EvaluationProject.objects.select_for_update().get(pk=project.pk)
        check_no_longer_used(project)
        _end(log, project, None)
    destroy_what_is_left(project)


def _end(log: Recorder, project: EvaluationProject, by: Any) -> None:
    for delivery in project.deliveries.select_for_update().filter(state__in=[State.BUILT, State.FETCHED]):
        move(delivery, State.EXPIRED)
    # unreadable without the key; but what is gone needs no key to keep it a secret
    Pseudonym.objects.filter(project=project).delete()
    project.ended_at, project.ended_by = timezone.now(), by
    project.save(update_fields=["ended_at", "ended_by"])
    log("project.ended", project, dst_number=project.dst_number)


def destroy_what_is_left(project: EvaluationProject) -> None:
    """The files of a project that has ended. Called again by the daily clean-up, should it be interrupted here."""
    for delivery in project.deliveries.all():
        storage.remove_delivery(delivery)
    project_keys.destroy(project.pk)
