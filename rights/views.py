"""Requests of registered people: the list, taking one in, and its page with report and answer."""

from collections.abc import Callable
from typing import Any
from uuid import UUID

from django import forms
from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.timezone import localdate
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.cache import never_cache

from accounts.access import FORM, POST, requires
from accounts.permissions import Permission
from accounts.step_up import ConfirmForm
from collection import identities
from collection.models import Participant
from collection.policies import plans_of
from consent import gate, logs
from consent.actions.find import TooManySearches, find_by_name, find_by_number
from consent.paper import PaperUnavailable
from consent.policies import participant_or_404
from consent.views import SignedInRequest
from consent.views.withdrawal import TOO_MANY_REQUESTS, activities_by_person
from exports.holdings import holding
from rights import report
from rights.actions import requests as actions
from rights.forms import AnswerForm, ExtensionForm, FindAndRequestForm, ProofForm, RequestForm
from rights.models import Kind, Request
from rights.policies import NotAllowed, check_extendable, check_lift, request_or_404, requests_of, rows_shown

REFUSALS = {
    "answered": gettext_lazy("Anmodningen er besvaret i mellemtiden."),
    "not_identified": gettext_lazy("Skriv først, hvordan personen har vist, hvem de er."),
    "too_late": gettext_lazy("Fristen kan kun forlænges én gang, og inden den første måned er gået."),
    "no_report": gettext_lazy("Hent først rapporten til personen."),
    "not_restricted": gettext_lazy("Der er ingen begrænsning at ophæve."),
}


@requires(Permission.TAKE_REQUEST)
@never_cache
def requests(request: SignedInRequest) -> HttpResponse:
    """The open ones first, by their deadline."""
    rows = requests_of(request.user).prefetch_related("people__plan")
    own = set(plans_of(request.user))
    waiting = rows.filter(outcome="")
    context = {
        "open": [(row, [person.plan for person in row.people.all() if person.plan in own]) for row in waiting],
        "answered": rows.exclude(outcome="").order_by("-answered_on", "-recorded_at")[:200],
        "today": localdate(),
        "sees_retention": request.user.can(Permission.SEE_RETENTION),
    }
    return render(request, "rights/requests.html", context)


@requires(Permission.TAKE_REQUEST, FORM)
@never_cache
def take_in(request: SignedInRequest) -> HttpResponse:
    """The person is found by what they say; what was typed is in no address."""
    form = FindAndRequestForm(request.POST or None, today=localdate())
    found: list[Participant] | None = None
    status = 200
    if request.method == "POST" and form.find.is_valid():
        try:
            found = _found(request, form)
        except TooManySearches:
            status = TOO_MANY_REQUESTS
            form.find.add_error(None, _("Du har søgt mange gange den seneste time. Vent en time, og prøv igen."))
        else:
            form = FindAndRequestForm(request.POST, today=localdate(), people=_told_apart(found))
            if form.is_valid() and (found or "nobody" in request.POST):
                return _taken_in(request, form, _chosen(form, found))
    context = {"form": form, "nobody": found == [] and not form.errors, "several": len(found or ()) > 1}
    return render(request, "rights/take_in.html", context, status=status)


@requires(Permission.TAKE_REQUEST, FORM)
@never_cache
def take_in_for(request: SignedInRequest, pk: UUID) -> HttpResponse:
    """From a participant's page."""
    person = participant_or_404(request.user, pk)
    form = RequestForm(request.POST or None, today=localdate())
    if form.is_valid():
        return _taken_in(request, form, [person])
    named = identities.names([person], by=request.user, plan=person.plan_id)
    works_here = request.user.can(Permission.SEE_PARTICIPANTS)
    context = {"form": form, "person": person, "name": named.get(pk, "") if works_here else ""}
    return render(request, "rights/take_in.html", context)


@requires(Permission.TAKE_REQUEST)
@never_cache
def shown(request: SignedInRequest, pk: UUID) -> HttpResponse:
    return _page(request, request_or_404(request.user, pk))


@requires(Permission.TAKE_REQUEST, POST)
@never_cache
def prove(request: SignedInRequest, pk: UUID) -> HttpResponse:
    asked = request_or_404(request.user, pk)
    form = ProofForm(request.POST)
    if not form.is_valid():
        return _page(request, asked, proof=form)
    return _done(request, asked, lambda: actions.prove(by=request.user, request=asked, **form.cleaned_data))


@requires(Permission.ANSWER_REQUEST, POST)
@never_cache
def extend(request: SignedInRequest, pk: UUID) -> HttpResponse:
    asked = request_or_404(request.user, pk)
    form = ExtensionForm(request.POST)
    if not form.is_valid():
        return _page(request, asked, extension=form)
    return _done(request, asked, lambda: actions.extend(by=request.user, request=asked, **form.cleaned_data))


