"""Whose is this code? One at a time, for the data controller."""

from datetime import date
from uuid import UUID

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.utils.formats import date_format
from django.utils.timezone import localdate
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache

from accounts.access import FORM, requires
from accounts.permissions import Permission
from accounts.step_up import ConfirmForm
from collection import identities
from collection.models import Participant
from consent import gate
from consent.models import Kind
from consent.views.withdrawal import activities_by_person
from crypto.errors import KeyUnavailable
from exports import project_keys
from exports.actions.pseudonyms import TooManyLookUps, look_up
from exports.forms.pseudonyms import LookUpForm
from exports.holdings import holding
from exports.models import EvaluationProject
from exports.policies import NotAllowed, project_or_404

TOO_MANY_REQUESTS = 429


@requires(Permission.LOOK_UP_PSEUDONYM, FORM)
@never_cache
def look_up_page(request: HttpRequest, pk: UUID) -> HttpResponse:
    """The answer stands on this one page only: neither code nor person is in an address or kept in the session."""
    project = project_or_404(request.user, pk)
    there = reverse("exports:project", args=[project.pk])
    form = LookUpForm(request.POST or None, cancel=there)
    gone = project.ended_at is not None or not project_keys.is_there(project.pk)
    confirm = ConfirmForm(request)
    context: dict = {"project": project, "form": form, "confirm": confirm, "gone": gone}
    status = 200
    if not gone and form.is_valid() and confirm.is_valid():
        try:
            found = look_up(by=request.user, project=project, **form.cleaned_data)
        except TooManyLookUps:
            status = TOO_MANY_REQUESTS
            form.add_error(None, _("Du har slået mange koder op den seneste time. Vent en time, og prøv igen."))
        except (NotAllowed, KeyUnavailable):
            context["gone"] = True
        else:
            context |= {"code": form.cleaned_data["code"], "form": LookUpForm(cancel=there), "confirm": None}
            context |= _shown(request, project, found)
    return render(request, "exports/look_up.html", context, status=status)


def _shown(request: HttpRequest, project: EvaluationProject, found: list[UUID]) -> dict:
    rows = gate.as_registered_now(found)
    doing = activities_by_person(rows)
    return {
        "registrations": [_registration(request, project, row, doing[row.pk]) for row in rows],
        "holdings": holding([row.pk for row in rows]),
    }


def _registration(request: HttpRequest, project: EvaluationProject, row: Participant, activities: list[str]) -> dict:
    """The person in one plan, as the data controller sees registered people: the number masked."""
    held = {} if row.erased_at else identities.read_all(row, by=request.user)
    if "birth_date" in held:
        held["birth_date"] = date_format(date.fromisoformat(held["birth_date"]))
    today = localdate()
    standing = gate.standing(project.purpose_id, on=today).filter(participant=row).first()
    return {
        "row": row,
        "held": held,
        "activities": activities,
        "standing": standing,
        "valid": gate.is_usable(row.pk, project.purpose_id, on=today),
        "lapsed": standing is not None and standing.kind == Kind.GIVEN,
    }
