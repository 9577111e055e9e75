"""The whole site as it runs on a server, to break: PostgreSQL, Redis, `manage.py serve` with two web processes, two job
processes and beat, kept alive as systemd does (Restart=always), on a small disk, with a network and a clock of its own.
"""

import contextlib
import multiprocessing
import os
import shutil
import signal
import socket
import struct
import subprocess
import sys
import tempfile
import threading
import time
from collections.abc import Callable
from concurrent.futures import ProcessPoolExecutor
from pathlib import Path
from typing import Any

import requests

from tests.faults import calling, house
from tests.faults.network import Proxy
from tests.faults.traffic import Book, Clerk, Controller, Evaluator, Person
from tests.plugins.processes import ROOT, children, wait_until, without_browser
from tests.servers import Postgres, Redis, free_port

CLERKS = 5
THREADS = 4  # of each web process
LEASE = 3  # seconds; 45 on a site
ANSWERS = 90  # seconds within which the site answers again by itself, on a busy machine
DISK, DATABASE_DISK = "48m", "700m"


class SmallPostgres(Postgres):
    """On a file system of its own, where mounting one is allowed."""

    def prepare(self) -> None:
        self.is_small = mounted(self.folder, DATABASE_DISK)
        if self.is_small:
            shutil.chown(self.folder, self.user)
        super().prepare()

    def stop(self) -> None:
        self.halt()
        if self.is_small:
            subprocess.run(["umount", "--lazy", self.folder], check=True)
        super().stop()


def mounted(folder: Path, size: str) -> bool:
    return not subprocess.run(
        ["mount", "-t", "tmpfs", "-o", f"size={size},mode=0700", "tmpfs", folder], capture_output=True
    ).returncode


def fill(folder: Path) -> Path:
    """Leaves no byte of the folder's disk; the file that is in the way."""
    ballast = folder / "ballast"
    with contextlib.suppress(OSError), ballast.open("wb", buffering=0) as file:
        while file.write(bytes(65536)) == 65536:
            pass
    return ballast


