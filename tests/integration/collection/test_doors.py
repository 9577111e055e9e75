"""Who may open the pages of activities, staff, rates and the log."""

import uuid

import pytest
from django.urls import reverse

from accounts.permissions import Role
from tests.factories.cast import make_activity, make_plan, make_user

pytestmark = pytest.mark.django_db
STAFF, COORDINATOR, EVALUATOR, CONTROLLER = Role.STAFF, Role.COORDINATOR, Role.EVALUATOR, Role.CONTROLLER


@pytest.fixture
def scene():
    """A plan with an activity, and another plan with another."""
    own, other = make_plan("Egen plan"), make_plan("Anden plan")
    return {"own": make_activity(own), "other": make_activity(other)}


def address(name: str, activity) -> str:
    arguments = {
        "collection:activity_edit": [activity.pk],
        "collection:headcounts": [activity.pk],
        "collection:member_new": [activity.plan_id],
        "consent:member_remove": [activity.plan_id, activity.responsible_id],
        "consent:rates_plan": [activity.plan_id],
    }
    return reverse(name, args=arguments.get(name, []))


@pytest.mark.parametrize(
    "name, allowed",
    [
        ("collection:activities", {STAFF, COORDINATOR}),
        ("collection:activity_new", {COORDINATOR}),
        ("collection:activity_edit", {COORDINATOR}),
        ("collection:headcounts", {STAFF, COORDINATOR}),
        ("collection:staff", {COORDINATOR}),
        ("collection:member_new", {COORDINATOR}),
        ("consent:member_remove", {COORDINATOR}),
        ("consent:rates", {COORDINATOR, CONTROLLER}),
        ("consent:rates_plan", {COORDINATOR, CONTROLLER}),
        ("audit:events", {CONTROLLER}),
    ],
)
@pytest.mark.parametrize("role", list(Role))
def test_a_page_opens_for_its_roles_only(client, scene, name, allowed, role):
    plans = [scene["own"].plan] if role in (STAFF, COORDINATOR) else []
    client.force_login(make_user(role, plans))
    response = client.get(address(name, scene["own"]), follow=True)
    assert response.status_code == (200 if role in allowed else 403)


@pytest.mark.parametrize(
    "name",
    [
        "collection:activity_edit",
        "collection:headcounts",
        "collection:member_new",
        "consent:member_remove",
        "consent:rates_plan",
    ],
)
def test_what_belongs_to_another_plan_does_not_exist(client, scene, name):
    client.force_login(make_user(COORDINATOR, scene["own"].plan))
    assert client.get(address(name, scene["other"])).status_code == 404
    reads_only = name == "consent:rates_plan"
    assert client.post(address(name, scene["other"])).status_code == (405 if reads_only else 404)


def test_another_plans_colleague_cannot_be_removed_through_ones_own_plan(client, scene):
    client.force_login(make_user(COORDINATOR, scene["own"].plan))
    own, stranger = scene["own"].plan_id, scene["other"].responsible_id
    assert client.post(reverse("consent:member_remove", args=[own, stranger])).status_code == 404


def test_another_plan_cannot_be_chosen_for_a_new_activity(client, scene):
    plans = [scene["own"].plan, make_plan()]
    client.force_login(make_user(COORDINATOR, plans))
    for plan in (scene["other"].plan_id, uuid.uuid4(), "x"):
        response = client.get(reverse("collection:activity_new"), {"plan": plan})
        assert "form" not in response.context
        assert response.context["plans"] == sorted(plans, key=lambda one: one.name)


@pytest.mark.parametrize("name", ["collection:activities", "consent:rates", "audit:events"])
def test_nobody_enters_without_signing_in(client, name):
    assert client.get(reverse(name)).url.startswith("/log-ind/")
