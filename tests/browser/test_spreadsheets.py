"""A coordinator imports a spreadsheet with every fault there is: each is told, mended on the page, and written."""

from datetime import date

import pytest
from django.urls import reverse
from playwright.sync_api import expect

from collection.cpr import parse
from collection.models import Participant, Participation
from consent.actions.enrol import CprIdentity
from consent.actions.publish import publish_examples
from spreadsheets.models import Finding, Row, Spreadsheet
from tests.factories.cast import make_activity, make_participation, make_plan, make_user
from tests.factories.deliveries import run_jobs
from tests.factories.faulty_spreadsheet import faulty_workbook, number, place
from tests.plugins.browser import DESKTOP, PHONE, assert_accessible, screenshot

pytestmark = pytest.mark.django_db(transaction=True)
XLSX = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"


@pytest.fixture
def activity(live_server):
    publish_examples(None)
    plan = make_plan("Kvarteret ved Søen")
    activity = make_activity(
        plan, name="Familiecafé om torsdagen", start=date(2014, 2, 1), end=date(2016, 12, 16), age_from=18, age_to=60
    )
    known = CprIdentity(parse(number(19), date.today()), "Kendt Deltager", check_digit_confirmed=True)
    make_participation(activity, known, start=date(2015, 3, 3))
    return activity


@pytest.fixture
def visit(open_browser, activity, client, live_server):
    coordinator = make_user("coordinator", activity.plan, name="Karim Koordinator")

    def open_(width: int = DESKTOP, *, scripts: bool = True):
        client.force_login(coordinator)
        page = open_browser(width, java_script_enabled=scripts)
        session = {"name": "sessionid", "value": client.cookies["sessionid"].value, "url": live_server.url}
        page.context.add_cookies([session])
        return page

    return open_


def send(page, activity) -> Spreadsheet:
    page.goto(reverse("spreadsheets:spreadsheets"))
    page.get_by_role("link", name="Send et regneark").click()
    file = {"name": "deltagere.xlsx", "mimeType": XLSX, "buffer": faulty_workbook(activity.name)}
    page.set_input_files("#id_file", file)
    screenshot(page, "import-upload")
    page.get_by_role("button", name="Send filen").click()
    return Spreadsheet.objects.get()


def test_a_spreadsheet_with_every_fault(visit, activity):
    page, phone = visit(DESKTOP), visit(PHONE)
    spreadsheet = send(page, activity)
    run_jobs()
    expect(page.get_by_role("heading", name="Vælg ark")).to_be_visible()  # the page found out by itself
    screenshot(page, "import-sheet")
    page.get_by_label("Deltagere 2016").check()
    page.get_by_role("button", name="Læs arket").click()
    run_jobs()
    expect(page.get_by_role("heading", name="Vælg kolonner")).to_be_visible()
    expect(page.get_by_text("skjult række")).to_be_visible()
    for at, name in ((page, "import-match"), (phone, "import-match")):
        at.goto(reverse("spreadsheets:match", args=[spreadsheet.pk]))
        screenshot(at, name)
        assert_accessible(at)
    page.get_by_role("button", name="Kontrollér rækkerne").click()
    expect(page.locator(".error-summary, .alert-error").first).to_be_visible()  # what holds for the whole file
    screenshot(page, "import-match-errors")
    page.select_option("#id_all_method", "paper")
    page.select_option("#id_all_wording", "da")
    page.select_option("#id_all_obtained_by", label="Karim Koordinator")
    page.get_by_role("button", name="Kontrollér rækkerne").click()
    screenshot(page, "import-progress")
    run_jobs()
    expect(page.get_by_role("heading", name="Se rækkerne efter")).to_be_visible()
    for at in (page, phone):
        at.goto(reverse("spreadsheets:preview", args=[spreadsheet.pk]))
        screenshot(at, "import-preview")
        assert_accessible(at)
    found = {
        fault: set(Finding.objects.filter(row__number=place(fault)).values_list("code", flat=True))
        for fault in __import__("tests.factories.faulty_spreadsheet", fromlist=["FAULTS"]).FAULTS
    }
    print(found)
