"""Out again: found by number when only the person is there, and called back from who has the data."""

from datetime import date

import pytest
from django.urls import reverse
from playwright.sync_api import expect

from accounts.permissions import Role
from collection.models import Participant
from consent.models import PossiblySame
from exports.actions.deliveries import record_fetch
from exports.models import Reader, RecallAcknowledgement
from exports.pseudonymise import ProjectCodes
from tests.factories.cast import (
    cpr_text,
    make_activity,
    make_identity,
    make_name_identity,
    make_participant,
    make_participation,
    make_plan,
    make_user,
)
from tests.factories.deliveries import approve_and_build, make_delivery, make_project
from tests.plugins.browser import DESKTOP, PHONE, assert_accessible, screenshot

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.slow]


@pytest.fixture
def activity(live_server):
    plan = make_plan("Kvarteret ved Søen")
    mette = make_user(Role.STAFF, plan, name="Mette Sand")
    activity = make_activity(plan, name="Familiecafé om torsdagen", start=date(2014, 2, 1), responsible=mette)
    for _ in range(4):
        make_participant(activity)
    return activity


def look(page, name: str) -> None:
    """In both widths, by axe and as a picture, and nothing is wider than the screen."""
    width = page.viewport_size["width"]
    for each in (DESKTOP, PHONE):
        page.set_viewport_size({"width": each, "height": 900})
        assert_accessible(page)
        assert page.evaluate("document.documentElement.scrollWidth <= document.documentElement.clientWidth")
        screenshot(page, name)
    page.set_viewport_size({"width": width, "height": 900})


def press(page, button: str) -> None:
    page.get_by_role("button", name=button, exact=True).click()


def follow(page, link: str) -> None:
    page.get_by_role("link", name=link).first.click()


@pytest.mark.both_databases
def test_who_is_found_by_number_is_out_at_once_and_called_back_from_who_has_the_data(activity, visit):
    identity = make_identity()
    person = make_participant(activity, identity)
    eva, dorthe = make_user(Role.EVALUATOR, name="Eva"), make_user(Role.CONTROLLER, name="Dorthe")
    project = make_project(eva)
    delivery = approve_and_build(make_delivery(project, by=eva), by=dorthe)
    for reader, by in ((Reader.EVALUATOR, eva), (Reader.OFFICER, dorthe)):
        record_fetch(by=by, archive=delivery.archives.get(reader=reader))
    code = ProjectCodes(project).known([person.pk])[person.pk]

    phone = visit(activity.responsible)
    phone.goto("/deltagere/")
    follow(phone, "Find en person")
    look(phone, "find")
    phone.fill("#id_cpr", identity.cpr.digits)
    press(phone, "Find")
    phone.get_by_role("heading", name="Træk samtykke tilbage").wait_for()
    assert identity.cpr.digits not in phone.url
    look(phone, "withdraw")
    press(phone, "Træk samtykket tilbage")
    phone.get_by_role("heading", name="Samtykket er trukket tilbage").wait_for()
    expect(phone.get_by_text("1 leverance, der er hentet").first).to_be_visible()
    look(phone, "receipt")
    phone.emulate_media(media="print")
    screenshot(phone, "receipt-print")
    assert Participant.ungated.get(pk=person.pk).erased_at

    desk = visit(eva, DESKTOP)
    desk.goto("/projekter/")
    follow(desk, project.name)
    look(desk, "project-recalled")
    follow(desk, "Se tilbagekaldelserne")
    look(desk, "recalls")
    with desk.expect_download() as download:
        press(desk, "Hent listen")
    assert download.value.path().read_text() == f'PSEUDONYM\n"{code}"\n'
    press(desk, "Vi har slettet dem")
    desk.get_by_text("Det er noteret").wait_for()
    look(desk, "recalls-done")
    assert RecallAcknowledgement.objects.get().reader == Reader.EVALUATOR

    other = visit(dorthe, DESKTOP)  # who has to do the same with the keys
    other.goto("/leverancer/")
    follow(other, "Se tilbagekaldelserne")
    look(other, "recalls-officer")
    other.goto(reverse("exports:receipt", args=[person.pk]))
    other.get_by_text("Leverancer med personen").first.wait_for()
    look(other, "receipt-controller")


