"""What a session knows of its sign-in, how long it may last, and how sessions end.

The limits are counted by the site itself: a cookie's age is the browser's word. Times are whole seconds since 1970.
"""

import time

from allauth.account import app_settings as account_settings
from allauth.account.internal.flows.login import get_authentication_records
from allauth.usersessions.models import UserSession
from django.conf import settings
from django.contrib.auth.models import AnonymousUser
from django.contrib.sessions.models import Session
from django.http import HttpRequest
from django.utils import timezone

from accounts.models import User
from audit.recording import audited

SIGNED_IN_AT, SEEN_AT, SECOND_FACTOR = "signed_in_at", "seen_at", "second_factor"
# The session of a device that a participant holds (`consent.middleware`): it is locked, and being idle leaves it so.
LENT = "sitting"
NOTED_EVERY = 60  # seconds: being seen is written at most so often


def begin(request: HttpRequest) -> None:
    """Starts the clocks of a session that has just been signed in to."""
    request.session[SIGNED_IN_AT] = request.session[SEEN_AT] = int(time.time())


def overstayed(request: HttpRequest) -> str:
    """Why the session must end: "age" or "idle"; nothing while it may go on."""
    now, session = time.time(), request.session
    if now - session.get(SIGNED_IN_AT, 0) >= settings.SESSION_HOURS * 3600:
        return "age"
    if LENT not in session and now - session.get(SEEN_AT, 0) >= settings.IDLE_MINUTES * 60:
        return "idle"
    return ""


def note_seen(request: HttpRequest) -> None:
    if time.time() - request.session[SEEN_AT] >= NOTED_EVERY:
        request.session[SEEN_AT] = int(time.time())
        _listed(request).update(last_seen_at=timezone.now())


def seconds_left(request: HttpRequest) -> dict[str, int]:
    """Until the session ends: `idle` if nothing more is asked for, `age` at the latest."""
    age = settings.SESSION_HOURS * 3600 - (time.time() - request.session.get(SIGNED_IN_AT, 0))
    return {"idle": settings.IDLE_MINUTES * 60, "age": max(0, int(age))}


def end(request: HttpRequest, why: str) -> None:
    """Ends the request's own session."""
    with audited(by=request.user) as log:
        log("session.ended", request.user, why=why)
        _listed(request).delete()
        request.session.flush()
    request.user = AnonymousUser()


def forget_ended() -> None:
    """Deletes sessions whose time is over, which anybody can begin any number of by asking to sign in, and with them
    the addresses and browsers of those who were signed in."""
    Session.objects.filter(expire_date__lte=timezone.now()).delete()
    UserSession.objects.exclude(session_key__in=Session.objects.values("session_key")).delete()


def new_key(request: HttpRequest) -> None:
    """Gives the session another key: a cookie from before opens nothing. The list of sessions goes on knowing it."""
    listed = _listed(request)
    row = listed.first()
    request.session.cycle_key()
    if row is not None:
        UserSession.objects.filter(pk=row.pk).update(session_key=request.session.session_key)


def _listed(request: HttpRequest):
    return UserSession.objects.filter(session_key=request.session.session_key)


# --- How sure the site is of who it is ------------------------------------------------------------


def passed_second_factor(request: HttpRequest, user: User) -> None:
    """Bound to the user: what somebody began before signing in as another counts for nothing."""
    request.session[SECOND_FACTOR] = str(user.pk)


def has_second_factor(request: HttpRequest) -> bool:
    return request.session.get(SECOND_FACTOR) == str(request.user.pk)


def recently_confirmed(request: HttpRequest) -> bool:
    """Whether who is signed in proved it within CONFIRM_MINUTES, by signing in or by confirming."""
    oldest = time.time() - account_settings.REAUTHENTICATION_TIMEOUT
    records = get_authentication_records(request, request.user)
    return any(record["at"] > oldest for record in records)
