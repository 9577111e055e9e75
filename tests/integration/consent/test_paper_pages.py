"""The pages of paper forms: printing them, registering from their code, and keeping the signed form."""

import io
import os
import sys
from datetime import timedelta
from pathlib import Path
from urllib.parse import urlsplit

import pypdfium2
import pytest
import zxingcpp
from django.core.files.uploadedfile import SimpleUploadedFile
from django.urls import reverse
from django.utils.timezone import localdate, now
from PIL import Image

from accounts.permissions import Role
from audit.models import Event
from consent import paper, scans, vault
from consent.actions.proofs import add_signature, lock_proofs
from consent.actions.withdraw import withdraw
from consent.models import Audience, Decision, Proof, Purpose, Text, Version
from tests.factories.cast import make_activity, make_participant, make_plan, make_text, make_user

pytestmark = [pytest.mark.django_db, pytest.mark.slow_on_postgres]
PDF = b"%PDF-1.7 MARKER-4711\n%%EOF\n"


@pytest.fixture
def activity():
    for audience in Audience:
        for language in ("da", "ar", "ti"):
            make_text(audience, language)
    return make_activity(make_plan("Kvarteret ved Søen"))


@pytest.fixture
def staff(client, activity):
    client.force_login(activity.responsible)
    return activity.responsible


@pytest.fixture
def decision(activity, settings, tmp_path):
    settings.DATA_DIR = tmp_path
    return Decision.objects.get(participant=make_participant(activity))


def printed(client, activity, **wanted):
    return client.get(reverse("consent:print", args=[activity.pk]), {"hvem": "adult", **wanted})


# --- Printing ---------------------------------------------------------------------------------------------


@pytest.mark.one_database
def test_one_pdf_holds_the_forms_of_a_whole_group(client, staff, activity, django_assert_max_num_queries):
    with django_assert_max_num_queries(15):
        answer = printed(client, activity, da="3", ar="2")
    assert answer["Content-Type"] == "application/pdf"
    assert answer["Content-Disposition"].startswith("inline")
    assert "default-src 'none'" in answer["Content-Security-Policy"]
    document = pypdfium2.PdfDocument(answer.content)
    assert len(document) == 5
    pages = [page.get_textpage().get_text_bounded() for page in document]
    assert [("tekst, der gælder" in page) for page in pages] == [False] * 3 + [True] * 2


@pytest.mark.one_database
def test_a_group_of_thirty_gets_its_forms_at_once(client, staff, activity):
    document = pypdfium2.PdfDocument(printed(client, activity, da="10", ar="10", ti="10", tosidet="on").content)
    assert len(document) == 60


@pytest.mark.parametrize(
    "wanted, sentence",
    [
        ({}, "Skriv, hvor mange du vil udskrive på mindst ét sprog."),
        ({"da": "0"}, "Skriv, hvor mange du vil udskrive på mindst ét sprog."),
        ({"da": "ti"}, "Skriv antallet som et helt tal."),
        ({"da": "150", "ar": "150"}, "Udskriv højst 200 ad gangen."),
        ({"hvem": "nogen", "da": "1"}, "Vælg"),
        ({"hvem": "youth", "uk": "1"}, "findes ikke på dette sprog til denne aldersgruppe"),
    ],
)
def test_what_cannot_be_printed_is_said_on_the_page(client, staff, activity, wanted, sentence):
    make_text(Audience.ADULT, "uk")
    answer = printed(client, activity, **wanted)
    assert answer["Content-Type"].startswith("text/html")
    assert sentence in answer.content.decode()


def test_texts_that_are_no_longer_offered_are_not_printed(client, staff, activity):
    Version.objects.filter(document__audience=Audience.YOUTH).update(ended_at=now())
    assert "findes ikke på dette sprog" in printed(client, activity, hvem="youth", da="1").content.decode()


