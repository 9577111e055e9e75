"""How allauth behaves on this site: what it says, what it counts, and whom it lets in."""

import time
from ipaddress import ip_address
from urllib.parse import urlsplit

import structlog
from allauth.account import app_settings as account_settings
from allauth.account.adapter import DefaultAccountAdapter
from allauth.account.internal.flows.login import record_authentication
from allauth.core import context
from allauth.core.exceptions import ImmediateHttpResponse, ReauthenticationRequired
from allauth.core.internal import ratelimit
from allauth.mfa.adapter import DefaultMFAAdapter
from allauth.mfa.models import Authenticator
from allauth.socialaccount.adapter import DefaultSocialAccountAdapter
from allauth.socialaccount.models import SocialLogin
from allauth.socialaccount.providers.base.constants import AuthError, AuthProcess
from django.conf import settings
from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, resolve_url
from django.urls import reverse
from django.utils.http import url_has_allowed_host_and_scheme
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from accounts import factor_secrets, sessions
from accounts.models import User
from accounts.openid import counts_as_second_factor
from accounts.signing_in import record_failure
from audit.recording import audited

log_ = structlog.get_logger(__name__)

WRONG_CODE = gettext_lazy("Koden er forkert eller brugt. Vent på en ny kode, og prøv igen.")
TOO_MANY = gettext_lazy("Der har været for mange forsøg. Vent et kvarter, og prøv igen.")
# What allauth tells after an act; what is not here goes without saying.
TOLD = {
    "account/messages/password_changed.txt": gettext_lazy(
        "Adgangskoden er skiftet. Er du logget ind andre steder, er du logget ud dér."
    ),
    "mfa/messages/totp_activated.txt": gettext_lazy("Godkendelsesappen er klar til brug."),
    "mfa/messages/totp_deactivated.txt": gettext_lazy("Godkendelsesappen er fjernet."),
    "mfa/messages/webauthn_added.txt": gettext_lazy("Adgangsnøglen er klar til brug."),
    "mfa/messages/webauthn_removed.txt": gettext_lazy("Adgangsnøglen er fjernet."),
}


class AccountAdapter(DefaultAccountAdapter):
    error_messages = DefaultAccountAdapter.error_messages | {
        "username_password_mismatch": gettext_lazy("Brugernavn eller adgangskode er forkert. Prøv igen."),
        "incorrect_password": gettext_lazy("Adgangskoden er forkert. Prøv igen."),
        "enter_current_password": gettext_lazy("Adgangskoden er forkert. Prøv igen."),
        "incorrect_code": WRONG_CODE,
        "too_many_login_attempts": TOO_MANY,
        "rate_limited": TOO_MANY,
    }

    def is_open_for_signup(self, request: HttpRequest) -> bool:
        return False  # accounts are made by colleagues

    def is_safe_url(self, url: str) -> bool:
        """A page of this very site: allauth's own takes other hosts of ALLOWED_HOSTS too, and http, and fails on some
        texts. Never the sign-in page: somebody who is signed in would be sent round for ever."""
        here = url_has_allowed_host_and_scheme(url, allowed_hosts=None)
        return here and urlsplit(url).path != reverse("account_login")

    def get_client_ip(self, request: HttpRequest) -> str:
        """Without the prefix that IPv4 has on a socket of both kinds: all of them would be one network of IPv6."""
        found = super().get_client_ip(request)
        return str(getattr(ip_address(found), "ipv4_mapped", None) or found)

    def _get_login_attempts_cache_key(self, request: HttpRequest, **credentials) -> str:
        """By the account alone: allauth's own is by host name too, of which a site may have several."""
        return str(credentials.get("username", "")).strip().lower()

    def pre_authenticate(self, request: HttpRequest, **credentials) -> None:
        """Counts the guess against the account and, apart, against the address: signing in with a code clears all
        that is counted as `login_failed`, and must not clear an address for guessing at others. The address first: one
        that has to wait can't lock more accounts meanwhile."""
        self._from_address = ratelimit.consume(request, app="allauth.account", action="failed_from_address")
        if not self._from_address:
            raise self.validation_error("too_many_login_attempts")
        super().pre_authenticate(request, **credentials)

    def _rollback_login_failed_rl_usage(self) -> None:
        super()._rollback_login_failed_rl_usage()
        self._from_address.rollback()

    def authentication_failed(self, request: HttpRequest, **credentials) -> None:
        record_failure(credentials.get("username", ""))

    def respond_user_inactive(self, request: HttpRequest, user) -> HttpResponse:
        """With a passkey or from elsewhere; a password doesn't come so far."""
        messages.error(request, _("Kontoen er lukket. Tal med din koordinator eller den dataansvarlige."))
        return redirect("account_login")

    def get_login_stages(self) -> list[str]:
        return ["accounts.openid.SecondFactorStage"]

    def add_message(self, request, level, message_template=None, message_context=None, extra_tags="", message=None):
        if message or message_template in TOLD:
            messages.add_message(request, level, message or TOLD[message_template])

    # --- Confirming again ---

    def is_reauthentication_required(self, *, app: str, **kwargs) -> bool:
        return not sessions.recently_confirmed(context.request)

    def get_reauthentication_methods(self, user) -> list[dict]:
        told = {
            "reauthenticate": _("Brug din adgangskode"),
            "mfa_reauthenticate": _("Brug en engangskode"),
            "mfa_reauthenticate:webauthn": _("Brug en adgangsnøgle"),
        }
        methods = super().get_reauthentication_methods(user)
        return [method | {"description": told[method["id"]]} for method in methods]


