"""Recalls: a project's list for who was given its files, and the receipt of a withdrawal."""

from uuid import UUID

from django import forms
from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache

from accounts.access import POST, requires
from accounts.permissions import Permission
from consent import logs
from consent.models import Decision, Kind, Proof
from consent.policies import withdrawal_or_404
from exports.actions import recalls as actions
from exports.holdings import holding
from exports.models import Reader
from exports.policies import NotAllowed, project_or_404, reader_of
from exports.recalls import recall_list

FILE_NAMES = {Reader.OFFICER: "noegle", Reader.EVALUATOR: "data"}


class SeenForm(forms.Form):
    """Which list was shown, of which somebody says that it is done."""

    persons = forms.IntegerField(min_value=1)
    up_to = forms.IntegerField(min_value=1)


@requires(Permission.SEE_PROJECTS)
@never_cache
def recalls(request: HttpRequest, pk: UUID) -> HttpResponse:
    project = project_or_404(request.user, pk)
    reader = _reader(request)
    context = {"project": project, "list": recall_list(project, reader), "officer": reader == Reader.OFFICER}
    return render(request, "exports/recalls.html", context)


@requires(Permission.SEE_PROJECTS, POST)
@never_cache
def take_list(request: HttpRequest, pk: UUID) -> HttpResponse:
    """The codes as CSV, in the form of the data file (exports.linkage.files)."""
    project = project_or_404(request.user, pk)
    reader = _reader(request)
    try:
        codes = actions.take_list(by=request.user, project=project, reader=reader)
    except NotAllowed:
        return redirect("exports:recalls", project.pk)
    answer = HttpResponse("".join(["PSEUDONYM\n", *(f'"{code}"\n' for code in codes)]), "text/csv; charset=utf-8")
    name = f"tilbagekaldelser-{project.dst_number}-{FILE_NAMES[reader]}.csv"
    answer["Content-Disposition"] = f'attachment; filename="{name}"'
    return answer


@requires(Permission.SEE_PROJECTS, POST)
def acknowledge(request: HttpRequest, pk: UUID) -> HttpResponse:
    project = project_or_404(request.user, pk)
    form = SeenForm(request.POST)
    try:
        if not form.is_valid():
            raise NotAllowed("wrong_state")
        actions.acknowledge(by=request.user, project=project, reader=_reader(request), **form.cleaned_data)
    except NotAllowed:
        messages.warning(request, _("Listen er ændret, siden du åbnede siden. Se den igennem igen."))
    else:
        messages.success(request, _("Det er noteret, at personerne på listen er slettet."))
    return redirect("exports:recalls", project.pk)


@requires(Permission.WITHDRAW)
@never_cache
def receipt(request: HttpRequest, pk: UUID) -> HttpResponse:
    """Says what was done, to be printed for the person. Whose consent it was is erased by now.

    Staff see of their own plan only: what another plan's row was in would tell that there is one.
    """
    decision = withdrawal_or_404(request.user, pk)
    everywhere = request.user.can(Permission.SEE_ALL_RATES)  # type: ignore[union-attr]
    rows = [decision.participant_id]
    if everywhere:  # all rows of the person were ended at one moment
        together = Decision.objects.filter(recorded_at=decision.recorded_at, recorded_by=decision.recorded_by)
        rows = list(together.filter(kind=decision.kind).values_list("participant", flat=True))
    given_out = [each for each in holding(rows) if each.fetched_by]
    recalled = [each for each in given_out if each.delivery.project.ended_at is None]
    context = {
        "decision": decision,
        "recorded_by": logs.name_of(decision.recorded_by, to=request.user, plans=[decision.participant.plan]),
        "refused": decision.kind == Kind.REFUSED,
        "count": len(recalled),
        "unreachable": len(given_out) - len(recalled),
        "holdings": given_out if everywhere else [],
        "may_see": request.user.can(Permission.SEE_PARTICIPANTS),  # type: ignore[union-attr]
        "proof": Proof.objects.filter(decision__participant__in=rows, deleted_at__isnull=True)
        .order_by("-delete_on")
        .first(),
    }
    return render(request, "exports/receipt.html", context)


def _reader(request: HttpRequest) -> Reader:
    reader = reader_of(request.user)
    assert reader is not None  # who may see projects is given one of their archives
    return reader
