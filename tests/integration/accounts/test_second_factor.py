"""The second factor: nobody gets past it, everybody can set one up, and what is lost has a way back."""

import json
import re
from datetime import timedelta
from urllib.parse import unquote

import pytest
from allauth.mfa.models import Authenticator
from allauth.mfa.recovery_codes.internal.auth import RecoveryCodes
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from accounts import factor_secrets, sessions
from accounts.models import FactorSecret
from accounts.permissions import Role
from audit.models import Event
from crypto.errors import TamperedRecord
from tests.factories.cast import PASSWORD, make_plan, make_user
from tests.factories.second_factor import code_of, give_app, secret_shown, sign_in, sign_in_fully

pytestmark = pytest.mark.django_db
SECURITY, APP, CODE = reverse("mfa_index"), reverse("mfa_activate_totp"), reverse("mfa_authenticate")
CODES, NEW_CODES = reverse("mfa_view_recovery_codes"), reverse("mfa_generate_recovery_codes")


@pytest.fixture(autouse=True)
def second_factor(settings):
    settings.SECOND_FACTOR = settings.STEP_UP = True


@pytest.fixture
def user():
    return make_user(Role.COORDINATOR, make_plan())


def recorded(action: str) -> list[dict]:
    return [json.loads(event.details) for event in Event.objects.filter(action=action).order_by("sequence")]


# --- Setting up -----------------------------------------------------------------------------------


@pytest.mark.parametrize("role", Role)
def test_who_has_none_is_led_to_setting_one_up_and_reaches_nothing_else(client, role):
    sign_in(client, make_user(role, make_plan()))
    for name in (
        "home",
        "exports:tasks",
        "usersessions_list",
        "account_change_password",
        "mfa_generate_recovery_codes",
    ):
        assert client.get(reverse(name))["Location"].startswith(SECURITY), name
        assert client.post(reverse(name))["Location"] == SECURITY, name
    part = client.get("/opgaver/", headers={"HX-Request": "true"})
    assert (part["HX-Redirect"], part.content) == (SECURITY, b"")
    page = client.get(SECURITY).text
    assert "Vælg, hvordan du bekræfter dit login" in page
    assert "Skift adgangskode" not in page


def test_recovery_codes_alone_are_no_second_factor(client, user):
    RecoveryCodes.activate(user)
    client.force_login(user)
    assert client.get("/opgaver/")["Location"].startswith(SECURITY)


def test_a_page_that_is_not_found_is_not_a_way_round(client, user):
    sign_in(client, user)
    assert client.get("/findes-ikke/").status_code == 404
    assert client.get(f"{SECURITY}../deltagere/").status_code in (302, 404)


def test_an_app_is_set_up_without_scripts_and_opens_the_site(client, user):
    sign_in(client, user)
    secret = secret_shown(client.get(APP).text)
    assert "Koden er forkert eller brugt." in client.post(APP, {"code": "000000"}).text
    assert not Authenticator.objects.exists()
    assert client.post(APP, {"code": code_of(secret)})["Location"] == CODES
    assert client.get("/opgaver/").status_code == 200
    assert recorded("second_factor.added") == [{"type": "totp"}]
    assert "mfa.totp.secret" not in client.session


def test_recovery_codes_are_shown_once_and_can_be_kept_as_a_file(client, user):
    sign_in(client, user)
    client.post(APP, {"code": code_of(secret_shown(client.get(APP).text))})
    page = client.get(CODES)
    codes = re.findall(r'<code class="password">(\d{8})</code>', page.text)
    assert len(codes) == len(set(codes)) == 10
    file = re.search(r'download="[\w.-]+" href="data:text/plain;charset=utf-8,([^"]+)"', page.text)[1]
    assert unquote(file).split() == codes
    assert "no-store" in page["Cache-Control"]
    again = client.get(CODES).text
    assert not any(code in again for code in codes)


def test_what_codes_are_made_from_lies_sealed_in_the_database_and_goes_with_the_factor(client, user):
    secret = give_app(user)
    tables = json.dumps(
        [list(Authenticator.objects.values_list("data", flat=True)), str(FactorSecret.objects.values())]
    )
    assert secret not in tables
    assert FactorSecret.objects.count() == 2
    other = make_user()
    give_app(other)
    rows = FactorSecret.objects.order_by("pk")
    FactorSecret.objects.filter(pk=rows[0].pk).update(secret=rows[1].secret.record)
    with pytest.raises(TamperedRecord):
        factor_secrets.read(str(rows[0].pk))
    user.delete()
    other.delete()
    assert not FactorSecret.objects.exists()


# --- Signing in with it ---------------------------------------------------------------------------


def test_the_password_alone_opens_nothing(client, user):
    give_app(user)
    sign_in(client, user)
    assert client.get("/opgaver/")["Location"].startswith(reverse("account_login"))
    assert client.get(reverse("account_login"))["Location"] == CODE


def test_a_code_opens_the_site_and_how_is_recorded(client, user):
    secret = give_app(user)
    sign_in(client, user)
    assert "Koden er forkert eller brugt." in client.post(CODE, {"code": code_of(secret, later=5)}).text
    assert client.post(CODE, {"code": code_of(secret)})["Location"] == "/"
    assert client.get("/opgaver/").status_code == 200
    assert recorded("sign_in.done") == [{"method": "password, totp"}]
    assert recorded("sign_in.failed") == [{"method": "totp"}]


