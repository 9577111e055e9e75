"""The pages of the import: what is sent is sealed as it arrives, what is shown is recorded, and nothing leaks."""

import io
import tempfile
from datetime import timedelta
from pathlib import Path

import pytest
from django.conf import settings
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client
from django.urls import reverse
from django.utils import timezone
from openpyxl import load_workbook

from audit.models import Event
from collection.models import Participant
from spreadsheets import expiry, vault
from spreadsheets.actions.files import take_in
from spreadsheets.actions.rows import Sure, confirm_all
from spreadsheets.columns import COLUMNS
from spreadsheets.layouts import Layout
from spreadsheets.models import Finding, Match, Prepared, Row, Spreadsheet
from spreadsheets.uploads import SpreadsheetUpload
from tests.factories.cast import make_participant, make_plan
from tests.factories.deliveries import run_jobs
from tests.factories.spreadsheets import HEADINGS, checked, csv_file, defaults, row, saved, upload, workbook, written
from tests.plugins.processes import content_of

pytestmark = [pytest.mark.django_db, pytest.mark.slow_on_postgres]
State = Spreadsheet.State
CANARY = "Kanariefugl-Ynglested-8f3a"


@pytest.fixture
def at(client, coordinator):
    client.force_login(coordinator)
    return lambda name, *arguments: reverse(f"spreadsheets:{name}", args=arguments)


@pytest.fixture
def preview(plan, coordinator, activity):
    rows = [row(activity, 0), row(activity, 1, name="=cmd()"), row(activity, 2, name=CANARY)]
    return checked(csv_file([HEADINGS, *rows]), by=coordinator, plan=plan)


def sent(client, at, plan, content: bytes, name: str = "deltagere.csv"):
    file = SimpleUploadedFile(name, content, content_type="text/csv")
    return client.post(at("upload"), {"plan": plan.pk, "file": file})


def in_clear(*places: Path) -> list[Path]:
    files = [path for place in places for path in place.rglob("*") if path.is_file()]
    return [path for path in files if CANARY.encode() in content_of(path)]


# --- Sending ---------------------------------------------------------------------------------------------


def test_a_file_is_never_in_clear_on_the_disk(client, at, plan, activity, tmp_path, monkeypatch):
    monkeypatch.setattr(tempfile, "tempdir", str(tmp_path))
    finds = []
    receive = SpreadsheetUpload.receive_data_chunk

    def receive_and_search(handler, raw_data, start):
        result = receive(handler, raw_data, start)
        finds.append(in_clear(Path(settings.DATA_DIR), tmp_path))
        return result

    monkeypatch.setattr(SpreadsheetUpload, "receive_data_chunk", receive_and_search)
    content = csv_file([HEADINGS, *([row(activity, name=CANARY)] * 40_000)])
    assert sent(client, at, plan, content).status_code == 302
    assert len(finds) >= 3
    assert not any(finds)
    spreadsheet = Spreadsheet.objects.get()
    assert vault.file_of(spreadsheet)().read() == content
    run_jobs()
    assert not in_clear(Path(settings.DATA_DIR), tmp_path)
    assert not vault.upload_path(spreadsheet.pk).exists()  # read, and gone


def test_an_upload_without_the_token_is_refused(client, at, plan, coordinator):
    strict = Client(enforce_csrf_checks=True)
    strict.force_login(coordinator)
    assert sent(strict, at, plan, b"a;b\n").status_code == 403
    assert not Spreadsheet.objects.exists()


def test_a_file_for_a_plan_of_others_is_not_taken(client, at):
    answer = sent(client, at, make_plan(), csv_file([HEADINGS]))
    assert answer.status_code == 200
    assert not Spreadsheet.objects.exists()


def test_a_file_that_is_too_large_is_refused_with_a_sentence(client, at, plan, monkeypatch):
    monkeypatch.setattr(SpreadsheetUpload, "most_bytes", 100)
    answer = sent(client, at, plan, b"x" * 200)
    assert "Filen er for stor. Højst 50 MB." in answer.content.decode()
    assert not Spreadsheet.objects.exists()


def test_what_cant_be_read_says_why_and_is_gone(client, at, plan, coordinator):
    spreadsheet = upload(b"%PDF-1.7\x00", by=coordinator, plan=plan)
    page = client.get(at("spreadsheet", spreadsheet.pk)).content.decode()
    assert "hverken et Excel-ark (.xlsx) eller en CSV-fil" in page
    assert not vault.upload_path(spreadsheet.pk).exists()


def test_a_job_that_fails_for_good_says_so(client, at, plan, coordinator, monkeypatch):
    def break_down(*args, **kwargs):
        raise RuntimeError

    monkeypatch.setattr("spreadsheets.reading_job.open_book", break_down)
    spreadsheet = upload(csv_file([HEADINGS]), by=coordinator, plan=plan)
    assert spreadsheet.state == State.REFUSED
    assert "på grund af en fejl" in client.get(at("spreadsheet", spreadsheet.pk)).content.decode()