class Running:
    def __init__(self):
        self.folder = Path(tempfile.mkdtemp(prefix="faults-site-"))
        self.data = self.folder / "data"
        self.port = free_port()
        self.address = f"http://127.0.0.1:{self.port}"
        self.book, self.people = Book(), []
        self.starts, self.closing, self.serve = 0, threading.Event(), None
        with contextlib.ExitStack() as begun:
            begun.callback(shutil.rmtree, self.folder, ignore_errors=True)
            self.data.mkdir(mode=0o700)
            self.disk_is_small = mounted(self.data, DISK)
            if self.disk_is_small:
                begun.callback(subprocess.run, ["umount", "--lazy", self.data], check=True)
            self.postgres = SmallPostgres(durable=True)
            begun.callback(self.postgres.stop)
            self.redis = Redis()
            begun.callback(self.redis.stop)
            self.to_postgres, self.to_redis = Proxy(self.postgres.port), Proxy(self.redis.port)
            begun.callback(self.to_postgres.close)
            begun.callback(self.to_redis.close)
            self.environment = self._environment()
            context = multiprocessing.get_context("spawn")
            straight = self.environment | {"DATABASE_URL": self._url(self.postgres.port)}
            self.house = ProcessPoolExecutor(1, context, calling.begin, (straight,))
            begun.callback(self.house.shutdown)
            self.furniture = self.do("furnish", CLERKS)
            self._build_clock()
            self.keeper = threading.Thread(target=self._keep, daemon=True)
            begun.callback(self._end)
            self.keeper.start()
            self.wait_for_answer(120)
            self.ending = begun.pop_all()

    def close(self) -> None:
        for person in self.people:
            person.home.set()
        self.ending.close()

    def do(self, name: str, *args: Any) -> Any:
        """A function of `house`, done there; it goes straight to the database."""
        return self.house.submit(calling.call, getattr(house, name), args).result(120)

    def _url(self, port: int) -> str:
        return self.postgres.url.removesuffix("site").replace(str(self.postgres.port), str(port)) + "postgres"

    def _environment(self) -> dict[str, str]:
        return {
            "DATABASE_URL": self._url(self.to_postgres.port),
            "CELERY_BROKER_URL": f"redis://127.0.0.1:{self.to_redis.port}/0",
            "DATA_DIR": str(self.data),
            "KEY_DIR": str(self.folder / "keys"),
            "JOB_LEASE_SECONDS": str(LEASE),
            "DATABASE_IDLE_SECONDS": "20",
            "PORT": str(self.port),
            "WEB_WORKERS": "2",
            "WEB_THREADS": str(THREADS),
            "JOB_WORKERS": "2",
            "HTTPS": "0",
            "SECOND_FACTOR": "0",
            "CONFIRM_MINUTES": "600",
            "DJANGO_SETTINGS_MODULE": "config.settings",
        }

    # --- The clock -----------------------------------------------------------------------------------

    def _build_clock(self) -> None:
        """Only where there is a C compiler: without one the clock can't be moved."""
        self.clock = self.folder / "clock"
        self.clock.write_bytes(struct.pack("q", 0))
        library = self.folder / "clock.so"
        source = Path(__file__).with_name("clock.c")
        self.can_jump = bool(shutil.which("cc"))
        if self.can_jump:
            subprocess.run(["cc", "-shared", "-fPIC", "-O1", "-o", library, source, "-ldl"], check=True)
            self.preloaded = {"LD_PRELOAD": str(library), "FAULTS_CLOCK": str(self.clock)}
        else:
            self.preloaded = {}

    def jump(self, seconds: int) -> None:
        """From now on the site's clock is so much ahead of this machine's, or behind."""
        with self.clock.open("r+b") as file:
            file.write(struct.pack("q", seconds))

    # --- Its processes -------------------------------------------------------------------------------

    def _keep(self) -> None:
        """As systemd with Restart=always."""
        while not self.closing.is_set():
            self.starts += 1
            with (self.folder / "serve.log").open("a") as output:
                self.serve = subprocess.Popen(
                    [sys.executable, "manage.py", "serve"], cwd=ROOT, stdout=output, stderr=output,
                    start_new_session=True, env={**without_browser(), **self.environment, **self.preloaded},
                )  # fmt: skip
            self.serve.wait()
            time.sleep(0.5)

    def _end(self) -> None:
        self.closing.set()
        if self.serve is not None:
            self.serve.terminate()
        self.keeper.join(30)

    def processes(self) -> dict[str, list[int]]:
        """By what they are."""
        found: dict[str, list[int]] = {"serve": [self.serve.pid]}
        for name, word in (("web server", "gunicorn"), ("job worker", "worker"), ("job scheduler", "beat")):
            found[name] = [pid for pid in children(self.serve.pid) if word in command_of(pid)]
        found["web"] = [pid for server in found["web server"] for pid in children(server)]
        found["job"] = [pid for worker in found["job worker"] for pid in children(worker)]
        return found

    def held_by_web(self, clients: list[socket.socket]) -> list[int]:
        """How many of the clients' connections each web process has taken."""
        ports = {each.getsockname()[1] for each in clients}
        sockets = set()  # at the site's end: its inodes
        for line in Path("/proc/net/tcp").read_text().splitlines()[1:]:
            _, here, there, _, _, _, _, _, _, inode, *_ = line.split()
            if int(here.split(":")[1], 16) == self.port and int(there.split(":")[1], 16) in ports:
                sockets.add(f"socket:[{inode}]")
        return [len(sockets & open_files(pid)) for pid in self.processes()["web"]]

    def wait_until_whole(self) -> None:
        def whole() -> bool:
            found = self.processes()
            return len(found["web"]) == 2 and len(found["job"]) >= 2 and len(found["job scheduler"]) == 1

        self._wait(whole, ANSWERS, "not all processes are there")

    def wait_for_answer(self, seconds: float = ANSWERS) -> None:
        def answers() -> bool:
            with contextlib.suppress(requests.RequestException):
                return requests.get(f"{self.address}/healthz", timeout=10).status_code == 200
            return False

        self._wait(answers, seconds, "the site does not answer")

    def _wait(self, condition: Callable[[], bool], seconds: float, message: str) -> None:
        """Waits until the condition is met; a test that fails shows what the site wrote."""
        try:
            wait_until(condition, seconds)
        except AssertionError:
            log = (self.folder / "serve.log").read_text(errors="replace")[-3000:]
            raise AssertionError(f"{message}: {self.book.faults[-5:]} {self.book.seen}\n{log}") from None

    # --- Its people ----------------------------------------------------------------------------------

    def open(self) -> None:
        """People come to work."""
        given = self.furniture
        self.people: list[Person] = [
            *(Clerk(self.address, name, self.book, given["activity"], pk) for name, pk in given["clerks"]),
            Evaluator(self.address, "evaluator", self.book, given["project"]),
            Controller(self.address, "controller", self.book),
        ]
        for person in self.people:
            person.start()

    def is_worked_at(self, each: int = 1, seconds: float = ANSWERS) -> None:
        """Waits until every one of them has done so much more."""
        before = [person.done for person in self.people]

        def done() -> bool:
            return all(person.done >= was + each for person, was in zip(self.people, before, strict=True))

        self._wait(done, seconds, "work stands still")

    # --- What must hold, whatever happened ------------------------------------------------------------

    def check(self) -> None:
        """People pause, and all that the site has said yes to is looked up."""
        for person in self.people:
            person.pause.set()
        try:
            self._wait(lambda: all(person.waits.is_set() for person in self.people), ANSWERS, "people go on")
            self._wait(lambda: not self.do("open_jobs"), ANSWERS, "jobs do not end")  # no attempt is half way
            self.do("write_down_erasures")
            self._compare(self.do("held"))
        finally:
            for person in self.people:
                person.pause.clear()

    def _compare(self, held: dict[str, Any]) -> None:
        book = self.book
        faults, book.faults = book.faults, []
        assert not faults, f"people saw: {sorted(set(faults))}"
        assert set(book.enrolled.values()) <= held["people"], "an acknowledged registration was lost"
        assert all(count == 1 for key, count in held["known"].items()), "somebody is registered twice"
        assert len(set(book.enrolled.values())) == len(book.enrolled), "two people were told to be one"
        gone = {key for key, person in book.enrolled.items() if person in held["erased"]}
        assert set(book.enrolled) - gone <= set(held["known"]), "an identity was lost without a withdrawal"
        assert book.withdrawn <= held["erased"], "an acknowledged withdrawal was lost"
        assert not held["without_consent"], "an identity is held without consent"
        assert not held["half_erased"], "an identity is half erased"
        assert not held["not_in_journal"], "an erasure is not in the journal"
        assert not held["unsealed"], f"clear or half: {held['unsealed']}"
        assert all(held["told"][person] == 1 for person in book.enrolled.values()), "the log does not tell it once"
        assert book.ordered <= set(held["deliveries"]), "an acknowledged order was lost"
        assert book.approved <= held["approved"], "an acknowledged approval was lost"
        asked_again = {"requested", "prepared"}  # too many have withdrawn since for a group to be told of
        for one in book.approved:
            state = held["deliveries"][one]
            blocked = one in held["blocked_since"] and state in asked_again
            assert blocked or state in {"approved", "built", "failed"}, f"an approved delivery is {state}"
        assert not held["audit_faults"], f"the log is not whole: {held['audit_faults']}"


def command_of(pid: int) -> list[str]:
    try:
        return Path(f"/proc/{pid}/cmdline").read_text().split("\0")
    except (FileNotFoundError, ProcessLookupError):
        return []


def open_files(pid: int) -> set[str]:
    """What its file descriptors lead to."""
    found = set()
    for link in Path(f"/proc/{pid}/fd").iterdir():
        with contextlib.suppress(FileNotFoundError):
            found.add(os.readlink(link))
    return found


def kill(pids: list[int]) -> None:
    for pid in pids:
        with contextlib.suppress(ProcessLookupError):
            os.kill(pid, signal.SIGKILL)
