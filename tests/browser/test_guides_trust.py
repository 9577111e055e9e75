"""The walks of the guides that are about trust: a second factor, requests of the registered, the log, keys, leaving."""

import pytest
from django.urls import reverse
from playwright.sync_api import expect

from accounts.permissions import Role
from consent import gate
from tests.factories.cast import PASSWORD, make_user
from tests.factories.guide import quarter
from tests.factories.second_factor import code_of
from tests.plugins.browser import DESKTOP, button, link
from tests.plugins.pictures import picture

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.slow]


@pytest.fixture
def here(live_server, settings, tmp_path):
    settings.DATA_DIR = settings.WITNESS_DIR = tmp_path
    with quarter() as made:
        yield made


@pytest.fixture
def dorthe(here):
    return make_user(Role.CONTROLLER, name="Dorthe Holm")


def test_confirming_the_first_sign_in(here, phone, settings):
    settings.SECOND_FACTOR = True
    phone.goto("/log-ind/")
    phone.fill("#id_login", here.mette.username)
    phone.fill("#id_password", PASSWORD)
    button(phone, "Log ind").click()
    add = link(phone, "Tilføj en godkendelsesapp")
    picture(
        phone, "bekraeft-login", until=phone.locator(".security"), mark=[link(phone, "Tilføj en adgangsnøgle"), add]
    )
    add.click()
    phone.get_by_label("Kode fra appen").fill(code_of(phone.locator("code.fingerprint").text_content()))
    button(phone, "Tilføj appen").click()
    expect(phone.get_by_role("heading", level=1)).to_have_text("Gem dine reservekoder")


def test_somebody_asks_to_see_what_is_held(here, dorthe, visit):
    person = gate.in_activity(here.mothers).order_by("participant__registered_at").first().participant
    staff = visit(here.mette)
    staff.goto(reverse("consent:participant", args=[person.pk]))
    link(staff, "Personen vil se, rette eller slette sine oplysninger").click()
    staff.get_by_label("Indsigt:", exact=False).check()
    staff.get_by_label("Har vist legitimation").check()
    picture(staff, "anmodning", mark=button(staff, "Gem anmodningen"))
    button(staff, "Gem anmodningen").click()
    staff.get_by_text("Den dataansvarlige svarer personen.").wait_for()
    page = visit(dorthe, DESKTOP)
    page.goto(staff.url)
    report = button(page, "Hent rapporten (PDF)")
    picture(page, "anmodning-rapport", until=page.locator("section[aria-labelledby=report]"), mark=report)


def test_the_log_the_days_and_the_keys(here, dorthe, visit):
    page = visit(dorthe, DESKTOP)
    page.goto(reverse("audit:events"))
    picture(page, "log", until=page.locator("main tbody tr").nth(5), mark=button(page, "Vis"))
    page.goto(reverse("rights:retention"))
    picture(page, "opbevaring", mark=link(page, "Ret dagen"))
    page.goto(reverse("operations:keys"))
    rows = page.locator("main tbody tr")
    picture(page, "noegler", until=rows.nth(3), mark=rows.first.get_by_role("button"))


def test_a_link_for_a_colleague_and_their_leaving(here, visit):
    page = visit(here.karen, DESKTOP)
    page.goto("/medarbejdere/")
    link(page, "Lene Dahl").click()
    picture(page, "kollega", mark=[link(page, "Nyt link"), link(page, "Fratrådt")])
    link(page, "Fratrådt").click()
    button(page, "Luk kontoen").wait_for()
    picture(page, "fratraadt", mark=button(page, "Luk kontoen"))
