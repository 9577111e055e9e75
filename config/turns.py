"""On SQLite, each web process answers one page at a time; its other threads read and write to slow clients."""

import threading
from collections.abc import Callable

from django.core.exceptions import MiddlewareNotUsed
from django.db import connection
from django.http import HttpRequest, HttpResponse, UnreadablePostError
from django.http.response import HttpResponseBase

SMALL = 64 * 1024  # bytes; larger bodies are uploads, which are read while the view runs


class OneAtATimeMiddleware:
    """Threads that want SQLite's one write lock sleep and try again, and most of a page is Python, which runs in one
    thread at a time anyway: taking turns answers as many pages and answers each sooner (docs/benchmarks.md).

    Reading a form and sending an answer are outside the turn, so a slow telephone holds nobody up.
    """

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponseBase]):
        if connection.vendor != "sqlite":
            raise MiddlewareNotUsed
        self.get_response = get_response
        self._turn = threading.Lock()

    def __call__(self, request: HttpRequest) -> HttpResponseBase:
        if int(request.META.get("CONTENT_LENGTH") or 0) > SMALL:
            return self.get_response(request)
        try:
            request.body  # noqa: B018  # read to its end before the turn
        except UnreadablePostError:  # who sent it is gone
            return HttpResponse(status=400)
        with self._turn:
            return self.get_response(request)
