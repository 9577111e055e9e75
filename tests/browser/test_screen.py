"""A participant reads, answers and signs on the staff's phone; nothing else of the site is within reach."""

import re
from datetime import date

import pytest
from django.urls import reverse
from django.utils.timezone import localdate
from playwright.sync_api import expect

from consent.actions.proofs import open_proof
from consent.actions.publish import publish_examples
from consent.models import Decision, Outcome, Proof, ScreenAnswer
from consent.models.texts import LANGUAGES
from consent.queries import tally_sum
from consent.screen_words import WORDS
from tests.factories.cast import PASSWORD, make_activity, make_participant, make_plan, make_text, make_user
from tests.factories.forms import passing_number
from tests.plugins.browser import DESKTOP, PHONE, SIGNATURE, assert_accessible, assert_fits, draw, screenshot

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.slow]


@pytest.fixture(autouse=True)
def folder(settings, tmp_path):
    settings.DATA_DIR = tmp_path


@pytest.fixture
def activity(live_server):
    publish_examples(None)
    for language in LANGUAGES:
        make_text(language=language)  # where there is no example yet
    plan = make_plan("Kvarteret ved Søen", end=localdate())
    mette = make_user("staff", plan, name="Mette Sand")
    activity = make_activity(plan, name="Familiecafé om torsdagen", start=date(2014, 2, 1), end=None, responsible=mette)
    make_participant(activity)
    return activity


@pytest.fixture
def device(open_browser, activity):
    """`device(width, **options)`: a page on which the activity's staff have signed in with their password."""

    def open_(width: int = PHONE, **options):
        page = open_browser(width, **({"has_touch": True, "is_mobile": True} if width == PHONE else {}) | options)
        page.goto("/log-ind/")
        page.fill("#id_login", activity.responsible.username)
        page.fill("#id_password", PASSWORD)
        page.click("main button[type=submit]")
        page.wait_for_url(lambda address: "log-ind" not in address)
        return page

    return open_


def hand_over(page, activity, language: str, *, look: bool = False) -> str:
    """Staff give the device away; returns the address of the participant's page."""
    page.goto(reverse("consent:activity", args=[activity.pk]))
    page.get_by_role("link", name="Spørg på skærmen").click()
    if look:
        assert_accessible(page)
        assert_fits(page)
        screenshot(page, "screen-start")
    page.get_by_label(f"({LANGUAGES[language]})" if language != "da" else "Dansk", exact=False).check()
    page.get_by_role("button", name="Giv enheden til deltageren").click()
    page.wait_for_url("**/skaerm/**")
    return page.url


def test_enrolment_in_arabic_with_a_signature_by_finger(device, activity):
    page = device()
    hand_over(page, activity, "ar", look=True)
    words = WORDS["ar"]
    assert page.locator("html").get_attribute("dir") == "rtl"
    yes, no = page.get_by_role("button", name=words.yes, exact=True), page.get_by_role("button", name=words.no)
    look = "element => { const {width, height} = element.getBoundingClientRect(); const s = getComputedStyle(element);"
    look += " return [width, height, s.color, s.backgroundColor, s.fontWeight, s.fontSize, s.border] }"
    assert yes.evaluate(look) == no.evaluate(look)
    page.get_by_text(words.danish).click()
    expect(page.locator(".wording [lang=da]")).to_be_visible()
    assert_accessible(page)
    assert_fits(page)

    yes.click()
    page.wait_for_url("**/underskrift/")
    done = page.get_by_role("button", name=words.done)
    assert done.is_disabled()
    scrolled = page.evaluate("scrollY")
    draw(page, *SIGNATURE)
    assert page.evaluate("scrollY") == scrolled  # the finger draws, it doesn't push the page
    assert_accessible(page)
    assert_fits(page)
    screenshot(page, "screen-signed-ar")
    page.get_by_role("button", name=words.clear).click()
    assert done.is_disabled()
    draw(page, *SIGNATURE)
    done.click()
    page.get_by_role("heading", name=words.thanks).wait_for()
    assert_accessible(page)
    screenshot(page, "screen-thanks-ar")

    page.get_by_role("link", name="Medarbejder: lås op").click()
    page.get_by_label("Adgangskode").fill("forkert adgangskode")
    page.get_by_role("button", name="Lås op").click()
    page.get_by_text("Adgangskoden er forkert. Prøv igen.").first.wait_for()
    assert_accessible(page)
    assert_fits(page)
    screenshot(page, "screen-unlock")
    page.get_by_label("Adgangskode").fill(PASSWORD)
    page.get_by_role("button", name="Lås op").click()

    page.get_by_role("heading", name="Registrér deltager").wait_for()
    expect(page.get_by_text("Skrevet på skærmen")).to_be_visible()
    expect(page.get_by_text("Arabisk")).to_be_visible()
    page.fill("#id_cpr", passing_number())
    page.fill("[name=start_year]", "2015")
    page.get_by_label("Mor", exact=True).locator("visible=true").check()
    assert_accessible(page)
    assert_fits(page)
    screenshot(page, "screen-enrol")
    page.get_by_role("button", name="Gem deltager").click()
    page.get_by_text("er gemt.").wait_for()

    decision = Decision.objects.latest("pk")
    assert (decision.text.language, decision.method, decision.decided_on) == ("ar", "digital", localdate())
    with open_proof(by=activity.responsible, proof=Proof.objects.get(decision=decision)) as plain:
        path = re.search(r' d="([^"]+)"', plain.read().decode())[1]
    assert path.count("M") == 3
    assert path.startswith("M200 250L300 100")
    assert re.fullmatch(r"[ML0-9 ]+", path)


