"""Beat outlives a full disk."""

import errno

import pytest
from celery.beat import PersistentScheduler

from config.beat import Scheduler
from config.supervisor import beat_command


@pytest.fixture
def scheduler(monkeypatch):
    def full(self):
        raise OSError(errno.ENOSPC, "No space left on device")

    monkeypatch.setattr(PersistentScheduler, "sync", full)
    return Scheduler.__new__(Scheduler)


def test_what_it_could_not_write_down_does_not_end_it(scheduler, caplog):
    scheduler.sync()
    assert "beat could not write its schedule" in caplog.text


def test_another_fault_does(scheduler, monkeypatch):
    monkeypatch.setattr(PersistentScheduler, "sync", lambda self: {}["nothing"])
    with pytest.raises(KeyError):
        scheduler.sync()


def test_the_site_uses_it():
    assert "config.beat:Scheduler" in beat_command()
