"""The measuring of load works: a small site is filled, people sign in and do their errands, and nothing goes wrong."""

import json
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from pathlib import Path

import pytest

from benchmarks.load.report import report
from tests.plugins.processes import without_browser

PAGES = {
    "Opgaver", "list of people", "one person", "list of activities", "one activity", "register: form",
    "register: save, by number", "register: receipt",
}  # fmt: skip


@pytest.fixture
def folder() -> Iterator[Path]:
    """Not below pytest's own folder, which nobody else may enter: PostgreSQL has a user of its own."""
    with tempfile.TemporaryDirectory(prefix="load-") as name:
        Path(name).chmod(0o755)
        yield Path(name)


@pytest.mark.slow
@pytest.mark.one_database
def test_a_small_day_is_measured_without_an_error(folder):
    environment = without_browser()
    for name in ("DATA_DIR", "KEY_DIR", "DATABASE_URL", "CELERY_BROKER_URL", "DJANGO_SETTINGS_MODULE"):
        environment.pop(name, None)

    def load(*arguments: str) -> str:
        done = subprocess.run(
            [sys.executable, "-m", "benchmarks.load", *arguments], env=environment, capture_output=True, text=True
        )
        assert done.returncode == 0, done.stderr[-3000:]
        return done.stdout

    made = json.loads(load("fill", str(folder), "--participants", "2000", "--events", "5000"))
    assert (made["plans"], made["users"], made["participants"], made["events"]) == (89, 600, 2000, 5000)
    short = ["--users", "16", "--arrivals", "4", "--think", "0.2", "--day", "20", "--warm", "6", "--full", "10"]
    tables = load("measure", str(folder), *short, "--workers", "1")

    measured = json.loads((folder / "measured.json").read_text())
    assert {run: measured[run]["failures"] for run in ("morning", "day", "full 1")} == dict.fromkeys(
        ("morning", "day", "full 1"), []
    )
    assert measured["day"]["ordered"]
    assert len(measured["delivery"]) == 1
    assert set(measured["day"]["times_ms"]) | set(measured["full 1"]["times_ms"]) >= PAGES
    assert all(row["queries"] < 30 for row in measured["pages"].values())
    assert tables.strip() == report([measured]).strip()
