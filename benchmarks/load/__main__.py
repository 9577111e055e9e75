"""The evaluation's national day on PostgreSQL and Redis: 600 colleagues at work, and how much more a machine could do.

    python -m benchmarks.load fill FOLDER --participants 50000 --events 500000
    python -m benchmarks.load measure FOLDER [FOLDER ...]

`fill` makes a site in FOLDER, which stays. `measure` starts each with real servers and a real client (locust, in an
environment of its own: `make build/load/installed`), and writes FOLDER/measured.json: what each page asks of the
database; the morning, in which everybody signs in with password and code; the day, each of the 600 at a page every 20
seconds while a linkage delivery is prepared; then as much as 1, 2 and 4 web processes can do. `report FOLDER ...`
writes the tables again.
"""

import argparse
import json
import os
import subprocess
import sys
import time
import urllib.error
import urllib.request
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from benchmarks.load import processes
from benchmarks.load.report import report
from benchmarks.load.site import ROOT, running, step
from tests.servers import free_port

LOCUST = ROOT / "build" / "load" / "bin" / "locust"
CLIENTS_A_WORKER = 6  # more than a web process has threads, so that it is never idle


@dataclass(frozen=True)
class Length:
    """Seconds of the day and of each run at full speed, the first of which don't count; people who sign in, in a
    second."""

    day: int
    full: int
    warm: int
    arrivals: float


def main() -> None:
    parser = argparse.ArgumentParser()
    parser.add_argument("step", choices=["fill", "measure", "report"])
    parser.add_argument("folders", type=Path, nargs="+")
    parser.add_argument("--participants", type=int, default=50_000)
    parser.add_argument("--events", type=int, default=500_000)
    parser.add_argument("--only", nargs="*", default=["pages", "morning", "day", "full"])
    parser.add_argument("--users", type=int, default=600)
    parser.add_argument("--think", type=float, default=20.0, help="mean seconds between two pages of one person")
    parser.add_argument("--day", type=int, default=150, help="seconds")
    parser.add_argument("--full", type=int, default=45, help="seconds for each number of web processes")
    parser.add_argument("--warm", type=int, default=30, help="of the day; of the runs at full speed, a third of it")
    parser.add_argument("--arrivals", type=float, default=4.0, help="people who sign in, in a second")
    parser.add_argument("--workers", type=int, nargs="*", default=[1, 2, 4])
    options = parser.parse_args()
    if options.step == "fill":
        for folder in options.folders:
            with running(folder) as environment:
                sizes = [str(options.participants), str(options.events), str(folder / "accounts.json")]
                print(json.dumps(step(environment | {"DEMO": "1"}, "benchmarks.load.filling", *sizes)))
        return
    if options.step == "measure":
        length = Length(options.day, options.full, options.warm, options.arrivals)
        for folder in options.folders:
            _measure(folder, options, length)
    print(report([json.loads((folder / "measured.json").read_text()) for folder in options.folders]))


def _measure(folder: Path, options: argparse.Namespace, length: Length) -> None:
    kept = folder / "measured.json"
    found = json.loads(kept.read_text()) if kept.exists() else {}

    def keep(part: str, value: object) -> None:
        found[part] = value
        kept.write_text(json.dumps(found, indent=1))
        _say(f"{folder.name}: {part}")

    with running(folder) as environment:
        accounts = folder / "accounts.json"
        keep("sizes", step(environment, "benchmarks.load.filling", "0", "0", str(accounts)))
        if "pages" in options.only:
            keep("pages", step(environment, "benchmarks.load.pages"))
        crowd = {"LOAD_ACCOUNTS": str(accounts), "LOAD_RESULT": str(folder / "result.json")}
        if "morning" in options.only:
            with _site(environment, web=2) as site:
                seconds = options.users / length.arrivals + 15
                morning = {"LOAD_MORNING": "1", "LOAD_THINK": "3"}
                keep("morning", site.run(crowd | morning, options.users, length.arrivals, seconds))
        if {"day", "full"} & set(options.only):
            step(environment, "benchmarks.load.sessions", str(accounts))  # who was not there in the morning
        if "day" in options.only:
            with _site(environment, web=2) as site:
                _statements_from_now(environment)
                day = {"LOAD_THINK": str(options.think), "LOAD_WARM": str(length.warm), "LOAD_ORDER": "1"}
                measured = site.run(crowd | day, options.users, options.users / length.warm, length.day + length.warm)
                keep("day", measured | {"statements": _statements(environment), "think": options.think})
                keep("delivery", _end_jobs(environment))
        if "full" in options.only:
            for web in options.workers:
                with _site(environment, web=web) as site:
                    fast = {"LOAD_THINK": "0", "LOAD_WARM": str(length.warm / 3)}
                    people = min(options.users, CLIENTS_A_WORKER * web)
                    keep(f"full {web}", site.run(crowd | fast, people, people, length.full + length.warm / 3))


