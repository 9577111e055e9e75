"""The walks that the guides for staff and coordinators describe, step by step, each with its picture.

`scripts/guide_pictures.py` runs them and puts the pictures into docs/guides/pictures. A walk that fails says that a
guide is no longer true. It is always the same day, and nobody who is typed here exists.
"""

import io
import math
from datetime import date, timedelta

import pytest
from django.urls import reverse
from PIL import Image
from playwright.sync_api import expect

from consent.models import Outcome
from consent.queries import tally_sum
from consent.screen_words import WORDS
from tests.factories.cast import PASSWORD, cpr_text
from tests.factories.deliveries import run_jobs
from tests.factories.forms import passing_number
from tests.factories.guide import DOUBTFUL, TODAY, quarter, someone, someone_without_number
from tests.factories.screen import make_answer
from tests.factories.spreadsheets import workbook
from tests.plugins.browser import DESKTOP, button, draw, fill_date, link
from tests.plugins.pictures import picture

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.slow]
SIGNATURE = [(0.15 + n / 90 + 0.05 * math.sin(n / 1.5), 0.5 + (0.3 - n / 300) * math.cos(n / 1.5)) for n in range(60)]
XLSX = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"


@pytest.fixture
def here(live_server, settings, tmp_path):
    settings.DATA_DIR = tmp_path
    with quarter() as made:
        yield made


def section(page, heading: str):
    """The part of a form below a legend."""
    return page.locator("fieldset.form-section", has=page.locator("legend", has_text=heading))


def group(page, legend: str):
    return page.get_by_role("group", name=legend).locator("visible=true").first


def work(here) -> None:
    """The worker does what waits, and a minute goes by."""
    run_jobs()
    here.clock.now += timedelta(minutes=1)


# --- Staff: on the phone at the kitchen table -------------------------------------------------------


def test_signing_in_and_what_waits(here, phone):
    phone.goto("/log-ind/")
    phone.fill("#id_login", here.mette.username)
    phone.fill("#id_password", PASSWORD)
    picture(phone, "log-ind", mark=button(phone, "Log ind"))
    button(phone, "Log ind").click()
    phone.wait_for_url("**/opgaver/")
    make_answer(here.cafe, by=here.mette)
    phone.reload()
    picture(phone, "opgaver", until=phone.locator(".tasks"))
    phone.goto(reverse("consent:activity", args=[here.cafe.pk]))
    picture(phone, "aktivitet", until=phone.locator(".facts"), mark=link(phone, "Registrér deltager"))


def test_registering_by_number(here, visit):
    page = visit(here.mette)
    page.goto(reverse("consent:enrol", args=[here.cafe.pk]))
    page.get_by_label("Underskrevet på papir").check()
    consent = section(page, "1. Samtykke")
    picture(page, "registrer-tekst", until=page.locator(".wordings"))
    picture(page, "registrer-samtykke", since=group(page, "Hvordan blev samtykket givet?"), until=consent)
    picture(page, "registrer-person", section(page, "2. Personen"))
    page.fill("[name=start_month]", "9")
    page.fill("[name=start_year]", "2026")
    page.get_by_label("Mor", exact=True).locator("visible=true").check()
    save = button(page, "Gem deltager")
    picture(page, "registrer-deltagelse", since=section(page, "3. Deltagelsen"), until=save, mark=save)

    page.fill("#id_cpr", DOUBTFUL)
    page.get_by_label("Kaldenavn").fill("Nadia")
    again = page.get_by_label("Skriv CPR-nummeret igen")
    again.wait_for()
    page.get_by_text("født 14. februar 1988").wait_for()
    picture(
        page,
        "registrer-kontrolciffer",
        since=page.get_by_text("CPR-nummer", exact=True).locator("visible=true").last,
        until=again,
        mark=again,
    )
    again.fill(DOUBTFUL)
    save.click()
    page.get_by_text("er gemt.").wait_for()
    picture(page, "registrer-gemt", until=page.locator("section[aria-labelledby=held]"))


def test_registering_a_child_and_somebody_without_a_number(here, visit):
    page = visit(here.mette)
    page.goto(reverse("consent:enrol", args=[here.cafe.pk]))
    page.get_by_label("Forælder eller værge, for et barn under 15 år").check()
    relation = group(page, "Den, der giver samtykke, er barnets")
    relation.get_by_label("Mor").check()
    picture(page, "registrer-barn", since=group(page, "Hvem giver samtykke?"), until=relation)
    page.get_by_label("Navn, fødselsdato og adresse").check()
    page.get_by_label("Fulde navn").fill("Yusuf Haddad")
    fill_date(page, "birth_date", date(2019, 6, 2))
    page.get_by_label("Adresse", exact=True).fill("Birkevænget 7, 1. tv., 8000 Aarhus C")
    fill_date(page, "residence_date", date(2026, 9, 1))
    picture(page, "registrer-uden-cpr", section(page, "2. Personen"))
    page.get_by_label("Mundtligt med vidne").check()
    page.fill("[name=start_year]", "2026")
    group(page, "Rolle i familien").get_by_label("Barn").check()
    button(page, "Gem deltager").click()
    page.get_by_text("er gemt.").wait_for()


