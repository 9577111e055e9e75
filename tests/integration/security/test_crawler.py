"""Strange requests to every address and every form: no error 500, no exception, and nothing that was typed in an error.

Addresses come from the table of access, forms and their fields from the pages, values from `factories/crawling.py`.
"""

import traceback
from collections.abc import Iterator
from dataclasses import dataclass, replace

import pytest
from django.db import transaction
from django.test import Client
from django.test import client as test_client
from django.urls import resolve, reverse
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from accounts.permissions import Role
from accounts.sessions import LENT
from config.bodies import Request
from tests.factories.access_house import make_common, make_house
from tests.factories.access_table import NO, OF_EVERYBODY, ROLES, TABLE
from tests.factories.cast import make_user
from tests.factories.crawling import (
    BROKEN_PARTS,
    CANARY,
    FILES,
    FORM,
    HEADERS,
    KINDS,
    NAMES,
    PARTS,
    STRANGE,
    Wanted,
    files,
    multipart,
    urlencoded,
    values,
)
from tests.factories.forging import named_in_source
from tests.factories.pages import Form, Page
from tests.factories.second_factor import give_app, sign_in

pytestmark = pytest.mark.django_db
QUIET = [
    HealthCheck.function_scoped_fixture,
    HealthCheck.too_slow,
    HealthCheck.data_too_large,
    HealthCheck.large_base_example,
]
SITTING, HALF_IN, OUTSIDE = "device handed over", "half signed in", "outside"
NEEDED = {"accounts:invitation": ["x"], "mfa_edit_webauthn": [1], "mfa_remove_webauthn": [1]}


@dataclass(frozen=True)
class Door:
    name: str
    who: str


def who_of(entry) -> list[str]:
    """Somebody whom the table lets in; also who holds the device, for the pages of a participant."""
    if entry.name.startswith("consent:sitting"):
        return [SITTING]
    inside = [
        role for role in ("staff", "coordinator", "evaluator", "controller") if entry.statuses[ROLES.index(role)] != NO
    ]
    best = min(inside, key=lambda role: entry.statuses[ROLES.index(role)])
    return [best]


DOORS = [Door(entry.name, who) for entry in TABLE for who in who_of(entry)]
# /healthz takes nothing, and says 503 here, where no worker is
DOORS += [Door(name, who) for name in sorted(OF_EVERYBODY - {"healthz"}) for who in ("coordinator", OUTSIDE)]
DOORS += [Door(name, HALF_IN) for name in ("mfa_authenticate", "mfa_login_webauthn")]
# Where the headers and the shape of a body are tried too: what reads them is the same for all.
ODDLY_ASKED = {"account_login", "consent:participants", "consent:enrol", "consent:proof_add", "spreadsheets:upload"}
ABOUT = {entry.name: entry.about for entry in TABLE}


@dataclass(repr=False)
class Site:
    ids: dict[str, list]
    cookies: dict[str, dict[str, str]]  # by who
    seen: set  # forms that stand on every page are tried once

    def path(self, door: Door) -> str:
        return reverse(door.name, args=NEEDED.get(door.name) or self.ids.get(ABOUT.get(door.name, ""), []))

    def ask(self, who: str, wanted: Wanted):
        """What came of it is undone."""
        client = Client()
        for name, value in self.cookies[who].items():
            client.cookies[name] = value
        environment = {"QUERY_STRING": wanted.query.decode("latin-1")}
        if "cookie" in wanted.headers:
            client.cookies.clear()
        with transaction.atomic():
            answer = client.generic(
                wanted.method, wanted.path, wanted.body, content_type=wanted.kind, headers=wanted.headers, **environment
            )
            body = b"".join(answer.streaming_content) if answer.streaming else answer.content
            transaction.set_rollback(True)
        assert answer.status_code < 500
        assert "\n" not in answer.get("Location", "")
        if answer.status_code >= 400 and wanted.method == "POST":  # an address is the sender's own already
            told = body.decode(errors="replace")
            assert CANARY not in told
            assert CANARY.replace("-", "") not in told
        if answer["Content-Type"].startswith("text/html") and wanted.method != "GET":
            assert CANARY not in Page(body.decode()).title
        return answer, body


@pytest.fixture(scope="module")
def site(module_db):
    controller = make_user(Role.CONTROLLER)
    house = make_house(controller)
    users = house.users | {"controller": controller}
    ids = house.ids | make_common(controller)
    cookies: dict[str, dict[str, str]] = {OUTSIDE: {}}
    for who in (*users, SITTING, HALF_IN):
        client = Client()
        if who == HALF_IN:
            guarded = make_user(Role.STAFF)
            give_app(guarded)
            sign_in(client, guarded)
        else:
            client.force_login(users.get(who) or users["staff"])
        if who == SITTING:
            session = client.session
            session[LENT] = str(ids["sitting"][0])
            session.save()
        cookies[who] = {name: morsel.value for name, morsel in client.cookies.items()}
    return Site(ids, cookies, set())


@pytest.fixture(autouse=True)
def as_served(monkeypatch, settings):
    """Requests as `config.wsgi` reads them, and steps that need a confirmation ask for it."""
    monkeypatch.setattr(test_client, "WSGIRequest", Request)
    settings.STEP_UP = True
    settings.ALLOWED_HOSTS = ["testserver", "localhost"]
    monkeypatch.setattr("consent.paper.pdf", lambda *what, **more: b"%PDF-")  # takes seconds
    monkeypatch.setattr("consent.paper.page_pdf", lambda *what: b"%PDF-")


