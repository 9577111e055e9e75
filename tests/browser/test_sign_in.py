"""Signing in as people do it: a passkey of Chromium's own, an app's codes without scripts, and how the pages look."""

import json

import pytest
from django.urls import reverse
from playwright.sync_api import expect

from accounts.permissions import Role
from audit.models import Event
from tests.factories.cast import PASSWORD, make_activity, make_participant, make_plan, make_user
from tests.factories.second_factor import code_of, give_app
from tests.plugins.browser import DESKTOP, PHONE, assert_accessible, assert_fits, button, link, screenshot


@pytest.fixture(autouse=True)
def second_factor(settings):
    settings.SECOND_FACTOR = settings.STEP_UP = True


@pytest.fixture
def user(live_server):
    return make_user(Role.COORDINATOR, make_plan(), name="Karen Møller")


def seen(page, name: str) -> None:
    assert_accessible(page)
    assert_fits(page)
    screenshot(page, name)


def type_password(page, user) -> None:
    page.goto("/log-ind/")
    page.get_by_label("Brugernavn").fill(user.username)
    page.get_by_label("Adgangskode").fill(PASSWORD)
    page.keyboard.press("Enter")


def give_passkeys(page, *, verifies: bool = True):
    """A security module as in a telephone, which says yes by itself; `answer(False)` makes it say no."""
    session = page.context.new_cdp_session(page)
    session.send("WebAuthn.enable")
    options = {
        "protocol": "ctap2", "transport": "internal", "hasResidentKey": True, "hasUserVerification": True,
        "isUserVerified": verifies, "automaticPresenceSimulation": True,
    }  # fmt: skip
    module = session.send("WebAuthn.addVirtualAuthenticator", {"options": options})["authenticatorId"]

    def verify(yes: bool) -> None:
        session.send("WebAuthn.setUserVerified", {"authenticatorId": module, "isUserVerified": yes})

    return verify


@pytest.mark.slow
@pytest.mark.parametrize("width", [PHONE, DESKTOP])
def test_a_passkey_is_set_up_at_the_first_sign_in_and_is_then_enough_by_itself(open_browser, user, width):
    page = open_browser(width)
    verify = give_passkeys(page)
    type_password(page, user)
    page.get_by_role("heading", name="Vælg, hvordan du bekræfter dit login").wait_for()
    seen(page, "security-first")
    link(page, "Tilføj en adgangsnøgle").click()
    page.get_by_label("Navn på adgangsnøglen").fill("Arbejdstelefon")
    seen(page, "passkey-add")
    button(page, "Tilføj adgangsnøglen").focus()
    page.keyboard.press("Enter")
    page.get_by_role("heading", name="Gem dine reservekoder").wait_for()
    seen(page, "recovery-codes")
    with page.expect_download() as download:
        link(page, "Hent koderne som fil").click()
    assert len(download.value.path().read_text().split()) == 10
    link(page, "Jeg har gemt koderne").click()
    page.goto(reverse("mfa_index"))
    page.get_by_text("Arbejdstelefon").wait_for()
    seen(page, "security")

    page.context.clear_cookies()
    page.goto("/log-ind/?next=/deltagere/")
    seen(page, "sign-in")
    verify(False)
    button(page, "Log ind med adgangsnøgle").click()
    page.get_by_text("Adgangsnøglen blev ikke brugt.").wait_for()
    seen(page, "sign-in-passkey-failed")
    verify(True)
    button(page, "Log ind med adgangsnøgle").click()
    page.get_by_role("heading", name="Deltagere", exact=True).wait_for()
    assert page.url.endswith("/deltagere/")
    assert "?" not in page.url
    done = Event.objects.filter(action="sign_in.done").latest("sequence")
    assert (done.actor, json.loads(done.details)) == (str(user.pk), {"method": "webauthn"})


