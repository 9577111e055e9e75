"""Questions about jobs."""

from datetime import timedelta

from django.utils import timezone

from exports.models import WorkerSign

WORKER_SILENCE = timedelta(seconds=90)  # beat sweeps every 15 seconds, and a running job reports all the time


def worker_is_there() -> bool:
    """Whether a worker was heard of within the last minute and a half."""
    return WorkerSign.objects.filter(seen_at__gt=timezone.now() - WORKER_SILENCE).exists()
