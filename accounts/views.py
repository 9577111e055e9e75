"""Sign-in, sign-out, everybody's own security, the way home, and what everybody may read.

allauth's views with the site's templates: what they do stands there; here stands what differs, and what is audited.
"""

from typing import Any

from allauth.account.views import LoginView, LogoutView, PasswordChangeView
from allauth.account.views import ReauthenticateView as ReauthenticateByPasswordView
from allauth.mfa.adapter import get_adapter as get_mfa_adapter
from allauth.mfa.base.views import AuthenticateView, IndexView
from allauth.mfa.base.views import ReauthenticateView as ReauthenticateByCodeView
from allauth.mfa.models import Authenticator
from allauth.mfa.recovery_codes.views import GenerateRecoveryCodesView, ViewRecoveryCodesView
from allauth.mfa.totp.views import ActivateTOTPView, DeactivateTOTPView
from allauth.mfa.webauthn.views import (
    AddWebAuthnView,
    EditWebAuthnView,
    LoginWebAuthnView,
    ReauthenticateWebAuthnView,
    RemoveWebAuthnView,
)
from allauth.socialaccount.helpers import render_authentication_error
from allauth.socialaccount.providers.oauth2.views import OAuth2CallbackView, OAuth2LoginView, OAuth2View
from allauth.usersessions.internal.flows.sessions import end_sessions
from allauth.usersessions.models import UserSession
from django.conf import settings
from django.contrib import messages
from django.contrib.auth.decorators import login_not_required
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse_lazy
from django.utils.decorators import method_decorator
from django.utils.translation import ngettext
from django.views.decorators.cache import never_cache
from django.views.generic import TemplateView

from accounts import openid, sessions
from accounts.devices import device
from accounts.navigation import NAVIGATION
from accounts.permissions import Role
from audit.recording import audited


class _OurSite:
    """allauth names a `site` in its context, which would hide the one that the frame needs."""

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        context = super().get_context_data(**kwargs)  # type: ignore[misc]
        context.pop("site", None)
        return context


# --- Signing in and out ---------------------------------------------------------------------------


class SignIn(_OurSite, LoginView):
    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        return super().get_context_data(**kwargs) | {"elsewhere": settings.OIDC_NAME if settings.OIDC_ISSUER else ""}


class SecondFactor(_OurSite, AuthenticateView):
    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        own = Authenticator.objects.filter(user=self.stage.login.user)
        return super().get_context_data(**kwargs) | {"types": set(own.values_list("type", flat=True))}


class SignInByPasskey(LoginWebAuthnView):
    pass


class SignOut(LogoutView):
    http_method_names = ["post"]


@login_not_required
@never_cache
def sign_in_elsewhere(request: HttpRequest) -> HttpResponse:
    """Off to the provider of OpenID Connect."""
    return _elsewhere(request, OAuth2LoginView)


@login_not_required
@never_cache
def back_from_elsewhere(request: HttpRequest, provider_id: str) -> HttpResponse:
    return _elsewhere(request, OAuth2CallbackView)


def _elsewhere(request: HttpRequest, view: type[OAuth2View]) -> HttpResponse:
    if not settings.OIDC_ISSUER:
        raise Http404
    adapter = openid.Adapter(request, openid.PROVIDER)
    try:
        return view.adapter_view(adapter)(request)
    except openid.Refused as refused:  # it doesn't answer, or not as it should
        return render_authentication_error(request, adapter.get_provider(), exception=refused)


# --- Confirming ---------------------------------------------------------------------------------------


class ConfirmByPassword(ReauthenticateByPasswordView):
    pass


class ConfirmByCode(ReauthenticateByCodeView):
    pass


class ConfirmByPasskey(ReauthenticateWebAuthnView):
    def form_invalid(self, form) -> HttpResponse:
        for message in form.errors.get("credential", []):
            messages.error(self.request, message)
        return redirect(self.request.get_full_path())


# --- One's own security -----------------------------------------------------------------------------


class _Audited:
    """Does what the form asks for in one transaction with its event. `event`: action code and details."""

    def event(self) -> tuple[str, dict]:
        raise NotImplementedError

    def form_valid(self, form) -> HttpResponse:
        user = self.request.user  # type: ignore[attr-defined]
        action, details = self.event()
        with audited(by=user) as log:
            answer = super().form_valid(form)  # type: ignore[misc]
            log(action, user, **details)
        return answer


