"""Celery's doors: they take primary keys and call the work."""

from uuid import UUID

from celery import shared_task
from celery.signals import worker_ready

from exports import expiry, jobs, runners  # noqa: F401  (runners registers what runs a job)


@shared_task(acks_late=True, ignore_result=True)
def run_job(job_id: str) -> None:
    jobs.run(UUID(job_id))


@shared_task(ignore_result=True, expires=15)
def sweep() -> None:
    jobs.sweep()


@shared_task(ignore_result=True)
def expire() -> None:
    expiry.expire_due()


@worker_ready.connect
def sweep_at_start(**kwargs) -> None:
    sweep.delay()
