"""Taking a consent back: no more steps than giving it, also when only the person is there."""

from uuid import UUID

from django.http import Http404, HttpResponse
from django.shortcuts import redirect, render
from django.utils.formats import date_format
from django.utils.timezone import localdate
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _
from django.views.decorators.cache import never_cache

from accounts.access import FORM, requires
from accounts.permissions import Permission
from collection import identities
from collection.cpr import CprWarning
from collection.models import Participant
from consent import gate, namesakes
from consent.actions.find import TooManySearches, find_by_name, find_by_number
from consent.actions.withdraw import WithdrawalRefused, withdraw
from consent.forms.withdrawal import FindForm, WithdrawForm
from consent.models import Purpose
from consent.policies import participant_or_404, withdrawal_or_404
from consent.queries import EVALUATION
from consent.views import SignedInRequest

TOO_MANY_REQUESTS = 429
REFUSALS = {"in_future": _("Datoen ligger i fremtiden."), "before_consent": _("Datoen ligger før samtykket.")}


@requires(Permission.WITHDRAW, FORM)
@never_cache
def find_page(request: SignedInRequest) -> HttpResponse:
    """One person found: straight to their withdrawal. What was typed is in no address."""
    form = FindForm(request.POST or None, today=localdate())
    may_see, may_settle = map(request.user.can, (Permission.SEE_PARTICIPANTS, Permission.SETTLE_NAMESAKES))
    questions = namesakes.open_questions().count() if may_settle else 0
    context: dict = {"form": form, "may_see": may_see, "questions": questions}
    status = 200
    if form.is_valid():
        data = form.cleaned_data
        try:
            if form.number:
                found = find_by_number(by=request.user, digits=form.number.digits)
            else:
                found = find_by_name(by=request.user, name=data["name"], birth_date=data["birth_date"])
        except TooManySearches:
            status = TOO_MANY_REQUESTS
            form.add_error(None, _("Du har søgt mange gange den seneste time. Vent en time, og prøv igen."))
        else:
            if len(found) == 1:
                return redirect("consent:withdraw", found[0].pk)
            doing = activities_by_person(found)
            context |= {
                "searched": True,
                "people": [{"person": row, "activities": doing[row.pk]} for row in found],
                "odd_number": form.number and CprWarning.CHECK_DIGIT in form.number.warnings,
            }
    return render(request, "consent/find.html", context, status=status)


@requires(Permission.WITHDRAW, FORM)
@never_cache
def withdraw_page(request: SignedInRequest, pk: UUID) -> HttpResponse:
    try:
        person = participant_or_404(request.user, pk)
    except Http404:  # withdrawn by now: sent once more after an answer that was lost, or from a page left open
        return redirect("exports:receipt", withdrawal_or_404(request.user, pk).participant_id)
    maybe = namesakes.in_plan(person)
    doing = activities_by_person([person, *maybe])
    form = WithdrawForm(
        request.POST or None,
        today=localdate(),
        namesakes=[(str(row.pk), _told_apart(row, doing[row.pk])) for row in maybe],
    )
    if form.is_valid():
        chosen = form.cleaned_data.get("also", ())
        try:
            decision = withdraw(
                by=request.user,
                participant=person,
                purpose=Purpose.objects.get(pk=EVALUATION),
                withdrawn_on=form.cleaned_data["withdrawn_on"],
                reason=form.cleaned_data["reason"],
                also=[row for row in maybe if str(row.pk) in chosen],
            )
            return redirect("exports:receipt", decision.participant_id)
        except WithdrawalRefused as refusal:
            if refusal.code == "already_ended":
                return redirect("exports:receipt", person.pk)
            form.add_error("withdrawn_on", REFUSALS[refusal.code])
    # who does not work with the plan's people has been told the name by the person
    works_here = request.user.can(Permission.SEE_PARTICIPANTS)
    named = identities.names([person], by=request.user, plan=person.plan_id) if works_here else {}
    context = {"person": person, "name": named.get(person.pk, ""), "activities": doing[person.pk], "form": form}
    context["may_read_log"] = request.user.can(Permission.READ_PLAN_AUDIT)
    return render(request, "consent/withdraw.html", context)


def activities_by_person(people: list[Participant]) -> dict[UUID, list[str]]:
    """The names of the activities of each, in the order of their starts."""
    doing: dict[UUID, dict[str, None]] = {row.pk: {} for row in people}
    for participation in gate.of_participants(people) if people else ():
        doing[participation.participant_id][participation.activity.name] = None
    return {pk: list(names) for pk, names in doing.items()}


def _told_apart(row: Participant, activities: list[str]) -> str:
    """What tells people of the same name and birth date from one another, without an identity."""
    return gettext("Registreret %(day)s, deltager i %(activities)s") % {
        "day": date_format(row.registered_at),
        "activities": ", ".join(activities),
    }
