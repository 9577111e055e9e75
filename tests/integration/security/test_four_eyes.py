"""Nobody decides alone, whichever way the request came to be theirs."""

import pytest
from django.urls import reverse

from accounts.permissions import Role
from exports.approvals import shown
from exports.linkage.schema import ON_APPROVAL
from exports.models import State
from tests.factories.cast import make_activity, make_participation, make_user
from tests.factories.deliveries import make_project, run_jobs
from tests.factories.delivery_states import delivery_in

pytestmark = pytest.mark.django_db


def test_who_changes_a_project_and_orders_a_failed_delivery_again_does_not_approve_it(client):
    activity = make_activity()
    for _ in range(3):
        make_participation(activity)
    evaluator, controller = make_user(Role.EVALUATOR), make_user(Role.CONTROLLER)
    project = make_project(evaluator)
    delivery = delivery_in(State.FAILED, project, by=evaluator, decider=controller)
    project.variables = [*project.variables, *ON_APPROVAL]
    project.save()

    client.force_login(controller)
    client.post(reverse("exports:retry", args=[delivery.pk]))
    run_jobs()
    delivery.refresh_from_db()
    assert (delivery.state, delivery.requested_by) == (State.PREPARED, controller)
    answer = {"shown": shown(delivery), "decision": "yes", "reason": "Som aftalt.", "k_accepted": "Kun hos DST."}
    assert client.post(reverse("exports:decide", args=[delivery.pk]), answer).status_code == 403

    client.force_login(make_user(Role.CONTROLLER))
    assert client.post(reverse("exports:decide", args=[delivery.pk]), answer).status_code == 302
    delivery.refresh_from_db()
    assert delivery.state == State.APPROVED