def test_namesakes_are_told_apart_and_the_controller_settles_who_is_elsewhere(activity, visit):
    identity = make_name_identity()
    person = make_participant(activity, identity)
    make_participation(make_activity(activity.plan, name="Mødregruppe"), identity, another_person=True)
    elsewhere = make_participant(make_activity(make_plan("Bøgeparken"), name="Lektiecafé"), identity)
    phone = visit(activity.responsible)
    phone.goto("/deltagere/find/")
    press(phone, "Find")
    look(phone, "find-error")
    phone.get_by_label("Navn og fødselsdato").check()
    phone.fill("#id_name", identity.name)
    for part in ("day", "month", "year"):
        phone.fill(f"[name=birth_date_{part}]", str(getattr(identity.birth_date, part)))
    press(phone, "Find")
    phone.get_by_text("2 personer har det navn").wait_for()
    look(phone, "find-several")
    follow(phone, "Familiecafé om torsdagen")
    look(phone, "withdraw-namesake")
    press(phone, "Træk samtykket tilbage")
    phone.get_by_role("heading", name="Samtykket er trukket tilbage").wait_for()

    desk = visit(make_user(Role.CONTROLLER, name="Dorthe"), DESKTOP)
    desk.goto("/deltagere/find/")
    look(desk, "find-controller")
    desk.fill("#id_cpr", cpr_text(date(1980, 5, 6)))
    press(desk, "Find")
    desk.get_by_text("Ingen er registreret med det").wait_for()
    look(desk, "find-nobody")
    follow(desk, "Find ud af det")
    look(desk, "namesakes")
    desk.locator("tbody th a").click()
    look(desk, "namesake")
    desk.get_by_label("Ja. Samtykket").check()
    press(desk, "Gem svaret")
    desk.get_by_text("Ingen at tage stilling til").wait_for()
    assert PossiblySame.objects.get(participant=elsewhere).same
    assert Participant.ungated.get(pk=elsewhere.pk).erased_at
    assert Participant.ungated.get(pk=person.pk).erased_at


def test_a_wrong_number_is_put_right_and_two_registrations_of_one_person_become_one(activity, visit):
    wrong = make_participant(activity, make_identity(working_name="Bodil Ærenlund"))
    named = make_name_identity(born=date(1980, 5, 6))
    double = make_participant(activity, named, start=date(2015, 3, 3))
    right = cpr_text(date(1980, 5, 6))
    page = visit(activity.responsible, DESKTOP)
    page.goto(reverse("consent:participant", args=[wrong.pk]))
    look(page, "participant-correct")
    follow(page, "Ret oplysninger")
    page.fill("#id_cpr", right)
    page.fill("#id_cpr_again", right)
    press(page, "Gem rettelsen")
    page.get_by_text("Kontrolcifret passer ikke").wait_for()
    look(page, "correct-number")
    page.get_by_label("Jeg har set efter").check()
    press(page, "Gem rettelsen")
    page.get_by_text("Rettelsen er gemt").wait_for()

    page.goto(reverse("consent:participant", args=[double.pk]))
    follow(page, "Ret oplysninger")
    look(page, "correct-named")
    follow(page, "Tilføj CPR-nummer")
    look(page, "add-number")
    page.fill("#id_cpr", right)
    page.fill("#id_cpr_again", right)
    press(page, "Gem CPR-nummeret")
    page.get_by_label("Jeg har set efter").check()
    press(page, "Gem CPR-nummeret")
    page.get_by_role("heading", name="Er de to den samme person?").wait_for()
    look(page, "merge")
    press(page, "Ja, slå dem sammen")
    page.get_by_text("De to registreringer er slået sammen").wait_for()
    assert Participant.ungated.get(pk=double.pk).merged_into == wrong
    follow(page, "Slå sammen med en anden registrering")
    look(page, "merge-choose")


def test_the_controllers_withdrawal_by_search_ends_at_the_receipt(activity, visit):
    identity = make_identity()
    make_participant(activity, identity)
    page = visit(make_user(Role.CONTROLLER, name="Dorthe"), DESKTOP)
    page.goto("/")
    follow(page, "Tilbagetrækning")
    page.fill("#id_cpr", identity.cpr.digits)
    press(page, "Find")
    page.get_by_text("Se efter, at det er den rigtige registrering").wait_for()
    look(page, "withdraw-controller")
    press(page, "Træk samtykket tilbage")
    page.get_by_role("heading", name="Samtykket er trukket tilbage").wait_for()
    follow(page, "Find en person til")


def test_withdrawing_needs_no_script(activity, visit):
    identity = make_identity()
    make_participant(activity, identity)
    page = visit(activity.responsible, java_script_enabled=False)
    page.goto("/deltagere/find/")
    page.fill("#id_cpr", identity.cpr.digits)
    press(page, "Find")
    press(page, "Træk samtykket tilbage")
    page.get_by_role("heading", name="Samtykket er trukket tilbage").wait_for()