def forms_of(body: bytes) -> list[Form]:
    return Page(body.decode(errors="replace")).forms


def page_of(site: Site, door: Door) -> tuple[str, list[Form]]:
    path = site.path(door)
    if "GET" not in getattr(resolve(path).func, "methods", ("GET",)):
        return path, []
    answer, body = site.ask(door.who, Wanted("GET", path))
    return path, forms_of(body) if answer["Content-Type"].startswith("text/html") else []


def same_page(form: Form, path: str) -> str:
    return form.action.partition("?")[0] if form.action.startswith("/") else path


# --- One by one: each field of each form with each strange value ----------------------------------------


def sweep(site: Site, door: Door) -> Iterator[Wanted]:
    path, forms = page_of(site, door)
    view = resolve(path).func
    for form in forms or [Form("post", path)]:
        names = {each.name for each in form.fields if each.name} or {"x", *named_in_source(view)}
        at = same_page(form, path)
        key = (resolve(at).view_name, frozenset(names))
        if key in site.seen:
            continue
        site.seen.add(key)
        plain = [(name, value.encode()) for name, value in form.values().items()]
        for value in STRANGE:
            everywhere = urlencoded([(name, value) for name in names])
            yield Wanted("POST", at, body=everywhere)
            yield Wanted("GET", at, query=everywhere[:8000])
        for number, name in enumerate(sorted(names - {"csrfmiddlewaretoken"})):
            for value in STRANGE[number % 20 :: 20]:  # all others as they should be; the rest is tried at random
                yield Wanted("POST", at, body=urlencoded([*(each for each in plain if each[0] != name), (name, value)]))
        for field in form.fields:
            if field.kind == "file":
                for number, content in enumerate(FILES):
                    yield Wanted(
                        "POST", at, body=multipart(plain, [(field.name, NAMES[number % 5], content)]), kind=PARTS
                    )
    if door.name not in ODDLY_ASKED:
        return
    yield from (Wanted("GET", path, headers=headers) for headers in HEADERS)
    yield from (Wanted("POST", path, body=content, kind=PARTS) for content in BROKEN_PARTS)
    yield from (Wanted("POST", path, query=b"q=%ff", body=b"a=%ff&b=2", kind=kind) for kind in KINDS)


@pytest.mark.slow
@pytest.mark.one_database("postgres")  # the stricter of the two: no NUL in a text, no number too large
@pytest.mark.parametrize("door", DOORS, ids=lambda door: f"{door.name} {door.who}")
def test_each_field_with_each_strange_value(site, door):
    found = {}
    for wanted in sweep(site, door):
        try:
            site.ask(door.who, wanted)
        except Exception as error:
            last = traceback.extract_tb(error.__traceback__)[-1]
            found.setdefault((type(error).__name__, last.filename, last.lineno), wanted)
    assert not found


# --- At random ------------------------------------------------------------------------------------------


def crawl(site: Site, door: Door, data) -> None:
    path, forms = page_of(site, door)
    form = data.draw(st.sampled_from(forms), label="form") if forms else Form("post", path)
    names = [each.name for each in form.fields if each.name]
    known = sorted({*names, *named_in_source(resolve(path).func)})
    pairs = [(name, value.encode()) for name, value in form.values().items()]
    some = st.sampled_from(known) if known else st.text(max_size=8)
    for name in data.draw(st.lists(some, max_size=4), label="changed"):
        what = data.draw(st.sampled_from(["instead", "missing", "twice"]), label="how")
        if what != "twice":
            pairs = [pair for pair in pairs if pair[0] != name]
        if what != "missing":
            choices = [each.encode() for one in form.fields if one.name == name for each in one.choices]
            either = values | st.sampled_from(choices) if choices else values
            pairs.append((name, data.draw(either, label=name)))
    uploads = []
    if any(each.kind == "file" for each in form.fields) or data.draw(st.integers(0, 9)) == 0:
        fields = [each.name for each in form.fields if each.kind == "file"] or ["file"]
        each = st.tuples(st.sampled_from(fields), st.sampled_from(NAMES), files)
        uploads = data.draw(st.lists(each, max_size=3), label="files")
    wanted = Wanted(data.draw(st.sampled_from(["POST", "POST", "GET"]), label="method"), same_page(form, path))
    if wanted.method == "GET":
        wanted = replace(wanted, query=urlencoded(pairs)[:8000])
    elif uploads:
        wanted = replace(wanted, body=multipart(pairs, uploads), kind=PARTS)
    else:
        wanted = replace(wanted, body=urlencoded(pairs), kind=FORM)
    if data.draw(st.integers(0, 3)) == 0:
        wanted = replace(wanted, headers=data.draw(st.sampled_from(HEADERS), label="headers"))
    if data.draw(st.integers(0, 7)) == 0:
        wanted = replace(wanted, kind=data.draw(st.sampled_from(KINDS), label="content type"))
    if data.draw(st.integers(0, 15)) == 0:
        wanted = replace(wanted, body=data.draw(st.sampled_from(BROKEN_PARTS) | st.binary(), label="body"), kind=PARTS)
    site.ask(door.who, wanted)


@given(st.sampled_from(DOORS), st.data())
@settings(max_examples=60, suppress_health_check=QUIET)
def test_nothing_strange_is_an_error(site, door, data):
    crawl(site, door, data)


@pytest.mark.one_database("postgres")
@pytest.mark.slow
@given(st.sampled_from(DOORS), st.data())
@settings(max_examples=400, suppress_health_check=QUIET)
def test_nothing_strange_is_an_error_at_length(site, door, data):
    crawl(site, door, data)