def test_counting_those_without_consent(here, visit):
    page = visit(here.mette)
    page.goto(reverse("consent:count", args=[here.cafe.pk]))
    for outcome, count in (("Sagde nej", 2), ("Ikke spurgt", 1)):
        for n in range(1, count + 1):
            button(page, f"Én til: {outcome}").click()
            page.locator(".count", has_text=outcome).locator("output", has_text=str(n)).wait_for()
    picture(page, "uden-samtykke", mark=button(page, "Én til: Sagde nej"))
    assert tally_sum(here.cafe, TODAY.year, Outcome.REFUSED) == 2


def test_forms_on_paper(here, visit):
    page = visit(here.mette, DESKTOP)
    page.goto(reverse("consent:print", args=[here.cafe.pk]))
    page.get_by_label("Dansk", exact=True).fill("4")
    page.get_by_label("Arabisk").fill("2")
    picture(page, "udskriv", mark=button(page, "Lav PDF til udskrift"))

    page = visit(here.mette)
    person = someone(here, here.cafe, TODAY, date(1991, 5, 16), "Nadia").participant
    page.goto(reverse("consent:participant", args=[person.pk]))
    link(page, "Tilføj den underskrevne blanket").click()
    picture(page, "tilfoej-blanket", mark=page.locator("#id_scans"))
    scan = io.BytesIO()
    Image.effect_noise((800, 600), 40).convert("RGB").save(scan, "JPEG")
    page.set_input_files("#id_scans", [{"name": "1.jpg", "mimeType": "image/jpeg", "buffer": scan.getvalue()}])
    button(page, "Gem blanketten").click()
    page.get_by_text("Blanketten er gemt krypteret.").wait_for()


def test_asking_on_the_screen(here, visit):
    page = visit(here.mette, has_touch=True, is_mobile=True)
    page.goto(reverse("consent:screen", args=[here.cafe.pk]))
    page.get_by_label("(العربية)", exact=False).check()
    start = button(page, "Giv enheden til deltageren")
    picture(page, "skaerm-start", mark=start)
    start.click()
    words = WORDS["ar"]
    yes = button(page, words.yes)
    yes.wait_for()
    picture(page, "skaerm-laes", until=page.locator("div.consent-text > p:visible").first)
    picture(page, "skaerm-svar", since=page.locator(".screen-choices"), until=page.locator(".screen-staff"))
    yes.click()
    page.wait_for_url("**/underskrift/")
    draw(page, SIGNATURE)
    picture(page, "skaerm-underskrift")
    button(page, words.done).click()
    link(page, "Medarbejder: lås op").click()
    picture(page, "skaerm-laas-op", mark=button(page, "Lås op"))
    page.get_by_label("Adgangskode").fill(PASSWORD)
    button(page, "Lås op").click()
    page.get_by_role("heading", name="Registrér deltager").wait_for()
    page.get_by_text("Skrevet på skærmen").wait_for()


def test_asking_again(here, visit):
    page = visit(here.mette)
    page.goto(reverse("consent:to_ask"))
    picture(page, "spoerg-igen-liste", mark=page.locator("main tbody a", has_text="Spørg igen"))
    page.locator("main tbody a", has_text="Spørg igen").click()
    page.get_by_label("Ja, der gives samtykke").check()
    picture(page, "spoerg-igen-svar", since=section(page, "2. Svaret"), mark=button(page, "Gem svaret"))


def test_withdrawing(here, visit):
    page = visit(here.mette)
    page.goto("/deltagere/")
    link(page, "Cabdi Warsame").click()
    out = link(page, "Træk samtykke tilbage")
    picture(page, "traek-tilbage-knap", since=page.locator("section[aria-labelledby=history]"), mark=out)
    page.goto("/deltagere/")
    picture(page, "find-knap", until=page.locator(".filters"), mark=link(page, "Find en person"))
    link(page, "Find en person").click()
    page.get_by_label("Navn og fødselsdato").check()
    page.fill("#id_name", "Amir Haddad")
    fill_date(page, "birth_date", date(1984, 11, 9))
    picture(page, "find", mark=button(page, "Find"))
    button(page, "Find").click()
    out = button(page, "Træk samtykket tilbage")
    out.wait_for()
    picture(page, "traek-tilbage", since=page.locator("main .panel"), mark=out)
    out.click()
    page.get_by_role("heading", name="Samtykket er trukket tilbage").wait_for()
    picture(page, "kvittering", mark=button(page, "Udskriv"))


