"""A backup is made, things happen, and it is restored: by the commands, at sites of their own."""

import base64
import hashlib
import io
import json
import os
import subprocess
import sys
import tarfile
from dataclasses import asdict, replace
from datetime import timedelta
from pathlib import Path
from uuid import uuid4

import pytest
from django.core.management import CommandError, call_command
from django.db import connection
from django.db.models import F
from django.utils import timezone
from django.utils.timezone import localdate

from audit.models import Event, Head
from collection.models import Participant
from consent import erasures
from crypto.agefile import AgeWriter, new_identity, open_age, recipient_of
from exports.models import WorkerSign
from operations import backups, restoring
from operations.backups import BackupRefused, Manifest
from tests.factories.cast import make_participant
from tests.plugins.processes import ROOT, environment_beside


class Place:
    """A site with folders and a database of its own; commands run as an operator runs them."""

    def __init__(self, folder: Path, *, keys: Path | None = None):
        self.folder, self.keys = folder, keys or folder / "keys"
        folder.mkdir()
        self.environment = environment_beside(folder / "data", self.keys, folder.name)

    def run(self, *arguments: str, expect: int = 0, stdin: str = "") -> str:
        done = subprocess.run(
            [sys.executable, *arguments], cwd=ROOT, env=self.environment, input=stdin, capture_output=True, text=True
        )
        assert done.returncode == expect, done.stdout[-2000:] + done.stderr[-3000:]
        return done.stdout + done.stderr

    def manage(self, *arguments: str, **options) -> str:
        return self.run("manage.py", *arguments, **options)

    def do(self, *arguments: str):
        output = self.run("-m", "tests.integration.operations.a_site", *arguments)
        return json.loads(output[: output.rindex("\n")] if "\n" in output.strip() else output)


@pytest.fixture
def recipient(tmp_path):
    """The file with the private key, and the public one."""
    identity = new_identity()
    file = tmp_path / "recipient.txt"
    file.write_text(f"# public key: {recipient_of(identity)}\n{identity}\n")
    return file, recipient_of(identity)


@pytest.mark.slow
@pytest.mark.django_db(transaction=True)
def test_a_backup_brings_the_site_back_and_nobody_who_has_withdrawn_since(tmp_path, recipient):
    private, public = recipient
    site = Place(tmp_path / "one")
    site.manage("migrate", "--verbosity=0")
    stays, leaves = reversed(site.do("enrol"))
    site.manage("backup", "--to", str(tmp_path / "backups"), "--recipient", public)
    (kept,) = backups.kept(tmp_path / "backups")
    assert not kept.is_due
    inside = open_age(kept.file, new_identity_in(private)).read()
    for secret in (site.keys / "kek", *(site.keys / "projects").glob("*.key")):
        assert secret.read_bytes().strip() not in inside
    site.do("withdraw", leaves)

    # into the same site: refused while it holds something, unless somebody says so in words
    assert "not empty" in site.manage("restore", str(kept.file), "--identity", str(private), expect=1)
    assert "Not confirmed" in site.manage(
        "restore", str(kept.file), "--identity", str(private), "--force", expect=1, stdin="yes\n"
    )
    assert site.do("look")["numbers"][leaves] is None

    # on another machine: an empty database, the keys and the witness from their own backups
    other = Place(tmp_path / "two", keys=site.keys)
    said = other.manage("restore", str(kept.file), "--identity", str(private))
    assert "1 identities and 0 project keys" in said
    found = other.do("look")
    assert found["numbers"] == {leaves: None, stays: True}
    assert found["decisions"].count("withdrawn") == 1
    assert found["proofs"] == ["<svg/>"]
    assert found["restored"] == 1
    assert found["sessions"] == 0
    assert "is whole" in other.manage("verify_audit")
    other.manage("verify_identities")

    # and over the first one
    site.manage("restore", str(kept.file), "--identity", str(private), "--force", stdin="replace this site\n")
    assert site.do("look")["numbers"] == {leaves: None, stays: True}


@pytest.mark.slow
@pytest.mark.django_db(transaction=True)
def test_an_older_backup_is_migrated_and_a_newer_one_refused(tmp_path, recipient):
    private, public = recipient
    site = Place(tmp_path / "three")
    site.manage("migrate", "--verbosity=0")
    site.do("enrol")
    site.manage("migrate", "operations", "zero", "--verbosity=0")  # the version before this app
    site.manage("backup", "--to", str(tmp_path / "backups"), "--recipient", public)
    (kept,) = backups.kept(tmp_path / "backups")
    other = Place(tmp_path / "four", keys=site.keys)
    arguments = ("restore", str(kept.file), "--identity", str(private))
    assert "journal" in other.manage(*arguments, expect=1)
    other.manage(*arguments, "--without-journal")
    assert "[X] 0001_initial" in other.manage("showmigrations", "operations")
    assert len(other.do("look")["numbers"]) == 2


