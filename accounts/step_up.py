"""Proving once more who one is, on the page where it is needed, so that nothing typed there is lost or kept meanwhile.

    confirm = ConfirmForm(request)
    if form.is_valid() and confirm.is_valid(): ...

The form has no fields when the user has proved it a moment ago (CONFIRM_MINUTES). A template shows it by
`accounts/parts/confirm.html`. Guesses count under the limits of sign-in.
"""

import re

from allauth.account.adapter import get_adapter
from allauth.account.internal.flows.reauthentication import get_reauthentication_flows, reauthenticate_by_password
from allauth.mfa.models import Authenticator
from allauth.mfa.webauthn.internal import auth as webauthn
from django import forms
from django.conf import settings
from django.http import HttpRequest
from django.utils.functional import cached_property
from django.utils.translation import gettext_lazy as _

from accounts import sessions
from accounts.forms import AnswerDecoder, CodeAgainForm, PasskeyAgainForm

CODE = re.compile(r"\d{6}|\d{8}")  # of an app, or a recovery code; a password has at least 12 characters


class ConfirmForm(forms.Form):
    password = forms.CharField(strip=False, widget=forms.PasswordInput)
    credential = forms.JSONField(required=False, decoder=AnswerDecoder, widget=forms.HiddenInput)

    def __init__(self, request: HttpRequest, *, always: bool = False):
        """`always`: also when it was proved a moment ago, as when a device comes back from a participant."""
        # sent from a page that didn't ask: it asks now, and has nothing to complain of
        answered = request.method == "POST" and not request.POST.keys().isdisjoint(self.base_fields)
        self.needed = always or (settings.STEP_UP and not sessions.recently_confirmed(request))
        super().__init__(request.POST if answered or (request.method == "POST" and not self.needed) else None)
        self.request = request
        if not self.needed:
            self.fields.clear()
            return
        # a browser that keeps the password would fill it in for whoever holds the device
        self.fields["password"].widget.attrs["autocomplete"] = "new-password"
        self.fields["password"].label = self._label()
        self.fields["password"].required = not request.POST.get("credential")
        self.fields["password"].error_messages["required"] = _("Skriv den, eller bekræft på en anden måde.")
        if not self.by_typing:
            del self.fields["password"]
        if not self.by_passkey:
            del self.fields["credential"]

    @cached_property
    def _ways(self) -> set[str]:
        flows = get_reauthentication_flows(self.request.user)
        return {way for flow in flows for way in flow.get("types", ["password"])}

    @property
    def by_typing(self) -> bool:
        return bool(self._ways & {"password", Authenticator.Type.TOTP})

    @property
    def by_passkey(self) -> bool:
        return Authenticator.Type.WEBAUTHN in self._ways

    @property
    def can_be_answered(self) -> bool:
        return self.by_typing or self.by_passkey

    @property
    def by_provider(self) -> str:
        """The name of the place to sign in again, for who has nothing that can be typed or touched here."""
        return settings.OIDC_NAME if self.needed and not self._ways and settings.OIDC_ISSUER else ""

    @cached_property
    def passkey_options(self) -> dict:
        """What the browser is to ask the passkey; valid for the next answer."""
        return webauthn.begin_authentication(self.request.user)

    def clean(self) -> dict:
        cleaned = super().clean() or {}
        if self.needed and not self.errors:
            self._confirm(cleaned)
        return cleaned

    def _confirm(self, cleaned: dict) -> None:
        typed, user = cleaned.get("password", ""), self.request.user
        code = typed.replace(" ", "")
        if cleaned.get("credential"):
            self._through(PasskeyAgainForm({"credential": self.data["credential"]}, user=user), None)
        elif not typed:  # there is nothing of theirs to type
            self.add_error(None, _("Bekræft først, at det er dig."))
        elif Authenticator.Type.TOTP in self._ways and CODE.fullmatch(code):
            self._through(CodeAgainForm({"code": code}, user=user), "password")
        elif get_adapter().reauthenticate(user, typed):
            reauthenticate_by_password(self.request)
        else:
            self.add_error("password", get_adapter().validation_error("incorrect_password"))

    def _through(self, form, field: str | None) -> None:
        """By one of allauth's own forms; what it has against it stands at `field`."""
        if form.is_valid():
            form.save()
        else:
            self.add_error(field, [message for messages in form.errors.values() for message in messages])

    def _label(self) -> str:
        if "password" not in self._ways:
            return str(_("Engangskode"))
        return str(_("Adgangskode eller engangskode") if Authenticator.Type.TOTP in self._ways else _("Adgangskode"))