def test_a_wrong_number_and_a_second_look(here, visit):
    page = visit(here.mette)
    page.goto(reverse("consent:doubts"))
    link(page, "Se efter").click()
    picture(page, "se-efter", mark=button(page, "Nummeret er rigtigt"))
    link(page, "Nummeret er forkert: ret det").click()
    page.get_by_label("Nyt CPR-nummer").wait_for()
    picture(page, "ret-nummer", mark=button(page, "Gem rettelsen"))


def test_two_registrations_of_one_person(here, visit):
    double = someone_without_number(here, here.advice, date(2026, 9, 3), date(1981, 7, 7), "Bodil Sand Ærenlund")
    here.clock.today = TODAY
    page = visit(here.mette, DESKTOP)
    page.goto(reverse("consent:participant", args=[double.participant_id]))
    link(page, "Slå sammen med en anden registrering").click()
    link(page, "Bodil Ærenlund").click()
    yes = button(page, "Ja, slå dem sammen")
    yes.wait_for()
    picture(page, "slaa-sammen", mark=yes)


def participants() -> bytes:
    """A list as people keep it, with the usual faults. The first rows are shown whole: numbers that nobody has."""
    begun, consent = "09-04-2026", "09-04-2026"
    rows = [
        ("Aktivitet", "CPR-nr.", "Navn", "Rolle", "Startdato", "Samtykkedato"),
        ("Familiecafé om torsdagen", cpr_text(date(1987, 5, 14)), "Hanne", "mor", begun, consent),
        ("Familiecafé om torsdagen", cpr_text(date(1983, 10, 29)), "Omar", "far", begun, consent),
        ("Familiecafé om torsdagen", "3.1E+09", "Zahra", "mor", begun, consent),
        ("Familiecafé om torsdagen", cpr_text(date(1991, 2, 17)), "Olena", "mor", "04/13/2026", consent),
        ("Familiecafé om torsdagen", int(passing_number(date(1989, 3, 6))), "Fatma", "mor", begun, consent),
        ("Familiecafé om torsdagen", int(passing_number(date(1992, 8, 4))), "Inge", "mor", "april 2026", consent),
        ("Torsdagscafeen", passing_number(date(1990, 11, 21)), "Jonas", "far", begun, consent),
        ("Familiecafé om torsdagen", passing_number(date(1985, 12, 11)), "Maryam", "mor", begun, ""),
        *(
            ("Familiecafé om torsdagen", passing_number(date(1980 + n, 6, 12)), "", "mor", begun, consent)
            for n in range(9)
        ),
    ]
    return workbook(rows, sheet="Deltagere")


# --- Coordinators: at a desk ------------------------------------------------------------------------


def test_activities_estimates_and_the_plans_contact(here, visit):
    page = visit(here.karen, DESKTOP)
    page.goto("/aktiviteter/")
    link(page, "Ny aktivitet").click()
    page.select_option("#id_type", label="Forældrenetværk og familieaktiviteter")
    page.fill("#id_name", "Fællesspisning om tirsdagen")
    page.fill("#id_start", "17.11.2026")
    page.select_option("#id_responsible", label="Mette Sand")
    picture(page, "ny-aktivitet", mark=button(page, "Opret aktivitet"))
    button(page, "Opret aktivitet").click()
    page.get_by_text("er oprettet.").wait_for()
    page.goto(f"{reverse('collection:headcounts', args=[here.cafe.pk])}?year=2026")
    page.fill("#id_estimate", "12")
    page.get_by_label("Optalt undervejs").check()
    picture(page, "skoen", page.locator(".panel"), mark=button(page, "Gem skøn"))
    page.goto(reverse("collection:contact", args=[here.plan.pk]))
    picture(page, "kontakt", mark=button(page, "Gem kontakt"))


