"""Signing in: who gets in, what a stranger learns from trying, and how often they may try."""

import hashlib
from concurrent.futures import ThreadPoolExecutor

import pytest
from django.conf import settings
from django.db import connection
from django.test import Client
from django.urls import reverse

from accounts.adapters import AccountAdapter
from accounts.permissions import Role
from audit.models import Event
from tests.factories.cast import make_plan, make_user
from tests.factories.second_factor import sign_in

pytestmark = pytest.mark.django_db
GUESSES = int(settings.GUESSES.partition("/")[0])
SIGN_IN = reverse("account_login")
TOO_MANY = "Der har været for mange forsøg."


def errors_of(answer) -> list[str]:
    return answer.context["form"].non_field_errors()


def test_a_user_name_and_password_open_the_site_and_it_is_recorded(client):
    user = make_user(Role.COORDINATOR, make_plan())
    assert sign_in(client, user)["Location"] == "/"
    assert client.get("/").status_code == 302
    event = Event.objects.get(action="sign_in.done")
    assert (event.actor, event.details) == (str(user.pk), '{"method": "password"}')


def test_nobody_signs_up(client):
    for address in ("/signup/", "/accounts/signup/", "/log-ind/opret/"):
        assert client.get(address).status_code in (302, 404)
    assert "signup" not in client.get(SIGN_IN).text
    assert not AccountAdapter().is_open_for_signup(None)  # nor where an address of allauth's comes in


@pytest.mark.parametrize("who", ["nobody", "closed", "without a password", "wrong password"])
def test_what_is_told_is_the_same_whoever_it_is(client, who):
    user = make_user(username="karen")
    if who == "closed":
        user.is_active = False
    if who == "without a password":
        user.set_unusable_password()
    user.save()
    given = {"nobody": {"login": "ingen"}, "wrong password": {"password": "forkert"}}.get(who, {})
    answer = sign_in(client, user, **given)
    assert errors_of(answer) == ["Brugernavn eller adgangskode er forkert. Prøv igen."]
    assert "_auth_user_id" not in client.session


@pytest.mark.parametrize("who", ["nobody", "closed", "without a password", "wrong password"])
def test_one_password_is_hashed_whoever_it_is(client, who, monkeypatch):
    from django.contrib.auth.hashers import MD5PasswordHasher

    user = make_user(username="karen")
    if who == "closed":
        user.is_active = False
    if who == "without a password":
        user.set_unusable_password()
    user.save()
    hashed = []
    encode = MD5PasswordHasher.encode
    monkeypatch.setattr(MD5PasswordHasher, "encode", lambda *given: hashed.append(1) or encode(*given))
    sign_in(client, user, **{"nobody": {"login": "ingen"}, "wrong password": {"password": "forkert"}}.get(who, {}))
    assert len(hashed) == 1


def test_a_failure_is_recorded_of_the_account_and_never_with_what_was_typed(client):
    user = make_user(username="karen")
    sign_in(client, user, password="Hemmeligt 123")
    sign_in(client, user, login="Hemmeligt 123")
    first, second = Event.objects.filter(action="sign_in.failed").order_by("sequence")
    assert (first.actor, first.object_id, second.object_id) == ("", str(user.pk), "")
    told = " ".join(str(vars(event)) for event in (first, second))
    for typed in ("Hemmeligt 123", "karen"):
        assert typed not in told
        assert hashlib.sha256(typed.encode()).hexdigest()[:16] not in told


@pytest.mark.parametrize("name", ["karen", "ingen"])
def test_an_account_is_locked_after_so_many_guesses_from_wherever_they_come(client, name):
    user = make_user(username="karen")
    for n in range(GUESSES):
        place = Client(REMOTE_ADDR=f"192.0.2.{n}", HTTP_HOST=("127.0.0.1", "localhost")[n % 2])
        typed = (name.upper(), f" {name} ")[n % 2]
        assert "forkert" in errors_of(sign_in(place, user, login=typed, password="gæt"))[0]
    assert TOO_MANY in errors_of(sign_in(client, user, login=name))[0]
    assert "_auth_user_id" not in client.session
    assert sign_in(Client(), make_user())["Location"] == "/"