def test_missing_libraries_are_a_sentence_on_the_page(client, staff, activity, monkeypatch):
    def unavailable():
        raise paper.PaperUnavailable

    monkeypatch.setattr(paper, "_weasyprint", unavailable)
    answer = printed(client, activity, da="1")
    assert answer.status_code == 200
    assert "serveren mangler programmer til at tegne tekst" in answer.content.decode()


@pytest.mark.one_database
def test_the_controller_sees_a_draft_as_it_will_look_on_paper(client):
    text = make_text()
    draft = Version.objects.create(document=text.version.document, number=9)
    body = Text.objects.create(version=draft, language="da", title="Ny tekst", body="Ord.", sha256="0" * 64)
    client.force_login(make_user(Role.CONTROLLER))
    answer = client.get(reverse("consent:text_pdf", args=[body.pk]))
    assert "KLADDE" in pypdfium2.PdfDocument(answer.content)[0].get_textpage().get_text_bounded()


# --- Registering from the code ----------------------------------------------------------------------------


def test_the_code_of_a_printed_form_opens_the_right_choices(client, staff, activity):
    page = pypdfium2.PdfDocument(printed(client, activity, hvem="guardian", ti="1").content)[0]
    (code,) = zxingcpp.read_barcodes(page.render(scale=2, grayscale=True).to_numpy())
    parts = urlsplit(code.text)
    assert parts.netloc == "testserver"
    form = client.get(f"{parts.path}?{parts.query}").context["form"]
    assert (form["audience"].value(), form["wording"].value()) == ("guardian", "ti")
    assert form["method"].value() == "paper"
    assert not form.is_bound


def test_the_code_of_an_earlier_form_chooses_the_earlier_version(client, staff, activity):
    old = make_text(Audience.ADULT, "ar")
    newer = Version.objects.create(document=old.version.document, number=2, published_at=now() - timedelta(1))
    Text.objects.create(version=newer, language="ar", title="Nyere", body="Ord.", sha256="0" * 64)
    answer = client.get(reverse("consent:enrol", args=[activity.pk]), {"tekst": old.pk, "metode": "paper"})
    assert answer.context["form"]["wording"].value() == "ar-1"


@pytest.mark.parametrize(
    "query", [{"tekst": "x", "metode": "x"}, {"tekst": "9" * 30}, {"tekst": "-1"}, {"tekst": "\0"}]
)
def test_what_the_code_cannot_mean_is_passed_over(client, staff, activity, query):
    answer = client.get(reverse("consent:enrol", args=[activity.pk]), query)
    form = answer.context["form"]
    assert (form["audience"].value(), form["method"].value()) == ("adult", None)
    assert "bruges ikke længere" not in answer.content.decode()


def test_a_form_whose_text_may_no_longer_be_used_is_told(client, staff, activity):
    text = make_text(Audience.YOUTH, "ti")
    Version.objects.filter(pk=text.version_id).update(ended_at=now())
    answer = client.get(reverse("consent:enrol", args=[activity.pk]), {"tekst": text.pk, "metode": "paper"})
    assert "Teksten på blanketten bruges ikke længere" in answer.content.decode()


# --- The signed form --------------------------------------------------------------------------------------


def photo(colour="white") -> bytes:
    target = io.BytesIO()
    exif = Image.Exif()
    exif[0x010F] = "MARKER-4711"
    Image.new("RGB", (900, 600), colour).save(target, "JPEG", exif=exif)
    return target.getvalue()


def upload(client, decision, *contents: bytes, **options):
    address = reverse("consent:proof_add", args=[decision.participant_id, decision.pk])
    files = [SimpleUploadedFile(f"070761 {n}.jpg", content) for n, content in enumerate(contents)]
    return client.post(address, {"scans": files}, **options)


def read(client, proof):
    return client.post(reverse("consent:proof", args=[proof.pk]))


