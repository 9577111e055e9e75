"""Asking somebody again who is registered: a yes or a no, on one page."""

from uuid import UUID

from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.timezone import localdate
from django.views.decorators.cache import never_cache

from accounts.access import FORM, requires
from accounts.permissions import Permission
from collection import identities
from collection.models import Participant
from consent.actions.given import EnrolmentRefused
from consent.actions.lapse import erase_on
from consent.actions.renew import refuse_again, renew
from consent.forms.asking import AskAgainForm
from consent.models import Kind, Purpose
from consent.policies import participant_or_404
from consent.queries import EVALUATION, consent_status, lapses_on, latest_decisions
from consent.views import SignedInRequest


@requires(Permission.ENROL, FORM)
@never_cache
def ask_again_page(request: SignedInRequest, pk: UUID) -> HttpResponse:
    person = participant_or_404(request.user, pk)
    today = localdate()
    born = identities.birth_date_of(person, by=request.user)
    form = AskAgainForm(request.POST or None, plan=person.plan, by=request.user, today=today, born=born)
    if form.is_valid():
        try:
            return redirect(_save(request, person, form))
        except EnrolmentRefused as refusal:
            form.refuse(refusal.code)
    decision = latest_decisions([person]).get(person.pk)
    ends = lapses_on(decision) if decision else None
    lapsed = consent_status(decision, today) == Kind.LAPSED
    context = {
        "person": person,
        "form": form,
        "name": identities.names([person], by=request.user, plan=person.plan_id)[person.pk],
        "ends": ends,
        "lapsed": lapsed,
        "erased_on": erase_on(ends) if ends else None,
    }
    return render(request, "consent/ask_again.html", context)


def _save(request: SignedInRequest, person: Participant, form: AskAgainForm) -> str:
    """Where to go on."""
    if form.consent:
        renew(by=request.user, participant=person, consent=form.consent)
        return f"{reverse('consent:participant', args=[person.pk])}?fornyet=ja"
    refuse_again(
        by=request.user,
        participant=person,
        purpose=Purpose.objects.get(pk=EVALUATION),
        refused_on=form.cleaned_data["decided_on"],
        text=form.text,
    )
    return reverse("exports:receipt", args=[person.pk])
