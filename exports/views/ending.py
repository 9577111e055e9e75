"""Ending a project: what it means, and the project's number typed before it is done."""

from uuid import UUID

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.timezone import localdate
from django.utils.translation import gettext as _

from accounts.access import FORM, requires
from accounts.permissions import Permission
from exports import deletions, wording
from exports.actions.projects import end_project
from exports.forms.ending import EndProjectForm
from exports.models import Reader
from exports.policies import NotAllowed, project_or_404, under_way
from exports.recalls import recall_list


@requires(Permission.END_PROJECT, FORM)
def end_page(request: HttpRequest, pk: UUID) -> HttpResponse:
    project = project_or_404(request.user, pk)
    there = reverse("exports:project", args=[project.pk])
    if project.ended_at is not None:
        return redirect(there)
    form = EndProjectForm(request.POST or None, project=project, cancel=there)
    waiting = list(under_way(project))
    if not waiting and form.is_valid():
        try:
            end_project(by=request.user, project=project)
        except NotAllowed:
            messages.warning(request, _("En leverance er kommet i gang imens. Projektet er ikke afsluttet."))
            return redirect("exports:end_project", project.pk)
        messages.success(request, _("Projektet er afsluttet. Nøglen, koderne og filerne er slettet."))
        return redirect(there)
    context = {
        "project": project,
        "form": form,
        "waiting": waiting,
        "recalled": [reader.label for reader in Reader if recall_list(project, reader).is_open],
        "undeleted": [
            (delivery, reader.label)
            for reader in Reader
            for delivery in deletions.outstanding(reader).filter(project=project).order_by("number")
        ],
        "today": localdate(),
        "years": wording.period(project.first_year, project.last_year),
    }
    return render(request, "exports/end_project.html", context)
