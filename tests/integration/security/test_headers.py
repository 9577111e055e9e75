"""Every address of the site as it stands behind TLS: what its headers say, and what its pages leave in a browser."""

import re
import runpy
from dataclasses import dataclass
from urllib.parse import unquote

import pytest
from django.db import transaction
from django.test import Client
from django.urls import resolve, reverse

from accounts.permissions import Role
from collection import identities
from collection.models import Participant
from config.headers import SAVED
from config.logs import NUMBER
from tests.factories.access_house import make_common, make_house
from tests.factories.access_table import OF_EVERYBODY, ROLES, TABLE
from tests.factories.cast import PASSWORD, make_user
from tests.factories.pages import TYPED, Page

pytestmark = [pytest.mark.django_db, pytest.mark.one_database]
NAME = "Egen deltager"  # as the house calls its people
POLICY = {
    "default-src": "'none'",
    "script-src": "'self'",
    "style-src": "'self'",
    "img-src": "'self' data:",
    "font-src": "'self'",
    "connect-src": "'self'",
    "object-src": "'none'",
    "form-action": "'self'",
    "base-uri": "'none'",
    "frame-ancestors": "'none'",
}
PICTURE = "default-src 'none'; style-src 'unsafe-inline'; sandbox"  # drawn by matplotlib, for an <img>
ALWAYS = {
    "Strict-Transport-Security": "max-age=31536000; includeSubDomains; preload",
    "X-Content-Type-Options": "nosniff",
    "X-Frame-Options": "DENY",
    "Cross-Origin-Opener-Policy": "same-origin",
    "Cross-Origin-Resource-Policy": "same-origin",
}
KNOWN = {*ALWAYS, "Permissions-Policy", "Content-Security-Policy", "Referrer-Policy", "X-Request-ID", "Cache-Control"}
KNOWN |= {"Content-Type", "Content-Length", "Content-Disposition", "Content-Language", "Location", "Expires", "Vary"}
KNOWN |= {"Allow", "HX-Redirect", "HX-Refresh", "HX-Trigger", "Last-Modified", "ETag"}
# Pages and parts that are drawn for nobody in particular, or for whoever is signed in.
ARGUMENTS = {"accounts:invitation": ["x"], "mfa_edit_webauthn": [1], "mfa_remove_webauthn": [1]}


@dataclass
class World:
    users: dict[str, object]
    ids: dict[str, list]
    numbers: list[str]


@pytest.fixture(scope="module")
def world(module_db):
    controller = make_user(Role.CONTROLLER)
    house = make_house(controller)
    people = Participant.ungated.all()
    numbers = [identities.read(one, "cpr", by=controller, reason=identities.Reason.CONTACT).reveal() for one in people]
    return World(house.users | {"controller": controller}, house.ids | make_common(controller), numbers)


@pytest.fixture(scope="module")
def fresh():
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("HTTPS", "1")
        return runpy.run_path("config/settings.py")


@pytest.fixture(autouse=True)
def https(settings, fresh):
    """The settings of a site with HTTPS=1, which it is unless told otherwise."""
    for name, value in fresh.items():
        if re.match("SECURE|SESSION|CSRF|LANGUAGE_COOKIE|MESSAGE|CONTENT_SEC|X_FRAME|MIDDLEWARE|WHITENOISE", name):
            setattr(settings, name, value)


def browser_of(user=None) -> Client:
    client = Client()
    if user is not None:
        client.force_login(user)
    return client


def check_headers(answer) -> None:
    assert {name: answer.get(name) for name in ALWAYS} == ALWAYS
    assert answer["Referrer-Policy"] in ("same-origin", "no-referrer")
    assert "geolocation=()" in answer["Permissions-Policy"]
    assert "*" not in answer["Permissions-Policy"]
    assert {*answer.headers} <= KNOWN, "what it is made with, and in which version, is nobody's business"
    disposition = answer.get("Content-Disposition", "")
    if disposition.startswith("attachment"):
        assert answer["Content-Security-Policy"] == SAVED
        assert not answer["Content-Type"].startswith("text/html")
    elif answer["Content-Type"] == "image/svg+xml":
        assert answer["Content-Security-Policy"] == PICTURE
    else:
        parts = [part.split(maxsplit=1) for part in answer["Content-Security-Policy"].split("; ")]
        assert dict(parts) == POLICY
    assert not NUMBER.search(disposition)
    for cookie in answer.cookies.values():
        name, least = cookie.key, {"secure": True, "httponly": True, "path": "/", "domain": ""}
        assert name.startswith("__Host-")
        assert {key: cookie[key] for key in least} == least
        assert cookie["samesite"] in ("Lax", "Strict")


def check_not_kept(answer) -> None:
    assert "no-store" in answer["Cache-Control"]
    assert "public" not in answer["Cache-Control"]


