"""The two pages of an invitation: the link, and the page where the invited colleague chooses a password.

The link only leads on: what follows has no secret in its address, which would stay in the browser's history. Opening
it changes nothing, so a chat program that looks at links doesn't use it up.
"""

from typing import Any

from django.conf import settings
from django.contrib import messages
from django.contrib.auth import logout
from django.contrib.auth.decorators import login_not_required
from django.contrib.auth.forms import SetPasswordForm
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render, resolve_url
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_GET, require_http_methods

from accounts.actions.invitations import InvitationOver, accept, hash_of, open_invitations
from accounts.models import Invitation

SESSION_KEY = "invitation"  # the hash of the link's secret, for this browser and this session


class _PasswordForm(SetPasswordForm):
    def __init__(self, *args: Any, **kwargs: Any):
        super().__init__(*args, **kwargs)
        first, second = self.fields["new_password1"], self.fields["new_password2"]
        first.label, first.help_text = _("Adgangskode"), _("Mindst 12 tegn, gerne flere ord.")
        second.label, second.help_text = _("Adgangskode igen"), ""


@login_not_required
@never_cache
@require_GET
def open_link(request: HttpRequest, secret: str) -> HttpResponse:
    invitation = _find(hash_of(secret))
    if invitation is None:
        return _over(request)
    request.session[SESSION_KEY] = invitation.secret_hash
    answer = redirect("accounts:accept")
    answer["Referrer-Policy"] = "no-referrer"
    return answer


@login_not_required
@never_cache
@require_http_methods(["GET", "POST"])
def choose_password(request: HttpRequest) -> HttpResponse:
    """Then they sign in as everybody does, and set up what else that asks for."""
    invitation = _find(request.session.get(SESSION_KEY, ""))
    if invitation is None:
        return _over(request)
    form = _PasswordForm(invitation.user, request.POST or None)
    if form.is_valid():
        try:
            accept(invitation=invitation, password=form.cleaned_data["new_password1"])
        except InvitationOver:
            return _over(request)
        logout(request)  # whoever was signed in in this browser, perhaps the inviter
        messages.success(request, _("Adgangskoden er gemt. Log ind med den."))
        return redirect(settings.LOGIN_URL)
    return render(request, "accounts/invitation.html", {"invitation": invitation, "form": form})


def _find(secret_hash: str) -> Invitation | None:
    return open_invitations().select_related("user").filter(secret_hash=secret_hash).first()


def _over(request: HttpRequest) -> HttpResponse:
    request.session.pop(SESSION_KEY, None)
    return render(request, "accounts/invitation_over.html", {"sign_in": resolve_url(settings.LOGIN_URL)}, status=404)
