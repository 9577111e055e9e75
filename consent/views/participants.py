"""The people registered in one's plans: the list, one person's page, the full number."""

from datetime import date
from typing import Any
from uuid import UUID

from django.core.paginator import Paginator
from django.http import Http404, HttpResponse, HttpResponseBadRequest
from django.shortcuts import render
from django.urls import reverse
from django.utils.formats import date_format
from django.utils.timezone import localdate
from django.views.decorators.cache import never_cache

from accounts.access import POST, requires
from accounts.permissions import Permission
from accounts.step_up import ConfirmForm
from collection import identities
from collection.models import Identification
from collection.policies import plans_of
from consent import gate
from consent.actions.lapse import erase_on
from consent.forms.participants import ParticipantFilter, RevealForm
from consent.models import Kind
from consent.policies import participant_or_404, participants_of, usable_participant_or_404
from consent.queries import EVALUATION, consent_status, lapses_on, latest_decisions
from consent.views import SignedInRequest
from consent.worklists import to_ask_again

PAGE_SIZE = 25
DATES = {"birth_date", "residence_date"}


@requires(Permission.SEE_PARTICIPANTS)
@never_cache
def participant_list(request: SignedInRequest) -> HttpResponse:
    several_plans = plans_of(request.user).count() > 1
    filter_form = ParticipantFilter(request.GET, user=request.user, several_plans=several_plans)
    found = participants_of(request.user).select_related("plan").order_by("-registered_at", "pk")
    activity = filter_form.cleaned_data.get("aktivitet") if filter_form.is_valid() else None
    if activity:
        found = found.filter(pk__in=gate.in_activity(activity).values("participant"))
    page = Paginator(found, PAGE_SIZE).get_page(request.GET.get("page"))
    people = list(page)
    names = identities.names(people, by=request.user)
    decisions = latest_decisions(people)
    taking_part: dict[UUID, dict] = {}
    for participation in gate.of_participants(people):
        taking_part.setdefault(participation.participant_id, {})[participation.activity_id] = participation.activity
    rows = [
        {
            "person": person,
            "name": names[person.pk],
            "activities": list(taking_part.get(person.pk, {}).values()),
            "status": consent_status(decisions.get(person.pk), localdate()),
        }
        for person in people
    ]
    context = {"page": page, "rows": rows, "filter": filter_form, "filtered": bool(activity), "several": several_plans}
    return render(request, "consent/participants.html", context)


@requires(Permission.SEE_PARTICIPANTS)
@never_cache
def participant_page(request: SignedInRequest, pk: UUID) -> HttpResponse:
    person = participant_or_404(request.user, pk)
    today, history = localdate(), list(gate.history(person, EVALUATION).prefetch_related("proofs"))
    stands_in = next((decision for decision in history if decision.kind != Kind.LAPSED), None)
    status, ends = consent_status(stands_in, today), lapses_on(stands_in) if stands_in else None
    context: dict[str, Any] = {
        "person": person,
        "history": history,
        "status": status,
        "ends": ends,
        "participations": list(gate.of_participants([person])),
        "may_read_log": request.user.can(Permission.READ_PLAN_AUDIT),
    }
    if status != Kind.GIVEN:
        return _locked_page(request, context)
    held = identities.read_all(person, by=request.user)
    for field in DATES & held.keys():
        held[field] = date_format(date.fromisoformat(held[field]))
    just_registered = request.GET.get("registreret", "")
    context |= {
        "held": held,
        "shown_as": held.get("name") or held["cpr"],
        "by_number": person.identification == Identification.CPR,
        "signed": next((decision for decision in history if decision.kind == Kind.GIVEN), None),
        "registered_in": next(
            (p.activity for p in context["participations"] if str(p.activity_id) == just_registered), None
        ),
        "renewed": "fornyet" in request.GET,
        "ask_again": to_ask_again([person.plan], today).filter(pk=person.pk).exists(),
        "reveal_form": RevealForm(),
        "restricted": gate.restrictions().filter(participant=person).exists(),
    }
    return render(request, "consent/participant.html", context)


def _locked_page(request: SignedInRequest, context: dict[str, Any]) -> HttpResponse:
    """What it takes to ask again, and no more: the identity is locked until the person says yes."""
    person, ends = context["person"], context["ends"]
    name = identities.names([person], by=request.user, plan=person.plan_id)[person.pk]
    context |= {"shown_as": name, "erased_on": erase_on(ends) if ends else None}
    return render(request, "consent/participant_locked.html", context)


@requires(Permission.READ_IDENTITY, POST)
@never_cache
def reveal(request: SignedInRequest, pk: UUID) -> HttpResponse:
    """The full number, in this one answer; the reading and its reason are audited. First, who it is that asks."""
    person = usable_participant_or_404(request.user, pk)
    form = RevealForm(request.POST)
    if not form.is_valid():
        return HttpResponseBadRequest()
    context: dict[str, Any] = {"person": person, "reveal_form": form, "confirm": ConfirmForm(request)}
    context["after"] = reverse("consent:participant", args=[pk])
    if not context["confirm"].is_valid():
        return _asked_first(request, context)
    number = identities.read(person, "cpr", by=request.user, reason=form.cleaned_data["reason"])
    if number is None:
        raise Http404
    digits = number.reveal()
    template = "consent/parts/number.html" if request.htmx else "consent/number.html"
    return render(request, template, context | {"number": f"{digits[:6]}-{digits[6:]}", "confirm": None})


def _asked_first(request: SignedInRequest, context: dict[str, Any]) -> HttpResponse:
    """The form again, with the reason that was chosen, and what it takes to confirm."""
    if not request.htmx:
        return render(request, "consent/reveal.html", context)
    answer = render(request, "consent/parts/reveal.html", context)
    answer["HX-Retarget"], answer["HX-Reswap"] = "#reveal", "outerHTML"
    return answer
