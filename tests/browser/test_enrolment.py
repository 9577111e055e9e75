"""Enrolment at a kitchen table: the pages of staff on a phone and on a desk, with scripts and without."""

import re
from datetime import date

import pytest
from django.urls import reverse
from playwright.sync_api import expect

from collection.models import Participant, Participation
from consent.actions.publish import publish_examples
from consent.models import Decision, Outcome
from consent.queries import tally_sum
from tests.factories.cast import (
    cpr_text,
    make_activity,
    make_estimate,
    make_identity,
    make_name_identity,
    make_participation,
    make_plan,
    make_user,
)
from tests.factories.forms import passing_number
from tests.plugins.browser import DESKTOP, PHONE, assert_accessible, assert_fits, fill_date, screenshot

pytestmark = pytest.mark.django_db(transaction=True)
DOUBTFUL = cpr_text(date(1981, 7, 7))


@pytest.fixture
def activity(live_server):
    publish_examples(None)
    plan = make_plan("Kvarteret ved Søen")
    mette = make_user("staff", plan, name="Mette Sand")
    activity = make_activity(
        plan, name="Familiecafé om torsdagen", start=date(2014, 2, 1), end=date(2016, 12, 16), responsible=mette
    )
    for place, precision in enumerate(("day", "month", "year") * 9):
        make_participation(activity, start=date(2014, 2 + place % 10, 3 + place), precision=precision)
    make_participation(activity, make_name_identity(), start=date(2015, 3, 3))
    make_participation(activity, make_identity(born=date(2007, 5, 5)), start=date(2016, 1, 4), role="child")
    make_estimate(activity, 2015, 25)
    return activity


def address(name: str, *arguments) -> str:
    return reverse(f"consent:{name}", args=arguments)


def test_enrolment_by_number_on_a_phone(visit, activity):
    page = visit(activity.responsible)
    page.goto(address("activity", activity.pk))
    page.get_by_role("link", name="Registrér deltager").click()
    page.get_by_label("CPR-nummer", exact=True).first.wait_for()
    expect(page.locator("#id_name")).to_be_hidden()
    expect(page.locator("#id_guardian_relation_0")).to_be_hidden()
    page.get_by_text("Læs teksten").locator("visible=true").click()
    page.get_by_role("heading", name="Du bestemmer selv").wait_for()
    page.get_by_label("Underskrevet på papir").check()
    page.fill("#id_cpr", DOUBTFUL[:7])
    page.get_by_text("Der mangler 3 cifre.").wait_for()
    page.fill("#id_cpr", DOUBTFUL)
    page.get_by_text("født 7. juli 1981").wait_for()
    page.get_by_label("Skriv CPR-nummeret igen").wait_for()
    assert_accessible(page)
    assert_fits(page)
    screenshot(page, "enrolment-typed")

    page.fill("[name=start_year]", "2015")
    page.get_by_label("Mor", exact=True).locator("visible=true").check()
    page.get_by_role("button", name="Gem deltager").click()
    page.get_by_role("heading", name="Se efter, før du gemmer").wait_for()
    assert page.title().startswith("Se efter")
    assert page.input_value("#id_cpr") == DOUBTFUL
    assert_accessible(page)
    screenshot(page, "enrolment-asked")

    page.fill("#id_cpr_again", DOUBTFUL)
    page.get_by_label("Kaldenavn").fill("Bodil Ærenlund")
    page.get_by_role("button", name="Gem deltager").click()
    page.get_by_text("Deltagelsen i Familiecafé om torsdagen er gemt.").wait_for()
    expect(page.get_by_text(f"{DOUBTFUL[:6]}-••••")).to_be_visible()
    assert_accessible(page)
    assert_fits(page)
    screenshot(page, "enrolment-saved")
    page.get_by_role("link", name="Registrér en til").click()
    page.wait_for_url(f"**{address('enrol', activity.pk)}")
    assert page.input_value("#id_cpr") == ""


def test_the_second_field_is_there_while_typing_so_that_one_press_saves(visit, activity):
    page = visit(activity.responsible)
    page.goto(address("enrol", activity.pk))
    page.get_by_label("Mundtligt med vidne").check()
    page.locator("#id_cpr").press_sequentially(DOUBTFUL, delay=20)
    page.get_by_label("Skriv CPR-nummeret igen").fill(DOUBTFUL)
    page.fill("[name=start_year]", "2015")
    page.locator("#id_role_1").check()
    page.get_by_role("button", name="Gem deltager").click()
    page.get_by_text("er gemt.").wait_for()


def test_a_child_by_name_with_a_guardians_consent(visit, activity):
    page = visit(activity.responsible)
    page.goto(address("enrol", activity.pk))
    page.get_by_label("Forælder eller værge, for et barn under 15 år").check()
    page.get_by_role("group", name="Den, der giver samtykke, er barnets").get_by_label("Far").check()
    page.select_option("#id_wording", "en")
    page.get_by_text("Læs teksten").locator("visible=true").click()
    page.get_by_text("information about your child in an evaluation").wait_for()
    page.get_by_label("Digitalt").check()
    page.get_by_label("Navn, fødselsdato og adresse").check()
    expect(page.locator("#id_cpr")).to_be_hidden()
    page.get_by_label("Fulde navn").fill("ግርማይ ተስፋይ")
    fill_date(page, "birth_date", date(2019, 6, 2))
    page.get_by_label("Adresse", exact=True).fill("Birkevænget 7, 8000 Aarhus C")
    fill_date(page, "residence_date", date(2020, 1, 1))
    fill_date(page, "decided_on", date(2021, 1, 1))
    page.fill("[name=start_year]", "2015")
    page.get_by_role("group", name="Rolle i familien").get_by_label("Barn").check()
    page.get_by_role("button", name="Gem deltager").click()
    page.get_by_role("link", name=re.compile("Datoen ligger før personens fødsel")).click()
    expect(page.locator("[name=start_day]")).to_be_focused()
    assert_accessible(page)
    screenshot(page, "enrolment-error")
    activity.end = None
    activity.save()
    page.fill("[name=start_year]", "2020")
    page.get_by_role("button", name="Gem deltager").click()
    page.get_by_text("er gemt.").wait_for()
    decision = Decision.objects.latest("pk")
    assert (decision.guardian_relation, decision.text.language) == ("father", "en")
    assert decision.lapses_on == date(2037, 6, 2)