class Site:
    """Web and job processes on the databases of `environment`."""

    def __init__(self, environment: dict[str, str], web: int):
        self.port = free_port()
        self.environment = environment | {"WEB_WORKERS": str(web), "PORT": str(self.port)}
        code = (
            "import sys; from config.supervisor import web_command, worker_command; "
            f"print('\\0'.join(web_command('127.0.0.1:{self.port}') if sys.argv[1] == 'web' else worker_command()))"
        )
        self.processes: dict[str, subprocess.Popen] = {}
        for name in ("web", "jobs"):
            said = subprocess.run([sys.executable, "-c", code, name], cwd=ROOT, env=self.environment,
                                  capture_output=True, text=True, check=True)  # fmt: skip
            self.processes[name] = subprocess.Popen(
                said.stdout.strip().split("\0"), cwd=ROOT, env=self.environment,
                stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL,
                stderr=(Path(environment["DATA_DIR"]).parent / f"{name}.log").open("ab"),
            )  # fmt: skip
        self.roots = {name: process.pid for name, process in self.processes.items()} | {
            "PostgreSQL": int(environment["BENCH_POSTGRES"]), "Redis": int(environment["BENCH_REDIS"]),
        }  # fmt: skip

    def wait(self) -> None:
        for _ in range(600):
            try:
                urllib.request.urlopen(f"http://127.0.0.1:{self.port}/log-ind/", timeout=5).read()
                return
            except (urllib.error.URLError, OSError):
                time.sleep(0.2)
        raise SystemExit("the web server did not start")

    def run(self, crowd: dict[str, str], users: int, arrivals: float, seconds: float) -> dict:
        """A run of locust; what it and the processes took."""
        before = {name: processes.seconds(root) for name, root in self.roots.items()}
        machine = processes.machine_seconds()
        began = time.monotonic()
        done = subprocess.run(
            [str(LOCUST), "-f", "benchmarks/load/day.py", "--headless", "--only-summary", "--loglevel", "ERROR",
             "--host", f"http://127.0.0.1:{self.port}", "-u", str(users), "-r", str(arrivals),
             "-t", f"{round(seconds)}s", "--stop-timeout", "0"],
            cwd=ROOT, env=os.environ | crowd | {"PYTHONPATH": str(ROOT)}, capture_output=True, text=True, check=False,
        )  # fmt: skip
        result = Path(crowd["LOAD_RESULT"])
        if not result.exists():
            raise SystemExit(done.stderr[-4000:])
        measured = json.loads(result.read_text())
        result.unlink()
        wall, machine = time.monotonic() - began, processes.machine_seconds() - machine
        used = {name: processes.seconds(root) - before[name] for name, root in self.roots.items()}
        return measured | {
            "users": users,
            "wall_s": wall,
            "cpu_s": used,
            "others_cpu_s": machine - sum(used.values()) - measured["client_cpu_s"],
            "megabytes": {name: processes.megabytes(root) for name, root in self.roots.items()},
        }

    def stop(self) -> None:
        for process in self.processes.values():
            process.terminate()
        for process in self.processes.values():
            try:
                process.wait(20)
            except subprocess.TimeoutExpired:
                process.kill()
                process.wait()


@contextmanager
def _site(environment: dict[str, str], *, web: int) -> Iterator[Site]:
    site = Site(environment, web)
    try:
        site.wait()
        yield site
    finally:
        site.stop()


# --- What is asked of the database itself -----------------------------------------------------------------


def _database(environment: dict[str, str], sql: str) -> list[tuple]:
    import psycopg

    with psycopg.connect(environment["DATABASE_URL"], autocommit=True) as connection:
        cursor = connection.execute(sql)
        return cursor.fetchall() if cursor.description else []


def _statements_from_now(environment: dict[str, str]) -> None:
    _database(environment, "SELECT pg_stat_statements_reset()")


def _statements(environment: dict[str, str]) -> list[dict]:
    """The statements that took most of the database's time since."""
    rows = _database(
        environment,
        "SELECT calls, total_exec_time, mean_exec_time, rows, shared_blks_hit + shared_blks_read, query "
        "FROM pg_stat_statements ORDER BY total_exec_time DESC LIMIT 15",
    )
    names = ("calls", "total_ms", "mean_ms", "rows", "blocks", "query")
    return [dict(zip(names, row, strict=True)) for row in rows]


def _end_jobs(environment: dict[str, str]) -> list[dict]:
    """How far the deliveries came, each of which is then cancelled, so that the next run has the machine for itself."""
    return step(environment, "benchmarks.load.deliveries")["deliveries"]


def _say(line: str) -> None:
    print(f"{time.strftime('%H:%M:%S')} {line}", file=sys.stderr, flush=True)


if __name__ == "__main__":
    main()
