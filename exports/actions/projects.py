"""Setting up evaluation projects."""

from collections.abc import Iterable
from typing import Any

from accounts.models import User
from audit.recording import audited
from exports import project_keys
from exports.models import EvaluationProject


def create_project(*, by: Any, project: EvaluationProject, evaluators: Iterable[User]) -> EvaluationProject:
    """Saves a new project and makes its key, a file of the key folder."""
    project.created_by = by
    with audited(by=by) as log:
        project.save(force_insert=True)
        project.evaluators.set(evaluators)
        project_keys.make(project.pk)
        log("project.created", project, dst_number=project.dst_number)
    return project


def change_project(*, by: Any, project: EvaluationProject, evaluators: Iterable[User]) -> None:
    """Changes name, years, variables and evaluators; deliveries already prepared keep what they hold."""
    with audited(by=by) as log:
        project.save()
        project.evaluators.set(evaluators)
        log("project.changed", project, variables=len(project.variables))
