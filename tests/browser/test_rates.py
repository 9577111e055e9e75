"""Consent rates in the browser: a coordinator's own plan, the controller's all plans, by mouse and by keyboard."""

import re
from datetime import date

import pytest
from playwright.sync_api import expect

from accounts.permissions import Role
from consent.actions.count import count_without_consent
from consent.models import Outcome
from tests.factories.cast import make_activity, make_estimate, make_participation, make_plan, make_user
from tests.plugins.browser import DESKTOP, PHONE, assert_accessible, assert_fits, screenshot

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.slow]


@pytest.fixture
def plan():
    """A rate in two years, an activity without an estimate, another plan beside it."""
    plan = make_plan("Helhedsplan Solbakken")
    cafe = make_activity(plan, name="Familiecafé", start=date(2015, 1, 5), end=date(2016, 12, 1))
    for _ in range(6):
        make_participation(cafe)
    for year, estimate in ((2015, 12), (2016, 8)):
        make_estimate(cafe, year, estimate)
    outcome = {"year": 2016, "outcome": Outcome.REFUSED, "change": 1}
    count_without_consent(by=cafe.responsible, activity=cafe, **outcome)
    make_participation(make_activity(plan, name="Mødregruppe", start=date(2016, 1, 5), end=date(2016, 12, 1)))
    make_estimate(make_activity(make_plan("Helhedsplan Aaparken"), start=date(2016, 1, 5)), 2016, 10)
    return plan


def looked_at(page, name: str) -> None:
    assert_accessible(page)
    assert_fits(page)
    screenshot(page, f"rates-{name}")


@pytest.mark.parametrize("width", [DESKTOP, PHONE])
def test_a_coordinator_sees_the_rate_and_mends_an_estimate_that_is_missing(visit, plan, width):
    page = visit(make_user(Role.COORDINATOR, plan), width)
    page.goto("/samtykke/")
    row = page.get_by_role("row").filter(has_text="Familiecafé")
    expect(row).to_contain_text("75 %")
    expect(page.locator(".rate-warning")).to_contain_text("1 skøn mangler.")
    page.get_by_text("Vis tallene").click()
    page.get_by_text("Sådan er tallene gjort op").click()
    looked_at(page, "plan")
    page.get_by_role("link", name="Udvikling år for år").click()
    expect(page.get_by_role("row").filter(has_text="2015").first).to_contain_text("50 %")
    looked_at(page, "plan-trend")
    page.go_back()
    page.get_by_role("row").filter(has_text="Mødregruppe").get_by_role("link", name="Skriv skøn").click()
    expect(page.locator("main")).to_contain_text("Mødregruppe")
    expect(page.locator("#id_year")).to_have_value("2016")


@pytest.mark.parametrize("width", [DESKTOP, PHONE])
def test_the_controller_sees_all_plans_and_nothing_that_points_at_a_person(visit, plan, width):
    page = visit(make_user(Role.CONTROLLER), width)
    page.goto("/samtykke/?year=2016")
    row = page.get_by_role("row").filter(has_text="Helhedsplan Solbakken")
    expect(row.locator("[data-label='Sagde nej']")).to_have_text("under 5")
    looked_at(page, "all")
    with page.expect_download() as download:
        page.get_by_role("link", name="Hent tabellen (CSV)").click()
    assert "under 5" in download.value.path().read_text("utf-8-sig")
    page.get_by_role("link", name="Udvikling år for år").click()
    looked_at(page, "all-trend")
    page.get_by_role("link", name="Tabel", exact=True).click()
    page.get_by_role("link", name="Helhedsplan Solbakken", exact=True).click()
    expect(page.get_by_text("Du har ikke adgang til planerne")).to_be_visible()
    expect(page.get_by_role("link", name=re.compile("^Familiecafé"))).to_have_count(0)  # nor to their participants


def test_the_pages_are_used_by_keyboard_alone(visit, plan):
    page = visit(make_user(Role.COORDINATOR, plan), DESKTOP)
    page.goto("/samtykke/")
    page.get_by_label("Vis efter").focus()
    page.keyboard.press("ArrowDown")
    reach(page, page.locator("main form button").first)
    page.keyboard.press("Enter")
    expect(page.get_by_role("heading", name="Efter aktivitetstype")).to_be_visible()
    reach(page, page.get_by_text("Sådan er tallene gjort op"))
    page.keyboard.press("Enter")
    expect(page.get_by_text("Deltagere i alt er koordinatorens seneste skøn.")).to_be_visible()
    page.goto("/samtykke/")
    reach(page, page.get_by_role("link", name="Udvikling år for år"))
    page.keyboard.press("Enter")
    reach(page, page.get_by_role("region", name="Andel med samtykke år for år"))  # a wide table is scrolled by arrows


def reach(page, target) -> None:
    """By the Tab key from where one is, and one sees where that is."""
    target.wait_for()
    for _ in range(60):
        page.keyboard.press("Tab")
        if target.evaluate("element => element === document.activeElement"):
            break
    expect(target).to_be_focused()
    seen = "element => [getComputedStyle(element).outlineStyle, getComputedStyle(element).boxShadow]"
    assert target.evaluate(seen) != ["none", "none"]
