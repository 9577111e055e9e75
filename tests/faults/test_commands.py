"""An operator's command that is killed with -9 in the middle: run again it comes to its end, and until then the site is
whole, or closed."""

import json
import signal
import subprocess
import sys
from pathlib import Path

import pytest
from django.db import connection

from crypto.agefile import new_identity, recipient_of
from tests.plugins.processes import ROOT, environment_beside

pytestmark = [pytest.mark.slow, pytest.mark.django_db(transaction=True)]
CLOSED = "A backup is being restored, or was not restored to the end"
# In the middle of what puts the database in place: while pg_restore runs, and between the old file and the new one.
LOADING = {"postgresql": "operations.databases:subprocess.run&", "sqlite": "shutil:copyfile+"}
RESTORING = [
    LOADING[connection.vendor],
    "shutil:rmtree",  # the database is the backup's, the files are not yet
    "operations.restoring:_erase_again+",
    "operations.restoring:open_site",
]
CHANGING_KEK = ["os:replace", "crypto.keys:rewrap_all", "exports.project_keys:_write"]


class Place:
    """A site of its own, with a database beside the test's."""

    def __init__(self, folder: Path):
        self.data, self.keys = folder / "data", folder / "keys"
        self.environment = environment_beside(self.data, self.keys, "killed")
        self.manage("migrate", "--verbosity=0")

    def _run(self, *arguments: str, stdin: str = "") -> subprocess.CompletedProcess:
        return subprocess.run(
            [sys.executable, *arguments], cwd=ROOT, env=self.environment, input=stdin, capture_output=True, text=True
        )

    def manage(self, *arguments: str, stdin: str = "") -> str:
        done = self._run("manage.py", *arguments, stdin=stdin)
        assert done.returncode == 0, done.stdout[-2000:] + done.stderr[-3000:]
        return done.stdout

    def killed_at(self, point: str, *arguments: str, stdin: str = "") -> None:
        done = self._run("-m", "tests.faults.killed", point, *arguments, stdin=stdin)
        assert done.returncode == -signal.SIGKILL, f"{point}: {done.stdout[-2000:]}{done.stderr[-3000:]}"

    def is_closed(self) -> bool:
        """Neither web nor workers start."""
        return CLOSED in self._run("-c", "import config.wsgi").stderr

    def do(self, *arguments: str):
        done = self._run("-m", "tests.integration.operations.a_site", *arguments)
        assert done.returncode == 0, done.stderr[-3000:]
        return json.loads(done.stdout)


@pytest.fixture
def place(tmp_path):
    return Place(tmp_path)


def test_a_restore_killed_at_any_point_keeps_the_site_closed_and_ends_whole(place, tmp_path):
    """Killed ever later, in the place of a site that has gone on since the backup."""
    stays, leaves = reversed(place.do("enrol"))
    identity = tmp_path / "recipient.txt"
    identity.write_text(new_identity())
    place.manage("backup", "--to", str(tmp_path / "backups"), "--recipient", recipient_of(identity.read_text()))
    (backup,) = (tmp_path / "backups").glob("*.age")
    place.do("withdraw", leaves)
    arguments = ("restore", str(backup), "--identity", str(identity))
    assert not place.is_closed()
    for point in RESTORING:
        place.killed_at(point, *arguments, "--force", stdin="replace this site\n")
        assert (place.data / "restoring").exists(), point
    assert place.is_closed()
    place.manage(*arguments)
    assert not place.is_closed()
    found = place.do("look")
    assert found["numbers"] == {leaves: None, stays: True}
    assert found["decisions"].count("withdrawn") == 1
    assert found["proofs"] == ["<svg/>"]
    assert found["restored"] == 1
    assert "is whole" in place.manage("verify_audit")
    place.manage("verify_identities")
    assert not [each.name for each in place.data.iterdir() if each.name.startswith("restore-")]


def test_a_change_of_the_key_encryption_key_killed_at_any_point_goes_on(place, tmp_path):
    """At each point, everything can be opened as it is left."""
    stays = place.do("enrol")
    before = (place.keys / "kek").read_text()
    for point in CHANGING_KEK:
        place.killed_at(point, "rotate_keys", "kek", "--by", "ansvarlig")
        assert set(place.do("look")["numbers"].values()) == {True}, point
    place.manage("rotate_keys", "kek", "--by", "ansvarlig")
    assert (place.keys / "kek.before").read_text() == before  # not a second new one in between
    assert (place.keys / "kek").read_text() != before
    copy = tmp_path / "copy of the key"
    copy.write_text((place.keys / "kek").read_text())
    place.manage("rotate_keys", "kek", "--by", "ansvarlig", "--backed-up", str(copy))
    assert not (place.keys / "kek.before").exists()
    assert set(place.do("look")["numbers"]) == set(stays)
    place.manage("verify_identities")
