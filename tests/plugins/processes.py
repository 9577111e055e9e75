"""Other processes of the site, on the test's own database, folders and broker."""

import contextlib
import os
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]


def database_url(connection) -> str:
    """DATABASE_URL of the database that this test's connection is on."""
    values = connection.settings_dict
    if connection.vendor == "sqlite":
        return f"sqlite:///{values['NAME']}"
    return "postgres://{USER}:{PASSWORD}@{HOST}:{PORT}/{NAME}".format(**values)


def without_browser() -> dict[str, str]:
    """The environment without what a browser test has set before: a site that is served refuses it."""
    return {name: value for name, value in os.environ.items() if name != "DJANGO_ALLOW_ASYNC_UNSAFE"}


def environment_beside(folder: Path, keys: Path, name: str) -> dict[str, str]:
    """Of a site with folders of its own and an empty database of its own, `name` beside the test's on PostgreSQL."""
    from django.db import connection

    address = f"sqlite:///{folder}/site.sqlite3"
    if connection.vendor == "postgresql":
        given = connection.settings_dict
        name = f"{given['NAME']}_{name}"
        with connection._nodb_cursor() as cursor:
            cursor.execute(f"DROP DATABASE IF EXISTS {name} WITH (FORCE)")
            cursor.execute(f"CREATE DATABASE {name}")
        address = "postgres://{USER}:{PASSWORD}@{HOST}:{PORT}/".format(**given) + name
    return without_browser() | {
        "DATA_DIR": str(folder), "KEY_DIR": str(keys), "WITNESS_DIR": str(keys / "witness"), "DATABASE_URL": address,
        "DJANGO_SETTINGS_MODULE": "config.settings",
    }  # fmt: skip


@pytest.fixture
def site_process(transactional_db, tmp_path):
    """`site_process(*arguments, **environment)` starts `python ARGUMENTS` beside the test and ends it after it.

    It sees what the test commits; what it prints is in the file `process.output`. As the leader of a process group
    of its own it can be killed with its children: `os.killpg(process.pid, signal.SIGKILL)`.
    """
    from django.db import connection

    started: list[subprocess.Popen] = []

    def start(*arguments: str, **environment: str) -> subprocess.Popen:
        output = tmp_path / f"output-{len(started)}"
        with output.open("w") as file:
            process = subprocess.Popen(
                [sys.executable, *arguments], cwd=ROOT, stdout=file, stderr=file, start_new_session=True,
                env={**without_browser(), "DATABASE_URL": database_url(connection), **environment},
            )  # fmt: skip
        process.output = output
        started.append(process)
        return process

    yield start
    for process in started:
        with contextlib.suppress(ProcessLookupError):
            os.killpg(process.pid, signal.SIGKILL)
        process.wait()


@pytest.fixture
def start_worker(site_process):
    """`start_worker()` starts a real Celery worker (one process, no beat) on the test's database and broker."""
    from config.supervisor import worker_command

    return lambda **environment: site_process(*worker_command(processes=1)[1:], **environment)


def content_of(path: Path) -> bytes:
    """What a file holds. SQLite's are read by another process: closing them in this one would end its locks on them.

    Raises FileNotFoundError when it is gone meanwhile.
    """
    if "sqlite3" not in path.name:
        return path.read_bytes()
    read = subprocess.run(["cat", path], capture_output=True)
    if read.returncode:
        raise FileNotFoundError(path)
    return read.stdout


def wait_until(condition, seconds: float = 20.0, *, message: str = "it did not happen in time") -> None:
    """Waits until `condition()` is true; fails with the message after that many seconds."""
    deadline = time.monotonic() + seconds
    while not condition():
        assert time.monotonic() < deadline, message
        time.sleep(0.05)


def children(pid: int) -> list[int]:
    """The processes that it has started and that live."""
    found = []
    for stat in Path("/proc").glob("[0-9]*/stat"):
        try:
            parent = int(stat.read_text().rpartition(")")[2].split()[1])
        except (FileNotFoundError, ProcessLookupError):
            continue
        if parent == pid:
            found.append(int(stat.parent.name))
    return found


def kill_in_step(worker, step: str, *, seconds: float = 120) -> None:
    """Waits until the worker reports `step` and kills it and its children at once."""
    from exports.models import Job

    deadline = time.monotonic() + seconds
    while not Job.objects.filter(state=Job.State.RUNNING, step=step).exists():
        assert time.monotonic() < deadline, worker.output.read_text()[-2000:]
        assert not Job.objects.filter(state=Job.State.FAILED).exists(), worker.output.read_text()[-2000:]
        time.sleep(0.002)
    os.killpg(worker.pid, signal.SIGKILL)
    worker.wait()
