"""Who signs in: the backend, and what of it is audited. allauth does the rest, by the settings.

A failure is told of the account that it was tried on, never with what was typed: people type passwords as user names.
"""

from allauth.account.auth_backends import AuthenticationBackend
from allauth.account.internal.flows.login import get_authentication_records
from allauth.account.internal.userkit import get_user_by_username
from allauth.mfa.models import Authenticator
from allauth.mfa.signals import authentication_failed, authenticator_used
from django.contrib.auth.signals import user_logged_in, user_logged_out
from django.dispatch import receiver
from django.http import HttpRequest

from accounts import sessions
from accounts.models import User
from audit.recording import audited


class Backend(AuthenticationBackend):
    """allauth's, but a closed account is answered like a wrong password: allauth would tell of it."""

    @classmethod
    def _stash_user(cls, user):
        return None


def account_of(username: str) -> User | None:
    """The account that an attempt was made on, if there is one."""
    found = get_user_by_username(username.strip()) if username else None
    assert found is None or isinstance(found, User)
    return found


def record_failure(username: str) -> None:
    with audited(by=None) as log:
        log("sign_in.failed", account_of(username), method="password")


def methods_of(request: HttpRequest, user: User) -> str:
    """By what the session was signed in to, as codes: "password, totp"."""
    records = get_authentication_records(request, user)
    return ", ".join(dict.fromkeys(record.get("type") or record["method"] for record in records))


@receiver(user_logged_in)
def begin_session(sender, request, user, **kwargs):
    sessions.begin(request)
    with audited(by=user) as log:
        log("sign_in.done", user, method=methods_of(request, user))


@receiver(user_logged_out)
def record_sign_out(sender, request, user, **kwargs):
    if user is not None:
        with audited(by=user) as log:
            log("sign_out.done", user)


@receiver(authenticator_used)
def record_second_factor(sender, request, user, authenticator, **kwargs):
    sessions.passed_second_factor(request, user)
    if authenticator.type == Authenticator.Type.RECOVERY_CODES:
        with audited(by=user) as log:
            log("recovery_code.used", user)


@receiver(authentication_failed)
def record_wrong_code(sender, user, **kwargs):
    with audited(by=None) as log:
        log("sign_in.failed", user, method="totp")
