"""Resident lists: taken in without ever lying in clear on the disk, shown, deleted."""

import errno
import io
import os
import tempfile
from datetime import date, timedelta
from pathlib import Path

import pytest
from django.conf import settings
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client
from django.urls import reverse

from accounts.permissions import Role
from collection.cpr import passes_modulus_11
from crypto.agefile import AgeWriter, open_age
from exports import storage, uploads, vault, wording
from exports.comparison.residents import load_residents
from exports.models import Delivery, Job, RegisterExtract, State
from exports.uploads import SealingUploadHandler, upload_path
from tests.factories.cast import cpr_text, make_user
from tests.factories.deliveries import make_project
from tests.factories.delivery_states import delivery_in
from tests.plugins.processes import content_of

pytestmark = pytest.mark.django_db
CANARY = b"Kanariefugl-Ynglested-8f3a"


@pytest.fixture
def controller(client):
    user = make_user(Role.CONTROLLER)
    client.force_login(user)
    return user


def large_list(megabytes: int = 4) -> bytes:
    line = CANARY + b";20417;1961-07-07;2016;134;2\n"
    return b"PNR;FAMILIE_ID;FOED_DAG;AAR;ORG_NR;AFD_NR\n" + line * (megabytes * 1024**2 // len(line))


def form(content: bytes = CANARY, **changes) -> dict:
    file = SimpleUploadedFile("beboere.csv", content, content_type="text/csv")
    day = f"{date.today() + timedelta(days=30):%d.%m.%Y}"
    return {"name": "Beboere 2016, Aarhus", "delete_on": day, "file": file} | changes


def folders() -> set[Path]:
    base = Path(settings.DATA_DIR) / "extracts"
    return set(base.iterdir()) if base.exists() else set()


def in_clear(*places: Path) -> list[Path]:
    found = []
    for place in places:
        for path in place.rglob("*"):
            if path.is_file() and CANARY in content_of(path):
                found.append(path)
    return found


@pytest.fixture
def temporary(tmp_path, monkeypatch):
    """The folder of temporary files, empty, so that it can be searched."""
    folder = tmp_path / "temporary"
    folder.mkdir()
    monkeypatch.setattr(tempfile, "tempdir", str(folder))
    return folder


@pytest.fixture
def searched(temporary, monkeypatch):
    """Searches the disk after each piece that arrives; gives the counts of pieces and of finds."""
    seen = {"pieces": 0, "finds": []}
    receive = SealingUploadHandler.receive_data_chunk

    def receive_and_search(handler, raw_data, start):
        result = receive(handler, raw_data, start)
        seen["pieces"] += 1
        seen["finds"] += in_clear(Path(settings.DATA_DIR), temporary)
        return result

    monkeypatch.setattr(SealingUploadHandler, "receive_data_chunk", receive_and_search)
    return seen


def test_an_upload_is_never_in_clear_on_the_disk(client, controller, searched, temporary):
    content = large_list()
    client.post(reverse("exports:extract_new"), form(content))
    extract = RegisterExtract.objects.get()
    assert searched["pieces"] >= 4
    assert searched["finds"] == []
    assert in_clear(Path(settings.DATA_DIR), temporary) == []
    with open_age(upload_path(extract.pk), vault.archive_identity()) as plain:
        assert plain.read() == content


def test_the_search_finds_an_upload_that_djangos_own_handlers_take(
    client, controller, temporary, monkeypatch, settings
):
    from django.core.files.uploadhandler import TemporaryFileUploadHandler

    seen = []
    receive = TemporaryFileUploadHandler.receive_data_chunk

    def receive_and_search(handler, raw_data, start):
        receive(handler, raw_data, start)
        handler.file.flush()
        seen.extend(in_clear(temporary))

    monkeypatch.setattr(TemporaryFileUploadHandler, "receive_data_chunk", receive_and_search)
    assert client.post(reverse("exports:project_new"), form(large_list())).status_code == 413
    assert not seen
    settings.DATA_UPLOAD_MAX_MEMORY_SIZE = uploads.MOST_BYTES
    settings.FILE_UPLOAD_HANDLERS = ["django.core.files.uploadhandler.TemporaryFileUploadHandler"]
    client.post(reverse("exports:project_new"), form(large_list()))
    assert seen


def test_a_list_gets_a_run_key_of_its_own_and_a_job(client, controller):
    for _ in range(2):
        answer = client.post(reverse("exports:extract_new"), form())
    first, second = RegisterExtract.objects.order_by("loaded_at")
    assert answer.url == reverse("exports:extract", args=[second.pk])
    assert len(vault.run_key_of(first)) == 32
    assert vault.run_key_of(first) != vault.run_key_of(second)
    assert first.loaded_by == controller
    assert first.delete_on == date.today() + timedelta(days=30)
    assert set(Job.objects.values_list("kind", "extract", "state")) == {
        ("load", first.pk, "queued"),
        ("load", second.pk, "queued"),
    }


def test_the_sealed_upload_is_for_the_owner_of_the_site_only(client, controller):
    client.post(reverse("exports:extract_new"), form())
    path = upload_path(RegisterExtract.objects.get().pk)
    assert path.stat().st_mode & 0o777 == 0o600
    assert path.parent.stat().st_mode & 0o777 == 0o700


@pytest.mark.parametrize(
    "field, changes",
    [
        ("name", {"name": ""}),
        ("name", {"name": "Liste " + cpr_text(date(1971, 7, 7))}),
        ("delete_on", {"delete_on": "snart"}),
        ("delete_on", {"delete_on": f"{date.today():%d.%m.%Y}"}),
        ("delete_on", {"delete_on": f"{date.today() + timedelta(days=366):%d.%m.%Y}"}),
    ],
)
def test_a_mistake_keeps_what_was_typed_and_forgets_the_file(client, controller, field, changes):
    before = folders()
    sent = form(**changes)
    answer = client.post(reverse("exports:extract_new"), sent)
    shown = answer.context["form"]
    assert set(shown.errors) == {field, "file"}
    assert "Vælg filen igen" in shown.errors["file"][0]
    assert (shown["name"].value(), shown["delete_on"].value()) == (sent["name"], sent["delete_on"])
    assert not RegisterExtract.objects.exists()
    assert folders() == before


def test_a_year_ahead_is_allowed_and_ninety_days_are_proposed(client, controller):
    proposed = client.get(reverse("exports:extract_new")).context["form"]["delete_on"].initial
    assert proposed == date.today() + timedelta(days=90)
    client.post(reverse("exports:extract_new"), form(delete_on=f"{date.today() + timedelta(days=365):%d.%m.%Y}"))
    assert RegisterExtract.objects.count() == 1


def test_without_a_file_nothing_happens(client, controller):
    before = folders()
    answer = client.post(reverse("exports:extract_new"), form(file=""))
    assert answer.context["form"].errors == {"file": ["Vælg filen."]}
    assert client.post(reverse("exports:extract_new"), form(b"")).context["form"].errors == {"file": ["Filen er tom."]}
    assert folders() == before


def test_too_large_a_file_is_refused_and_the_fields_are_kept(client, controller, monkeypatch):
    monkeypatch.setattr(uploads.SealedUpload, "most_bytes", 2 * 1024**2)
    before = folders()
    answer = client.post(reverse("exports:extract_new"), form(large_list(5)))
    assert "for stor" in answer.context["form"].errors["file"][0]
    assert answer.context["form"]["name"].value() == "Beboere 2016, Aarhus"
    assert folders() == before


def test_a_workbook_is_refused_with_what_to_do(client, controller):
    answer = client.post(reverse("exports:extract_new"), form(b"PK\x03\x04" + bytes(100)))
    assert "Gem arket som CSV" in answer.context["form"].errors["file"][0]
    assert not RegisterExtract.objects.exists()


@pytest.mark.parametrize("method", ["write", "finish"])
def test_a_full_disk_is_told_and_leaves_nothing(client, controller, monkeypatch, method):
    def full(*args):
        raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))

    before = folders()
    monkeypatch.setattr(AgeWriter, method, full)
    answer = client.post(reverse("exports:extract_new"), form())
    assert "ikke plads" in answer.context["form"].errors["file"][0]
    assert folders() == before


