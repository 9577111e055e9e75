"""Sign-in, sign-out, the way home, and what everybody may read."""

from typing import Any

from django.contrib import messages
from django.contrib.auth.decorators import login_not_required
from django.contrib.auth.views import LoginView, PasswordChangeView
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse_lazy
from django.utils.translation import gettext as _

from accounts.navigation import NAVIGATION
from accounts.permissions import Role
from accounts.signing_in import SignInForm
from audit.recording import audited


class SignIn(LoginView):
    template_name = "accounts/sign_in.html"
    authentication_form = SignInForm
    redirect_authenticated_user = True

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        context = super().get_context_data(**kwargs)
        del context["site"]  # Django's own hides the one that the frame needs, and with it the demo's users
        return context

    def get_redirect_url(self, request: HttpRequest | None = None) -> str:
        """Never back to this page: somebody who is signed in would be sent round for ever."""
        url = super().get_redirect_url()
        return "" if url == self.request.path else url


class ChangePassword(PasswordChangeView):
    """Everybody's own password: the first one was made by a coordinator, who should not go on knowing it."""

    template_name = "accounts/password.html"
    success_url = reverse_lazy("home")

    def form_valid(self, form):
        with audited(by=self.request.user) as log:
            answer = super().form_valid(form)
            log("password.changed", self.request.user)
        messages.success(self.request, _("Adgangskoden er skiftet."))
        return answer


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