def test_a_photo_and_a_pdf_are_kept_beside_the_consent_and_read_back(client, staff, decision):
    answer = upload(client, decision, photo(), PDF)
    assert answer["Location"] == reverse("consent:participant", args=[decision.participant_id])
    page = client.get(answer["Location"]).content.decode()
    assert "De 2 sider er gemt krypteret." in page
    picture, scan = Proof.objects.order_by("added_at")
    for proof in (picture, scan):
        assert reverse("consent:proof", args=[proof.pk]) in page
    answer = read(client, scan)
    assert b"".join(answer) == PDF
    assert answer["Content-Type"] == "application/pdf"
    assert answer["Content-Disposition"].startswith("attachment")
    assert "no-store" in answer["Cache-Control"]
    assert answer["X-Content-Type-Options"] == "nosniff"
    assert answer["Content-Security-Policy"] == "sandbox; default-src 'none'"
    kept = b"".join(read(client, picture))
    assert Image.open(io.BytesIO(kept)).size == (900, 600)
    assert b"MARKER-4711" not in kept
    read_events = Event.objects.filter(action="proof.read")
    assert {event.object_id for event in read_events} == {str(picture.pk), str(scan.pk)}
    assert set(read_events.values_list("actor", flat=True)) == {str(staff.pk)}


_written: list[str] | None = None


def _note_writing(event: str, arguments: tuple) -> None:
    if _written is None or event != "open" or isinstance(arguments[0], int):  # a number: opened before
        return
    if arguments[2] & (os.O_WRONLY | os.O_RDWR):
        _written.append(os.fsdecode(arguments[0]))


sys.addaudithook(_note_writing)


@pytest.fixture
def written(monkeypatch):
    """Every file that Python opens for writing, temporary ones too."""
    paths: list[str] = []
    monkeypatch.setattr(sys.modules[__name__], "_written", paths)
    return paths


def test_an_upload_is_never_in_clear_on_the_disk(client, staff, decision, settings, written):
    settings.FILE_UPLOAD_MAX_MEMORY_SIZE = 10
    upload(client, decision, PDF + b"x" * 4_000_000 + b"%%EOF")
    sealed = vault.path_of(Proof.objects.get().pk)
    assert written == [f"{sealed}.part"]
    assert [path for path in Path(settings.DATA_DIR).rglob("*") if path.is_file()] == [sealed]
    assert b"MARKER-4711" not in sealed.read_bytes()


@pytest.mark.parametrize(
    "contents, sentence",
    [
        ([], "Vælg et billede eller en fil."),
        ([b"<html>"], "Filen er hverken et billede (JPEG eller PNG) eller en PDF."),
        ([PDF, b""], "Filen er tom."),
        ([b"\0\0\0\x18ftypheic\0\0"], "HEIC"),
        ([PDF] * 11, "Vælg højst 10 filer ad gangen."),
        ([PDF, photo()[:500]], "Fil 2: Filen er beskadiget"),
    ],
)
def test_what_is_no_form_is_refused_in_words_and_nothing_is_kept(client, staff, decision, contents, sentence):
    answer = upload(client, decision, *contents)
    assert answer.status_code == 200
    assert sentence in answer.content.decode()
    assert not Proof.objects.exists()
    assert not list(vault.files())


@pytest.mark.parametrize("count, size, code", [(1, 1001, "for stor"), (4, 900, "for store tilsammen")])
def test_what_is_too_large_is_not_even_held_in_memory(client, staff, decision, monkeypatch, count, size, code):
    from consent import uploads

    monkeypatch.setattr(uploads, "MOST_BYTES", 1000)
    monkeypatch.setattr(uploads, "MOST_TOGETHER", 3000)
    monkeypatch.setattr(scans, "read_scan", lambda content: pytest.fail("read"))
    answer = upload(client, decision, *[PDF + b"x" * (size - len(PDF))] * count)
    assert code in answer.content.decode()
    assert not Proof.objects.exists()


def test_an_upload_needs_the_sites_own_form(activity, decision):
    from django.test import Client

    client = Client(enforce_csrf_checks=True)
    client.force_login(activity.responsible)
    assert upload(client, decision, PDF).status_code == 403
    assert not Proof.objects.exists()


