"""What happens when the database or the disk can't serve for now: a page that says so (503), and nothing typed is lost.

Such an error passes by itself, or when somebody has made room, and what was asked for can be asked again. Everything
else that nobody expected stays an error of ours (500).
"""

import errno
import sqlite3
import sys
from collections.abc import Iterator
from typing import Any

from django.db import DatabaseError, InterfaceError
from django.http import HttpRequest, HttpResponse
from django.http.request import UnreadablePostError
from django.template.loader import render_to_string
from django.urls import Resolver404, resolve
from django.utils.cache import add_never_cache_headers
from django.views.defaults import server_error

RETRY_AFTER = 10  # seconds, for programs that ask
# Whose forms are shown again to be sent again. Not those of signing in: they hold passwords and codes.
KEPT = {"collection", "consent", "exports", "rights"}
# https://www.postgresql.org/docs/current/errcodes-appendix.html: connections, rollbacks that ask for another try,
# resources, an operator's intervention, the server's disk; a database that only reads, a transaction that was idle too
# long, and a lock that was not to be had.
PASSING_CLASSES = {"08", "40", "53", "57", "58"}
PASSING_STATES = {"25006", "25P03", "55P03"}
PASSING_SQLITE = {
    sqlite3.SQLITE_BUSY, sqlite3.SQLITE_LOCKED, sqlite3.SQLITE_READONLY, sqlite3.SQLITE_IOERR, sqlite3.SQLITE_FULL,
    sqlite3.SQLITE_CANTOPEN,
}  # fmt: skip
PASSING_ERRNO = {errno.ENOSPC, errno.EDQUOT, errno.EROFS, errno.EIO}


def passes(error: BaseException | None) -> bool:
    """Whether the error, or what it came from, is of a database or a disk that can't serve for now."""
    return any(_passes(each) for each in _chain(error))


def _chain(error: BaseException | None) -> Iterator[BaseException]:
    seen: set[int] = set()
    while error is not None and id(error) not in seen:
        seen.add(id(error))
        yield error
        error = error.__cause__ or error.__context__


def _passes(error: BaseException) -> bool:
    if isinstance(error, DatabaseError | InterfaceError):
        driver: Any = error.__cause__
        if isinstance(driver, sqlite3.Error):
            return getattr(driver, "sqlite_errorcode", 0) & 0xFF in PASSING_SQLITE
        state = getattr(driver, "sqlstate", None)
        if state is None:  # never got as far as the server: no connection, or none any more
            return type(error).__name__ in {"OperationalError", "InterfaceError"} and driver is not None
        return state[:2] in PASSING_CLASSES or state in PASSING_STATES
    return isinstance(error, OSError) and error.errno in PASSING_ERRNO


def failed(request: HttpRequest) -> HttpResponse:
    """`handler500`: 503 with a page in words where the error passes, else Django's own 500."""
    if not passes(sys.exception()):
        return server_error(request)
    context = {"again": request.get_full_path(), "typed": _typed(request), "sent": request.method == "POST"}
    response = HttpResponse(render_to_string("503.html", context), status=503, headers={"Retry-After": RETRY_AFTER})
    add_never_cache_headers(response)
    return response


def _typed(request: HttpRequest) -> list[tuple[str, str]]:
    """What was posted, to be sent again: names and values. Nothing where a file was part of it: it can't be kept.

    With the token against forged forms that was posted, not with a fresh one: this runs before the token was looked at,
    and what somebody else's page has posted must fail again.
    """
    if request.method != "POST":
        return []
    try:  # it may have failed before the address was looked up
        match = request.resolver_match or resolve(request.path_info)
    except Resolver404:
        return []
    if match.namespace not in KEPT:
        return []
    try:
        if request.FILES:
            return []
        return [(name, value) for name, values in request.POST.lists() for value in values]
    except UnreadablePostError:
        return []