def test_a_second_file_in_the_same_form_is_not_taken(client, controller):
    more = form() | {"other": SimpleUploadedFile("x.csv", CANARY)}
    client.post(reverse("exports:extract_new"), more)
    extract = RegisterExtract.objects.get()
    assert [path.name for path in storage.extract_folder(extract.pk).iterdir()] == ["upload.age"]


@pytest.fixture
def begun(monkeypatch):
    """The ids of uploads that were begun."""
    ids = []
    new_file = SealingUploadHandler.new_file
    monkeypatch.setattr(
        SealingUploadHandler,
        "new_file",
        lambda handler, *args, **kwargs: (new_file(handler, *args, **kwargs), ids.append(handler.owner_id))[0],
    )
    return ids


def test_without_the_token_of_the_page_nothing_is_taken(controller, begun):
    strict = Client(enforce_csrf_checks=True)
    strict.force_login(controller)
    strict.get(reverse("exports:extract_new"))  # for the cookie
    before = folders()
    assert strict.post(reverse("exports:extract_new"), form()).status_code == 403
    assert begun
    assert not RegisterExtract.objects.exists()
    assert folders() == before


def test_the_file_of_somebody_without_the_right_is_not_even_read(client, monkeypatch):
    def never(*args):
        raise AssertionError("read")

    monkeypatch.setattr(SealingUploadHandler, "new_file", never)
    for role in (Role.STAFF, Role.COORDINATOR, Role.EVALUATOR):
        client.force_login(make_user(role))
        assert client.post(reverse("exports:extract_new"), form()).status_code == 403


