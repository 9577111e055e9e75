"""/healthz tells monitoring what is wrong, and nobody anything else."""

from datetime import timedelta

import pytest
from django.db import OperationalError, connection
from django.utils import timezone

from audit import triggers
from crypto import keys
from crypto.errors import KeyUnavailable
from exports import queries
from exports.models import WorkerSign

pytestmark = pytest.mark.django_db
WELL = {"database": True, "worker": True, "keys": True, "audit": True}


@pytest.fixture(autouse=True)
def worker_was_seen_just_now(db):
    WorkerSign.objects.create(seen_at=timezone.now())


def test_all_is_well_without_signing_in(client):
    response = client.get("/healthz")
    assert (response.status_code, response.json()) == (200, WELL)
    assert "no-store" in response["Cache-Control"]


@pytest.mark.parametrize("seen", [None, timedelta(minutes=10)])
def test_a_silent_worker_is_told(client, seen):
    WorkerSign.objects.all().delete()
    if seen:
        WorkerSign.objects.create(seen_at=timezone.now() - seen)
    response = client.get("/healthz")
    assert (response.status_code, response.json()) == (503, WELL | {"worker": False})


def test_a_key_that_is_gone_is_told_without_saying_which(client, monkeypatch):
    def fail():
        raise KeyUnavailable("the secret path")

    monkeypatch.setattr(keys, "verify", fail)
    response = client.get("/healthz")
    assert (response.status_code, response.json()) == (503, WELL | {"keys": False})


def test_a_missing_audit_trigger_is_told(client):
    triggers.uninstall()
    assert client.get("/healthz").json() == WELL | {"audit": False}


def test_without_a_database_nothing_is_well_and_nothing_fails(client, monkeypatch):
    def fail():
        raise OperationalError("no connection to host db.internal")

    monkeypatch.setattr(connection, "cursor", fail)
    response = client.get("/healthz")
    assert (response.status_code, response.json()) == (503, dict.fromkeys(WELL, False))


def test_a_worker_silence_is_longer_than_the_time_between_two_sweeps(settings):
    sweep = settings.CELERY_BEAT_SCHEDULE["sweep jobs"]["schedule"]
    assert 2 * sweep.run_every < queries.WORKER_SILENCE