def test_when_one_page_cannot_be_kept_none_is(client, staff, decision, monkeypatch):
    real, sealed = vault.seal, []

    def seal(pk, content):
        if sealed:
            raise OSError("no space left")
        sealed.append(pk)
        return real(pk, content)

    monkeypatch.setattr(vault, "seal", seal)
    with pytest.raises(OSError):
        upload(client, decision, PDF, PDF)
    assert not Proof.objects.exists()
    assert not list(vault.files())
    assert not Event.objects.filter(action="proof.added").exists()


def test_another_persons_consent_is_no_place_for_a_form(client, staff, activity, decision):
    other = make_participant(activity)
    address = reverse("consent:proof_add", args=[other.pk, decision.pk])
    assert client.get(address).status_code == 404


def test_after_a_withdrawal_only_the_controller_reads_the_form(client, staff, activity, decision):
    proof = add_signature(decision, b"<svg/>", by=staff)
    withdraw(
        by=staff,
        participant=decision.participant,
        purpose=Purpose.objects.get(),
        withdrawn_on=decision.decided_on,
    )
    proof.refresh_from_db()
    assert proof.locked_at
    assert read(client, proof).status_code == 404
    coordinator = make_user(Role.COORDINATOR, activity.plan)
    client.force_login(coordinator)
    assert read(client, proof).status_code == 404
    client.force_login(make_user(Role.CONTROLLER))
    listed = client.get(reverse("consent:proofs_locked")).content.decode()
    receipt = Decision.objects.latest("pk").pk
    assert f'<span class="number">{receipt}</span>' in listed
    assert reverse("consent:proof", args=[proof.pk]) in listed
    assert b"".join(read(client, proof)) == b"<svg/>"


def test_a_locked_form_is_not_for_staff_even_where_the_person_is_still_registered(client, staff, decision):
    proof = add_signature(decision, b"<svg/>", by=staff)
    lock_proofs([decision.participant_id], at=now())
    assert read(client, proof).status_code == 404


def test_a_form_of_somebody_whose_consent_has_lapsed_is_locked_as_they_are(client, staff, decision):
    """It shows the name, which may be used only to ask again; a new yes opens it."""
    proof = add_signature(decision, b"<svg/>", by=staff)
    version = decision.text.version
    version.consents_lapse_on, version.lapse_known_at = localdate(), now()
    version.save()
    assert read(client, proof).status_code == 404
    assert not Event.objects.filter(action="proof.read").exists()
    client.force_login(make_user(Role.CONTROLLER))
    assert b"".join(read(client, proof)) == b"<svg/>"


def test_a_form_that_is_gone_is_gone_for_everybody(client, staff, decision):
    proof = add_signature(decision, b"<svg/>", by=staff)
    lock_proofs([decision.participant_id], at=now())
    Proof.objects.filter(pk=proof.pk).update(deleted_at=now())
    client.force_login(make_user(Role.CONTROLLER))
    assert read(client, proof).status_code == 404
    assert "Der er ingen låste blanketter" in client.get(reverse("consent:proofs_locked")).content.decode()


def test_a_damaged_file_is_told_and_no_reading_is_recorded(client, staff, decision):
    proof = add_signature(decision, b"<svg/>", by=staff)
    vault.path_of(proof.pk).write_bytes(b"age-encryption.org/v1 nonsense")
    answer = client.post(reverse("consent:proof", args=[proof.pk]), follow=True)
    assert "Blanketten kan ikke åbnes" in answer.content.decode()
    assert not Event.objects.filter(action="proof.read").exists()


def test_right_after_enrolment_the_page_asks_for_the_form(client, staff, activity, decision):
    address = reverse("consent:participant", args=[decision.participant_id])
    add = reverse("consent:proof_add", args=[decision.participant_id, decision.pk])
    page = client.get(f"{address}?registreret={activity.pk}").content.decode()
    assert page.count(add) == 2
    add_signature(decision, b"<svg/>", by=staff)
    assert client.get(f"{address}?registreret={activity.pk}").content.decode().count(add) == 1
