"""What recipients do on their own computer: scripts/open_delivery.py as a process of its own, on deliveries of the site
and on archives that somebody has been at."""

import hashlib
import io
import json
import os
import re
import stat
import subprocess
import sys
import zipfile
from pathlib import Path

import pyrage
import pytest
from django.conf import settings
from django.urls import reverse

from accounts.permissions import Role
from crypto.agefile import new_identity, recipient_of
from exports import storage
from exports.models import Reader
from exports.recipients import fingerprint
from tests.factories.cast import make_activity, make_name_identity, make_participant, make_user
from tests.factories.deliveries import approve_and_build, make_delivery, make_project, members
from tests.factories.recipients import IDENTITIES

SCRIPT = settings.BASE_DIR / "scripts" / "open_delivery.py"


def run(folder: Path, *arguments: object) -> subprocess.CompletedProcess:
    return subprocess.run(
        [sys.executable, "-I", SCRIPT, *map(str, arguments)], cwd=folder, capture_output=True, text=True, timeout=60
    )


@pytest.fixture
def key(tmp_path) -> Path:
    path = tmp_path / "min.key"
    path.touch(mode=0o600)
    path.write_text(f"# created: 2026-11-23T09:00:00Z\n{IDENTITIES[Reader.EVALUATOR]}\n")
    return path


def left(folder: Path, *known: Path) -> set[str]:
    """What is in the folder beside what the test put there."""
    return {path.name for path in folder.iterdir()} - {path.name for path in known}


# --- On deliveries of the site --------------------------------------------------------------------------


@pytest.fixture
def delivery(db):
    evaluator, controller = make_user(Role.EVALUATOR), make_user(Role.CONTROLLER)
    activity = make_activity()
    for _ in range(6):
        make_participant(activity)
    make_participant(activity, make_name_identity())
    return approve_and_build(make_delivery(make_project(evaluator, by=controller), by=evaluator), by=controller)


def test_each_readers_archive_is_opened_checked_and_told_in_plain_words(delivery, tmp_path):
    for reader in Reader:
        archive = delivery.archives.get(reader=reader)
        own = tmp_path / f"{reader}.key"
        own.touch(mode=0o600)
        own.write_text(IDENTITIES[reader])
        sealed = storage.absolute(archive)
        ran = run(tmp_path, sealed, "--key", own, "--sha256", archive.sha256)
        assert ran.returncode == 0, ran.stderr
        assert not ran.stderr
        folder = tmp_path / str(reader)
        assert stat.S_IMODE(folder.stat().st_mode) == 0o700
        found = {str(path.relative_to(folder)): path for path in folder.rglob("*") if path.is_file()}
        assert {name: path.read_bytes() for name, path in found.items()} == members(archive)
        assert {stat.S_IMODE(path.stat().st_mode) for path in found.values()} == {0o600}
        manifest = json.loads(found["manifest.json"].read_text())
        project = delivery.project
        told = re.sub(r"\s+", " ", ran.stdout)
        for expected in (
            project.name,
            project.dst_number,
            manifest["delivery"],
            manifest["population"]["da"],
            f"Personer {manifest['persons']}",
            "Periode 2014-2016",
            "Ikke med Har trukket samtykket tilbage: 0",
            "Alle filer er kontrolleret mod manifestet.",
        ):
            assert expected in told
        for name in found:
            [line] = [line for line in ran.stdout.splitlines() if line.strip().split("  ")[0] == name]
            assert len(line.split()) > 1, f"{name} is listed without what it is for"
    assert "Giv dem ikke videre" in run(tmp_path, sealed, "--key", own, "--only-check").stdout
    english = run(tmp_path, sealed, "--key", own, "--only-check", "--english").stdout
    assert "What you may do and may not" in english
    assert "Nothing was kept." in english
    assert not re.search(r"\b(er|ikke|Filer|Personer)\b", english.replace(project.name, ""))


def test_the_site_serves_the_script_with_its_hash(client, db):
    client.force_login(make_user(Role.EVALUATOR))
    given = client.get(reverse("exports:open_delivery"))
    assert given.content == SCRIPT.read_bytes()
    assert given["Content-Disposition"] == 'attachment; filename="open_delivery.py"'
    assert hashlib.sha256(given.content).hexdigest() in client.get(reverse("exports:opening")).content.decode()


# --- On archives that somebody has been at --------------------------------------------------------------

CONTENT = {"data.csv": b"PSEUDONYM;REGION\n" * 5000, "LAES_MIG.txt": "Læs mig\n".encode()}


def manifest_of(contents: dict[str, bytes], **changes) -> dict:
    entries = [
        {"name": name, "size": len(content), "sha256": hashlib.sha256(content).hexdigest()}
        for name, content in contents.items()
    ]
    return {"format": "deltagerdata-linkage-1", "reader": "evaluator", "files": entries} | changes


