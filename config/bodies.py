"""What may be sent: how much, in which letters, and as which cookies."""

from collections.abc import Callable
from typing import Any

from django.conf import settings
from django.core.handlers.wsgi import WSGIHandler, WSGIRequest, get_str_from_wsgi
from django.http import HttpRequest, parse_cookie
from django.http.response import HttpResponseBase
from django.shortcuts import render
from django.utils.functional import cached_property
from django.utils.http import parse_header_parameters


class Request(WSGIRequest):
    """Forms and queries are UTF-8. Django believes the sender's charset, and fails on one that makes no text (hex) or
    can't even be looked up, outside all that answers errors."""

    def _set_content_type_params(self, meta: dict[str, Any]) -> None:
        try:
            self.content_type, self.content_params = parse_header_parameters(meta.get("CONTENT_TYPE", ""))
        except ValueError:  # a charset of RFC 2231 that there isn't
            self.content_type, self.content_params = "", {}

    @cached_property
    def COOKIES(self) -> dict[str, str]:  # type: ignore[override]
        """Without those with a NUL, which a cookie may spell and PostgreSQL can't look a session up by."""
        cookies = parse_cookie(get_str_from_wsgi(self.environ, "HTTP_COOKIE", ""))
        return {name: value for name, value in cookies.items() if "\0" not in value}


class Handler(WSGIHandler):
    request_class = Request


class BodyLimitMiddleware:
    """Refuses what is longer than any form, before a byte of it is read: files are held in memory, and whoever finds
    the sign-in page could send one that fills the disk or keeps a process busy.

    The three views that take large files (CSRF is checked within them) measure what they take themselves.
    """

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponseBase]):
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponseBase:
        return self.get_response(request)

    def process_view(self, request: HttpRequest, view: Callable, args: tuple, kwargs: dict) -> HttpResponseBase | None:
        length = int(request.META.get("CONTENT_LENGTH") or 0)
        if length > settings.DATA_UPLOAD_MAX_MEMORY_SIZE and not getattr(view, "csrf_exempt", False):
            return render(request, "413.html", status=413)
        return None
