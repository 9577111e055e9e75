"""On paper: print for a group, register from the code on the form, keep a photo of it, read it back."""

import io
from datetime import date

import pypdfium2
import pytest
import zxingcpp
from django.urls import reverse
from PIL import Image
from playwright.sync_api import expect

from accounts.permissions import Role
from consent.actions.proofs import add_signature
from consent.actions.publish import publish_examples
from consent.actions.withdraw import withdraw
from consent.models import Decision, Proof, Purpose, Text
from tests.factories.cast import (
    make_activity,
    make_identity,
    make_participant,
    make_participation,
    make_plan,
    make_user,
)
from tests.factories.forms import passing_number
from tests.plugins.browser import DESKTOP, PHONE, assert_accessible, assert_fits, screenshot

FETCHED = "font => performance.getEntriesByType('resource').some(entry => entry.name.includes(font))"
pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.slow]


@pytest.fixture
def activity(live_server):
    publish_examples(None)
    plan = make_plan("Kvarteret ved Søen")
    mette = make_user(Role.COORDINATOR, plan, name="Mette Sand")
    return make_activity(plan, name="Familiecafé om torsdagen", start=date(2014, 2, 1), responsible=mette)


def photo() -> bytes:
    target = io.BytesIO()
    Image.effect_noise((1600, 1200), 60).convert("RGB").save(target, "JPEG")
    return target.getvalue()


def test_from_the_printer_to_the_sealed_photo(visit, activity):
    page = visit(activity.responsible)
    page.goto(reverse("consent:activity", args=[activity.pk]))
    page.get_by_role("link", name="Udskriv samtykkeerklæringer").click()
    assert_accessible(page)
    assert_fits(page)
    screenshot(page, "print")
    page.get_by_label("Forælder eller værge, for et barn under 15 år").check()
    page.get_by_label("Dansk", exact=True).fill("")
    page.get_by_label("Arabisk").fill("2")
    form = page.locator("form[target=_blank]")
    query = form.evaluate("form => new URLSearchParams(new FormData(form)).toString()")
    answer = page.request.get(f"{reverse('consent:print', args=[activity.pk])}?{query}", timeout=60_000)
    document = pypdfium2.PdfDocument(answer.body())
    codes = [code.text for sheet in document for code in zxingcpp.read_barcodes(sheet.render(scale=2).to_numpy())]
    assert len(codes) == 2

    page.goto(codes[0])
    expect(page.get_by_label("Forælder eller værge, for et barn under 15 år")).to_be_checked()
    assert page.locator("#id_wording").input_value() == "ar"
    expect(page.get_by_label("Underskrevet på papir")).to_be_checked()
    page.get_by_role("group", name="Den, der giver samtykke, er barnets").get_by_label("Mor").check()
    page.fill("#id_cpr", passing_number(date(2019, 6, 2)))
    page.fill("[name=start_year]", str(date.today().year))
    page.get_by_role("group", name="Rolle i familien").get_by_label("Barn").check()
    page.get_by_role("button", name="Gem deltager").click()
    page.get_by_text("er gemt.").wait_for()

    page.get_by_role("link", name="Tilføj den underskrevne blanket").first.click()
    assert_accessible(page)
    assert_fits(page)
    screenshot(page, "proof-add")
    page.get_by_role("button", name="Gem blanketten").click()
    page.get_by_role("link", name="Vælg et billede eller en fil.").wait_for()
    assert_accessible(page)
    page.set_input_files("#id_scans", [{"name": "IMG_1.jpg", "mimeType": "image/jpeg", "buffer": photo()}])
    page.get_by_role("button", name="Gem blanketten").click()
    page.get_by_text("Blanketten er gemt krypteret.").wait_for()
    assert_accessible(page)
    assert_fits(page)
    screenshot(page, "proof-kept")
    with page.expect_download() as download:
        page.get_by_role("button", name="Hent den underskrevne blanket").click()
    kept = download.value.path().read_bytes()
    assert Image.open(io.BytesIO(kept)).size == (1600, 1200)
    assert Proof.objects.count() == 1


@pytest.mark.parametrize("width", [PHONE, DESKTOP])
def test_the_controller_finds_a_locked_form_by_its_receipt(visit, activity, width):
    decision = Decision.objects.get(participant=make_participant(activity))
    add_signature(decision, b"<svg xmlns='http://www.w3.org/2000/svg'/>", by=activity.responsible)
    purpose = Purpose.objects.get()
    ended = withdraw(
        by=activity.responsible, participant=decision.participant, purpose=purpose, withdrawn_on=date.today()
    )
    page = visit(make_user(Role.CONTROLLER), width)
    page.goto(reverse("consent:find"))
    page.get_by_role("link", name="Låste blanketter").click()
    page.get_by_role("rowheader", name=str(ended.pk)).wait_for()
    assert_accessible(page)
    assert_fits(page)
    screenshot(page, "proofs-locked")
    with page.expect_download() as download:
        page.get_by_role("button", name="Hent underskrift").click()
    assert download.value.suggested_filename.endswith(".svg")


def test_names_and_texts_of_every_script_have_their_letters(visit, activity):
    """No box stands in for a letter: each script is drawn in a font that the site carries."""
    for name in ("ግርማይ ተስፋይ", "فاطمة الزهراء"):
        make_participation(activity, make_identity(working_name=name))
    urdu = Text.objects.get(language="ur", version__document__audience="adult")
    page = visit(activity.responsible, DESKTOP)
    page.goto(reverse("consent:activity", args=[activity.pk]))
    page.wait_for_function(FETCHED, arg="plex-sans-arabic")
    page.wait_for_function(FETCHED, arg="noto-sans-ethiopic")
    screenshot(page, "scripts-names")
    page.goto(reverse("consent:print", args=[activity.pk]))
    assert_accessible(page)
    screenshot(page, "print")
    page.goto(reverse("consent:text", args=[urdu.pk]))
    page.wait_for_function(FETCHED, arg="noto-nastaliq-urdu")
    screenshot(page, "scripts-urdu")
