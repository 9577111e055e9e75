"""Leaving a job: one verb ends all that somebody could get at, and passes on what they worked on."""

from collections.abc import Mapping
from typing import Any
from uuid import UUID

from accounts.actions.closing import close_account
from accounts.models import User
from audit.recording import audited
from consent import erasures
from consent.actions.handover import leave_plans
from exports.actions.deliveries import cancel_all_of
from exports.models import EvaluationProject, FetchLink


def leave(*, by: Any, user: User, successors: Mapping[UUID, User]) -> None:
    """Closes the account of `user`; `successors`, by plan, take over their activities.

    In one transaction: plans and evaluation projects, links to files, requests that have not been built, sessions,
    password, second factors and invitations. Jobs of theirs that run look again at who asked before they end.
    Raises consent.actions.handover.NotInPlan.
    """
    with audited(by=by) as log:
        log("user.left", user)
        leave_plans(by=by, user=user, successors=successors)
        for project in EvaluationProject.objects.filter(evaluators=user):
            project.evaluators.remove(user)
            log("project.evaluator_left", project, evaluator=user.pk)
        FetchLink.objects.filter(user=user).delete()
        cancel_all_of(by=by, requester=user)
        close_account(by=by, user=user)
        erasures.keep_account(user.pk)
