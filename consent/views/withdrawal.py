"""Taking a consent back: one page, no more steps than giving it."""

from uuid import UUID

from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.utils.timezone import localdate
from django.utils.translation import gettext_lazy as _
from django.views.decorators.cache import never_cache

from accounts.access import requires
from accounts.permissions import Permission
from collection import identities
from consent.actions.withdraw import WithdrawalRefused, withdraw
from consent.forms.participants import WithdrawForm
from consent.models import Purpose
from consent.policies import participant_or_404, withdrawal_or_404
from consent.queries import EVALUATION
from consent.views import SignedInRequest

REFUSALS = {"in_future": _("Datoen ligger i fremtiden."), "before_consent": _("Datoen ligger før samtykket.")}


@requires(Permission.WITHDRAW)
@never_cache
def withdraw_page(request: SignedInRequest, pk: UUID) -> HttpResponse:
    person = participant_or_404(request.user, pk)
    form = WithdrawForm(request.POST or None, today=localdate())
    if form.is_valid():
        try:
            withdraw(
                by=request.user,
                participant=person,
                purpose=Purpose.objects.get(pk=EVALUATION),
                withdrawn_on=form.cleaned_data["withdrawn_on"],
            )
            return redirect("consent:withdrawn", person.pk)
        except WithdrawalRefused as refusal:
            form.add_error("withdrawn_on", REFUSALS[refusal.code])
    name = identities.names([person], by=request.user, plan=person.plan_id).get(person.pk, "")
    return render(request, "consent/withdraw.html", {"person": person, "name": name, "form": form})


@requires(Permission.WITHDRAW)
@never_cache
def receipt(request: SignedInRequest, pk: UUID) -> HttpResponse:
    """Says what was done. Whose consent it was is erased by now."""
    return render(request, "consent/withdrawn.html", {"decision": withdrawal_or_404(request.user, pk)})
