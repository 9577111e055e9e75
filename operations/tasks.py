"""Celery's doors."""

from celery import shared_task

from accounts import sessions
from operations import rotating
from operations.actions.keys import retire_keys as retire


@shared_task(ignore_result=True)
def retire_keys() -> None:
    rotating.tidy()
    retire()


@shared_task(ignore_result=True)
def forget_sessions() -> None:
    sessions.forget_ended()