def test_an_upload_cut_off_on_the_way_leaves_nothing(controller, begun):
    """The client goes away: reading the rest of the body fails."""
    from django.contrib.sessions.backends.db import SessionStore
    from django.test import RequestFactory

    from exports.views.extracts import extract_new

    class CutOff(io.BytesIO):
        def read(self, size=-1):
            piece = super().read(size)
            if not piece or self.tell() > 2 * 1024**2:
                raise OSError("client gone")
            return piece

    before = folders()
    request = RequestFactory().post(reverse("exports:extract_new"), form(large_list(4)))
    request.user, request.session = controller, SessionStore()
    request.COOKIES["csrftoken"] = "a" * 32
    request._stream = CutOff(request._stream.read())
    assert extract_new(request).status_code == 403  # without a body there is no token
    assert begun
    assert folders() == before


# --- The list, one list, deleting -----------------------------------------------------------------------


@pytest.fixture
def extract(controller, client):
    client.post(reverse("exports:extract_new"), form())
    return RegisterExtract.objects.get()


def page_of(client, extract) -> str:
    return client.get(reverse("exports:extract", args=[extract.pk])).content.decode()


def test_faults_are_shown_by_row_and_column(client, extract):
    problems = [{"row": 14120, "column": "FOED_DAG", "text": "Datoen findes ikke."}]
    RegisterExtract.objects.update(state=RegisterExtract.State.REFUSED, problems=problems, rows=7)
    page = page_of(client, extract)
    for expected in ("Række 14.120", "FOED_DAG", "Datoen findes ikke.", "1 af 7 fejl", "Indlæs listen igen"):
        assert expected in page


def test_a_failed_load_says_why_in_words(client, extract):
    extract.jobs.update(state=Job.State.FAILED, problem="disk_full")
    assert "ikke plads på serverens disk" in page_of(client, extract)


def test_progress_of_a_load_is_on_the_page_until_it_is_done(client, extract):
    address = reverse("exports:extract_progress", args=[extract.pk])
    assert address in page_of(client, extract)
    assert "Beboerlisten indlæses" in client.get(address, HTTP_HX_REQUEST="true").content.decode()
    extract.jobs.update(state=Job.State.DONE)
    assert client.get(address, HTTP_HX_REQUEST="true")["HX-Refresh"] == "true"
    assert address not in page_of(client, extract)


def test_deleting_asks_once_then_destroys_key_files_and_job(client, extract):
    address = reverse("exports:extract_delete", args=[extract.pk])
    client.get(address)
    assert upload_path(extract.pk).exists()
    client.post(address)
    extract.refresh_from_db()
    assert extract.state == RegisterExtract.State.DELETED
    assert extract.run_key is None
    assert Path(settings.DATA_DIR) / "extracts" / str(extract.pk) not in folders()
    assert extract.jobs.get().state == Job.State.CANCELLED
    assert client.get(address).status_code == 404
    assert "er slettet" in page_of(client, extract)


def test_deleting_tells_which_orders_wait_for_the_list(client, controller, extract):
    evaluator = make_user(Role.EVALUATOR)
    rule = {"activity_types": ["familieindsats"], "first_year": 2014, "last_year": 2016, "comparison_year": 2016}
    delivery_in(
        State.REQUESTED, make_project(evaluator), by=evaluator, decider=controller,
        kind=Delivery.Kind.COMPARISON, definition={"definition": rule, "extract": str(extract.pk)},
    )  # fmt: skip
    page = client.get(reverse("exports:extract_delete", args=[extract.pk])).content.decode()
    assert "1 bestilling, der ikke er færdig, bruger listen" in page


def test_the_sample_on_the_page_is_a_list_that_is_taken(client, controller, tmp_path):
    assert wording.SAMPLE in client.get(reverse("exports:extract_new")).content.decode()
    loaded = load_residents(
        io.BytesIO(wording.SAMPLE.encode()), tmp_path / "out.parquet", run_key=bytes(32), departments={"134-2"}
    )
    assert (loaded.years, loaded.rows) == ([2016], 3)
    numbers = [line.partition(";")[0] for line in wording.SAMPLE.splitlines()[1:]]
    assert not any(passes_modulus_11(number) or number.startswith("0101") for number in numbers)
    assert wording.PERSON_COLUMNS[0][2] == numbers[0]


def test_the_described_columns_are_those_that_are_read():
    from exports.comparison import row_checks

    assert tuple(name for name, *_ in wording.PERSON_COLUMNS) == row_checks.PERSON
    places = [tuple(name.split(", ")) for name, *_ in wording.PLACE_COLUMNS]
    assert places == [row_checks.BY_DEPARTMENT, row_checks.BY_ADDRESS]
