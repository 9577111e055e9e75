"""Makes the site that a test run tests: its folders, its database and its broker, before Django's settings load.

`pytest` uses SQLite and the filesystem broker. `pytest --database=postgres` starts a private
PostgreSQL and a private Redis first and runs the tests that touch the database (tests of pure logic, most browser
tests and those marked `one_database` ran on SQLite already; those marked `slow_on_postgres` are slow tests here).
With xdist the servers are started once, by the controller; every worker has folders, a database and a Redis number of
its own.

It must be an early plugin (`-p` in pyproject.toml): a DATABASE_URL set in conftest.py comes too late, unnoticed.
"""

import os
import shutil
import tempfile
from pathlib import Path

import pytest

from tests.servers import Postgres, Redis, Server

ROOT = Path(__file__).resolve().parents[2]
BASE_VARIABLE = "TEST_SITE_DIR"  # the run's folder, handed from the controller to its workers
TOUCHES_DATABASE = {"db", "transactional_db", "live_server", "django_db_setup", "site_process"}


def pytest_addoption(parser):
    parser.addoption(
        "--database",
        choices=("sqlite", "postgres"),
        default="sqlite",
        help="SQLite with the filesystem broker (default), or private PostgreSQL and Redis servers",
    )


class Site:
    """The run's folder and servers; `close` ends and removes what this process made."""

    def __init__(self, database: str):
        self.worker = os.environ.get("PYTEST_XDIST_WORKER", "")
        self.servers: list[Server] = []
        if self.worker:
            self.base = Path(os.environ[BASE_VARIABLE])
        else:
            self.base = Path(tempfile.mkdtemp(prefix="site-tests-"))
            os.environ[BASE_VARIABLE] = str(self.base)
            self._forget_settings_of_the_shell()
            if database == "postgres":
                self._start_servers()
        self._set_environment()

    def _forget_settings_of_the_shell(self) -> None:
        for line in (ROOT / ".env.example").read_text().splitlines():
            name = line.lstrip("# ").partition("=")[0]
            if name.isupper():
                os.environ.pop(name, None)
                os.environ.pop(f"{name}_FILE", None)

    def _start_servers(self) -> None:
        try:
            for kind in (Postgres, Redis):
                self.servers.append(kind())
            postgres, redis = self.servers
            os.environ["DATABASE_URL"] = postgres.url
            os.environ["TEST_REDIS_URL"] = redis.url
        except BaseException:
            self.close()
            raise

    def _set_environment(self) -> None:
        folder = self.base / (self.worker or "main")
        os.environ.update(DATA_DIR=str(folder / "data"), KEY_DIR=str(folder / "keys"), HTTPS="0", LOG_FORMAT="json")
        os.environ["RATES_KEPT_SECONDS"] = "0"  # each test sees what it wrote
        os.environ["KEYS_KEPT_SECONDS"] = "3600"  # no query among those that a test counts
        (folder / "data" / "static").mkdir(mode=0o700, parents=True)
        if redis := os.environ.get("TEST_REDIS_URL"):
            os.environ["CELERY_BROKER_URL"] = f"{redis}/{int(self.worker.removeprefix('gw') or 0)}"

    def close(self) -> None:
        while self.servers:
            self.servers.pop().stop()
        if not self.worker:
            shutil.rmtree(self.base, ignore_errors=True)


@pytest.hookimpl(wrapper=True)
def pytest_load_initial_conftests(early_config, parser, args):
    site = Site(early_config.known_args_namespace.database)
    early_config.add_cleanup(site.close)
    return (yield)


def runs_on(item: pytest.Item, database: str) -> bool:
    """Everything on one database, SQLite if the test does not name another; on both what can depend on it."""
    if marker := item.get_closest_marker("one_database"):
        return database == (marker.args[0] if marker.args else "sqlite")
    if database == "sqlite":
        return True
    if "browser" in Path(item.path).relative_to(ROOT).parts:
        return item.get_closest_marker("both_databases") is not None
    return item.get_closest_marker("django_db") is not None or not TOUCHES_DATABASE.isdisjoint(item.fixturenames)


@pytest.hookimpl(wrapper=True, tryfirst=True)
def pytest_collection_modifyitems(config, items):
    database = config.getoption("database")
    if database == "postgres":
        for item in items:
            if item.get_closest_marker("slow_on_postgres"):
                item.add_marker("slow")
    yield  # pytest's own choice by `-m`
    left_out = {item for item in items if not runs_on(item, database)}
    config.hook.pytest_deselected(items=list(left_out))
    items[:] = [item for item in items if item not in left_out]


def pytest_report_header(config):
    return f"database: {config.getoption('database')}"
