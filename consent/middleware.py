"""The lock of a device that was handed to a participant.

The session holds the id of the sitting and nothing else of it. As long as it does, every other address answers with
the sitting's own page; only the password of whoever is signed in ends that (`consent.views.screen.unlock_page`).
"""

from collections.abc import Callable
from uuid import UUID

from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.urls import reverse
from django.utils.cache import add_never_cache_headers
from django_htmx.http import HttpResponseClientRedirect

from accounts.permissions import Permission
from accounts.sessions import LENT, new_key
from consent.models import ScreenAnswer

KEY = LENT
PAGES = ("consent:sitting", "consent:sitting_sign", "consent:sitting_unlock")  # the first is where others lead


def lock(request: HttpRequest, sitting: ScreenAnswer) -> None:
    """A new session key too: what the browser or another tab holds from before the lock is of no session then."""
    request.session[KEY] = str(sitting.pk)
    new_key(request)


def unlock(request: HttpRequest) -> None:
    request.session.pop(KEY, None)
    new_key(request)


def sitting_of(request: HttpRequest) -> UUID | None:
    """The sitting that the session is locked to."""
    return UUID(request.session[KEY]) if KEY in request.session else None


class SittingMiddleware:
    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]):
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        # asked first: without a session's cookie this costs nothing, and who isn't signed in finds nothing open anyway
        if KEY in request.session and request.user.is_authenticated:
            response = self._locked(request)
        else:
            response = self.get_response(request)
        if request.user.is_authenticated and request.user.can(Permission.ENROL):
            add_never_cache_headers(response)  # or the way back shows a page from before the device was handed over
        return response

    def _locked(self, request: HttpRequest) -> HttpResponse:
        pages = [reverse(name, args=[sitting_of(request)]) for name in PAGES]
        if request.path in pages:
            response = self.get_response(request)
            if request.method == "GET" or response.status_code < 400:
                return response
        return HttpResponseClientRedirect(pages[0]) if request.htmx else HttpResponseRedirect(pages[0])  # type: ignore[attr-defined]
