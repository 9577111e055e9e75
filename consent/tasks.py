"""Celery's doors."""

from celery import shared_task

from consent.actions.lapse import lapse_due


@shared_task(ignore_result=True)
def lapse() -> None:
    lapse_due()
