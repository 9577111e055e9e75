"""Signing in, with a limit on guesses per account. Each success and failure is audited.

The limit is counted in the audit log, which all web processes share: no cache is needed for it.
"""

import hashlib
from datetime import UTC, datetime, timedelta

from django import forms
from django.contrib.auth.forms import AuthenticationForm
from django.contrib.auth.signals import user_logged_in, user_logged_out
from django.dispatch import receiver
from django.utils.translation import gettext_lazy as _

from accounts.models import User
from audit.models import Event
from audit.recording import audited

ATTEMPTS = 8
WINDOW = timedelta(minutes=15)


def _account_code(username: str) -> str:
    """A short code of what was typed as a user name; people type passwords there, so never itself."""
    return hashlib.sha256(username.strip().casefold().encode()).hexdigest()[:16]


def _locked(username: str) -> bool:
    since = datetime.now(UTC) - WINDOW
    failures = Event.objects.filter(action="sign_in.failed", object_id=_account_code(username), at__gte=since)
    return failures.count() >= ATTEMPTS


class _Account:
    """Stands for an account that may not exist, as the object of a failed attempt."""

    _meta = User._meta

    def __init__(self, username: str):
        self.pk = _account_code(username)


class SignInForm(AuthenticationForm):
    error_messages = {
        "invalid_login": _("Brugernavn eller adgangskode er forkert. Prøv igen."),
        "inactive": _("Brugernavn eller adgangskode er forkert. Prøv igen."),
        "locked": _("Der har været for mange forsøg. Vent et kvarter, og prøv igen."),
    }

    def __init__(self, *args, **kwargs):
        super().__init__(*args, **kwargs)
        self.fields["username"].label = _("Brugernavn")
        self.fields["password"].label = _("Adgangskode")

    def clean(self):
        username = self.cleaned_data.get("username", "")
        if _locked(username):
            raise forms.ValidationError(self.error_messages["locked"], code="locked")
        try:
            return super().clean()
        except forms.ValidationError:
            with audited(by=None) as log:
                log("sign_in.failed", _Account(username))
            raise


class PasswordAgainForm(SignInForm):
    """The password of who is signed in already, under the same limit of guesses."""

    error_messages = SignInForm.error_messages | {"invalid_login": _("Adgangskoden er forkert. Prøv igen.")}

    def __init__(self, request, *args, **kwargs):
        super().__init__(request, *args, **kwargs)
        self.username = request.user.get_username()
        del self.fields["username"]
        # a browser that keeps the password would fill it in for whoever holds the device
        self.fields["password"].widget.attrs["autocomplete"] = "new-password"

    def clean(self):
        self.cleaned_data["username"] = self.username
        return super().clean()


@receiver(user_logged_in)
def record_sign_in(sender, request, user, **kwargs):
    with audited(by=user) as log:
        log("sign_in.done", user)


@receiver(user_logged_out)
def record_sign_out(sender, request, user, **kwargs):
    if user is not None:
        with audited(by=user) as log:
            log("sign_out.done", user)
