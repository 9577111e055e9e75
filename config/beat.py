"""Celery's beat, for a disk that is full: it goes on sending what is due, and writes down later when that was."""

import dbm

import structlog
from celery import beat

log = structlog.get_logger(__name__)


class Scheduler(beat.PersistentScheduler):
    """Of what it could not write down, a task may be sent once more after a restart: all of them bear that."""

    def sync(self) -> None:
        try:
            super().sync()
        except dbm.error as error:  # OSError is one of them
            log.warning("beat could not write its schedule", error=type(error).__name__)