def test_who_withdrew_is_to_be_taken_out_before_the_file_is_sent(client, at):
    assert "Slet først rækkerne om dem, der siden har sagt nej eller har trukket" in client.get(at("upload")).text


def test_the_template_has_the_columns_and_is_nobody(client, at, plan, coordinator, activity):
    content = client.get(at("template")).content
    sheet = load_workbook(io.BytesIO(content)).worksheets[0]
    assert [cell.value for cell in sheet[1]] == [str(column.label) for column in COLUMNS]
    spreadsheet = checked(content, by=coordinator, plan=plan)
    assert Layout.of(spreadsheet).columns == {column.key: place for place, column in enumerate(COLUMNS)}
    assert list(Row.objects.exclude(state=Row.State.READ).values_list("state", flat=True)) == [Row.State.ERROR]


# --- Steps -----------------------------------------------------------------------------------------------


def test_one_can_leave_and_come_back_to_where_one_was(client, at, plan, coordinator, activity):
    spreadsheet = upload(csv_file([HEADINGS, row(activity)]), by=coordinator, plan=plan, run=False)
    page = client.get(at("spreadsheet", spreadsheet.pk))
    assert "Regnearket læses og kontrolleres" in page.content.decode()
    run_jobs()
    assert client.get(at("spreadsheet", spreadsheet.pk)).url == at("match", spreadsheet.pk)
    layout = Layout.of(Spreadsheet.objects.get())
    chosen = {key: str(place) for key, place in layout.columns.items()}
    chosen |= {f"all_{key}": value for key, value in defaults(coordinator).items()} | {"header": "1"}
    assert client.post(at("match", spreadsheet.pk), chosen).url == at("spreadsheet", spreadsheet.pk)
    run_jobs()
    assert client.get(at("spreadsheet", spreadsheet.pk)).url == at("preview", spreadsheet.pk)
    assert client.get(at("match", spreadsheet.pk)).status_code == 200  # columns can still be changed


def test_another_row_may_hold_the_headings(client, at, plan, coordinator, activity):
    spreadsheet = upload(csv_file([HEADINGS, row(activity), HEADINGS]), by=coordinator, plan=plan)
    page = client.get(at("match", spreadsheet.pk), {"overskrift": "3"}).content.decode()
    assert '<option value="3" selected>' in page
    assert "Der er ingen overskrifter" in page


def test_choosing_a_column_twice_is_refused(client, at, plan, coordinator, activity):
    spreadsheet = upload(csv_file([HEADINGS, row(activity)]), by=coordinator, plan=plan)
    page = client.post(at("match", spreadsheet.pk), {"header": "1", "cpr": "1", "start": "1", "decided_on": "5"})
    assert "Kolonnen er allerede valgt til noget andet." in page.content.decode()


def test_a_deleted_file_is_gone_and_the_register_as_it_was(client, at, preview):
    answer = client.post(at("delete", preview.pk))
    assert answer.url == at("spreadsheets")
    preview.refresh_from_db()
    assert (preview.state, preview.layout) == (State.DELETED, None)
    assert not Row.objects.exists()
    assert not Finding.objects.exists()
    assert not Participant.ungated.exists()


def test_a_file_goes_by_itself_after_two_weeks(preview, plan, coordinator):
    fresh = upload(csv_file([HEADINGS]), by=coordinator, plan=plan, run=False)
    Spreadsheet.objects.filter(pk=preview.pk).update(uploaded_at=timezone.now() - timedelta(days=15))
    assert expiry.expire_due() == 1
    preview.refresh_from_db()
    fresh.refresh_from_db()
    assert (preview.state, fresh.state) == (State.DELETED, State.READING)
    assert not Row.objects.filter(spreadsheet=preview).exists()


# --- What is shown -----------------------------------------------------------------------------------------


def test_the_preview_masks_numbers_and_is_recorded(client, at, preview, activity):
    known = make_participant(activity)
    Row.objects.filter(spreadsheet=preview, number=2).update(participant=known.pk)
    answer = client.get(at("preview", preview.pk), {"vis": "alle"})
    assert CANARY in answer.content.decode()
    assert "0303804" not in answer.content.decode()
    assert "no-store" in answer["Cache-Control"]
    shown = Event.objects.get(action="import.rows_shown")
    assert [each.subject for each in shown.subjects.all()] == [known.pk]


@pytest.mark.parametrize("state", ["alle", "fejl", "advarsler", "klar", "uden-samtykke", "udeladt", "noget andet"])
def test_every_filter_answers(client, at, preview, state):
    assert client.get(at("preview", preview.pk), {"vis": state}).status_code == 200


def test_a_page_asks_the_database_a_few_questions_only(client, at, preview, django_assert_max_num_queries):
    with django_assert_max_num_queries(15):
        client.get(at("preview", preview.pk))