def test_tasks_and_rates(here, visit):
    make_answer(here.advice, by=here.lene)
    page = visit(here.karen, DESKTOP)
    page.goto("/opgaver/")
    picture(page, "opgaver-koordinator")
    page.goto(f"{reverse('consent:rates_plan', args=[here.plan.pk])}?year=2025")
    picture(page, "samtykke", until=page.locator(".rate-overview"), mark=page.get_by_label("År", exact=True))
    table = page.locator("section[aria-labelledby=rates]")
    row = table.get_by_role("row").filter(has_text="Familiecafé om torsdagen")
    for cell, told in zip(row.locator("td").all(), ("50 %", "6", "12"), strict=False):  # as the guide reads them aloud
        expect(cell).to_have_text(told)
    picture(page, "samtykke-tabel", since=table, until=table.locator("table"))
    link(page, "Udvikling år for år").click()
    page.get_by_role("heading", name="Samtykke år for år").wait_for()
    picture(page, "udvikling", until=page.locator(".small-multiples"))


def test_colleagues_and_a_handover(here, visit):
    page = visit(here.karen, DESKTOP)
    page.goto("/medarbejdere/")
    picture(page, "medarbejdere", mark=link(page, "Invitér en kollega"))
    link(page, "Invitér en kollega").click()
    page.fill("#id_full_name", "Sofie Bak")
    page.fill("#id_username", "sofie.bak@example.dk")
    page.get_by_label("Medarbejder", exact=False).first.check()
    picture(page, "ny-medarbejder", mark=button(page, "Invitér"))
    page.goto(reverse("consent:hand_over", args=[here.plan.pk, here.lene.pk]))
    page.get_by_label("Hvem tager over?").select_option(label="Mette Sand")
    picture(page, "overdrag", mark=button(page, "Overdrag arbejdet"))
    page.get_by_label("Der er spurgt").check()
    button(page, "Overdrag arbejdet").click()
    page.get_by_text("aktiviteter er overdraget fra Lene Dahl til Mette Sand.").wait_for()
    page.goto(reverse("consent:member_remove", args=[here.plan.pk, here.lene.pk]))
    picture(page, "fjern-medarbejder", mark=button(page, "Fjern adgangen"))


def test_a_spreadsheet(here, visit):
    page = visit(here.karen, DESKTOP)
    page.goto(reverse("spreadsheets:upload"))
    file = {"name": "deltagere.xlsx", "mimeType": XLSX, "buffer": participants()}
    page.set_input_files("#id_file", file)
    picture(page, "import-send", mark=button(page, "Send filen"))
    button(page, "Send filen").click()
    work(here)
    page.get_by_role("heading", name="Vælg kolonner").wait_for()
    page.select_option("#id_all_method", "paper")
    page.select_option("#id_all_wording", "da")
    page.select_option("#id_all_obtained_by", label="Karen Holm")
    picture(page, "import-kolonner", until=section(page, "Deltagelsen"))
    check = button(page, "Kontrollér rækkerne")
    picture(page, "import-hele-filen", since=section(page, "Samtykket"), mark=check)
    button(page, "Kontrollér rækkerne").click()
    work(here)
    page.get_by_role("heading", name="Se rækkerne efter").wait_for()
    picture(
        page,
        "import-raekker",
        until=page.locator("section[aria-labelledby=found]"),
        mark=link(page, "Gennemgå rækkerne"),
    )
    link(page, "Læg nullerne på igen").click()
    picture(page, "import-nuller", mark=button(page, "Læg et nul foran numrene"))
    button(page, "Læg et nul foran numrene").click()
    work(here)
    page.get_by_role("heading", name="Se rækkerne efter").wait_for()
    page.locator("tr", has_text="Kontrolcifret").first.get_by_role("link", name="Bekræft alle").click()
    picture(page, "import-bekraeft", mark=button(page, "Bekræft"))
    page.get_by_label("Jeg har sammenlignet").check()
    page.get_by_label("Jeg har set efter").check()
    button(page, "Bekræft").click()
    link(page, "Gennemgå rækkerne").click()
    picture(page, "import-raekke", until=page.locator("#id_cpr"), mark=page.locator("#id_cpr"))
    page.fill("#id_cpr", passing_number(date(1990, 5, 6)))
    button(page, "Gem rækken").click()
    page.get_by_role("heading", name="Række 5").wait_for()
    page.fill("#id_start", "13-04-2026")
    button(page, "Gem rækken").click()
    page.get_by_role("heading", name="Række 8").wait_for()
    button(page, "Udelad rækken").click()
    page.get_by_role("heading", name="Se rækkerne efter").wait_for()
    link(page, "Indlæs 15 rækker").click()
    write = button(page, "Indlæs 15 rækker")
    picture(page, "import-indlaes", mark=write)
    write.click()
    work(here)
    page.get_by_role("heading", name="Regnearket er indlæst").wait_for()
    picture(page, "import-indlaest", mark=link(page, "Hent rapport"))
    with page.expect_download():
        link(page, "Hent rapport").click()
