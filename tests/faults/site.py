"""A site of its own to break: PostgreSQL, Redis, two workers, and an office where people work, all real processes."""

import contextlib
import multiprocessing
import os
import shutil
import signal
import subprocess
import tempfile
import time
from collections.abc import Callable
from concurrent.futures import ProcessPoolExecutor
from pathlib import Path
from typing import Any
from uuid import UUID

from config.supervisor import beat_command, worker_command
from tests.faults import calling, office
from tests.plugins.processes import ROOT, wait_until, without_browser
from tests.servers import Postgres, Redis

PEOPLE = 2200
LEASE = 3  # seconds; 45 on a site
SECONDS = 120  # for anything to happen


class Site:
    def __init__(self):
        self.folder = Path(tempfile.mkdtemp(prefix="faults-"))
        self.points = self.folder / "points"
        self.workers: list[subprocess.Popen] = []
        self.people = PEOPLE  # with consent
        self.built: dict[UUID, dict[str, str]] = {}  # deliveries that were built undisturbed, and their files
        with contextlib.ExitStack() as begun:
            begun.callback(shutil.rmtree, self.folder, ignore_errors=True)
            self.points.mkdir()
            (self.folder / "data").mkdir(mode=0o700)
            self.postgres = Postgres(durable=True)
            begun.callback(self.postgres.stop)
            self.redis = Redis()
            begun.callback(self.redis.stop)
            self.environment = {
                "DATABASE_URL": self.postgres.url.removesuffix("site") + "postgres",
                "CELERY_BROKER_URL": f"{self.redis.url}/0",
                "DATA_DIR": str(self.folder / "data"),
                "KEY_DIR": str(self.folder / "keys"),
                "JOB_LEASE_SECONDS": str(LEASE),
                "FAULTS": str(self.points),
                "DJANGO_SETTINGS_MODULE": "config.settings",
            }
            context = multiprocessing.get_context("spawn")
            self.office = ProcessPoolExecutor(1, context, office.begin, (self.environment,))
            begun.callback(self.office.shutdown)
            self.projects: list[UUID] = self.do("fill", PEOPLE)
            self.ending = begun.pop_all()

    def close(self) -> None:
        self.end_workers()
        self.ending.close()

    def do(self, name: str, *args: Any) -> Any:
        """A function of `office`, done there."""
        return self.office.submit(calling.call, getattr(office, name), args).result(SECONDS)

    # --- Workers -------------------------------------------------------------------------------------

    def start_workers(self, count: int = 2) -> None:
        """As many as that run, as `manage.py serve` starts them, and beat."""
        self.workers = [worker for worker in self.workers if worker.poll() is None]
        if not self.workers:
            self.workers.append(self._started(beat_command()))
        while len(self.workers) < count + 1:
            command = worker_command(processes=1)
            command[command.index("celery")] = "tests.faults.worker"
            self.workers.append(self._started(command))

    def _started(self, command: list[str]) -> subprocess.Popen:
        with (self.folder / "workers.log").open("a") as output:
            return subprocess.Popen(
                command, cwd=ROOT, stdout=output, stderr=output, start_new_session=True,
                env={**without_browser(), **self.environment},
            )  # fmt: skip

    def end_workers(self) -> None:
        for worker in self.workers:
            with contextlib.suppress(ProcessLookupError):
                os.killpg(worker.pid, signal.SIGKILL)
            worker.wait()
        self.workers = []

    def stop_at(self, point: str) -> None:
        """From now on the next process that reaches the point stops there."""
        (self.points / point).touch()

    def stopped(self) -> int:
        """Waits until one has stopped, and says which (process id)."""
        told = self.points / "stopped"
        self.wait(lambda: told.exists() or self._swept())
        pid = int(told.read_text())
        told.unlink()
        (self.points / f"ended-{pid}").unlink(missing_ok=True)
        wait_until(lambda: Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[0] == "T")
        return pid

    def is_through(self, pid: int) -> bool:
        """Whether the process, which had stopped, has left its job."""
        return (self.points / f"ended-{pid}").exists()

    def steps(self) -> list[str]:
        """Steps that were begun since this was asked last, as `KIND:STEP`."""
        path = self.points / "steps"
        begun = path.read_text().split() if path.exists() else []
        path.unlink(missing_ok=True)
        return begun

    def wait(self, condition: Callable[[], bool], delivery: UUID | None = None) -> None:
        """Waits until the condition is met; a test that fails shows what became of the job, and what workers wrote."""
        try:
            wait_until(condition, SECONDS)
        except AssertionError:
            job = self.do("job_of", delivery) if delivery else ""
            raise AssertionError(f"{job}\n{(self.folder / 'workers.log').read_text()[-5000:]}") from None

    # --- Deliveries ----------------------------------------------------------------------------------

    def until(self, delivery: UUID, state: str) -> None:
        """Sweeps, as beat does more seldom, until the delivery is in the state and has no open job."""

        def there() -> bool:
            self._swept()
            time.sleep(0.2)
            return self.do("state", delivery)[0] == state and not self.do("open_jobs", delivery)

        self.wait(there, delivery)

    def prepared(self, project: UUID) -> UUID:
        delivery = self.do("request", project)
        self.until(delivery, "prepared")
        return delivery

    def built_undisturbed(self) -> UUID:
        """A delivery of the first project that is built, with its files in `built`."""
        for delivery in self.built:
            if self.do("state", delivery)[0] == "built":
                return delivery
        delivery = self.prepared(self.projects[0])
        self.do("approve", delivery)
        self.until(delivery, "built")
        self.built[delivery] = self.do("members_of", delivery)
        return delivery

    def _swept(self) -> bool:
        with contextlib.suppress(Exception):  # whatever the fault is that stands in its way
            self.do("sweep")
        return False

    # --- What must hold, whatever happened -----------------------------------------------------------

    def check(self, delivery: UUID, state: str) -> None:
        """One final state; its files and no others, all sealed; the ledger says who is in them; the log is whole."""
        assert self.do("state", delivery)[0] == state
        assert self.do("open_jobs", delivery) == 0
        files = {
            "prepared": ["frozen.age"],
            "built": ["evaluator.zip.age", "frozen.age", "officer.zip.age"],
        }.get(state, [])
        assert self.do("files_of", delivery) == files
        assert self.do("clear_files") == []
        rows, inside, unusable = self.do("in_ledger", delivery)
        if files:
            assert rows == self.people
            assert unusable == 0
        else:
            assert rows == 0
        if state == "built":
            numbers = self.do("numbers_in_key_file", delivery)
            assert len(set(numbers)) == len(numbers) == inside
            assert sorted(numbers) == sorted(self.do("numbers_in_ledger", delivery))
        assert self.do("audit_faults") == []
