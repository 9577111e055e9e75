"""The key-encryption key: where it comes from, how it is changed, and how it is put back from its backup."""

import base64
import os
import shutil
from pathlib import Path

import pytest
from django.core.management import CommandError, call_command

from accounts.permissions import Role
from config.env import env
from crypto import kek, keys
from crypto.checks import data_keys_open
from crypto.errors import KeyUnavailable
from crypto.models import DataKey
from crypto.rotation import verify_identities
from exports import project_keys
from operations.actions.keys import KekRefused, change_kek, forget_kek_before
from tests.factories.cast import make_participant, make_user
from tests.factories.deliveries import make_project

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def own_folder(settings, tmp_path):
    """The keys of the test's own site: a copy, as the change is for good."""
    shutil.copytree(settings.KEY_DIR, tmp_path / "keys")
    settings.KEY_DIR = tmp_path / "keys"
    keys.forget()
    yield settings.KEY_DIR
    keys.forget()


@pytest.fixture
def controller():
    return make_user(Role.CONTROLLER)


def text_of(path: Path) -> str:
    return path.read_text().strip()


def everything_opens() -> None:
    keys.forget()
    keys.verify()
    project_keys.verify(kek.load_kek())


def test_a_changed_kek_wraps_everything_and_the_one_before_is_kept_until_the_new_one_is_backed_up(
    own_folder, controller, tmp_path
):
    project = make_project(make_user(Role.EVALUATOR), by=controller)
    make_participant()
    before = text_of(own_folder / "kek")
    material = project_keys.load(project.pk)
    data, projects = change_kek(by=controller)
    assert (data, projects) == (len(keys.purposes()), len(project_keys.there()))
    assert text_of(own_folder / "kek.before") == before != text_of(own_folder / "kek")
    everything_opens()
    keys.verify(kek.load_kek().today)
    project_keys.verify(kek.load_kek().today)
    wrong = tmp_path / "wrong"
    wrong.write_text(before)
    with pytest.raises(KekRefused, match="other_key"):
        forget_kek_before(by=controller, copy=wrong)
    held, row = kek.load_kek(), DataKey.objects.earliest("pk")  # wrapped late, by who had read the KEK before
    aad = keys._aad(row.pk, row.purpose)
    row.wrapped = held.before[0].wrap(held.unwrap(bytes(row.wrapped), aad), aad)
    row.save()
    copy = shutil.copy(own_folder / "kek", tmp_path / "backup of the key")
    forget_kek_before(by=controller, copy=Path(copy))
    assert not (own_folder / "kek.before").exists()
    everything_opens()
    assert project_keys.load(project.pk) == material
    assert all(seen.fine for seen in verify_identities())


@pytest.mark.parametrize("point", ["make_before", "wrap", "files"])
def test_killed_at_any_point_of_the_change_everything_opens(own_folder, controller, monkeypatch, point):
    class Killed(BaseException):
        pass

    def kill(*args, **kwargs):
        raise Killed

    make_project(make_user(Role.EVALUATOR), by=controller)
    first = text_of(own_folder / "kek")
    points = {"make_before": (os, "replace"), "wrap": (keys, "rewrap_all"), "files": (project_keys, "_write")}
    with monkeypatch.context() as patch:
        patch.setattr(*points[point], kill)
        with pytest.raises(Killed):
            change_kek(by=controller)
    everything_opens()
    change_kek(by=controller)
    everything_opens()
    assert text_of(own_folder / "kek.before") == first  # not a second new one in between
    (own_folder / "kek.before").unlink()
    everything_opens()


def test_a_key_that_is_destroyed_stays_so(own_folder, controller):
    project = make_project(make_user(Role.EVALUATOR), by=controller)
    project_keys.destroy(project.pk)
    change_kek(by=controller)
    assert not project_keys.is_there(project.pk)


def test_the_kek_may_come_from_the_environment_or_a_file_it_names(own_folder, monkeypatch, tmp_path):
    text = text_of(own_folder / "kek")
    (own_folder / "kek").unlink()
    with pytest.raises(KeyUnavailable):
        kek.load_kek()
    monkeypatch.setenv("KEK", text)
    everything_opens()
    monkeypatch.delenv("KEK")
    (tmp_path / "mounted").write_text(text + "\n")
    monkeypatch.setenv("KEK_FILE", str(tmp_path / "mounted"))
    everything_opens()
    env.ENVIRON.files_cache.clear()  # a process reads such a file once


def test_a_kek_of_the_environment_is_changed_with_the_one_before_beside_it(own_folder, controller, monkeypatch):
    make_project(make_user(Role.EVALUATOR), by=controller)
    monkeypatch.setenv("KEK_BEFORE", text_of(own_folder / "kek"))
    monkeypatch.setenv("KEK", base64.b64encode(os.urandom(32)).decode())
    everything_opens()
    change_kek(by=controller)
    monkeypatch.delenv("KEK_BEFORE")
    everything_opens()


def test_a_fingerprint_tells_keys_apart_and_is_no_part_of_them(own_folder):
    text = text_of(own_folder / "kek")
    first, same = kek.read_kek(text), kek.read_kek(text)
    other = kek.read_kek(base64.b64encode(os.urandom(32)).decode())
    assert first.fingerprint == same.fingerprint != other.fingerprint
    assert first.fingerprint not in base64.b64decode(text).hex()


def test_the_restore_drill_of_the_docs(own_folder, controller, tmp_path, capsys):
    """docs/keys.md, "The drill": the key folder is lost, a wrong copy is refused, the right one opens everything."""
    make_participant()
    backup = tmp_path / "backup"
    shutil.copytree(own_folder, backup)
    shutil.rmtree(own_folder)
    keys.forget()
    assert [problem.id for problem in data_keys_open(None, databases=["default"])] == ["crypto.E002"]
    shutil.copytree(backup, own_folder)
    (own_folder / "kek").write_text(base64.b64encode(os.urandom(32)).decode())
    assert [problem.id for problem in data_keys_open(None, databases=["default"])] == ["crypto.E002"]
    shutil.copy(backup / "kek", own_folder / "kek")
    keys.forget()
    assert data_keys_open(None, databases=["default"]) == []
    call_command("verify_identities")
    assert "collection.Participant.cpr: 1 checked" in capsys.readouterr().out
    call_command("rotate_keys")
    assert kek.load_kek().fingerprint in capsys.readouterr().out


def test_the_command_asks_who_has_decided(controller):
    with pytest.raises(CommandError, match="--by"):
        call_command("rotate_keys", "kek")
    staff = make_user(Role.STAFF)
    with pytest.raises(CommandError, match="--by"):
        call_command("rotate_keys", "kek", by=staff.username)
