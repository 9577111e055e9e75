"""Celery's doors."""

from celery import shared_task

from audit import anchors


@shared_task(ignore_result=True)
def anchor() -> None:
    anchors.anchor()


@shared_task(ignore_result=True)
def check_all() -> None:
    anchors.check_all()