class SecondFactorAdapter(DefaultMFAAdapter):
    error_messages = DefaultMFAAdapter.error_messages | {
        "incorrect_code": WRONG_CODE,
        "cannot_delete_authenticator": gettext_lazy(
            "Du skal have mindst én godkendelsesapp eller adgangsnøgle. Tilføj en anden, før du fjerner denne."
        ),
        "cannot_generate_recovery_codes": gettext_lazy("Tilføj først en godkendelsesapp eller adgangsnøgle."),
    }

    def encrypt(self, text: str) -> str:
        return factor_secrets.keep(text)

    def decrypt(self, encrypted_text: str) -> str:
        return factor_secrets.read(encrypted_text)

    def can_delete_authenticator(self, authenticator: Authenticator) -> bool:
        """Somebody who must have a second factor keeps the last one."""
        others = Authenticator.objects.filter(user=authenticator.user_id).exclude(pk=authenticator.pk)
        return not settings.SECOND_FACTOR or others.exclude(type=Authenticator.Type.RECOVERY_CODES).exists()

    def generate_authenticator_name(self, user, type: Authenticator.Type) -> str:
        number = Authenticator.objects.filter(user=user, type=type).count() + 1
        return _("Adgangsnøgle %(number)d") % {"number": number}

    def _get_site_name(self) -> str:
        return "Deltagerdata"


class OpenIdAdapter(DefaultSocialAccountAdapter):
    """Lets in who has an account that is connected to the provider's claim. It makes none and guesses none."""

    def is_open_for_signup(self, request: HttpRequest, sociallogin: SocialLogin) -> bool:
        return False

    def pre_social_login(self, request: HttpRequest, sociallogin: SocialLogin) -> None:
        subject, claims = sociallogin.account.uid, sociallogin.account.extra_data
        goes_to = sociallogin.state.get("next") or resolve_url(settings.LOGIN_REDIRECT_URL)
        if not _just_now(claims.get("auth_time")):
            raise self._refused(request, _("Du skulle logge ind på ny, og det skete ikke. Prøv igen."))
        if sociallogin.state.get("process") == AuthProcess.CONNECT:
            self._connect(request, subject)
            raise ImmediateHttpResponse(redirect(goes_to))
        user = User.objects.filter(**{settings.OIDC_MATCH: subject}, is_active=True).first()
        if user is None:
            with audited(by=None) as log:
                log("sign_in.failed", None, method="socialaccount")
            told = _("Du er ikke oprettet her. Bed din koordinator eller den dataansvarlige om en invitation.")
            raise self._refused(request, told)
        if request.user == user:
            record_authentication(request, user, "socialaccount", reauthenticated=True)
            raise ImmediateHttpResponse(redirect(goes_to))
        if request.user.is_authenticated:
            AccountAdapter().logout(request)  # allauth does later, and would forget what is noted next
        if counts_as_second_factor(claims):
            sessions.passed_second_factor(request, user)
        sociallogin.user = user

    def _connect(self, request: HttpRequest, subject: str) -> None:
        """Ties the account to who was at the provider just now. Its owner confirmed before leaving for there."""
        user = request.user
        if not user.is_authenticated or settings.OIDC_MATCH != "oidc_subject":
            raise self._refused(request, _("Kontoen kan ikke forbindes. Log ind, og prøv igen."))
        if not sessions.recently_confirmed(request):
            raise ReauthenticationRequired
        if User.objects.filter(oidc_subject=subject).exclude(pk=user.pk).exists():
            raise self._refused(request, _("Loginnet hører til en anden konto."))
        with audited(by=user) as log:
            User.objects.filter(pk=user.pk).update(oidc_subject=subject)
            log("sign_in.connected", user)
        messages.success(request, _("Du kan nu logge ind med %(name)s.") % {"name": settings.OIDC_NAME})

    def on_authentication_error(self, request, provider, error=None, exception=None, extra_context=None) -> None:
        if error == AuthError.CANCELLED:
            raise self._refused(request, _("Du afbrød. Log ind igen, eller på en anden måde."))
        log_.warning("sign-in by OpenID Connect failed", why=str(exception or "the answer was of no sign-in here"))
        raise self._refused(
            request, _("Det lykkedes ikke at logge ind med %(name)s. Prøv igen.") % {"name": settings.OIDC_NAME}
        )

    def _refused(self, request: HttpRequest, told: str) -> ImmediateHttpResponse:
        messages.error(request, told)
        return ImmediateHttpResponse(redirect("mfa_index" if request.user.is_authenticated else "account_login"))


def _just_now(auth_time: object) -> bool:
    """Whether the sign-in at the provider is so fresh that it can confirm something."""
    oldest = time.time() - account_settings.REAUTHENTICATION_TIMEOUT
    return isinstance(auth_time, (int, float)) and auth_time > oldest
