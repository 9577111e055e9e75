"""Celery's doors."""

from celery import shared_task
from celery.signals import worker_ready

from consent import erasures
from consent.actions.lapse import lapse_due
from consent.actions.proofs import remove_due
from consent.actions.screen import delete_old_answers


@shared_task(ignore_result=True)
def lapse() -> None:
    lapse_due()


@shared_task(ignore_result=True)
def delete_screen_answers() -> None:
    delete_old_answers()


@shared_task(ignore_result=True)
def remove_proofs() -> None:
    remove_due()


@shared_task(ignore_result=True)
def write_down_erasures() -> None:
    erasures.reconcile()


@worker_ready.connect
def write_down_erasures_at_start(**kwargs) -> None:
    write_down_erasures.delay()
