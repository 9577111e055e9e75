"""Celery's doors."""

from celery import shared_task

from spreadsheets import expiry


@shared_task(ignore_result=True)
def expire() -> None:
    expiry.expire_due()
