"""`/healthz`: whether database, worker, keys and audit trail are in order. Says yes or no, nothing more."""

from collections.abc import Callable

import structlog
from django.contrib.auth.decorators import login_not_required
from django.db import connection
from django.http import HttpRequest, JsonResponse
from django.views.decorators.cache import never_cache

log = structlog.get_logger(__name__)


def database() -> bool:
    with connection.cursor() as cursor:
        cursor.execute("SELECT 1")
        return cursor.fetchone() == (1,)


def worker() -> bool:
    """A worker was heard of within the last minute and a half."""
    from exports.queries import worker_is_there

    return worker_is_there()


def keys() -> bool:
    """The data keys open, and are those that wrote the canary."""
    from crypto.keys import verify

    verify()
    return True


def audit() -> bool:
    """The triggers are in place and the chain's head is the last event's."""
    from audit.verify import quick

    return quick()


def passes(probe: Callable[[], bool]) -> bool:
    """False also when the probe fails; the log then has its type and place."""
    try:
        return probe()
    except Exception:
        log.exception("health probe failed", probe=probe.__name__)
        return False


@never_cache
@login_not_required
def healthz(request: HttpRequest) -> JsonResponse:
    """200 when all is well, else 503. Without a database nothing else is asked."""
    found = {"database": passes(database)}
    for probe in (worker, keys, audit):
        found[probe.__name__] = found["database"] and passes(probe)
    return JsonResponse(found, status=200 if all(found.values()) else 503)