def new_identity_in(file: Path) -> str:
    return file.read_text().splitlines()[-1]


# --- What a backup must be ---------------------------------------------------------------------------------


def manifest(**changes) -> Manifest:
    fitting = Manifest(
        1, "2026-01-01T00:00:00+00:00", "2026-02-05", connection.vendor, "", restoring.kek.load_kek().fingerprint, 0,
        backups.applied(), {},
    )  # fmt: skip
    made = replace(fitting, **{name: value for name, value in changes.items() if name != "seal"})
    kek = restoring.kek.Kek(changes["seal"]) if "seal" in changes else restoring.kek.load_kek()
    return replace(made, seal=base64.b64encode(kek.wrap(b"", made.text)).decode())


@pytest.mark.django_db
@pytest.mark.parametrize(
    "changes, sentence",
    [
        ({"migrations": [["consent", "0999_of_tomorrow"]]}, "newer version"),
        ({"vendor": "oracle"}, "is of oracle"),
        ({"kek": "00112233"}, "needs the key-encryption key 00112233"),
    ],
)
def test_what_this_site_cannot_hold_is_refused_with_a_sentence(changes, sentence):
    restoring.check_fits(manifest())
    with pytest.raises(BackupRefused, match=sentence):
        restoring.check_fits(manifest(**changes))


@pytest.mark.django_db
def test_a_backup_that_somebody_else_made_or_changed_is_refused():
    """Whoever knows the recipient's public key, the site's fingerprint and an old database could seal one."""
    whole = manifest()
    for forged in (replace(whole, seal=""), replace(whole, files={"database": [1, "00"]}), manifest(seal=bytes(32))):
        with pytest.raises(BackupRefused, match="not made by this site"):
            restoring.check_fits(forged)


def packed(files: dict[str, bytes], told: dict[str, bytes]) -> io.BytesIO:
    """A backup with these files, whose manifest tells of those."""
    made = Manifest(1, "", "", "", "", "", 0, [], {})
    made.files = {name: [len(content), hashlib.sha256(content).hexdigest()] for name, content in told.items()}
    out = io.BytesIO()
    with tarfile.open(fileobj=out, mode="w") as archive:
        for name, content in [*files.items(), ("manifest.json", json.dumps(asdict(made)).encode())]:
            member = tarfile.TarInfo(name)
            member.size = len(content)
            archive.addfile(member, io.BytesIO(content))
    out.seek(0)
    return out


GOOD = {"database": b"rows", "files/proofs/a.age": b"sealed"}


def test_a_whole_backup_is_unpacked(tmp_path):
    backups.unpack(packed(GOOD, GOOD), tmp_path)
    assert (tmp_path / "files/proofs/a.age").read_bytes() == b"sealed"


@pytest.mark.parametrize(
    "files",
    [
        {"database": b"rows"},
        GOOD | {"files/proofs/a.age": b"Sealed"},
        GOOD | {"files/proofs/b.age": b"more"},
        GOOD | {"files/proofs/../../outside": b"x"},
        GOOD | {"TMP/outside": b"x"},
    ],
    ids=["a file is missing", "a file was altered", "a file too many", "out of the folder", "elsewhere"],
)
def test_a_backup_that_is_not_its_manifests_is_refused(tmp_path, files):
    into = tmp_path / "into"
    into.mkdir()
    files = {name.replace("TMP", str(tmp_path)): content for name, content in files.items()}  # absolute, but harmless
    with pytest.raises(BackupRefused):
        backups.unpack(packed(files, GOOD), into)
    assert not (tmp_path / "outside").exists()


@pytest.mark.parametrize(
    "files",
    [
        {"files/proofs/a.age": b"sealed"},
        {"database": b"rows", "files/proofs/../../../outside": b"x"},
        {"database": b"rows", "files/witness/audit-anchors.jsonl": b"x"},
        {"database": b"rows", "other": b"x"},
    ],
    ids=["no database", "out of the folder", "a folder that is not its own", "elsewhere"],
)
def test_a_backup_that_says_of_itself_what_no_backup_holds_is_refused(tmp_path, files):
    """Anybody who knows the recipient's public key can seal one, with a manifest that fits."""
    into = tmp_path / "a" / "b"
    into.mkdir(parents=True)
    with pytest.raises(BackupRefused):
        backups.unpack(packed(files, files), into)
    assert not list(tmp_path.rglob("outside"))


def test_a_manifest_of_another_format_is_refused(tmp_path, monkeypatch):
    monkeypatch.setattr(backups, "FORMAT", 2)
    with pytest.raises(BackupRefused, match="manifest"):
        backups.unpack(packed(GOOD, GOOD), tmp_path)


