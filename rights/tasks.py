"""Celery's doors."""

from celery import shared_task

from rights.actions import retention


@shared_task(ignore_result=True)
def erase_due() -> None:
    retention.erase_due()
