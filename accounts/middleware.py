"""What every request of somebody signed in must pass: the session's limits, and the second factor."""

from collections.abc import Callable
from urllib.parse import urlencode

from allauth.mfa.models import Authenticator
from allauth.mfa.utils import is_mfa_enabled
from django.conf import settings
from django.contrib import messages
from django.contrib.auth import SESSION_KEY
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import ngettext
from django_htmx.http import HttpResponseClientRedirect

from accounts import sessions

FACTORS = [Authenticator.Type.TOTP, Authenticator.Type.WEBAUTHN]
# What is open to somebody who has yet to show a second factor, and what only to somebody who has none yet.
ALWAYS_OPEN = {
    "account_logout",
    "account_reauthenticate",
    "mfa_reauthenticate",
    "mfa_reauthenticate_webauthn",
    "accounts:accessibility",
    "set_language",
    "healthz",
}
TO_SET_UP = {"mfa_index", "mfa_activate_totp", "mfa_add_webauthn"}


class SessionLimitMiddleware:
    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]):
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        # asked first: without a session's cookie this costs nothing
        if SESSION_KEY in request.session and request.user.is_authenticated:
            if why := sessions.overstayed(request):
                sessions.end(request, why)
                messages.info(request, _told(why))
                return _sent_to(request, "account_login")
            sessions.note_seen(request)
        return self.get_response(request)


class SecondFactorMiddleware:
    """Leads who has no second factor to setting one up; nothing else is open to them before."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]):
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        return self.get_response(request)

    def process_view(self, request: HttpRequest, view, args, kwargs) -> HttpResponse | None:
        if not settings.SECOND_FACTOR or not request.user.is_authenticated or sessions.has_second_factor(request):
            return None
        assert request.resolver_match
        name = request.resolver_match.view_name
        if name in ALWAYS_OPEN:
            return None
        if is_mfa_enabled(request.user, FACTORS):  # the session is from before it was asked for
            return _sent_to(request, "mfa_reauthenticate")
        return None if name in TO_SET_UP else _sent_to(request, "mfa_index")


def _told(why: str) -> str:
    if why == "idle":
        told = ngettext(
            "Siden har ikke været brugt i %(n)d minut, så vi har logget dig ud.",
            "Siden har ikke været brugt i %(n)d minutter, så vi har logget dig ud.",
            settings.IDLE_MINUTES,
        ) % {"n": settings.IDLE_MINUTES}
    else:
        told = ngettext(
            "Du har været logget ind i %(n)d time, så vi har logget dig ud.",
            "Du har været logget ind i %(n)d timer, så vi har logget dig ud.",
            settings.SESSION_HOURS,
        ) % {"n": settings.SESSION_HOURS}
    return f"{told} {_('Det passer på deltagernes oplysninger. Log ind igen for at gå videre.')}"


def _sent_to(request: HttpRequest, name: str) -> HttpResponse:
    """To the page `name`, and from there back to this one if it was only read."""
    address = reverse(name)
    if request.method == "GET" and not request.htmx:  # type: ignore[attr-defined]
        address += "?" + urlencode({"next": request.get_full_path()})
    return HttpResponseClientRedirect(address) if request.htmx else HttpResponseRedirect(address)  # type: ignore[attr-defined]
