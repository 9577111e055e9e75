"""Closing an account: from the commit on nobody is signed in to it, and nothing opens it."""

from typing import Any

from allauth.mfa.models import Authenticator
from allauth.usersessions.models import UserSession
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
        user.is_active = False
        user.save(update_fields=["is_active"])
        log("user.closed", user)


def end_sign_in(user: User) -> None:
    """Within a transaction: signs the user out everywhere and forgets password, second factors, link and the login
    elsewhere that the account was connected to."""
    user.set_unusable_password()
    user.oidc_subject = None
    user.save(update_fields=["password", "oidc_subject"])
    Invitation.objects.filter(user=user).delete()
    Authenticator.objects.filter(user=user).delete()
    _end_sessions(user)


def _end_sessions(user: User) -> None:
    """Also those that are in no list. Only inside a session stands whose it is; there are few rows at a time."""
    for session in Session.objects.iterator():
        if session.get_decoded().get(SESSION_KEY) == str(user.pk):
            session.delete()
    UserSession.objects.filter(user=user).delete()
