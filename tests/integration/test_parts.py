"""The parts that a test run really uses."""

import socket
from pathlib import Path

import pytest
from django.conf import settings
from django.db import connection

from config.celery import app
from tests.plugins.processes import content_of


@pytest.mark.django_db
def test_the_run_is_on_the_database_and_broker_that_were_asked_for(pytestconfig):
    vendor, broker = {"sqlite": ("sqlite", "filesystem"), "postgres": ("postgresql", "redis")}[
        pytestconfig.getoption("database")
    ]
    with connection.cursor() as cursor:
        cursor.execute("SELECT sqlite_version()" if vendor == "sqlite" else "SHOW server_version")
        assert cursor.fetchone()[0]
    assert connection.vendor == vendor
    with app.connection_for_write() as broker_connection:
        assert broker_connection.transport_cls == broker
        broker_connection.ensure_connection(max_retries=1)
    assert "DatabaseCache" in settings.CACHES["default"]["BACKEND"]  # limits hold over all processes


@pytest.mark.django_db
def test_sqlite_is_a_file_with_the_pragmas_of_a_real_site():
    if connection.vendor != "sqlite":
        pytest.skip("about SQLite")
    with connection.cursor() as cursor:
        found = {}
        for pragma in ("journal_mode", "foreign_keys", "recursive_triggers", "secure_delete"):
            cursor.execute(f"PRAGMA {pragma}")
            found[pragma] = cursor.fetchone()[0]
    assert found == {"journal_mode": "wal", "foreign_keys": 1, "recursive_triggers": 1, "secure_delete": 1}


@pytest.mark.django_db
def test_the_files_of_sqlite_are_read_by_another_process_only():
    if connection.vendor != "sqlite":
        pytest.skip("about SQLite")
    path = Path(settings.DATA_DIR) / "test.sqlite3"
    with pytest.raises(RuntimeError, match="content_of"):
        path.read_bytes()
    assert content_of(path).startswith(b"SQLite format 3")


@pytest.mark.django_db(transaction=True)
def test_the_flush_between_tests_leaves_the_audit_triggers_in_place():
    from audit import triggers

    assert triggers.missing() == []


def test_no_test_reaches_another_host():
    with socket.socket() as outside, pytest.raises(RuntimeError, match="tried to reach"):
        outside.connect(("192.0.2.1", 80))  # RFC 5737: an address for documentation


def test_folders_of_a_run_are_its_own():
    assert "site-tests-" in str(settings.DATA_DIR)
    assert settings.DATA_DIR not in settings.KEY_DIR.parents
