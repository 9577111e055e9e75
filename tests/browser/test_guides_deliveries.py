"""The walks that the guides for evaluators and data controllers describe, as test_guides.py does for the others."""

import pytest
from django.urls import reverse
from playwright.sync_api import expect

from collection.models import Participant
from consent.actions.withdraw import withdraw
from exports.models import Delivery
from tests.factories.cast import PASSWORD
from tests.factories.deliveries import make_many_participants, run_jobs, say_no
from tests.factories.guide_deliveries import EVAS_KEY, evaluation
from tests.plugins.browser import DESKTOP, assert_accessible, button, link
from tests.plugins.pictures import picture

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.slow]
LIST_OF_OWN = "section[aria-labelledby=approved] > .summary-list"


@pytest.fixture
def here(live_server, settings, tmp_path):
    settings.DATA_DIR = tmp_path
    with evaluation() as made:
        yield made


def fieldset(page, legend: str):
    return page.locator("fieldset", has=page.locator("legend", has_text=legend)).first


def section(page, name: str):
    return page.locator(f"section[aria-labelledby={name}]")


def go(page, name: str, *args) -> None:
    page.goto(reverse(f"exports:{name}", args=args))


def somebody_withdraws(here) -> None:
    person = Participant.ungated.filter(plan=here.activities[0].plan).order_by("pk").first()
    withdraw(
        by=here.activities[0].responsible,
        participant=person,
        purpose=here.project.purpose,
        withdrawn_on=here.clock.today,
    )


# --- Evaluators -------------------------------------------------------------------------------------


def test_a_key(here, visit):
    page = visit(here.eva, DESKTOP)
    go(page, "project", here.project.pk)
    picture(page, "projekt", until=page.locator(LIST_OF_OWN), mark=link(page, "Se nøgler"))
    link(page, "Se nøgler").click()
    link(page, "Tilføj nøgle").click()
    page.get_by_label("Hvem har den private nøgle?").fill("Eva Lund")
    page.get_by_label("Offentlig nøgle").fill(EVAS_KEY)
    picture(page, "noegle-tilfoej", mark=button(page, "Tilføj nøglen"))
    button(page, "Tilføj nøglen").click()
    page.get_by_text("Nøglen er tilføjet").wait_for()

    page = visit(here.dorthe, DESKTOP)
    page.goto("/opgaver/")
    picture(page, "opgaver-dataansvarlig", until=page.locator(".tasks"), mark=link(page, "Bekræft"))
    link(page, "Bekræft").click()
    link(page, "Bekræft").click()
    page.get_by_label("I telefon").check()
    picture(page, "noegle-bekraeft", mark=button(page, "Bekræft nøglen"))
    button(page, "Bekræft nøglen").click()
    page.get_by_text("Nøglen er bekræftet").wait_for()


def test_ordering_and_fetching(here, visit, settings):
    settings.STEP_UP = True
    here.add_keys()
    page = visit(here.eva, DESKTOP)
    go(page, "linkage_new", here.project.pk)
    order = button(page, "Bestil koblingsfil")
    picture(page, "koblingsfil-bestil", until=page.locator("main .summary-list"))
    order.click()
    page.wait_for_url("**/leverancer/**")
    page.goto("about:blank")  # or it shows itself anew while the picture is taken
    run_jobs()
    delivery = Delivery.objects.get()
    say_no(delivery, by=here.dorthe, reason="KOMMUNE er ikke med i godkendelsen fra Danmarks Statistik.")
    go(page, "delivery", delivery.pk)
    picture(page, "leverance-afvist", until=section(page, "decided"))

    delivery = here.built()
    page = visit(here.eva, DESKTOP)
    go(page, "delivery", delivery.pk)
    fetch = page.get_by_role("link", name="Hent dataarkiv")
    picture(page, "leverance-klar", until=section(page, "files"), mark=fetch)
    fetch.click()
    page.fill("#id_password", PASSWORD)
    fetch = page.get_by_role("button", name="Hent filen")
    picture(page, "leverance-hent", until=page.locator("main form"), mark=fetch)
    with page.expect_download():
        fetch.click()
    assert page.input_value("#id_password") == ""  # the page stays open


def test_a_comparison_group(here, visit):
    here.add_keys()
    here.list_of_residents()
    page = visit(here.eva, DESKTOP)
    go(page, "comparison_new", here.project.pk)
    from_file = page.get_by_role("link", name="Har du en definition som fil?")
    page.get_by_role("checkbox", name="Hjemmeboende børn, grupperet").first.uncheck()
    page.locator("#in-words").get_by_text("Grupperne beskrives ved").wait_for()
    picture(page, "gruppe-regel", until=fieldset(page, "Deltagere"), mark=from_file)
    from_file.click()
    picture(page, "gruppe-fil", mark=button(page, "Udfyld felterne"))
    page.go_back()
    button(page, "Bestil sammenligningsgruppe").click()
    page.wait_for_url("**/leverancer/**")
    here.drawn(Delivery.objects.get())
    page.reload()
    expect(page.locator("section[aria-labelledby=love] img")).to_have_js_property("complete", True)
    assert_accessible(page)
    picture(page, "gruppe-flow", section(page, "flow"))
    picture(page, "gruppe-tabel", section(page, "table-one"))
    picture(page, "gruppe-forskel", section(page, "love"))


