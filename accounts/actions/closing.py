"""Closing an account: from the commit on nobody is signed in to it, and nothing opens it."""

from importlib import import_module
from typing import Any

from django.apps import apps
from django.conf import settings
from django.contrib.auth import SESSION_KEY
from django.contrib.sessions.models import Session

from accounts.models import Invitation, User
from audit.recording import audited


def close_account(*, by: Any, user: User) -> None:
    """Ends all ways in, and the invitations that the user sent: they know those links.

    What they worked on and asked for is for the apps above: `exports.actions.leaving`.
    """
    with audited(by=by) as log:
        user = User.objects.select_for_update().get(pk=user.pk)
        end_sign_in(user)
        Invitation.objects.filter(invited_by=user).delete()
        User.objects.filter(pk=user.pk).update(is_active=False)
        log("user.closed", user)


def end_sign_in(user: User) -> None:
    """Within a transaction: signs the user out everywhere and forgets password, second factors and link."""
    user.set_unusable_password()
    user.save(update_fields=["password"])
    Invitation.objects.filter(user=user).delete()
    if apps.is_installed("allauth.mfa"):
        apps.get_model("mfa", "Authenticator").objects.filter(user=user).delete()
    end_sessions(user)


def end_sessions(user: User) -> None:
    """Deletes the user's sessions. Only inside a session stands whose it is, and there are few at a time."""
    store = import_module(settings.SESSION_ENGINE).SessionStore
    for session in Session.objects.iterator():
        if session.get_decoded().get(SESSION_KEY) == str(user.pk):
            store(session.session_key).delete()
