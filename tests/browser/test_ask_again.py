"""Asking somebody again: a locked identity on a phone, a yes, and a no that weighs as much."""

from datetime import date

import pytest
from django.urls import reverse
from django.utils.timezone import localdate
from playwright.sync_api import expect

from collection.models import Participant
from consent.actions.publish import publish_examples
from consent.models import Decision, Kind
from tests.factories.cast import (
    make_activity,
    make_identity,
    make_name_identity,
    make_participant,
    make_plan,
    make_user,
)
from tests.plugins.browser import DESKTOP, PHONE, assert_accessible, assert_fits, screenshot

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.slow]


@pytest.fixture
def activity(live_server):
    publish_examples(None)
    plan = make_plan("Kvarteret ved Søen")
    return make_activity(plan, name="Familiecafé om torsdagen", responsible=make_user("staff", plan, name="Mette Sand"))


def grown_up(activity, identity=None) -> Participant:
    """Somebody whose consent by a guardian lapsed some months ago."""
    today = localdate()
    born = date(today.year - 18, today.month, 1) if today.month != 1 else date(today.year - 19, 12, 1)
    return make_participant(activity, identity or make_identity(born=born, working_name="Cabdi"), role="child")


def address(name: str, *arguments) -> str:
    return reverse(f"consent:{name}", args=arguments)


def test_a_locked_identity_is_unlocked_by_a_yes_on_a_phone(visit, activity):
    person = grown_up(activity)
    page = visit(activity.responsible)
    page.goto(address("participant", person.pk))
    expect(page.get_by_text("Vis CPR-nummer")).to_have_count(0)
    assert_accessible(page)
    for width in (PHONE, DESKTOP):
        page.set_viewport_size({"width": width, "height": 900})
        assert_fits(page)
        screenshot(page, "locked")
    page.set_viewport_size({"width": PHONE, "height": 900})
    page.get_by_role("link", name="Spørg igen").first.click()
    assert not page.get_by_label("Ja, der gives samtykke").is_checked()
    assert not page.get_by_label("Nej, der gives ikke samtykke").is_checked()
    expect(page.locator("#id_method_0")).to_be_hidden()
    page.get_by_text("Læs teksten").locator("visible=true").click()
    page.get_by_role("heading", name="Du bestemmer selv").wait_for()
    screenshot(page, "ask-again-read")
    page.get_by_role("button", name="Gem svaret").click()
    page.get_by_role("link", name="Vælg, hvad svaret er.").wait_for()
    screenshot(page, "ask-again-errors")
    page.get_by_label("Ja, der gives samtykke").check()
    page.get_by_label("Underskrevet på papir").check()
    assert_accessible(page)
    for width in (PHONE, DESKTOP):
        page.set_viewport_size({"width": width, "height": 900})
        assert_fits(page)
        screenshot(page, "ask-again-yes")
    page.get_by_role("button", name="Gem svaret").click()
    page.get_by_text("Det nye samtykke er gemt.").wait_for()
    expect(page.get_by_text("Vis CPR-nummer")).to_have_count(1)
    assert_accessible(page)
    screenshot(page, "ask-again-done")
    page.set_viewport_size({"width": DESKTOP, "height": 900})
    screenshot(page, "ask-again-done")


def test_a_no_takes_no_more_than_a_yes_and_ends_at_a_receipt(visit, activity):
    person = grown_up(activity)
    page = visit(activity.responsible)
    page.goto(address("ask_again", person.pk))
    page.get_by_label("Nej, der gives ikke samtykke").check()
    page.get_by_text("Det sker, når du gemmer et nej").wait_for()
    expect(page.locator("#id_method_0")).to_be_hidden()
    assert_accessible(page)
    assert_fits(page)
    screenshot(page, "ask-again-no")
    page.get_by_role("button", name="Gem svaret").click()
    page.wait_for_url(lambda url: "spoerg-igen" not in url)
    assert Decision.objects.latest("pk").kind == Kind.REFUSED
    assert Participant.ungated.get(pk=person.pk).erased_at
    assert_accessible(page)
    screenshot(page, "ask-again-refused")


def test_without_scripts_both_answers_can_be_given(visit, activity):
    person = make_participant(activity, make_name_identity())
    page = visit(activity.responsible, java_script_enabled=False)
    page.goto(address("ask_again", person.pk))
    screenshot(page, "ask-again-no-script")
    page.get_by_label("Nej, der gives ikke samtykke").check()
    page.get_by_role("button", name="Gem svaret").click()
    assert Participant.ungated.get(pk=person.pk).erased_at
