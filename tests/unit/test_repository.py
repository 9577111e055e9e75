"""What holds for everything that is kept in the repository."""

import re
import subprocess
from datetime import date
from pathlib import Path

import pytest

from collection import cpr as cpr_rules

ROOT = Path(__file__).resolve().parents[2]
MOST_LINES = 400
LONGER = {
    "scripts/open_delivery.py": "one file that runs alone, on a recipient's machine",
    "tests/integration/exports/test_pages_deliveries.py": "a promise for each role in each state",
    "tests/integration/exports/test_linkage_delivery.py": "a promise for each turn that a delivery may take",
}
# Who reaches participants and participations past the consent gate.
UNGATED = {
    "collection/models/participants.py": "makes the manager",
    "collection/models/participations.py": "makes the manager",
    "consent/gate.py": "is the gate",
    "consent/actions/enrol.py": "looks for somebody who is registered already",
    "consent/actions/merge.py": "says into which row a row was merged",
    "consent/actions/withdraw.py": "erases a person's rows in all plans",
    "consent/erasures.py": "writes down which identities were erased",
    "operations/restoring.py": "finds those whom a backup has brought back, to erase them again",
    "consent/actions/lapse.py": "locks the rows of those whose consent has lapsed",
    "exports/demo/filling.py": "writes the demo in bulk",
    "spreadsheets/flip.py": "looks for participations that are there already, in the last step of an import",
    "benchmarks/linkage.py": "is the floor that the export is measured against",
}
# Places of the machines that we work on, and package sources other than the public ones (which need no naming).
MACHINES = re.compile(
    r"(?<![\w.])/(?:work|tmp/boot|root|home/\w+)/|--(?:extra-)?index-url[ =]|https?://[\w.-]*(?:artifactory|nexus|pypi-proxy)"
)
NUMBER = re.compile(r"(?<![0-9A-Za-z])([0-9]{6})[- ]?([0-9]{4})(?![0-9A-Za-z])")


def tracked() -> dict[str, str]:
    listed = subprocess.run(["git", "ls-files", "-z"], cwd=ROOT, capture_output=True, text=True)
    if listed.returncode:
        pytest.skip("not a git checkout")
    found = {}
    for path in filter(None, listed.stdout.split("\0")):
        content = (ROOT / path).read_bytes() if (ROOT / path).is_file() else b""
        if b"\0" not in content[:8192]:
            found[path] = content.decode(errors="replace")
    return found


@pytest.fixture(scope="module")
def texts() -> dict[str, str]:
    return tracked()


def could_be_somebodys(digits: str) -> bool:
    """A day and month that exist, and a right check digit; whatever the century."""
    try:
        date(2000, int(digits[2:4]), int(digits[:2]))
    except ValueError:
        return False
    return cpr_rules.passes_modulus_11(digits)


def test_no_number_that_could_be_somebodys_is_written_down(texts):
    found = [
        f"{path}, line {text.count(chr(10), 0, match.start()) + 1}"
        for path, text in texts.items()
        for match in NUMBER.finditer(text)
        if could_be_somebodys(match[1] + match[2])
    ]
    assert not found


def test_the_search_for_numbers_finds_one():
    numbers = (f"0707614{serial:03}" for serial in range(1000))
    assert could_be_somebodys(next(number for number in numbers if cpr_rules.passes_modulus_11(number)))


def test_no_python_file_is_longer_than_one_can_read(texts):
    long = {path for path, text in texts.items() if path.endswith(".py") and text.count("\n") > MOST_LINES}
    assert not long - set(LONGER)


def test_only_these_reach_participants_past_the_gate(texts):
    own = {path: text for path, text in texts.items() if path.endswith(".py") and not path.startswith("tests/")}
    found = {path for path, text in own.items() if re.search(r"\.ungated\b|\bungated =", text)}
    assert found == set(UNGATED)


def test_no_file_names_a_machine_or_a_package_source(texts):
    searched = {path: text for path, text in texts.items() if not path.startswith("static/vendor/")}
    assert not [
        path for path, text in searched.items() if path != "tests/unit/test_repository.py" and MACHINES.search(text)
    ]
