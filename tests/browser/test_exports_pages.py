"""Evaluators and data controllers at work: ordering, deciding, fetching, taking a resident list in."""

import io
import zipfile
from datetime import date, timedelta

import pytest
from django.urls import reverse
from django.utils import timezone
from playwright.sync_api import expect

from accounts.permissions import Role
from collection.models import Department
from crypto.agefile import new_identity, open_age
from exports import wording
from exports.actions.links import issue_link
from exports.models import Delivery, FetchLink, Job, Reader, RegisterExtract, State, WorkerSign
from tests.factories.cast import PASSWORD, make_activity, make_participant, make_plan, make_user
from tests.factories.deliveries import make_project, run_jobs
from tests.factories.delivery_states import delivery_in
from tests.factories.recipients import IDENTITIES, make_recipient
from tests.plugins.browser import DESKTOP, PHONE, assert_accessible, screenshot

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.slow]


@pytest.fixture
def evaluator():
    return make_user(Role.EVALUATOR)


@pytest.fixture
def controller():
    return make_user(Role.CONTROLLER)


@pytest.fixture
def project(evaluator, controller):
    return make_project(evaluator, by=controller)


def sign_in(page, user) -> None:
    page.goto("/log-ind/")
    page.fill("#id_login", user.username)
    page.fill("#id_password", PASSWORD)
    page.click("main button[type=submit]")
    page.wait_for_url(lambda url: "log-ind" not in url)


def make_extract(by) -> RegisterExtract:
    return RegisterExtract.objects.create(
        name="Beboere 2014-2016, Aarhus", state="ready", years=[2014, 2015, 2016], rows=12000, loaded_by=by,
        delete_on=date.today() + timedelta(days=30),
    )  # fmt: skip


def test_from_order_to_archive(open_browser, evaluator, controller, project):
    activity = make_activity()
    for _ in range(6):
        make_participant(activity, start=date(2015, 3, 1))
    page, office = open_browser(), open_browser()
    sign_in(page, evaluator)
    page.goto(reverse("exports:projects"))
    page.get_by_role("link", name=project.name).click()
    page.get_by_role("link", name="Bestil koblingsfil").click()
    page.get_by_role("button", name="Bestil koblingsfil").click()
    expect(page.locator("#progress")).to_contain_text("er gemt og venter")
    run_jobs()
    expect(page.locator(".font-lead .badge")).to_have_text("Venter på godkendelse")  # the page found out by itself

    sign_in(office, controller)
    office.goto(reverse("exports:deliveries"))
    office.get_by_role("link", name="Tag stilling").click()
    office.get_by_label("Ja, godkend").check()
    office.get_by_label("Begrundelse").fill("Variablerne er dem, der er aftalt.")
    office.get_by_role("button", name="Gem afgørelsen").click()
    expect(office.locator(".alert-success")).to_contain_text("Leverancen er godkendt")
    run_jobs()
    expect(office.locator(".font-lead .badge")).to_have_text("Klar til hentning")

    page.reload()
    expect(page.get_by_role("link", name="Hent nøglearkiv")).to_have_count(0)
    page.get_by_role("link", name="Hent dataarkiv").click()
    for _ in range(2):  # a download leaves the page as it is: the button must work again
        with page.expect_download() as download:
            page.get_by_role("button", name="Hent filen").click()
        with open_age(download.value.path(), IDENTITIES["evaluator"]) as plain:
            assert zipfile.is_zipfile(io.BytesIO(plain.read()))
    page.get_by_role("link", name="Tilbage til leverancen").click()
    expect(page.get_by_text("Hentet 2 gange")).to_be_visible()
    office.get_by_role("link", name="Hent nøglearkiv").click()
    with office.expect_download() as download:
        office.get_by_role("button", name="Hent filen").click()
    assert download.value.suggested_filename.endswith("-1-noegle.zip.age")
    assert Delivery.objects.get().state == State.FETCHED


def test_progress_moves_while_the_page_is_open(page, evaluator, controller, project):
    delivery = delivery_in(State.REQUESTED, project, by=evaluator, decider=controller)
    WorkerSign.objects.update_or_create(pk=1, defaults={"seen_at": delivery.requested_at})
    delivery.jobs.update(state=Job.State.RUNNING, step="persons", done=100, total=1000)
    sign_in(page, evaluator)
    page.goto(reverse("exports:delivery", args=[delivery.pk]))
    expect(page.locator("#progress")).to_contain_text("Finder deltagere med gyldigt samtykke: 100 af 1.000")
    delivery.jobs.update(step="rows", done=900)
    expect(page.locator("#progress")).to_contain_text("Samler oplysninger om deltagernes forløb: 900 af 1.000")
    expect(page.locator("progress")).to_have_attribute("value", "900")


def test_the_rule_in_words_follows_the_fields(page, evaluator, controller, project):
    make_extract(controller)
    sign_in(page, evaluator)
    page.goto(reverse("exports:comparison_new", args=[project.pk]))
    words = page.locator("#in-words")
    expect(words).to_contain_text("familier med et barn på 0-6 år")
    page.fill("#id_oldest", "3")
    expect(words).to_contain_text("familier med et barn på 0-3 år")
    expect(page.locator("#id_excluded_since")).to_be_hidden()
    page.get_by_label("siden et bestemt år").check()
    expect(page.locator("#id_excluded_since")).to_be_visible()
    expect(words).to_contain_text("siden 2012")
    page.fill("#id_oldest", "")
    expect(words).to_contain_text("kan ikke læses i ord endnu")
    assert not Delivery.objects.exists()


