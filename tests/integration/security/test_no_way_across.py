"""No user reaches what belongs to another plan or project, whatever ids they put into an address, a query or a form.

Two houses with one of everything each. Somebody of the one sends ids of the other. Addresses come from the table of
access, which has all of them; parameters and fields from the pages and the source of the views.
"""

from dataclasses import dataclass

import pytest
from django.db import transaction
from django.test import Client
from django.urls import resolve, reverse
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from accounts.permissions import Role
from tests.factories.access_house import House, make_common, make_house
from tests.factories.access_table import NO, ROLES, TABLE, Address
from tests.factories.cast import make_user
from tests.factories.forging import Theirs, all_keys, choices_of, forms_of, inputs, named_in_source

pytestmark = [pytest.mark.django_db, pytest.mark.slow_on_postgres]
OF_A_HOUSE = (Role.STAFF, Role.COORDINATOR, Role.EVALUATOR)
# Each address with each role of a house that has its permission.
DOORS = [
    (entry, role)
    for entry in TABLE
    for role in OF_A_HOUSE
    if entry.statuses[ROLES.index(role)] != NO and entry.name != "home"
]
THEIR_NAME = "Fremmed"
HTMX = {"HX-Request": "true"}


@dataclass
class Street:
    own: House
    other: House
    common: dict[str, list]
    theirs: Theirs
    sessions: dict[str, str]  # by role

    def arguments(self, house: House, entry: Address) -> list:
        return (house.ids | self.common)[entry.about]


@pytest.fixture(scope="module")
def street(module_db):
    controller = make_user(Role.CONTROLLER)
    common = make_common(controller)
    own = make_house(controller)
    before = all_keys()
    other = make_house(controller, name=THEIR_NAME)
    theirs = Theirs(before, all_keys())
    return Street(own, other, common, theirs, {role: session_of(own.users[role]) for role in OF_A_HOUSE})


def session_of(user) -> str:
    client = Client()
    client.force_login(user)
    return client.cookies["sessionid"].value


def ask(street: Street, role: str, method: str, path: str, data: dict | None = None, headers: dict | None = None):
    """The answer, and what it says; what came of it is undone, after a look at what is others'."""
    client = Client()
    client.cookies["sessionid"] = street.sessions[role]
    with transaction.atomic():
        answer = getattr(client, method.lower())(path, data or {}, headers=headers or {})
        body = b"".join(answer.streaming_content) if answer.streaming else answer.content
        changed = street.theirs.state() if method == "POST" else None
        transaction.set_rollback(True)
    return answer, body.decode(errors="replace"), changed


def check_nothing_of_theirs(street: Street, answer, body: str, sent: set[str]) -> None:
    assert answer.status_code < 500
    assert THEIR_NAME not in body
    told = {key for key in street.theirs.telling if key in body or key in answer.get("Location", "")}
    assert told <= sent, "an id that was not sent"


@pytest.fixture(scope="module")
def before(street) -> dict:
    return street.theirs.state()


@pytest.mark.parametrize("entry, role", DOORS, ids=lambda value: getattr(value, "name", value))
def test_no_page_offers_or_takes_what_is_theirs(street, entry, role):
    """Every choice of every form of every page: neither offered nor taken when it is typed."""
    path = reverse(entry.name, args=street.arguments(street.own, entry))
    if "GET" not in resolve(path).func.methods:
        return
    answer, body, _ = ask(street, role, "GET", path)
    check_nothing_of_theirs(street, answer, body, set())
    for form in forms_of(answer):
        for name, field in form.fields.items():
            assert not choices_of(field) & street.theirs.telling, (type(form).__name__, name)


def mixed(own: list, other: list, mask: int) -> list:
    """One's own arguments, and theirs where `mask` has a bit."""
    return [theirs if mask >> place & 1 else ours for place, (ours, theirs) in enumerate(zip(own, other, strict=True))]


@pytest.mark.parametrize("entry, role", DOORS, ids=lambda value: getattr(value, "name", value))
def test_an_address_with_an_id_of_theirs_is_answered_as_if_there_were_none(street, entry, role):
    """In each place alone too: their colleague in one's own plan, one's own recipient in their project."""
    own, other = street.arguments(street.own, entry), street.arguments(street.other, entry)
    for args in [mixed(own, other, mask) for mask in range(1, 1 << len(own))]:
        if args != own:
            for method in resolve(reverse(entry.name, args=own)).func.methods:
                answer, body, _ = ask(street, role, method, reverse(entry.name, args=args))
                assert answer.status_code == 404, (method, args)
                check_nothing_of_theirs(street, answer, body, {*map(str, args)})


@st.composite
def forgeries(draw):
    """A door, which of its arguments are theirs, and how it is asked. What is sent is drawn when its page is known."""
    entry, role = draw(st.sampled_from(DOORS))
    mask = draw(st.sampled_from([0, 0, 0, 1, 2, 3]))
    return entry, role, mask, draw(st.sampled_from(["GET", "POST"])), draw(st.booleans())


def forge(street: Street, before: dict, case: tuple, data) -> None:
    entry, role, mask, method, part = case
    own, other = street.arguments(street.own, entry), street.arguments(street.other, entry)
    args = mixed(own, other, mask)
    view = resolve(reverse(entry.name, args=own)).func
    if method not in view.methods:
        method = view.methods[0]
    fields, parameters = {}, set()
    if "GET" in view.methods:
        _, page, _ = ask(street, role, "GET", reverse(entry.name, args=own))
        fields, parameters = inputs(page)
    names = sorted({*fields, *parameters, *named_in_source(view)})
    chosen = data.draw(st.lists(st.sampled_from(names), unique=True, max_size=3), label="forged") if names else []
    sent = {name: data.draw(st.sampled_from(street.theirs.ids), label=name) for name in chosen}
    path = reverse(entry.name, args=args)
    values = (fields if method == "POST" else {}) | sent
    answer, body, changed = ask(street, role, method, path, values, HTMX if part else {})
    if args != own:
        assert answer.status_code == 404, "an object of theirs answered"
    check_nothing_of_theirs(street, answer, body, {*map(str, args), *sent.values()})
    assert changed is None or changed == before


QUIET = [HealthCheck.function_scoped_fixture, HealthCheck.too_slow, HealthCheck.data_too_large]


@given(forgeries(), st.data())
@settings(max_examples=30, suppress_health_check=QUIET)
def test_forged_ids_lead_nowhere(street, before, case, data):
    forge(street, before, case, data)


@pytest.mark.one_database("postgres")
@pytest.mark.slow
@given(forgeries(), st.data())
@settings(max_examples=400, suppress_health_check=QUIET)
def test_forged_ids_lead_nowhere_at_length(street, before, case, data):
    forge(street, before, case, data)