@pytest.mark.parametrize("later", [-1, 0, 1])
def test_a_code_of_a_clock_that_is_half_a_minute_off_works_but_once(user, later, monkeypatch):
    """Also when allauth, which remembers it for half a minute, has forgotten."""
    secret = give_app(user)
    code = code_of(secret, later=later)
    sign_in(first := Client(), user)
    assert first.post(CODE, {"code": code}).status_code == 302
    monkeypatch.setattr("django.core.cache.backends.db.tz_now", lambda: timezone.now() + timedelta(seconds=85))
    sign_in(second := Client(), user)
    assert second.post(CODE, {"code": f"{code[:3]} {code[3:]}"}).status_code == 200


def test_guesses_at_the_code_are_limited_for_the_account_wherever_they_come_from(user):
    secret = give_app(user)
    for n in range(8):
        sign_in(place := Client(REMOTE_ADDR=f"192.0.2.{n}"), user)
        place.post(CODE, {"code": "000000"})
    sign_in(place := Client(), user)
    answer = place.post(CODE, {"code": code_of(secret)})
    assert "Der har været for mange forsøg." in answer.text


def test_a_recovery_code_works_once_and_its_use_is_recorded(user):
    give_app(user)
    code = Authenticator.objects.get(user=user, type="recovery_codes").wrap().get_unused_codes()[0]
    for works in (True, False):
        sign_in(place := Client(), user)
        assert (place.post(CODE, {"code": code}).status_code == 302) == works
    assert recorded("recovery_code.used") == [{}]
    assert recorded("sign_in.done") == [{"method": "password, recovery_codes"}]


def test_what_somebody_else_showed_in_the_same_browser_counts_for_nothing(client, user):
    sign_in(client, user)
    session = client.session
    session[sessions.SECOND_FACTOR] = str(make_user().pk)
    session.save()
    assert client.get("/opgaver/")["Location"].startswith(SECURITY)


def test_a_session_from_before_it_was_asked_for_shows_it_now_and_cannot_add_another_instead(client, user):
    secret = give_app(user)
    client.force_login(user)
    for name in ("exports:tasks", "mfa_index", "mfa_add_webauthn"):
        assert client.get(reverse(name))["Location"].startswith(reverse("mfa_reauthenticate"))
    page = reverse("mfa_reauthenticate")
    assert client.post(f"{page}?next=/opgaver/", {"code": code_of(secret)})["Location"] == "/opgaver/"
    assert client.get("/opgaver/").status_code == 200


# --- Afterwards -----------------------------------------------------------------------------------


def test_the_last_second_factor_is_not_removed(client, user):
    sign_in_fully(client, user)
    page = reverse("mfa_deactivate_totp")
    assert "Tilføj en anden, før du fjerner denne." in client.get(page).text
    client.post(page)
    assert Authenticator.objects.filter(user=user, type="totp").exists()
    passkey = Authenticator.objects.create(user=user, type="webauthn", data={"name": "Telefon"})
    remove = reverse("mfa_remove_webauthn", args=[passkey.pk])
    Authenticator.objects.filter(user=user, type="totp").delete()
    client.post(remove)
    assert Authenticator.objects.filter(pk=passkey.pk).exists()


def test_where_none_is_asked_for_it_may_be_removed_and_with_it_the_recovery_codes(client, user, settings):
    sign_in_fully(client, user)
    settings.SECOND_FACTOR = False
    client.post(reverse("mfa_deactivate_totp"))
    assert not Authenticator.objects.filter(user=user).exists()
    assert recorded("second_factor.removed") == [{"type": "totp"}]


def test_new_recovery_codes_end_the_old_ones(client, user):
    sign_in_fully(client, user)
    old = Authenticator.objects.get(user=user, type="recovery_codes").wrap().get_unused_codes()
    assert client.post(NEW_CODES)["Location"] == CODES
    new = Authenticator.objects.get(user=user, type="recovery_codes").wrap().get_unused_codes()
    assert not set(old) & set(new)
    assert recorded("recovery_codes.made") == [{}]


def test_what_belongs_to_sign_in_is_changed_by_who_proved_it_a_moment_ago_only(client, user, monkeypatch):
    secret = sign_in_fully(client, user)
    an_hour_ago(client)
    for name in ("mfa_add_webauthn", "mfa_generate_recovery_codes", "mfa_deactivate_totp"):
        assert client.get(reverse(name))["Location"].startswith(reverse("account_reauthenticate")), name
    page = f"{reverse('account_reauthenticate')}?next={NEW_CODES}"
    assert "Adgangskoden er forkert." in client.post(page, {"password": "forkert"}).text
    assert client.post(page, {"password": PASSWORD})["Location"] == NEW_CODES
    assert client.get(NEW_CODES).status_code == 200
    assert secret


def an_hour_ago(client: Client) -> None:
    """Every proof in the session is as old as that."""
    session = client.session
    for record in session["account_authentication_methods"]:
        record["at"] -= 3600
    session.save()


def test_pages_of_ones_own_security_speak_danish(client, user):
    sign_in_fully(client, user)
    for name in (
        "mfa_index",
        "mfa_add_webauthn",
        "mfa_generate_recovery_codes",
        "usersessions_list",
        "mfa_reauthenticate",
    ):
        page = client.get(reverse(name)).text
        for english in (
            "Authenticator",
            "Recovery",
            "Security Key",
            "Sign In",
            "Master key",
            "Passwordless",
            "placeholder",
        ):
            assert english not in page.replace("Microsoft Authenticator", "").replace("Google Authenticator", ""), name
        assert "<script>" not in page