def test_departments_are_found_by_words_and_a_package_taken_on_the_way_to_the_order(
    page, evaluator, controller, project
):
    make_extract(controller)
    plan = make_plan()
    for number, name in enumerate(("Bøgeparken", "Egeparken", "Bøgelunden"), start=1):
        Department.objects.create(plan=plan, organisation_number=10, department_number=number, name=name)
    sign_in(page, evaluator)
    page.goto(reverse("exports:comparison_new", args=[project.pk]))
    page.get_by_label("I boligafdelinger, som jeg vælger").check()
    page.get_by_label("Egeparken").check()
    search = page.get_by_label("Søg efter kommune, navn eller nummer")
    search.fill("bøge 10-3")
    expect(page.get_by_text("Viser 2 af 3.")).to_be_visible()  # what is checked stays in sight
    search.press("Enter")
    expect(page.get_by_label("Bøgeparken")).to_be_hidden()
    page.get_by_label("Bøgelunden").check()
    expect(page.locator("#in-words")).to_contain_text("2 boligafdelinger, der er valgt")
    with page.expect_download() as download:
        page.get_by_role("button", name="Hent definitionspakke").click()
    assert download.value.suggested_filename.endswith(".zip")
    page.get_by_role("button", name="Bestil sammenligningsgruppe").click()
    page.wait_for_url("**/leverancer/**")
    kept = Delivery.objects.get().definition["definition"]
    assert kept["chosen_departments"] == ["10-2", "10-3"]


def test_without_scripts_the_rule_and_progress_are_shown_too(open_browser, evaluator, controller, project):
    make_extract(controller)
    page = open_browser(java_script_enabled=False)
    sign_in(page, evaluator)
    page.goto(reverse("exports:comparison_new", args=[project.pk]))
    page.fill("#id_oldest", "3")
    page.get_by_role("button", name="Vis i ord").click()
    expect(page.locator("#in-words")).to_contain_text("på 0-3 år")
    page.get_by_role("button", name="Bestil sammenligningsgruppe").click()
    page.wait_for_url("**/leverancer/**")
    delivery = Delivery.objects.get()
    assert delivery.definition["definition"]["oldest"] == 3
    expect(page.locator("#progress")).to_be_visible()
    expect(page.locator("meta[http-equiv=refresh]")).to_have_count(1)


def test_a_resident_list_is_sent_read_and_if_wrong_told_where(page, controller, tmp_path):
    Department.objects.create(plan=make_plan(), organisation_number=134, department_number=2, name="Bøgeparken")
    right, wrong = tmp_path / "rigtig.csv", tmp_path / "forkert.csv"
    right.write_text(wording.SAMPLE)
    wrong.write_text(wording.SAMPLE.replace("2013-10-24", "2013-02-31"))
    sign_in(page, controller)
    for path, state in ((wrong, "Afvist"), (right, "Klar")):
        page.goto(reverse("exports:extract_new"))
        page.fill("#id_name", "Beboere 2016")
        page.set_input_files("#id_file", path)
        page.get_by_role("button", name="Indlæs listen").click()
        expect(page.locator(".alert-success")).to_contain_text("modtaget og krypteret")
        run_jobs()
        expect(page.locator(".font-lead .badge")).to_have_text(state)
        if state == "Afvist":
            expect(page.locator("table")).to_contain_text("Datoen findes ikke.")
            assert_accessible(page)


@pytest.mark.parametrize("width", [DESKTOP, PHONE])
def test_pages_are_accessible_and_fit(open_browser, evaluator, controller, project, width):
    extract = make_extract(controller)
    states = {state: delivery_in(state, project, by=evaluator, decider=controller) for state in State}
    waits = make_recipient(
        project, Reader.EVALUATOR, identity=new_identity(), confirmed_by=None, confirmed_at=None, confirmed_way=""
    )
    secret = issue_link(by=evaluator, archive=states[State.BUILT].archives.get(reader=Reader.EVALUATOR))
    FetchLink.objects.update(expires_at=timezone.now())
    pages = {
        evaluator: {
            "recipients": [project.pk], "recipient_new": [project.pk], "opening": [],
            "fetch": [states[State.BUILT].pk, "evaluator"], "fetch_link": [secret],
            "projects": [], "project": [project.pk], "linkage_new": [project.pk], "comparison_new": [project.pk],
            "comparison_file": [project.pk], "deliveries": [],
            **{f"delivery {state}": [delivery.pk] for state, delivery in states.items()},
        },
        controller: {
            "recipients": [project.pk], "recipient_confirm": [project.pk, waits.pk],
            "recipient_revoke": [project.pk, waits.pk],
            "project_new": [], "deliveries": [], "decide": [states[State.PREPARED].pk],
            "extracts": [], "extract_new": [], "extract": [extract.pk], "extract_delete": [extract.pk],
        },
    }  # fmt: skip
    for user, names in pages.items():
        page = open_browser(width)
        sign_in(page, user)
        for name, arguments in names.items():
            page.goto(reverse(f"exports:{name.partition(' ')[0]}", args=arguments))
            assert_accessible(page)
            fits = "document.documentElement.scrollWidth <= document.documentElement.clientWidth"
            assert page.evaluate(fits), f"{name} is wider than {width} px"
            screenshot(page, f"exports-{user.role}-{name.replace(' ', '-')}")
