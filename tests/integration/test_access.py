"""The table of access holds: every address × every role × every method × one's own or another's plan or project."""

from dataclasses import dataclass
from uuid import uuid4

import pytest
from django.db import transaction
from django.urls import resolve, reverse

from accounts.permissions import Role
from exports.models import Archive
from scripts.access import all_views
from tests.factories.access_house import make_common, make_house
from tests.factories.access_table import BAD, GONE, MOVED, NO, OF_EVERYBODY, OK, ROLES, TABLE, Address
from tests.factories.cast import make_plan, make_user
from tests.factories.deliveries import make_project

pytestmark = [pytest.mark.django_db, pytest.mark.slow_on_postgres]
NOT_TAKEN = 405
METHODS = frozenset({"GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS", "TRACE"})
HTMX = {"HX-Request": "true"}


@dataclass
class World:
    users: dict[str, object]
    ids: dict[str, list]


@pytest.fixture(scope="module")
def world(module_db):
    controller, elsewhere = make_user(Role.CONTROLLER), make_plan()
    house = make_house(controller)
    make_project(other := make_user(Role.EVALUATOR), by=controller)
    users = house.users | {
        "staff elsewhere": make_user(Role.STAFF, elsewhere),
        "coordinator elsewhere": make_user(Role.COORDINATOR, elsewhere),
        "evaluator elsewhere": other,
        "controller": controller,
    }
    return World(users, house.ids | make_common(controller))


def visit(client, entry: Address, arguments: list, **options):
    """What came of it is undone: the next visitor finds everything as it was."""
    with transaction.atomic():
        answer = getattr(client, entry.method)(reverse(entry.name, args=arguments), **options)
        transaction.set_rollback(True)
    return answer


@pytest.mark.parametrize("entry", TABLE, ids=lambda entry: entry.name)
def test_each_role_gets_what_the_table_says(client, world, entry):
    """Page and part of a page alike: what htmx asks for is no other door."""
    found, parts = {}, {}
    for role in ROLES:
        client.force_login(world.users[role])
        found[role] = visit(client, entry, world.ids[entry.about]).status_code
        parts[role] = visit(client, entry, world.ids[entry.about], headers=HTMX).status_code
    assert found == dict(zip(ROLES, entry.statuses, strict=True))
    refused = {role: status for role, status in found.items() if status >= BAD}
    assert {role: status for role, status in parts.items() if status >= BAD} == refused


@pytest.mark.slow
@pytest.mark.one_database
@pytest.mark.parametrize("entry", [entry for entry in TABLE if entry.name != "home"], ids=lambda entry: entry.name)
def test_a_method_that_is_not_taken_is_refused_and_one_that_is_opens_no_other_door(client, world, entry):
    path = reverse(entry.name, args=world.ids[entry.about])
    taken = resolve(path).func.methods
    allowed = next(role for role, status in zip(ROLES, entry.statuses, strict=True) if status != NO)
    client.force_login(world.users[allowed])
    assert {client.generic(method, path).status_code for method in METHODS - {*taken}} == {NOT_TAKEN}
    for role, status in zip(ROLES, entry.statuses, strict=True):
        if status in (NO, GONE):
            client.force_login(world.users[role])
            answers = {method: client.generic(method, path, headers=headers).status_code
                       for method in taken for headers in ({}, HTMX)}  # fmt: skip
            assert set(answers.values()) == {status}, (role, answers)


@pytest.mark.one_database
@pytest.mark.parametrize("entry", TABLE, ids=lambda entry: entry.name)
def test_nobody_gets_in_without_signing_in(client, world, entry):
    path = reverse(entry.name, args=world.ids[entry.about])
    for method in METHODS:
        answer = client.generic(method, path)
        assert answer.status_code == MOVED, method
        assert answer["Location"].startswith(reverse("account_login"))
    part = visit(client, entry, world.ids[entry.about], headers=HTMX)
    assert part.status_code in (MOVED, OK)
    assert not part.content


@pytest.mark.parametrize("entry", [entry for entry in TABLE if entry.about], ids=lambda entry: entry.name)
def test_what_does_not_exist_answers_as_what_is_anothers(client, world, entry):
    made_up = {int: lambda known: 0, str: lambda known: known}
    unknown = [made_up.get(type(known), lambda known: uuid4())(known) for known in world.ids[entry.about]]
    client.force_login(world.users["coordinator"])
    allowed = entry.statuses[ROLES.index("coordinator")] != NO
    client.force_login(world.users["coordinator" if allowed else "controller"])
    assert visit(client, entry, unknown).status_code == GONE


def test_the_table_has_every_address():
    assert {name for name, _, _ in all_views()} == {entry.name for entry in TABLE} | OF_EVERYBODY


def test_every_view_names_its_permission():
    unguarded = {name for name, _, view in all_views() if not hasattr(view, "permission")}
    assert unguarded == OF_EVERYBODY | {"home"}


def test_the_accessibility_statement_is_there_for_everybody(client):
    sign_in = client.get(reverse("account_login"))
    assert f'href="{reverse("accounts:accessibility")}"' in sign_in.content.decode()
    assert client.get(reverse("accounts:accessibility")).status_code == OK


def test_a_user_who_has_left_is_signed_out_at_once(client):
    user = make_user(Role.STAFF, make_plan())
    client.force_login(user)
    user.is_active = False
    user.save()
    assert client.get(reverse("collection:activities")).status_code == MOVED


def test_no_role_may_fetch_both_archives():
    from accounts.permissions import PERMISSIONS, Permission

    assert not [role for role, may in PERMISSIONS.items() if {Permission.FETCH_DATA, Permission.FETCH_KEYS} <= may]


def test_no_archive_is_fetched_by_the_other_readers_role(client, world):
    delivery = world.ids["delivery"][0]
    Archive.objects.create(delivery_id=delivery, reader="officer", path="x", size=1, sha256="0" * 64)
    client.force_login(world.users["evaluator"])
    for method in (client.get, client.post):
        assert method(reverse("exports:fetch", args=[delivery, "officer"])).status_code in (NO, GONE)