@pytest.mark.slow
def test_a_passkey_confirms_on_the_page_where_it_is_needed(open_browser, user, client, live_server):
    page = open_browser(PHONE)
    give_passkeys(page)
    person = make_participant(make_activity(user.plans.get()))
    type_password(page, user)
    link(page, "Tilføj en adgangsnøgle").click()
    page.get_by_label("Jeg vil kunne logge ind med adgangsnøglen alene").uncheck()
    button(page, "Tilføj adgangsnøglen").click()
    page.get_by_role("heading", name="Gem dine reservekoder").wait_for()
    page.context.clear_cookies()
    type_password(page, user)
    page.get_by_role("heading", name="Bekræft dit login").wait_for()
    seen(page, "second-factor-passkey")
    button(page, "Brug adgangsnøgle").click()
    page.wait_for_url("**/opgaver/")
    forget_proofs(page)
    page.goto(reverse("consent:participant", args=[person.pk]))
    page.get_by_text("Vis CPR-nummer").click()
    page.get_by_label("Hvorfor skal du se hele nummeret?").select_option("correct")
    button(page, "Vis nummeret").click()
    page.get_by_label("Adgangskode").wait_for()
    seen(page, "reveal-confirm")
    button(page, "Brug adgangsnøgle").click()
    page.locator(".figure-number").wait_for()
    assert Event.objects.filter(action="identity.read").count() == 1


def test_before_the_session_ends_it_is_told_and_can_go_on_and_then_the_page_is_left(visit, user, settings):
    settings.SECOND_FACTOR = False
    page = visit(user, PHONE)
    page.clock.install()
    page.goto(reverse("consent:find"))
    page.get_by_label("CPR-nummer", exact=True).first.check()
    warning = page.get_by_text("Du bliver snart logget ud")
    page.clock.fast_forward("54:00")
    expect(warning.first).to_be_hidden()
    page.clock.fast_forward("02:00")
    warning.first.wait_for()
    seen(page, "session-ends")
    with page.expect_response("**/tilgaengelighed/"):
        button(page, "Bliv logget ind").click()
    warning.first.wait_for(state="hidden")
    with page.expect_navigation():
        page.clock.fast_forward("01:01:00")


def forget_proofs(page) -> None:
    """As if an hour had gone by since who is signed in proved it."""
    from django.contrib.sessions.backends.db import SessionStore

    cookie = next(each["value"] for each in page.context.cookies() if each["name"] == "sessionid")
    session = SessionStore(cookie)
    for record in session["account_authentication_methods"]:
        record["at"] -= 3600
    session.save()


def test_without_scripts_a_code_does_and_no_passkey_is_offered(open_browser, user):
    page = open_browser(PHONE, java_script_enabled=False)
    type_password(page, user)
    expect(page.get_by_role("button", name="Log ind med adgangsnøgle")).to_be_hidden()
    link(page, "Tilføj en godkendelsesapp").click()
    screenshot(page, "app-add")
    page.get_by_label("Kode fra appen").fill(code_of(page.locator("code.fingerprint").text_content()))
    button(page, "Tilføj appen").click()
    page.get_by_role("heading", name="Gem dine reservekoder").wait_for()
    link(page, "Jeg har gemt koderne").click()
    page.wait_for_url("**/opgaver/")


@pytest.mark.slow
@pytest.mark.parametrize("width", [PHONE, DESKTOP])
def test_the_other_pages_of_ones_security(open_browser, user, width):
    secret = give_app(user)
    page = open_browser(width)
    type_password(page, user)
    page.get_by_role("heading", name="Bekræft dit login").wait_for()
    seen(page, "second-factor")
    page.get_by_label("Engangskode").fill("000000")
    button(page, "Log ind").click()
    page.locator(".error-summary").wait_for()
    seen(page, "second-factor-wrong")
    page.get_by_label("Engangskode").fill(code_of(secret))
    button(page, "Log ind").click()
    page.wait_for_url("**/opgaver/")
    for name in ("mfa_index", "usersessions_list", "account_change_password", "mfa_deactivate_totp"):
        page.goto(reverse(name))
        seen(page, name)
    for name in ("mfa_generate_recovery_codes", "account_reauthenticate", "mfa_reauthenticate"):
        page.goto(reverse(name))
        seen(page, name)
