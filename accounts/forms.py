"""The forms of signing in: allauth's, with the site's words and what allauth leaves open."""

import json

from allauth.account.adapter import get_adapter
from allauth.account.forms import ChangePasswordForm as AllauthChangePasswordForm
from allauth.account.forms import LoginForm, ReauthenticateForm
from allauth.mfa import app_settings as mfa_settings
from allauth.mfa.adapter import get_adapter as get_mfa_adapter
from allauth.mfa.base.forms import AuthenticateForm, BaseAuthenticateForm
from allauth.mfa.base.forms import ReauthenticateForm as ReauthenticateByCodeForm
from allauth.mfa.models import Authenticator
from allauth.mfa.totp.forms import ActivateTOTPForm
from allauth.mfa.webauthn.forms import (
    AddWebAuthnForm,
    AuthenticateWebAuthnForm,
    EditWebAuthnForm,
    LoginWebAuthnForm,
    ReauthenticateWebAuthnForm,
)
from django import forms
from django.core.cache import cache
from django.utils.translation import gettext_lazy as _
from fido2.webauthn import AuthenticationResponse, RegistrationResponse


class _Worded(forms.Form):
    """A form of allauth's with labels of ours, and without its placeholders: they vanish as one types."""

    words: dict[str, tuple] = {}  # of each field: label, and a hint or nothing

    def __init__(self, *args, **kwargs):
        super().__init__(*args, **kwargs)
        for name, field in self.fields.items():
            field.widget.attrs.pop("placeholder", None)
            if name in self.words:
                field.label, field.help_text = self.words[name]


class SignInForm(_Worded, LoginForm):
    words = {"login": (_("Brugernavn"), ""), "password": (_("Adgangskode"), "")}


class PasswordAgainForm(_Worded, ReauthenticateForm):
    words = {"password": (_("Adgangskode"), "")}


class ChangePasswordForm(_Worded, AllauthChangePasswordForm):
    words = {
        "oldpassword": (_("Nuværende adgangskode"), ""),
        "password1": (_("Ny adgangskode"), ""),
        "password2": (_("Ny adgangskode igen"), ""),
    }

    def clean_oldpassword(self) -> str:
        """Under the limit of guesses at sign-in, so that a session left open is no way round it."""
        password = self.cleaned_data["oldpassword"]
        if not get_adapter().reauthenticate(self.user, password):
            raise get_adapter().validation_error("enter_current_password")
        return password

    def clean(self):
        cleaned = forms.Form.clean(self)
        if self.cleaned_data.get("password1") != self.cleaned_data.get("password2") and "password1" not in self.errors:
            self.add_error("password2", _("De to adgangskoder er ikke ens."))
        return cleaned


class _CodeOnce(_Worded, BaseAuthenticateForm):
    """A one-time code works once for as long as it could be right: allauth forgets it after one period."""

    words = {"code": (_("Engangskode"), _("6 cifre fra din godkendelsesapp, eller en af dine reservekoder."))}

    def __init__(self, *args, **kwargs):
        super().__init__(*args, **kwargs)
        self.fields["code"].widget.attrs |= {"inputmode": "numeric", "class": "input-char-11"}

    def clean_code(self) -> str:
        code = super().clean_code()
        lasts = mfa_settings.TOTP_PERIOD * (2 * mfa_settings.TOTP_TOLERANCE + 1)
        used = f"totp-used:{self.user.pk}:{code.replace(' ', '')}"
        if self.authenticator.type == Authenticator.Type.TOTP and not cache.add(used, True, lasts):
            raise get_mfa_adapter().validation_error("incorrect_code")
        return code


class CodeForm(_CodeOnce, AuthenticateForm):
    pass


class CodeAgainForm(_CodeOnce, ReauthenticateByCodeForm):
    pass


class ActivateAppForm(_Worded, ActivateTOTPForm):
    words = {"code": (_("Kode fra appen"), _("6 cifre. De skifter hvert halve minut."))}

    def __init__(self, *args, **kwargs):
        super().__init__(*args, **kwargs)
        self.fields["code"].widget.attrs |= {"inputmode": "numeric", "class": "input-char-11"}


class AnswerDecoder(json.JSONDecoder):
    """Says of all that can't be read that it is no JSON: what is nested too deep, or a number of too many figures."""

    def decode(self, text: str, *args) -> object:  # type: ignore[override]
        try:
            return super().decode(text, *args)
        except (RecursionError, ValueError):
            raise json.JSONDecodeError("not JSON", "", 0) from None


class _Answered(forms.Form):
    """With what a passkey answered, which anybody may have written."""

    kind: type[AuthenticationResponse | RegistrationResponse] = AuthenticationResponse

    def __init__(self, *args, **kwargs):
        super().__init__(*args, **kwargs)
        self.fields["credential"].decoder = AnswerDecoder  # type: ignore[attr-defined]

    def clean_credential(self):
        self.read()
        above = getattr(super(), "clean_credential", None)
        return above() if above else self.cleaned_data["credential"]

    def read(self) -> AuthenticationResponse | RegistrationResponse:
        """Taken apart once before allauth does, which expects fewer ways in which bytes can be no answer."""
        try:
            return self.kind.from_dict(self.cleaned_data["credential"])
        except Exception:
            raise get_mfa_adapter().validation_error("incorrect_code") from None


class SignInByPasskeyForm(_Answered, LoginWebAuthnForm):
    """allauth asks for the user to be verified (by a pin, a finger, a face) in the options, which are those of another
    page if that was opened last: without, a key that was lost would open the account by itself."""

    def read(self) -> AuthenticationResponse | RegistrationResponse:
        answer = super().read()
        if not answer.response.authenticator_data.is_user_verified():  # type: ignore[union-attr]
            raise get_mfa_adapter().validation_error("incorrect_code")
        return answer


class PasskeyForm(_Answered, AuthenticateWebAuthnForm):
    pass


class PasskeyAgainForm(_Answered, ReauthenticateWebAuthnForm):
    pass


class AddPasskeyForm(_Worded, _Answered, AddWebAuthnForm):
    kind = RegistrationResponse
    words = {
        "name": (_("Navn på adgangsnøglen"), _("For eksempel »Arbejdstelefon«. Det er kun til dig selv.")),
        "passwordless": (
            _("Jeg vil kunne logge ind med adgangsnøglen alene"),
            _("Enheden spørger så om fingeraftryk, ansigt eller pinkode, og du skal ikke skrive adgangskode."),
        ),
    }

    def __init__(self, *args, **kwargs):
        super().__init__(*args, **kwargs)
        self.fields["passwordless"].initial = True


class NamePasskeyForm(_Worded, EditWebAuthnForm):
    words = {"name": (_("Navn på adgangsnøglen"), "")}