@pytest.mark.django_db
def test_rows_that_were_lost_on_the_way_are_told():
    restoring._check_counts(manifest(counts={"accounts_user": 0}))
    with pytest.raises(BackupRefused, match="accounts_user"):
        restoring._check_counts(manifest(counts={"accounts_user": 1}))


@pytest.mark.django_db
def test_nothing_is_put_in_the_place_of_a_site_that_runs_or_holds_something():
    assert "people" not in restoring.holdings()
    make_participant()
    assert "1 people" in restoring.holdings()
    WorkerSign.objects.create(seen_at=timezone.now())
    with pytest.raises(BackupRefused, match="running"):
        restoring.holdings()
    WorkerSign.objects.update(seen_at=timezone.now() - timedelta(minutes=2))
    assert restoring.holdings()


def keep_backup(folder: Path, name: str, *, days: int) -> None:
    """One that is to be deleted in so many days."""
    with AgeWriter(folder / f"{name}.tar.age", [recipient_of(new_identity())]) as out:
        out.write(b"x")
    note = {"made_at": "2026-01-01T00:00:00+00:00", "expires_on": str(localdate() + timedelta(days)), "size": 1}
    backups.note_of(folder / f"{name}.tar.age").write_text(json.dumps(note))


def test_an_expired_backup_is_deleted_and_another_stays(tmp_path):
    keep_backup(tmp_path, "1", days=0)
    keep_backup(tmp_path, "2", days=1)
    assert [file.name for file in backups.delete_expired(tmp_path)] == ["1.tar.age"]
    assert sorted(os.listdir(tmp_path)) == ["2.tar.age", "2.tar.age.json"]


def test_when_a_project_has_ended_all_but_the_newest_can_be_deleted(tmp_path):
    for name in "123":
        keep_backup(tmp_path, name, days=30)
    backups.delete_expired(tmp_path, only_newest=True)
    assert [each.file.name for each in backups.kept(tmp_path)] == ["3.tar.age"]


@pytest.mark.django_db
def test_the_list_of_backups_says_what_is_to_be_done_with_them(settings, tmp_path, capsys):
    settings.WITNESS_DIR = tmp_path
    with pytest.raises(CommandError, match="no folder"):  # such as a disk that is not mounted
        call_command("backups", tmp_path / "gone", "--delete-expired")
    call_command("backups", tmp_path)
    assert "no backups" in capsys.readouterr().out
    keep_backup(tmp_path, "1", days=30)
    call_command("backups", tmp_path)
    assert "(" not in capsys.readouterr().out
    erasures.keep_project(uuid4())
    (tmp_path / "1.tar.age").unlink()
    call_command("backups", tmp_path)
    told = capsys.readouterr().out
    assert "the file is gone" in told
    assert "codes of a project that has ended" in told


@pytest.mark.django_db
def test_only_what_is_being_restored_may_have_a_log_that_is_older_than_its_anchors(settings, tmp_path, monkeypatch):
    settings.DATA_DIR = settings.WITNESS_DIR = tmp_path
    accepted = []
    monkeypatch.setattr(restoring, "_accept", lambda: accepted.append(1))
    assert restoring.look_through(print)
    assert not accepted
    with pytest.raises(CommandError, match="No restore is under way"):
        call_command("restore", "--open")
    restoring.mark().touch()
    assert restoring.look_through(print)
    assert accepted == [1]
    assert not restoring.mark().exists()


def test_a_site_that_is_half_restored_does_not_open(settings, tmp_path):
    settings.DATA_DIR = tmp_path
    restoring.refuse_unfinished()
    restoring.mark().touch()
    with pytest.raises(SystemExit, match="restore"):
        restoring.refuse_unfinished()
    restoring.open_site()
    restoring.refuse_unfinished()


@pytest.mark.django_db
def test_a_restored_site_opens_only_when_its_log_and_its_identities_are_in_order(settings, tmp_path):
    settings.DATA_DIR = settings.WITNESS_DIR = tmp_path
    person = make_participant()
    record = Participant.ungated.get(pk=person.pk).cpr.record
    restoring.mark().touch()
    Participant.ungated.update(cpr=b"\x01" + bytes(60))
    assert not restoring.look_through([].append)
    Participant.ungated.update(cpr=record)
    Head.objects.update(sequence=F("sequence") + 1)  # as if the last event were cut off
    assert not restoring.look_through([].append)
    assert restoring.unfinished()
    Head.objects.update(sequence=F("sequence") - 1)
    said: list[str] = []
    assert restoring.look_through(said.append)
    assert said[0] == f"Audit log: {Event.objects.count()} events, 0 faults."
    assert not restoring.unfinished()