def check_page(answer, numbers: list[str]) -> None:
    """What a browser keeps of a page, or sends on, says nothing about a person."""
    page = Page(answer.text)
    assert not page.inline
    assert not [each for each in page.addresses if re.match("(https?:)?//|data:|javascript:", each)]
    told = unquote(" ".join([page.title, *page.addresses]))
    assert not [each for each in (NAME, *numbers, *(each[6:] for each in numbers)) if each in told]
    for form in page.forms:
        typed = [field for field in form.fields if field.kind in TYPED | {"textarea"}]
        assert not [field.name for field in typed if not field.autocomplete], form.action


# --- Every address ------------------------------------------------------------------------------------


@pytest.mark.parametrize("entry", TABLE, ids=lambda entry: entry.name)
def test_an_answer_to_who_may_ask(world, entry, monkeypatch):
    for draws in ("consent.paper.pdf", "consent.paper.page_pdf"):
        monkeypatch.setattr(draws, lambda *what: b"%PDF-")  # takes seconds
    role = min((role for role in ROLES if role in world.users), key=lambda role: entry.statuses[ROLES.index(role)])
    path = reverse(entry.name, args=world.ids[entry.about])
    client = browser_of(world.users[role])
    for method in {*getattr(resolve(path).func, "methods", ("GET",))} - {"HEAD"}:
        with transaction.atomic():
            answer = client.generic(method, path, secure=True)
            if answer.streaming:
                b"".join(answer.streaming_content)
            transaction.set_rollback(True)
        check_headers(answer)
        check_not_kept(answer)
        if answer["Content-Type"].startswith("text/html"):
            check_page(answer, world.numbers)


@pytest.mark.parametrize("name", sorted(OF_EVERYBODY))
@pytest.mark.parametrize("signed_in", [True, False], ids=["signed in", "outside"])
def test_an_answer_about_signing_in(world, name, signed_in):
    client = browser_of(world.users["staff"] if signed_in else None)
    answer = client.get(reverse(name, args=ARGUMENTS.get(name, [])), secure=True)
    check_headers(answer)
    check_not_kept(answer)
    if answer["Content-Type"].startswith("text/html"):
        check_page(answer, world.numbers)


# --- Errors and files -----------------------------------------------------------------------------------


def fails(*args, **kwargs):
    raise RuntimeError("Karla Sand")


def too_large(client):
    body = {"CONTENT_TYPE": "application/x-www-form-urlencoded", "CONTENT_LENGTH": str(10**9)}
    return client.post(reverse("consent:find"), secure=True, **body)


def without_token(client):
    client.handler.enforce_csrf_checks = True
    return client.post(reverse("consent:find"), secure=True)


def of_another_host(client):
    return client.get("/", secure=True, headers={"host": "evil.example"})


def broken_below(client):
    """Where sessions are read, so that nothing within answers."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr("django.contrib.sessions.backends.db.SessionStore.load", fails)
        return client.get(reverse("home"), secure=True)


ERRORS = {
    "400": (400, of_another_host),
    "403": (403, lambda client: client.get(reverse("operations:keys"), secure=True)),
    "403 csrf": (403, without_token),
    "404": (404, lambda client: client.get("/findes-ikke/", secure=True)),
    "405": (405, lambda client: client.put(reverse("consent:find"), secure=True)),
    "413": (413, too_large),
    "500": (500, broken_below),
    "to https": (301, lambda client: client.get("/")),
}


@pytest.mark.parametrize("status, ask", ERRORS.values(), ids=ERRORS)
def test_an_error_has_them_too(world, status, ask):
    client = browser_of(world.users["staff"])
    client.raise_request_exception = False
    answer = ask(client)
    assert answer.status_code == status
    if status != 301:  # without TLS, a browser doesn't listen to it
        check_headers(answer)
    check_not_kept(answer)
    assert "Karla" not in answer.text


@pytest.mark.parametrize("name", ["js/site.js", "css/deltagerdata.css", "img/mark.svg", "vendor/htmx/htmx.min.js"])
def test_a_static_file_has_them_and_may_be_kept(settings, name):
    settings.WHITENOISE_USE_FINDERS = True
    answer = browser_of().get(f"/static/{name}", secure=True)
    assert answer.status_code == 200
    answer.headers["Content-Type"] = answer.headers["Content-Type"].replace("image/svg+xml", "picture")
    check_headers(answer)
    assert "no-store" not in answer["Cache-Control"]
    assert not answer.cookies


def test_the_cookies_of_a_session_and_of_a_language_are_of_this_host_alone(world):
    client = browser_of()
    page = client.get(reverse("account_login"), secure=True)
    form = {"login": world.users["staff"].username, "password": PASSWORD}
    answer = client.post(reverse("account_login"), form, secure=True)
    chosen = client.post(reverse("set_language"), {"language": "en"}, secure=True)
    for each in (page, answer, chosen):
        check_headers(each)
    assert {"__Host-sessionid", "__Host-csrftoken", "__Host-django_language"} == {*client.cookies}