def test_the_report_holds_no_identity_and_no_formula(client, at, preview, coordinator):
    before = b"".join(client.get(at("report", preview.pk)).streaming_content).decode("utf-8-sig")
    confirm_all(by=coordinator, spreadsheet=preview, codes=["check_digit"], reason=Sure.COMPARED)
    written(preview, by=coordinator)
    after = b"".join(client.get(at("report", preview.pk)).streaming_content).decode("utf-8-sig")
    for report in (before, after):
        assert not any(text in report for text in (CANARY, "Opdigtet", "cmd", "030380"))
        assert [line.split(";")[0] for line in report.splitlines()] == ["Række", "2", "3", "4"]
        cells = [cell.strip('"') for line in report.splitlines() for cell in line.split(";")]
        assert not any(cell.startswith(("=", "+", "-", "@")) for cell in cells)
    assert "3;Ikke indlæst: fejl;" in after
    assert "2;Indlæst;" in after


def test_a_row_is_corrected_and_judged_again(client, at, preview):
    page = client.get(at("row", preview.pk, 3)).content.decode()
    assert "Teksten begynder med et tegn, som regneark tager for en formel." in page
    layout = Layout.of(preview)
    texts = layout.texts(next(vault.records([(one.pk, one.record) for one in Row.objects.filter(number=3)])))
    client.post(at("row", preview.pk, 3), texts | {"name": "Karla Sand"})
    assert Row.objects.get(number=3).state == Row.State.WARNING  # the check digit is still to be confirmed
    texts |= {"name": "Karla Sand", "confirm": "on", "reason": "compared"}
    client.post(at("row", preview.pk, 3), texts)
    assert Row.objects.get(number=3).state == Row.State.READY


def test_what_was_confirmed_is_asked_again_when_it_is_typed_anew(client, at, preview):
    one = Row.objects.get(number=2)
    layout = Layout.of(preview)
    texts = layout.texts(next(vault.records([(one.pk, one.record)])))
    client.post(at("row", preview.pk, 2), texts | {"confirm": "on", "reason": "compared"})
    assert Row.objects.get(number=2).state == Row.State.READY
    client.post(at("row", preview.pk, 2), texts | {"cpr": "0404804242"})
    assert Row.objects.get(number=2).state == Row.State.WARNING


def test_typing_numbers_to_see_who_is_registered_is_limited(client, at, preview, coordinator, monkeypatch):
    monkeypatch.setattr("consent.actions.tell.LIMIT", 0)
    answer = client.post(at("row", preview.pk, 2), {"cpr": "0404804242"}, follow=True)
    assert "Vent en time" in answer.content.decode()


def test_comparing_whole_files_is_limited(client, at, preview, monkeypatch):
    monkeypatch.setattr("spreadsheets.comparing.LIMIT", 1)
    layout = Layout.of(preview)
    chosen = {key: str(place) for key, place in layout.columns.items()} | {"header": "1"}
    chosen |= {f"all_{key}": value for key, value in layout.defaults.items()}
    assert "Vent en time" in client.post(at("match", preview.pk), chosen, follow=True).content.decode()


def test_nothing_read_from_a_file_is_kept_in_clear(plan, coordinator, activity):
    """Not even where a column was chosen by mistake: names as activities, names as headings."""
    content = csv_file([[CANARY, "CPR", "Start", "Samtykkedato"], [CANARY, row(activity)[1], "2016", "2016-01-01"]])
    spreadsheet = upload(content, by=coordinator, plan=plan)
    from spreadsheets.actions.files import match_columns

    columns = Layout.of(spreadsheet).columns | {"activity": 0}
    match_columns(by=coordinator, spreadsheet=spreadsheet, header=1, columns=columns, defaults=defaults(coordinator))
    run_jobs()
    spreadsheet.refresh_from_db()
    assert CANARY in Layout.of(spreadsheet).unknown
    for model in (Spreadsheet, Row, Finding, Match, Prepared, Event):
        for one in model.objects.values():
            assert CANARY not in str(one)
            assert CANARY.encode() not in b"".join(bytes(v) for v in one.values() if isinstance(v, (bytes, memoryview)))


def test_workbooks_with_several_sheets_ask_for_one(client, at, plan, coordinator, activity):
    book = load_workbook(io.BytesIO(workbook([HEADINGS, row(activity)])))
    book.create_sheet("Noter").append(["Husk at ringe"])
    book.create_sheet("Ark2").append(list(HEADINGS))
    spreadsheet = upload(saved(book), by=coordinator, plan=plan)
    assert spreadsheet.state == State.SHEETS
    assert client.post(at("sheet", spreadsheet.pk), {"sheet": "7"}).status_code == 200
    assert client.post(at("sheet", spreadsheet.pk), {"sheet": "0"}).status_code == 302
    run_jobs()
    spreadsheet.refresh_from_db()
    assert (spreadsheet.state, spreadsheet.rows) == (State.MATCHING, 2)


def test_a_file_taken_in_without_an_upload_is_refused(plan, coordinator):
    from uuid import uuid4

    spreadsheet = take_in(by=coordinator, pk=uuid4(), plan=plan)
    run_jobs()
    spreadsheet.refresh_from_db()
    assert spreadsheet.state == State.REFUSED
