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
from tests.factories.faulty_spreadsheet import FAULTS, FIRST, faulty_workbook, number, place
from tests.plugins.browser import DESKTOP, PHONE, assert_accessible, screenshot

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.slow]
TOLD = {
    "lost zero": {"cpr_lost_zero"},
    "scientific": {"cpr_scientific"},
    "two-digit year": {"date_two_digit_year"},
    "serial": {"serial_date"},
    "American": {"date_month_first"},
    "mixed scripts": {"mixed_scripts"},
    "formula": {"formula"},
    "unknown activity": {"activity_unknown"},
    "future": {"decided_in_future"},
    "twice again": {"duplicate"},
    "child": {"guardian_relation_missing", "outside_target"},
    "outside target": {"outside_target"},
    "no address": {"address_missing"},
    "registered": {"registered"},
}
NO_CONSENT = {"no consent", "nothing about consent"}
MENDED: dict[str, dict[str, str]] = {
    "scientific": {"cpr": number(21)},
    "two-digit year": {"start": "03-04-2016"},
    "serial": {},
    "American": {"start": "13-04-2016"},
    "mixed scripts": {"name": "Karim Sand"},
    "formula": {"name": "Karla Sand"},
    "future": {"decided_on": "01-04-2016"},
    "twice again": {},
    "child": {"guardian_relation": "mor"},
    "outside target": {},
    "no address": {},
}
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


def work(page) -> None:
    """The worker does what the page has asked for."""
    expect(page.locator("#progress")).to_be_visible()
    run_jobs()


def test_a_spreadsheet_with_every_fault(visit, activity):
    page, phone = visit(DESKTOP), visit(PHONE)
    spreadsheet = send(page, activity)
    work(page)
    expect(page.get_by_role("heading", name="Vælg ark")).to_be_visible()  # the page found out by itself
    screenshot(page, "import-sheet")
    page.get_by_label("Deltagere 2016").check()
    page.get_by_role("button", name="Læs arket").click()
    work(page)
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
    work(page)
    expect(page.get_by_role("heading", name="Se rækkerne efter")).to_be_visible()
    for at in (page, phone):
        at.goto(reverse("spreadsheets:preview", args=[spreadsheet.pk]))
        screenshot(at, "import-preview")
        assert_accessible(at)
    told = {
        fault: set(Finding.objects.filter(row__number=place(fault)).values_list("code", flat=True)) - {"check_digit"}
        for fault in FAULTS
    }
    assert {fault: codes for fault, codes in told.items() if codes} == TOLD
    states = dict(Row.objects.filter(number__gte=FIRST).values_list("number", "state"))
    assert {fault for fault in FAULTS if states[place(fault)] == Row.State.NO_CONSENT} == NO_CONSENT

    # remedies for many rows at once
    page.get_by_role("link", name="Læg nullerne på igen").click()
    screenshot(page, "import-zeros")
    page.get_by_role("button", name="Læg et nul foran numrene").click()
    work(page)
    page.get_by_role("link", name="Vælg aktiviteter").click()
    page.get_by_label("Familiecafeen").select_option(index=1)
    screenshot(page, "import-activities")
    page.get_by_role("button", name="Kontrollér igen").click()
    work(page)
    page.locator("tr", has_text="Kontrolcifret").first.get_by_role("link", name="Bekræft alle").click()
    screenshot(page, "import-confirm")
    page.get_by_label("Jeg har sammenlignet").check()
    page.get_by_label("Jeg har set efter").check()
    page.get_by_role("button", name="Bekræft").click()
    expect(page.locator(".alert-success")).to_contain_text("rækker er bekræftet")

    # the rest row by row, each leading to the next
    for at in (page, phone):
        at.goto(reverse("spreadsheets:row", args=[spreadsheet.pk, place("child")]))
        screenshot(at, "import-row")
        assert_accessible(at)
    page.goto(reverse("spreadsheets:preview", args=[spreadsheet.pk]))
    page.get_by_role("link", name="Gennemgå rækkerne").click()
    for _ in range(len(MENDED) + 1):
        if "Række" not in page.locator("h1").inner_text():
            break
        fault = list(FAULTS)[int(page.locator("h1").inner_text().split()[1]) - FIRST]
        mend(page, fault)
    expect(page.get_by_role("heading", name="Se rækkerne efter")).to_be_visible()
    screenshot(page, "import-mended")

    page.get_by_role("link", name="Indlæs 22 rækker").click()
    screenshot(page, "import-write")
    page.get_by_role("button", name="Indlæs 22 rækker").click()
    work(page)
    expect(page.locator(".alert-success")).to_contain_text("Nye deltagere: 20. Deltagelser: 21.")
    for at in (page, phone):
        at.goto(reverse("spreadsheets:spreadsheet", args=[spreadsheet.pk]))
        screenshot(at, "import-written")
    with page.expect_download() as download:
        page.get_by_role("link", name="Hent rapport").click()
    report = download.value.path().read_text("utf-8-sig")
    assert f"{place('no address')};Udeladt" in report
    assert not any(word in report for word in ("Opdigtet", number(0), "Birkevænget"))
    page.get_by_role("link", name="Se deltagerne").click()
    for name in ("Karim Sand", "Karla Sand", "Mange Mellemrum", "Uden Nummer"):
        expect(page.get_by_role("link", name=name)).to_be_visible()
    expect(page.get_by_text("Uden Adresse")).to_have_count(0)
    assert Participant.ungated.count() == 21  # one was there already
    assert Participation.ungated.count() == 22
    assert not Row.objects.exists()


def mend(page, fault: str) -> None:
    """What a coordinator does about a row."""
    changes = MENDED[fault]
    for field, text in changes.items():
        page.fill(f"#id_{field}", text)
    if fault == "no address":
        page.get_by_role("button", name="Udelad rækken").click()
        return
    page.wait_for_load_state()
    if page.locator("#id_confirm").count():
        page.select_option("#id_reason", "compared")
        page.check("#id_confirm")
    page.get_by_role("button", name="Gem rækken").click()
    if page.locator("h1").inner_text() == f"Række {place(fault)}":  # what was typed anew is asked about
        page.select_option("#id_reason", "compared")
        page.check("#id_confirm")
        page.get_by_role("button", name="Gem rækken").click()
