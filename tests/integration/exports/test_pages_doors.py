"""Who may open the pages of projects, deliveries and resident lists, and whose."""

import uuid
from datetime import date, timedelta

import pytest
from django.urls import reverse

from accounts.permissions import Role
from exports.actions.extracts import load_extract
from exports.models import State
from tests.factories.cast import make_user
from tests.factories.deliveries import make_project
from tests.factories.delivery_states import delivery_in

pytestmark = pytest.mark.django_db
EVALUATOR, CONTROLLER = Role.EVALUATOR, Role.CONTROLLER
BOTH = {EVALUATOR, CONTROLLER}


@pytest.fixture
def scene():
    """An evaluator's project with a prepared delivery, another's with another, and a resident list."""
    evaluator, stranger, controller = make_user(EVALUATOR), make_user(EVALUATOR), make_user(CONTROLLER)
    own, other = make_project(evaluator), make_project(stranger)
    extract = load_extract(
        by=controller, extract_id=uuid.uuid4(), name="Liste", delete_on=date.today() + timedelta(days=9)
    )
    return {
        EVALUATOR: evaluator,
        CONTROLLER: make_user(CONTROLLER),
        "extract": extract.pk,
        "own": {
            "project": own.pk,
            "delivery": delivery_in(State.PREPARED, own, by=evaluator, decider=controller).pk,
        },
        "other": {
            "project": other.pk,
            "delivery": delivery_in(State.PREPARED, other, by=stranger, decider=controller).pk,
        },
    }


PROJECT_PAGES = {
    "project": BOTH,
    "project_edit": {CONTROLLER},
    "linkage_new": BOTH,
    "comparison_new": BOTH,
}
DELIVERY_PAGES = {"delivery": BOTH, "progress": BOTH, "decide": {CONTROLLER}}
PLAIN_PAGES = {
    "projects": BOTH,
    "project_new": {CONTROLLER},
    "deliveries": BOTH,
    "extracts": {CONTROLLER},
    "extract_new": {CONTROLLER},
}
EXTRACT_PAGES = {"extract": {CONTROLLER}, "extract_progress": {CONTROLLER}, "extract_delete": {CONTROLLER}}
POSTED = {"comparison_words": "project", "comparison_package": "project", "retry": "delivery"}
# they answer to a POST only; `fetch` has tests of its own
PAGES = PLAIN_PAGES | PROJECT_PAGES | DELIVERY_PAGES | EXTRACT_PAGES


def address(name: str, scene, whose: str = "own") -> str:
    if name in EXTRACT_PAGES:
        arguments = [scene["extract"]]
    elif name in PROJECT_PAGES or POSTED.get(name) == "project":
        arguments = [scene[whose]["project"]]
    elif name in PLAIN_PAGES:
        arguments = []
    else:
        arguments = [scene[whose]["delivery"]]
    return reverse(f"exports:{name}", args=arguments)


@pytest.mark.parametrize("role", list(Role))
@pytest.mark.parametrize("name", PAGES)
def test_a_page_opens_for_its_roles_only(client, scene, name, role):
    client.force_login(scene.get(role) or make_user(role))
    response = client.get(address(name, scene), follow=True)
    assert response.status_code == (200 if role in PAGES[name] else 403)


@pytest.mark.parametrize("name", ["project", "linkage_new", "comparison_new", "delivery", "progress", "cancel"])
def test_another_evaluators_project_does_not_exist(client, scene, name):
    client.force_login(scene[EVALUATOR])
    assert client.get(address(name, scene, "other")).status_code == 404
    assert client.post(address(name, scene, "other")).status_code in (404, 405)  # some only read


@pytest.mark.parametrize("name", POSTED)
def test_what_answers_to_a_post_keeps_the_same_doors(client, scene, name):
    client.force_login(scene[EVALUATOR])
    assert client.get(address(name, scene)).status_code == 405
    assert client.post(address(name, scene, "other")).status_code == 404
    for role in (Role.STAFF, Role.COORDINATOR):
        client.force_login(make_user(role))
        assert client.post(address(name, scene)).status_code == 403


@pytest.mark.parametrize("reader", ["officer", "evaluator", "none"])
def test_nothing_is_fetched_by_somebody_elses_evaluator_or_by_staff(client, scene, reader):
    client.force_login(scene[EVALUATOR])
    assert client.post(reverse("exports:fetch", args=[scene["other"]["delivery"], reader])).status_code == 404
    client.force_login(make_user(Role.COORDINATOR))
    assert client.post(reverse("exports:fetch", args=[scene["own"]["delivery"], reader])).status_code == 403


@pytest.mark.parametrize("name", ["projects", "deliveries", "extracts", "extract_new"])
def test_nobody_enters_without_signing_in(client, name):
    assert client.get(reverse(f"exports:{name}")).url.startswith("/log-ind/")
    assert client.post(reverse(f"exports:{name}")).url.startswith("/log-ind/")


def test_every_address_of_the_app_is_in_these_tables():
    from exports.urls import urlpatterns
    from tests.factories.access_table import TABLE

    elsewhere = {entry.name.removeprefix("exports:") for entry in TABLE if entry.name.startswith("exports:")}
    assert {pattern.name for pattern in urlpatterns} <= {*PAGES, *POSTED, "fetch", "cancel", *elsewhere}


def test_lists_show_ones_own_projects_only(client, scene):
    client.force_login(scene[EVALUATOR])
    for name in ("projects", "deliveries"):
        page = client.get(reverse(f"exports:{name}")).content.decode()
        kind = "project" if name == "projects" else "delivery"
        assert str(scene["own"][kind]) in page
        assert str(scene["other"][kind]) not in page
    client.force_login(scene[CONTROLLER])
    page = client.get(reverse("exports:projects")).content.decode()
    assert all(str(scene[whose]["project"]) in page for whose in ("own", "other"))
