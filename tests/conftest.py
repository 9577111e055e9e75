"""What every test gets. Folders, database and broker were chosen earlier, by tests/plugins/site.py."""

import gc
import ipaddress
import os
import socket
import sys
from pathlib import Path

import pytest
from django.conf import settings
from django.db import transaction
from django.test import TransactionTestCase
from django.utils import translation
from hypothesis import settings as hypothesis_settings

# Without deadline: how long an example takes depends on what else the machine does.
hypothesis_settings.register_profile("site", deadline=None, print_blob=True)
hypothesis_settings.load_profile("site")

pytest_plugins = ["tests.plugins.browser", "tests.plugins.processes"]


def pytest_configure(config):
    settings.TESTING = True  # keys are made without the loud notice
    settings.PASSWORD_HASHERS = ["django.contrib.auth.hashers.MD5PasswordHasher"]  # a slow one only costs time here
    # Asked for in the tests of signing in, which set them: those of all else sign in by `force_login`.
    settings.SECOND_FACTOR = settings.STEP_UP = False
    # Hashed file names need `collectstatic`; tests/integration/test_serve.py does that for real.
    settings.STORAGES = {
        **settings.STORAGES,
        "staticfiles": {"BACKEND": "django.contrib.staticfiles.storage.StaticFilesStorage"},
    }


def pytest_collection_finish():
    """What is loaded by now stays: looking through it for garbage again and again takes an eighth of the run."""
    gc.collect()
    gc.freeze()
    gc.set_threshold(20_000, 20, 20)


@pytest.fixture(autouse=True)
def in_danish():
    """A page asked for in English leaves English behind in this thread: each test begins and ends in Danish."""
    with translation.override(settings.LANGUAGE_CODE):
        yield


@pytest.fixture(scope="module")
def module_db(django_db_setup, django_db_blocker):
    """For fixtures of a module: what they write is there for each of its tests, which undo only what they write
    themselves. Not beside transactional tests."""
    with django_db_blocker.unblock(), transaction.atomic():
        yield
        transaction.set_rollback(True)


@pytest.fixture(scope="session")
def django_db_modify_db_settings():
    """SQLite in a file, as on a real site: WAL, locks and other processes count. Each xdist worker has its own."""
    database = settings.DATABASES["default"]
    worker = os.environ.get("PYTEST_XDIST_WORKER", "main")
    if database["ENGINE"].endswith("sqlite3"):
        database["TEST"]["NAME"] = str(settings.DATA_DIR / "test.sqlite3")
    else:
        database["TEST"]["NAME"] = f"test_{worker}"


def _keep_locks(event: str, arguments: tuple) -> None:
    """Refuses to open SQLite's files from Python: closing them again ends the locks that this process has on them
    (sqlite.org/howtocorrupt.html, 2.2), and another process then deletes the log under our connection."""
    if event == "open" and isinstance(arguments[0], (str, Path)) and "/data/test.sqlite3" in str(arguments[0]):
        raise RuntimeError("Read the database's files with tests.plugins.processes.content_of.")


sys.addaudithook(_keep_locks)


# --- Audit rows can't be deleted, except by the flush between two tests -----------------------------

_flush = TransactionTestCase._fixture_teardown


def _flush_with_audit_unlocked(case: TransactionTestCase) -> None:
    from audit import triggers

    triggers.uninstall()
    try:
        _flush(case)
    finally:
        triggers.install()


TransactionTestCase._fixture_teardown = _flush_with_audit_unlocked


# --- No test reaches beyond this machine ------------------------------------------------------------


class NetworkBlocked(RuntimeError):
    """A test tried to reach a host that is not this machine."""


def _is_local(address: object) -> bool:
    if not isinstance(address, tuple):
        return True  # a unix socket
    try:
        return ipaddress.ip_address(address[0].partition("%")[0]).is_loopback
    except ValueError:
        return address[0] == "localhost"


def _guarded(name: str):
    original = getattr(socket.socket, name)

    def guarded(self, *args):
        if self.family in (socket.AF_INET, socket.AF_INET6) and not _is_local(args[-1]):
            raise NetworkBlocked(f"A test tried to reach {args[-1]}.")
        return original(self, *args)

    return guarded


for _name in ("connect", "connect_ex", "sendto"):
    setattr(socket.socket, _name, _guarded(_name))
