"""Correcting a registered person, and giving a number to somebody known by name and address."""

from collections.abc import Callable
from datetime import date
from typing import Any
from uuid import UUID

from django.contrib import messages
from django.http import Http404, HttpResponse
from django.shortcuts import redirect, render
from django.utils.timezone import localdate
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache

from accounts.access import FORM, requires
from accounts.permissions import Permission
from audit.recording import audited
from collection import identities
from collection.models import Identification, Participant
from consent import gate
from consent.actions.correct import CorrectionRefused, NumberTaken, set_named, set_number, set_working_name
from consent.actions.tell import may_be_told, tell_registered
from consent.forms.correction import REFUSALS, CorrectNamedForm, NumberedForm, NumberForm
from consent.policies import correctable_participant_or_404
from consent.views import SignedInRequest

TOO_MANY_REQUESTS = 429


@requires(Permission.CORRECT, FORM)
@never_cache
def correct_page(request: SignedInRequest, pk: UUID) -> HttpResponse:
    person = correctable_participant_or_404(request.user, pk)
    held = identities.read_all(person, by=request.user)
    if person.identification == Identification.CPR:
        return _correct_numbered(request, person, held)
    return _correct_named(request, person, held)


def _correct_numbered(request: SignedInRequest, person: Participant, held: dict[str, str]) -> HttpResponse:
    was = held.get("name", "")
    form = NumberedForm(request.POST or None, initial={"working_name": was}, **_judged_by(person))

    def save() -> None:
        with audited(by=request.user):  # both or neither
            name = form.cleaned_data["working_name"]
            if name != was:
                set_working_name(by=request.user, participant=person, name=name)
            if form.number:
                set_number(by=request.user, participant=person, number=form.number)

    return _answer(request, person, form, "consent/correct_numbered.html", save, held=held["cpr"])


def _correct_named(request: SignedInRequest, person: Participant, held: dict[str, str]) -> HttpResponse:
    dates = {field: date.fromisoformat(held[field]) for field in ("birth_date", "residence_date")}
    form = CorrectNamedForm(
        request.POST or None, initial=held | dates, was_born=dates["birth_date"], **_judged_by(person)
    )

    def save() -> None:
        assert form.named
        set_named(by=request.user, participant=person, identity=form.named)

    return _answer(request, person, form, "consent/correct_named.html", save)


@requires(Permission.CORRECT, FORM)
@never_cache
def add_number_page(request: SignedInRequest, pk: UUID) -> HttpResponse:
    person = correctable_participant_or_404(request.user, pk)
    if person.identification == Identification.CPR:
        raise Http404
    name = identities.names([person], by=request.user, plan=person.plan_id)[person.pk]
    born = identities.birth_date_of(person, by=request.user)
    form = NumberForm(request.POST or None, born=born, **_judged_by(person))

    def save() -> None:
        assert form.number
        set_number(by=request.user, participant=person, number=form.number)

    return _answer(request, person, form, "consent/add_number.html", save, name=name)


def _judged_by(person: Participant) -> dict[str, Any]:
    return {"today": localdate(), "participations": gate.of_participants([person])}


def _answer(
    request: SignedInRequest, person: Participant, form: Any, template: str, save: Callable[[], None], **context: Any
) -> HttpResponse:
    """Saves what is valid and confirmed, and shows the person; or shows the form with what there is to say."""
    status = 200
    if form.is_valid() and not form.asks:
        if getattr(form, "number", None) and not may_be_told(request.user):
            status = TOO_MANY_REQUESTS
            form.add_error(
                None,
                _(
                    "Du har den seneste time mange gange fået at vide, at en person allerede er registreret. "
                    "Vent en time. Rettelsen er ikke gemt."
                ),
            )
        elif answer := _save(request, person, form, save):
            return answer
    return render(request, template, {"person": person, "form": form} | context, status=status)


def _save(request: SignedInRequest, person: Participant, form: Any, save: Callable[[], None]) -> HttpResponse | None:
    try:
        save()
    except NumberTaken as taken:
        tell_registered(by=request.user, about=person, participants=[taken.participant])
        messages.warning(
            request,
            _("En anden i planen er registreret med nummeret. Er det den samme person, så slå de to sammen."),
        )
        return redirect("exports:merge", person.pk, taken.participant.pk)
    except CorrectionRefused as refusal:
        if refusal.code not in REFUSALS:
            raise Http404 from None
        form.add_error("cpr" if "cpr" in form.fields else "birth_date", REFUSALS[refusal.code])
        return None
    messages.success(request, _("Rettelsen er gemt."))
    return redirect("consent:participant", person.pk)
