"""What nobody needs any more is gone: numbers of a list that could not be read, codes of a delivery that ended."""

import os
import stat
import time
from datetime import date, timedelta
from pathlib import Path
from uuid import uuid4

import pytest
from django.conf import settings

from accounts.permissions import Role
from config.env import private_directory
from exports import expiry, storage
from exports.actions.extracts import load_extract
from exports.models import EvaluationProject, Job, RegisterExtract, State
from exports.uploads import SealingUploadHandler, upload_path
from tests.factories.cast import make_user
from tests.factories.deliveries import make_project, run_jobs
from tests.factories.delivery_states import delivery_in

pytestmark = pytest.mark.django_db
DAY = 24 * 60 * 60


def uploaded(content: bytes) -> RegisterExtract:
    upload = SealingUploadHandler()
    upload.new_file("file", "beboere.csv", "text/csv", len(content))
    upload.receive_data_chunk(content, 0)
    upload.file_complete(len(content))
    by = make_user(Role.CONTROLLER)
    return load_extract(by=by, extract_id=upload.owner_id, name="Beboere", delete_on=date.today() + timedelta(9))


def aged(folder: Path) -> Path:
    folder.mkdir(parents=True, exist_ok=True)
    (folder / "frozen.age").touch()
    os.utime(folder, (time.time() - 2 * DAY,) * 2)
    return folder


@pytest.fixture
def project() -> EvaluationProject:
    return make_project()


def test_a_list_without_a_heading_that_can_be_read_is_refused():
    extract = uploaded(b"x" * 300_000)
    run_jobs()
    extract.refresh_from_db()
    assert (extract.state, extract.problems[0]["row"]) == (RegisterExtract.State.REFUSED, 1)
    assert not upload_path(extract.pk).exists()


def test_the_upload_goes_when_its_loading_fails_for_good(monkeypatch):
    def break_down(*args, **kwargs):
        raise RuntimeError

    monkeypatch.setattr("exports.comparison_delivery.load_residents", break_down)
    extract = uploaded(b"PNR;FAMILIE_ID\n")
    assert upload_path(extract.pk).exists()
    run_jobs()
    assert extract.jobs.get().state == Job.State.FAILED
    assert not upload_path(extract.pk).exists()


@pytest.mark.parametrize("state", [State.CANCELLED, State.REJECTED, State.FAILED])
def test_codes_that_a_job_froze_after_the_delivery_had_ended_are_removed(state, project):
    delivery = delivery_in(state, project, by=make_user(Role.CONTROLLER), decider=make_user(Role.CONTROLLER))
    folder = aged(storage.delivery_folder(delivery))
    expiry.expire_due()
    assert not folder.exists()


@pytest.mark.parametrize("state", [State.REQUESTED, State.PREPARED, State.APPROVED])
def test_what_is_under_way_is_kept(state, project):
    delivery = delivery_in(state, project, by=make_user(Role.CONTROLLER), decider=make_user(Role.CONTROLLER))
    folder = aged(storage.delivery_folder(delivery))
    expiry.expire_due()
    assert folder.exists()


def test_a_folder_that_is_not_ours_keeps_no_list_from_being_deleted_on_its_date():
    extract = uploaded(b"PNR\n")
    stranger = aged(Path(settings.DATA_DIR) / "extracts" / "lost+found")
    try:
        expiry.expire_due(extract.delete_on)
        extract.refresh_from_db()
        assert extract.state == RegisterExtract.State.DELETED
        assert stranger.exists()
    finally:
        (stranger / "frozen.age").unlink()
        stranger.rmdir()


def test_what_the_process_writes_is_its_users_alone_also_in_a_folder_that_others_may_enter(tmp_path, monkeypatch):
    before = os.umask(0o022)
    try:
        tmp_path.chmod(0o755)
        monkeypatch.setenv("DATA_DIR", str(tmp_path))
        file = private_directory("DATA_DIR", tmp_path) / str(uuid4())
        file.touch()
        assert stat.S_IMODE(file.stat().st_mode) == 0o600
    finally:
        os.umask(before)