def test_recalls_and_deleting(here, visit):
    here.add_keys()
    here.fetched()
    somebody_withdraws(here)
    page = visit(here.eva, DESKTOP)
    page.goto("/opgaver/")
    picture(page, "opgaver-evaluator", until=page.locator(".tasks"))
    go(page, "recalls", here.project.pk)
    picture(
        page, "tilbagekaldelser", mark=[button(page, "Hent listen"), page.get_by_role("button", name="Vi har slettet")]
    )
    with page.expect_download():
        button(page, "Hent listen").click()
    page.get_by_role("button", name="Vi har slettet dem").click()
    page.get_by_text("Det er noteret, at personerne på listen er slettet.").wait_for()
    go(page, "deletions")
    picture(page, "filer-slettes", mark=link(page, "Meld slettet"))
    link(page, "Meld slettet").click()
    picture(page, "filer-slettet", mark=button(page, "Filerne er slettet"))
    button(page, "Filerne er slettet").click()
    page.get_by_text("Meldt 1").wait_for()


# --- Data controllers -------------------------------------------------------------------------------


def test_a_new_project(here, visit):
    page = visit(here.dorthe, DESKTOP)
    go(page, "project_new")
    page.fill("#id_name", "Evaluering af mødregrupper")
    page.fill("#id_dst_number", "700124")
    page.fill("#id_first_year", "2022")
    page.fill("#id_last_year", "2025")
    page.fill("#id_register_variables", "BEF KOM 2022-2025\nUDDA HFAUDD 2022-2025")
    page.get_by_role("checkbox", name="Eva Lund", exact=True).check()
    page.get_by_role("radio", name="Hos Danmarks Statistik").check()
    page.fill("#id_ends_on", "31.12.2028")
    picture(page, "nyt-projekt", until=fieldset(page, "Projektet"))
    picture(page, "projekt-variabler", fieldset(page, "Hvad må leveres?"))
    picture(page, "projekt-registre", fieldset(page, "Hvad bliver koblet på?"))
    save = button(page, "Opret projekt")
    picture(page, "projekt-brug", since=fieldset(page, "Hvem bruger data"), until=save, mark=save)
    save.click()
    page.get_by_role("heading", name="Evaluering af mødregrupper").wait_for()


def test_yes_or_no(here, visit):
    here.add_keys()
    here.fetched()
    make_many_participants(here.activities[1], 12, first=3000)
    somebody_withdraws(here)
    delivery = here.ordered()
    page = visit(here.dorthe, DESKTOP)
    go(page, "decide", delivery.pk)
    picture(page, "godkend-bestilling", until=section(page, "order"))
    picture(page, "godkend-modtagere", section(page, "recipients"))
    picture(page, "godkend-indhold", section(page, "content"))
    picture(page, "godkend-forskel", section(page, "difference"))
    page.get_by_label("Ja, godkend").check()
    page.get_by_label("Hvorfor må de små grupper leveres?").fill(
        "Datafilen bruges kun hos Danmarks Statistik, og resultater på under 5 hjemtages ikke."
    )
    page.get_by_label("Begrundelse").fill("Variablerne er dem, Danmarks Statistik har godkendt.")
    save = button(page, "Gem afgørelsen")
    picture(page, "godkend-afgoerelse", section(page, "decision"), mark=save)
    save.click()
    page.wait_for_url(f"**{reverse('exports:delivery', args=[delivery.pk])}")
    run_jobs()
    here.steady(delivery)
    page.reload()
    fetch = page.get_by_role("link", name="Hent nøglearkiv")
    picture(page, "noeglearkiv", section(page, "files"), mark=fetch)


def test_a_code_and_the_end(here, visit):
    here.add_keys()
    delivery = here.fetched()
    page = visit(here.dorthe, DESKTOP)
    go(page, "look_up", here.project.pk)
    page.get_by_label("Kode", exact=True).fill("K7MX4QRTVW9PN")
    page.get_by_label("Evaluator spørger").check()
    picture(page, "slaa-kode-op", mark=button(page, "Slå koden op"))
    go(page, "end_project", here.project.pk)
    page.fill("#id_number", here.project.dst_number)
    picture(page, "afslut-projekt", mark=button(page, "Afslut projektet"))
    button(page, "Afslut projektet").click()
    expect(page.get_by_text("Projektet er afsluttet 1")).to_be_visible()
    delivery.refresh_from_db()
    assert delivery.state == "expired"