def test_the_whole_way_without_scripts(visit, activity):
    page = visit(activity.responsible, java_script_enabled=False)
    page.goto(address("enrol", activity.pk))
    expect(page.locator("#id_name")).to_be_visible()
    screenshot(page, "enrolment-without-scripts")
    page.get_by_label("Underskrevet på papir").check()
    page.fill("#id_cpr", DOUBTFUL)
    page.fill("[name=start_year]", "2015")
    page.locator("#id_role_0").check()
    page.get_by_role("button", name="Gem deltager").click()
    page.get_by_role("link", name=re.compile("Kontrolcifret passer ikke")).click()
    page.fill("#id_cpr_again", DOUBTFUL)
    page.get_by_role("button", name="Gem deltager").click()
    page.get_by_text("er gemt.").wait_for()

    page.get_by_text("Vis CPR-nummer").click()
    page.get_by_role("button", name="Vis nummeret").click()
    expect(page.get_by_text(f"{DOUBTFUL[:6]}-{DOUBTFUL[6:]}")).to_be_visible()
    page.get_by_role("link", name="Luk").click()
    page.get_by_role("link", name="Træk samtykke tilbage").click()
    page.get_by_role("button", name="Træk samtykket tilbage").click()
    page.get_by_role("heading", name="Samtykket er trukket tilbage").wait_for()


def test_no_thanks_leads_to_a_count_that_takes_a_thumb(visit, activity):
    page = visit(activity.responsible)
    page.goto(address("enrol", activity.pk))
    page.get_by_role("link", name="Tæl én uden samtykke").click()
    button = page.get_by_role("button", name="Én til: Sagde nej")
    assert button.bounding_box()["height"] >= 56
    button.click()
    page.locator("#counts output", has_text="1").wait_for()
    page.get_by_role("button", name="Én til: Sagde nej").click()
    page.locator("#counts output", has_text="2").wait_for()
    page.get_by_role("button", name="Én færre: Sagde nej").click()
    page.locator("#counts output", has_text="1").wait_for()
    assert tally_sum(activity, 2016, Outcome.REFUSED) == 1
    assert_accessible(page)
    assert_fits(page)
    screenshot(page, "count")


def test_a_number_is_shown_in_place_and_gone_with_the_page(visit, activity):
    identity = make_identity(working_name="Bodil Ærenlund")
    person = make_participation(activity, identity).participant
    digits = identity.cpr.digits
    page = visit(activity.responsible)
    page.goto(address("participant", person.pk))
    page.get_by_text("Vis CPR-nummer").click()
    page.get_by_role("button", name="Vis nummeret").click()
    page.get_by_text(f"{digits[:6]}-{digits[6:]}").wait_for()
    assert_accessible(page)
    page.reload()
    assert digits[6:] not in page.content()


@pytest.mark.slow
def test_who_is_registered_already_is_added_to_after_a_confirmation(visit, activity):
    number = passing_number()
    page = visit(activity.responsible)
    for confirm in (False, True):
        page.goto(address("enrol", activity.pk))
        page.get_by_label("Underskrevet på papir").check()
        page.fill("#id_cpr", number)
        page.fill("[name=start_year]", "2015" if confirm else "2014")
        page.locator("#id_role_0").check()
        page.get_by_role("button", name="Gem deltager").click()
        if confirm:
            page.get_by_role("link", name="Personen er allerede registreret").click()
            assert_accessible(page)
            screenshot(page, "enrolment-registered")
            page.get_by_label("Tilføj deltagelsen til den, der allerede er registreret").check()
            page.get_by_role("button", name="Gem deltager").click()
        page.get_by_text("er gemt.").wait_for()
    person = Participant.ungated.latest("registered_at")
    assert Participation.ungated.filter(participant=person).count() == 2


@pytest.mark.slow
@pytest.mark.parametrize("width", [PHONE, DESKTOP])
def test_every_page_is_accessible_and_fits(visit, activity, width):
    person = make_participation(activity, make_name_identity()).participant
    page = visit(activity.responsible, width)
    pages = {
        "activity": [activity.pk],
        "enrol": [activity.pk],
        "count": [activity.pk],
        "participants": [],
        "participant": [person.pk],
        "withdraw": [person.pk],
    }
    for name, arguments in pages.items():
        page.goto(address(name, *arguments))
        assert_accessible(page)
        assert_fits(page)
        screenshot(page, f"consent-{name}")
    page.get_by_role("button", name="Træk samtykket tilbage").click()
    page.get_by_role("heading", name="Samtykket er trukket tilbage").wait_for()
    assert_accessible(page)
    screenshot(page, "consent-withdrawn")