def seal(folder: Path, files: list[tuple[str, bytes]], *, to: str = "", manifest: object = None, how: int = 0) -> Path:
    """An archive as somebody who knows the public key can make it."""
    plain = io.BytesIO()
    with zipfile.ZipFile(plain, "w", how) as out:
        for name, content in files:
            out.writestr(name, content)
        if manifest is not None:
            out.writestr("manifest.json", manifest if isinstance(manifest, str) else json.dumps(manifest))
    key = pyrage.x25519.Recipient.from_str(to or recipient_of(IDENTITIES[Reader.EVALUATOR]))
    path = folder / "leverance-1.zip.age"
    path.write_bytes(pyrage.encrypt(plain.getvalue().replace(b"bogstav", b"bogst\xe6v"), [key]))
    return path


def refused(folder: Path, archive: Path, key: Path, *more: object) -> str:
    """What the script says when it refuses; nothing is left of what it did."""
    before = {path.name for path in folder.iterdir()}
    ran = run(folder, archive, "--key", key, *more)
    assert ran.returncode == 1, ran.stdout
    assert not ran.stdout
    assert "Traceback" not in ran.stderr
    assert {path.name for path in folder.iterdir()} == before
    return ran.stderr


def test_a_good_archive_opens(tmp_path, key):
    archive = seal(tmp_path, list(CONTENT.items()), manifest=manifest_of(CONTENT))
    ran = run(tmp_path, archive, "--key", key, "--to", "data")
    assert ran.returncode == 0, ran.stderr
    assert (tmp_path / "data" / "data.csv").read_bytes() == CONTENT["data.csv"]
    assert left(tmp_path, archive, key) == {"data"}
    ran = run(tmp_path, archive, "--key", key, "--only-check")
    assert ran.returncode == 0
    assert left(tmp_path, archive, key) == {"data"}


OTHERS = dict(zip(CONTENT, reversed(CONTENT.values()), strict=True))
HARM = {
    "two members swapped": (list(OTHERS.items()), manifest_of(CONTENT), "filen er ikke den, som manifestet"),
    "a letter of a member changed": (
        [("data.csv", CONTENT["data.csv"]), ("LAES_MIG.txt", b"L\xc3\xa6s dig\n")],
        manifest_of(CONTENT),
        "filen er ikke den, som manifestet",
    ),
    "a member shortened": ([("data.csv", CONTENT["data.csv"][:-1])], manifest_of(CONTENT), "filen mangler"),
    "a member longer than it says": (
        [("data.csv", CONTENT["data.csv"] * 1000), ("LAES_MIG.txt", CONTENT["LAES_MIG.txt"])],
        manifest_of(CONTENT),
        "filen er ikke den, som manifestet",
    ),
    "a member that is not listed": (
        [*CONTENT.items(), ("ekstra.csv", b"x")], manifest_of(CONTENT), "ekstra.csv: filen står ikke i manifestet"
    ),
    "a member left out": ([("data.csv", CONTENT["data.csv"])], manifest_of(CONTENT), "LAES_MIG.txt: filen mangler"),
    "a member there twice": (
        [*CONTENT.items(), ("DATA.csv", b"x")], manifest_of(CONTENT | {"DATA.csv": b"x"}), "filen er der to gange"
    ),
    "no manifest": (list(CONTENT.items()), None, "manifest.json: filen mangler"),
    "a manifest that is none": (list(CONTENT.items()), "[]", "manifest.json: filen kan ikke læses"),
    "a manifest nested too deep": (list(CONTENT.items()), "[" * 100_000, "manifest.json: filen kan ikke læses"),
    "a reader of a kind that there is not": (
        list(CONTENT.items()), manifest_of(CONTENT, reader=["evaluator"]), "manifest.json: filen kan ikke læses"
    ),
    "reasons that are none": (
        list(CONTENT.items()), manifest_of(CONTENT, left_out=[1]), "manifest.json: filen kan ikke læses"
    ),
    "a file with a number for a name": (
        list(CONTENT.items()), manifest_of(CONTENT, files=[{"name": 1, "size": 1, "sha256": ""}]), "kan ikke læses"
    ),
    "a name in no character set": ([("æbogstav", b"x")], manifest_of(CONTENT), "ændret eller afbrudt"),
    "a file listed twice": (
        list(CONTENT.items()), manifest_of(CONTENT, files=manifest_of(CONTENT)["files"] * 2), "kan ikke læses"
    ),
}  # fmt: skip


@pytest.mark.parametrize("harm", HARM)
def test_an_archive_that_is_not_as_its_manifest_says_is_refused_whole(tmp_path, key, harm):
    files, manifest, sentence = HARM[harm]
    assert sentence in refused(tmp_path, seal(tmp_path, files, manifest=manifest), key)