def test_an_address_that_guesses_at_many_accounts_is_locked_out_of_all(settings):
    settings.ACCOUNT_RATE_LIMITS = settings.ACCOUNT_RATE_LIMITS | {"failed_from_address": "5/15m/ip"}
    user = make_user()
    for n in range(5):
        sign_in(Client(REMOTE_ADDR="2001:db8::1"), user, login=f"bruger-{n}", password="gæt")
    for _ in range(GUESSES):
        assert TOO_MANY in errors_of(sign_in(Client(REMOTE_ADDR="2001:db8::ffff:2"), user))[0]  # the same network
    # and locks nobody out by going on
    assert sign_in(Client(REMOTE_ADDR="192.0.2.1"), user)["Location"] == "/"


def test_addresses_of_ipv4_on_a_socket_of_both_kinds_are_not_one_network(settings):
    settings.ACCOUNT_RATE_LIMITS = settings.ACCOUNT_RATE_LIMITS | {"failed_from_address": "1/15m/ip"}
    user = make_user()
    for address in ("::ffff:192.0.2.1", "::ffff:192.0.2.2"):
        assert "forkert" in errors_of(sign_in(Client(REMOTE_ADDR=address), user, password="gæt"))[0]


def test_signing_in_rightly_costs_no_guess_and_gives_none_back(client):
    user = make_user()
    for _ in range(GUESSES - 1):
        sign_in(Client(), user, password="gæt")
    for _ in range(3):
        assert sign_in(Client(), user)["Location"] == "/"
    sign_in(Client(), user, password="gæt")
    assert TOO_MANY in errors_of(sign_in(client, user))[0]


def test_an_office_with_one_address_signs_in_all_day(settings):
    settings.ACCOUNT_RATE_LIMITS = settings.ACCOUNT_RATE_LIMITS | {"failed_from_address": "2/15m/ip"}
    for _ in range(4):
        assert sign_in(Client(), make_user())["Location"] == "/"


def test_guesses_are_counted_where_all_processes_see_them(client):
    sign_in(client, make_user(), password="gæt")
    with connection.cursor() as cursor:
        cursor.execute("SELECT count(*) FROM accounts_limits")
        assert cursor.fetchone()[0] > 0


def test_very_many_requests_from_one_address_get_a_page_that_says_so(client, settings):
    settings.ACCOUNT_RATE_LIMITS = settings.ACCOUNT_RATE_LIMITS | {"login": "2/m/ip"}
    user = make_user()
    for _ in range(2):
        sign_in(client, user, password="gæt")
    answer = sign_in(client, user)
    assert answer.status_code == 429
    assert "Der har været for mange forsøg på kort tid." in answer.text


@pytest.mark.django_db(transaction=True)
def test_guesses_at_the_same_moment_are_counted_each():
    user = make_user()

    def guess(_n: int) -> bool:
        try:
            # the page, because the contexts of templates are handed round between threads
            return TOO_MANY not in sign_in(Client(), user, password="gæt").text
        finally:
            connection.close()

    with ThreadPoolExecutor(4) as threads:
        tried = sum(threads.map(guess, range(GUESSES * 2)))
    assert 0 < tried <= GUESSES


def test_an_address_to_go_on_to_is_of_this_site(client, settings):
    user = make_user(Role.COORDINATOR, make_plan())
    settings.ALLOWED_HOSTS = ["testserver", "other.example"]
    elsewhere = ("https://ond.example/", "//ond.example", "http://other.example/", "http://testserver/", "https://[::1")
    for given, goes_to in (("/deltagere/", "/deltagere/"), *((address, "/") for address in elsewhere)):
        assert client.get(SIGN_IN, {"next": given}).status_code == 200
        assert sign_in(client, user, next=given)["Location"] == goes_to
        client.logout()


def test_the_page_is_kept_by_nobody_and_names_no_placeholder(client):
    page = client.get(SIGN_IN)
    assert "no-store" in page["Cache-Control"]
    assert "placeholder" not in page.text
    assert 'autocomplete="username"' in page.text


def test_a_session_from_before_signing_in_is_not_the_one_after(client):
    client.get(SIGN_IN)
    session = client.session
    session["planted"] = "x"
    session.save()
    before = session.session_key
    sign_in(client, make_user())
    assert client.session.session_key != before
    stranger = Client()
    stranger.cookies[settings.SESSION_COOKIE_NAME] = before
    assert stranger.get("/")["Location"].startswith(SIGN_IN)