class _AddsSecondFactor(_Audited):
    """Whoever sets one up has shown it by that."""

    def form_valid(self, form) -> HttpResponse:
        answer = super().form_valid(form)
        sessions.passed_second_factor(self.request, self.request.user)  # type: ignore[attr-defined]
        return answer


class Security(IndexView):
    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        context = super().get_context_data(**kwargs)
        own = context["authenticators"]
        codes = own.get(Authenticator.Type.RECOVERY_CODES)
        return context | {
            "app": own.get(Authenticator.Type.TOTP),
            "passkeys": own.get(Authenticator.Type.WEBAUTHN, []),
            "codes_left": len(codes.get_unused_codes()) if codes else None,
            "must_set_up": settings.SECOND_FACTOR and not context["is_mfa_enabled"],
            "elsewhere": settings.OIDC_NAME if settings.OIDC_ISSUER and settings.OIDC_MATCH == "oidc_subject" else "",
        }


class ChangePassword(_Audited, PasswordChangeView):
    success_url = reverse_lazy("mfa_index")

    def event(self):
        return "password.changed", {}

    def dispatch(self, request: HttpRequest, *args, **kwargs):
        if not request.user.has_usable_password():  # type: ignore[union-attr]
            return redirect("mfa_index")
        return super().dispatch(request, *args, **kwargs)


class ActivateApp(_AddsSecondFactor, ActivateTOTPView):
    def event(self):
        return "second_factor.added", {"type": Authenticator.Type.TOTP.value}


class RemoveApp(_Audited, DeactivateTOTPView):
    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        """allauth's form has no fields, and is told wrong at once when the app is somebody's only second factor."""
        context = super().get_context_data(**kwargs)
        return context | {"may": context.pop("form").is_valid()}

    def event(self):
        return "second_factor.removed", {"type": Authenticator.Type.TOTP.value}


class AddPasskey(_AddsSecondFactor, AddWebAuthnView):
    def event(self):
        return "second_factor.added", {"type": Authenticator.Type.WEBAUTHN.value}


class NamePasskey(EditWebAuthnView):
    success_url = reverse_lazy("mfa_index")


class RemovePasskey(_Audited, RemoveWebAuthnView):
    success_url = reverse_lazy("mfa_index")

    def event(self):
        return "second_factor.removed", {"type": Authenticator.Type.WEBAUTHN.value}

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        return super().get_context_data(**kwargs) | {"may": get_mfa_adapter().can_delete_authenticator(self.object)}

    def form_valid(self, form) -> HttpResponse:
        """allauth asks the adapter of an app only."""
        if not get_mfa_adapter().can_delete_authenticator(self.get_object()):
            return redirect(self.request.path)
        return super().form_valid(form)


@method_decorator(never_cache, name="dispatch")
class RecoveryCodes(ViewRecoveryCodesView):
    """Once: afterwards there are only new ones."""


class NewRecoveryCodes(_Audited, GenerateRecoveryCodesView):
    def event(self):
        return "recovery_codes.made", {}


class Sessions(TemplateView):
    """Where one is signed in. POST `session`: the one to end, or all others."""

    template_name = "usersessions/usersession_list.html"

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        found = sorted(UserSession.objects.purge_and_list(self.request.user), key=lambda row: row.last_seen_at)
        rows = [{"row": row, "device": device(row.user_agent), "current": row.is_current()} for row in found[::-1]]
        return super().get_context_data(**kwargs) | {"sessions": rows}

    def post(self, request: HttpRequest) -> HttpResponse:
        rows = UserSession.objects.filter(user=request.user).exclude(session_key=request.session.session_key)
        asked = request.POST.get("session", "")
        if asked != "others":
            rows = rows.filter(pk=asked) if asked.isdecimal() and len(asked) < 19 else rows.none()
        ended = list(rows)
        with audited(by=request.user) as log:
            end_sessions(request, ended)
            for _row in ended:
                log("session.ended", request.user, why="asked")
        if ended:
            told = ngettext("Du er logget ud ét andet sted.", "Du er logget ud %(n)d andre steder.", len(ended))
            messages.success(request, told % {"n": len(ended)})
        return redirect("usersessions_list")


# --- The rest ---------------------------------------------------------------------------------------


def home(request: HttpRequest) -> HttpResponse:
    """The first page of one's role."""
    entries = NAVIGATION.get(Role(request.user.role))  # type: ignore[union-attr]
    if not entries:
        return render(request, "403.html", status=403)
    return redirect(entries[0][1])


@login_not_required
def accessibility(request: HttpRequest) -> HttpResponse:
    """The accessibility statement that the law asks of public websites."""
    return render(request, "accounts/accessibility.html")