@pytest.mark.parametrize("how", [zipfile.ZIP_DEFLATED, zipfile.ZIP_BZIP2, zipfile.ZIP_LZMA])
def test_an_archive_that_would_fill_the_disk_is_refused_before_anything_is_written(tmp_path, key, how):
    zeros = {"data.csv": bytes(50_000_000)}
    archive = seal(tmp_path, list(zeros.items()), manifest=manifest_of(zeros), how=how)
    assert archive.stat().st_size < 100_000
    for more in ([], ["--only-check"]):
        assert "ændret eller afbrudt" in refused(tmp_path, archive, key, *more)


OUTSIDE = ["../ud.csv", "/tmp/ud.csv", "..\\ud.csv", "a/../../ud.csv", ".bashrc", "C:ud.csv", "ud\n.csv"]


@pytest.mark.parametrize("name", OUTSIDE)
def test_a_name_that_leads_out_of_the_folder_is_refused(tmp_path, key, name):
    inside = tmp_path / "inside"
    inside.mkdir()
    files = CONTENT | {name: b"x"}
    archive = seal(inside, list(files.items()), manifest=manifest_of(files))
    assert "navnet er ikke tilladt" in refused(inside, archive, key)
    assert left(tmp_path, inside, key) == set()


@pytest.mark.parametrize("harm", ["byte", "cut", "empty", "not age", "sha256"])
def test_an_archive_that_was_altered_on_its_way_is_refused(tmp_path, key, harm):
    archive = seal(tmp_path, list(CONTENT.items()), manifest=manifest_of(CONTENT))
    content = bytearray(archive.read_bytes())
    if harm == "sha256":
        assert "en anden SHA-256" in refused(tmp_path, archive, key, "--sha256", "0" * 64)
        return
    content[len(content) // 2] ^= 1
    changed = {"byte": content, "cut": archive.read_bytes()[:-20], "empty": b"", "not age": b"PK\x03\x04" * 50}
    archive.write_bytes(changed[harm])
    assert "ændret eller afbrudt" in refused(tmp_path, archive, key)


def test_another_persons_archive_is_refused_with_the_reason(tmp_path, key):
    archive = seal(tmp_path, list(CONTENT.items()), manifest=manifest_of(CONTENT), to=recipient_of(new_identity()))
    assert "forseglet til en anden nøgle" in refused(tmp_path, archive, key)


def test_nothing_is_overwritten(tmp_path, key):
    archive = seal(tmp_path, list(CONTENT.items()), manifest=manifest_of(CONTENT))
    (tmp_path / "leverance-1").mkdir()
    assert "findes allerede" in refused(tmp_path, archive, key)
    assert not list((tmp_path / "leverance-1").iterdir())


def test_what_an_archive_says_cannot_steer_the_terminal(tmp_path, key):
    told = manifest_of(CONTENT, project={"name": "\x1b[2J\x1b]0;x\x07Skjult", "dst_number": "1"}, persons="\x1b[31m")
    ran = run(tmp_path, seal(tmp_path, list(CONTENT.items()), manifest=told), "--key", key)
    assert ran.returncode == 0
    assert "Skjult" in ran.stdout
    assert "\x1b" not in ran.stdout


# --- Keys -----------------------------------------------------------------------------------------------


def test_a_new_key_is_for_its_owner_only_and_its_fingerprint_is_the_sites(tmp_path):
    made = run(tmp_path, "--new-key", "ny.key")
    assert made.returncode == 0, made.stderr
    path = tmp_path / "ny.key"
    assert stat.S_IMODE(path.stat().st_mode) == 0o600
    identity = path.read_text().splitlines()[-1]
    public = recipient_of(identity)
    assert public in made.stdout
    assert fingerprint(public) in made.stdout
    assert identity not in made.stdout + made.stderr
    (tmp_path / "offentlig.txt").write_text(f"{public}\n")
    for name in ("ny.key", "offentlig.txt"):
        assert fingerprint(public) in run(tmp_path, "--fingerprint", name).stdout
    again = run(tmp_path, "--new-key", "ny.key")
    assert again.returncode == 1
    assert "findes allerede" in again.stderr
    assert path.read_text().splitlines()[-1] == identity


def test_a_key_that_others_can_read_is_warned_of(tmp_path, key):
    os.chmod(key, 0o644)
    ran = run(tmp_path, "--fingerprint", key)
    assert ran.returncode == 0
    assert f"chmod 600 {key}" in ran.stderr


@pytest.mark.parametrize("text", ["", "ikke en nøgle", "age1xyz", "AGE-SECRET-KEY-1QQQ"])
def test_a_file_that_is_no_key_is_refused(tmp_path, text):
    (tmp_path / "x.key").write_text(text)
    os.chmod(tmp_path / "x.key", 0o600)
    ran = run(tmp_path, "--fingerprint", "x.key")
    assert ran.returncode == 1
    assert "er ikke en" in ran.stderr
    assert "Traceback" not in ran.stderr