def test_no_way_leads_out_until_the_password_is_typed(device, activity):
    page = device()
    other = page.context.new_page()
    other.goto(reverse("consent:activity", args=[activity.pk]))
    page.goto("/aktiviteter/")
    page.goto("/deltagere/")
    own = hand_over(page, activity, "da")
    other.wait_for_url(own)  # the names that stood in the other tab are gone
    for address in ("/", "/deltagere/", "/log-ud/", "/findes-ikke/"):
        for tab in (page, other):
            tab.goto(address)
            assert tab.url == own
    while page.go_back():
        assert page.url == own
        expect(page.get_by_role("button", name=WORDS["da"].no)).to_be_visible()
    page.goto(own)
    cookie = next(cookie for cookie in page.context.cookies() if cookie["name"] == "csrftoken")["value"]
    for address in ("/log-ud/", "/adgangskode/", "/sprog/setlang/"):
        response = page.request.post(address, form={"csrfmiddlewaretoken": cookie}, headers={"Referer": own})
        assert response.url == own
    page.get_by_role("button", name=WORDS["da"].no).dblclick()
    page.get_by_text(WORDS["da"].said_no).wait_for()
    for wrong in ("", "forkert"):
        page.goto(f"{own}laas-op/")
        page.get_by_label("Adgangskode").fill(wrong)
        page.get_by_role("button", name="Lås op").click()
        page.locator(".error-summary").wait_for()
        other.goto("/deltagere/")
        assert other.url == own
    page.get_by_label("Adgangskode").fill(PASSWORD)
    page.get_by_role("button", name="Lås op").click()
    page.get_by_text("Svaret var nej.").wait_for()
    assert tally_sum(activity, localdate().year, Outcome.REFUSED) == 1
    other.goto("/deltagere/")
    assert other.url.endswith("/deltagere/")


def test_without_scripts_a_yes_goes_on_with_staff_and_a_mouse_signs_too(device, activity):
    page = device(DESKTOP, java_script_enabled=False)
    hand_over(page, activity, "en")
    page.get_by_role("button", name=WORDS["en"].yes).click()
    expect(page.get_by_text(WORDS["en"].with_staff)).to_be_visible()
    expect(page.locator("canvas")).to_be_hidden()
    page.get_by_role("button", name=WORDS["en"].done).locator("visible=true").click()
    page.get_by_role("heading", name=WORDS["en"].thanks).wait_for()
    assert ScreenAnswer.objects.get().signature is None

    page = device(DESKTOP)
    hand_over(page, activity, "en")
    page.get_by_role("button", name=WORDS["en"].yes).click()
    frame = page.locator("canvas").bounding_box()
    page.mouse.move(frame["x"] + 100, frame["y"] + 100)
    page.mouse.down()
    page.mouse.move(frame["x"] + 300, frame["y"] + 50, steps=5)
    page.mouse.up()
    page.get_by_role("button", name=WORDS["en"].done).click()
    page.get_by_role("heading", name=WORDS["en"].thanks).wait_for()
    assert ScreenAnswer.objects.latest("started_at").signature is not None


def test_by_keyboard_alone_one_can_answer_without_a_signature(device, activity):
    page = device(DESKTOP)
    hand_over(page, activity, "en")
    press(page, WORDS["en"].yes)
    page.locator("canvas").wait_for()
    press(page, WORDS["en"].cannot_sign)
    page.get_by_role("heading", name=WORDS["en"].thanks).wait_for()
    assert ScreenAnswer.objects.get().answer == "yes"


def press(page, button: str) -> None:
    for _ in range(12):
        page.keyboard.press("Tab")
        if page.evaluate("document.activeElement.textContent") == button:
            return page.keyboard.press("Enter")
    raise AssertionError(f"{button} can't be reached by keyboard")


@pytest.mark.parametrize(
    ("language", "width"), [("da", PHONE), ("ur", PHONE), ("ti", PHONE), ("uk", PHONE), ("ar", DESKTOP)]
)
def test_the_pages_fit_and_are_accessible_in_every_script(device, activity, language, width):
    page = device(width)
    hand_over(page, activity, language)
    screenshot(page, f"screen-read-{language}")
    assert_accessible(page)
    assert_fits(page)
    page.get_by_role("button", name=WORDS[language].yes, exact=True).click()
    page.locator("canvas").wait_for()
    assert_accessible(page)
    assert_fits(page)
    screenshot(page, f"screen-sign-{language}")