@requires(Permission.ANSWER_REQUEST, POST)
@never_cache
def make_report(request: SignedInRequest, pk: UUID) -> HttpResponse:
    """All that is held about the person, as a PDF to hand over. It is kept nowhere."""
    asked = request_or_404(request.user, pk)
    confirm = ConfirmForm(request)
    if not confirm.is_valid():
        return _page(request, asked, confirm=confirm)
    try:
        content = report.pdf(report.make(by=request.user, request=asked))
    except NotAllowed as refusal:
        messages.warning(request, REFUSALS[refusal.code])
        return redirect("rights:request", asked.pk)
    except PaperUnavailable:
        messages.error(request, _("Rapporten kan ikke dannes: Serveren mangler programmer til at tegne PDF-filer."))
        return redirect("rights:request", asked.pk)
    answer = HttpResponse(content, "application/pdf")
    answer["Content-Disposition"] = f'attachment; filename="{report.file_name(asked)}"'
    return answer


@requires(Permission.ANSWER_REQUEST, POST)
@never_cache
def answer(request: SignedInRequest, pk: UUID) -> HttpResponse:
    asked = request_or_404(request.user, pk)
    form = AnswerForm(request.POST, kind=asked.kind)
    if not form.is_valid():
        return _page(request, asked, answer=form)
    data = {name: value for name, value in form.cleaned_data.items() if value}
    return _done(request, asked, lambda: actions.answer(by=request.user, request=asked, **data))


@requires(Permission.ANSWER_REQUEST, POST)
@never_cache
def lift(request: SignedInRequest, pk: UUID) -> HttpResponse:
    """Ends a restriction that was granted."""
    asked = request_or_404(request.user, pk)
    return _done(request, asked, lambda: actions.lift(by=request.user, request=asked))


# --- Parts ---------------------------------------------------------------------------------------------------


def _page(request: SignedInRequest, asked: Request, **given: forms.Form) -> HttpResponse:
    """The request's page; `given`: a form that was sent with faults, in place of the empty one."""
    people = rows_shown(request.user, asked)
    may_answer = request.user.can(Permission.ANSWER_REQUEST)
    restricted = gate.restrictions().filter(participant__in=people).exists()
    context: dict[str, Any] = {
        "asked": asked,
        "people": people,
        "recorded_by": logs.name_of(asked.recorded_by, to=request.user, plans=[row.plan for row in people]),
        "may_answer": may_answer,
        "works_here": request.user.can(Permission.SEE_PARTICIPANTS) and not any(row.erased_at for row in people),
        "overdue": asked.is_open and asked.due_on < localdate(),
        "restricted": restricted,
        "may_lift": may_answer and restricted and _allowed(check_lift, asked),
        "holdings": holding([row.pk for row in people]) if people and may_answer else [],
        "is_access": asked.kind == Kind.ACCESS,
        "erases": asked.kind in (Kind.ERASURE, Kind.OBJECTION),
        "confirm": given.get("confirm") or ConfirmForm(request),
        "after": reverse("rights:request", args=[asked.pk]),
    }
    if asked.is_open:
        context["proof_form"] = given.get("proof") or (None if asked.identity_proof else ProofForm())
        if may_answer:
            context["answer_form"] = given.get("answer") or AnswerForm(kind=asked.kind)
            context["extension_form"] = given.get("extension") or (
                ExtensionForm() if _allowed(check_extendable, asked, localdate()) else None
            )
    return render(request, "rights/request.html", context)


def _allowed(check: Callable[..., None], *of: Any) -> bool:
    try:
        check(*of)
    except NotAllowed:
        return False
    return True


def _done(request: SignedInRequest, asked: Request, act: Any) -> HttpResponse:
    try:
        act()
    except NotAllowed as refusal:
        messages.warning(request, REFUSALS[refusal.code])
    else:
        messages.success(request, _("Det er gemt."))
    return redirect("rights:request", asked.pk)


def _found(request: SignedInRequest, form: FindAndRequestForm) -> list[Participant]:
    find = form.find
    if find.number:
        return find_by_number(by=request.user, digits=find.number.digits)
    return find_by_name(by=request.user, name=find.cleaned_data["name"], birth_date=find.cleaned_data["birth_date"])


def _told_apart(found: list[Participant]) -> list[tuple[str, str]]:
    """Choices when several were found, told apart without an identity."""
    if len(found) < 2:
        return []
    doing = activities_by_person(found)
    return [(str(row.pk), f"{row.plan}: {', '.join(doing[row.pk]) or '–'}") for row in found]


def _chosen(form: FindAndRequestForm, found: list[Participant]) -> list[Participant]:
    wanted = form.cleaned_data.get("person")
    return [row for row in found if not wanted or str(row.pk) == wanted]


def _taken_in(request: SignedInRequest, form: RequestForm, people: list[Participant]) -> HttpResponse:
    fields = ("kind", "received_on", "identity_proof", "restricted")
    made = actions.take_in(by=request.user, people=people, **{name: form.cleaned_data[name] for name in fields})
    messages.success(request, _("Anmodningen er gemt."))
    return redirect("rights:request", made.pk)
