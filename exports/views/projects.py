"""Evaluation projects, and ordering from them."""

from uuid import UUID

from django.contrib import messages
from django.core.paginator import Paginator
from django.db.models import Count, Max
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.timezone import localdate
from django.utils.translation import gettext as _

from accounts.access import FORM, requires
from accounts.permissions import Permission
from exports import ledger, wording
from exports.actions.deliveries import request_delivery
from exports.actions.projects import PermissionMoved, change_project, create_project
from exports.forms.projects import ProjectForm
from exports.linkage.schema import data_layout
from exports.linkage_records import catalogue_of
from exports.models import Delivery, EvaluationProject
from exports.policies import open_project_or_404, project_or_404, projects_of, reader_of
from exports.recalls import open_recalls
from exports.recipients import without_key
from exports.register_catalogue import SNAPSHOT, look_up_all
from exports.states import UNDER_WAY
from exports.views.deliveries import rows_of

PAGE_SIZE = 25


@requires(Permission.SEE_PROJECTS)
def projects(request: HttpRequest) -> HttpResponse:
    found = projects_of(request.user).prefetch_related("evaluators")
    found = found.annotate(delivered=Count("deliveries", distinct=True), latest=Max("deliveries__requested_at"))
    page = Paginator(found.order_by("name"), PAGE_SIZE).get_page(request.GET.get("page"))
    for project in page.object_list:
        project.years = wording.period(project.first_year, project.last_year)  # type: ignore[attr-defined]
    return render(request, "exports/projects.html", {"page": page, "may_manage": _may(request, "MANAGE_PROJECTS")})


@requires(Permission.MANAGE_PROJECTS, FORM)
def project_new(request: HttpRequest) -> HttpResponse:
    form = ProjectForm(request.POST or None, cancel=reverse("exports:projects"))
    if form.is_valid():
        evaluators = form.cleaned_data["evaluators"]
        project = create_project(by=request.user, project=form.instance, evaluators=evaluators)
        messages.success(request, _("Projektet %(name)s er oprettet.") % {"name": project.name})
        return redirect("exports:project", project.pk)
    return render(request, "exports/project_form.html", {"form": form})


@requires(Permission.MANAGE_PROJECTS, FORM)
def project_edit(request: HttpRequest, pk: UUID) -> HttpResponse:
    project = open_project_or_404(request.user, pk)
    name, back = project.name, reverse("exports:project", args=[project.pk])
    form = ProjectForm(request.POST or None, instance=project, cancel=back)
    if form.is_valid():
        evaluators = form.cleaned_data["evaluators"]
        try:
            change_project(
                by=request.user, project=form.instance, evaluators=evaluators, another_group=form.another_group
            )
        except PermissionMoved as moved:
            form.show_moved(moved.now)
        else:
            messages.success(request, _("Ændringerne er gemt."))
            return redirect(back)
    return render(request, "exports/project_form.html", {"form": form, "name": name, "back": back})


@requires(Permission.SEE_PROJECTS)
def project(request: HttpRequest, pk: UUID) -> HttpResponse:
    project = project_or_404(request.user, pk)
    deliveries = project.deliveries.select_related("project", "requested_by")
    page = Paginator(deliveries, PAGE_SIZE).get_page(request.GET.get("page"))
    is_open = project.ended_at is None
    context = {
        "project": project,
        "years": wording.period(project.first_year, project.last_year),
        "variables": _variables(project),
        "register_variables": look_up_all(project.register_variables),
        "snapshot": SNAPSHOT,
        "evaluators": list(project.evaluators.all()),
        "page": page,
        "rows": rows_of(page.object_list),
        "recalled": open_recalls(request.user, [project]),
        "was_fetched": ledger.was_fetched(project, reader_of(request.user)),
        "without_key": without_key(project, on=localdate()) if is_open else [],
        "may_manage": is_open and _may(request, "MANAGE_PROJECTS"),
        "may_request": is_open and _may(request, "REQUEST_DELIVERY"),
        "may_look_up": is_open and _may(request, "LOOK_UP_PSEUDONYM"),
        "may_end": is_open and _may(request, "END_PROJECT"),
    }
    return render(request, "exports/project.html", context)


@requires(Permission.REQUEST_DELIVERY, FORM)
def linkage_new(request: HttpRequest, pk: UUID) -> HttpResponse:
    """Shows what is about to be ordered; a POST orders it."""
    project = open_project_or_404(request.user, pk)
    if request.method == "POST":
        delivery = request_delivery(by=request.user, project=project, kind=Delivery.Kind.LINKAGE)
        return ordered(request, delivery)
    context = {
        "project": project,
        "years": wording.period(project.first_year, project.last_year),
        "variables": _variables(project),
        "under_way": project.deliveries.filter(kind=Delivery.Kind.LINKAGE, state__in=UNDER_WAY).first(),
    }
    return render(request, "exports/linkage_new.html", context)


def _variables(project: EvaluationProject) -> list[dict]:
    """What the project's next data file would hold, and approved names that there are no variables for any more."""
    known = catalogue_of(project)
    layout = data_layout(known, [name for name in project.variables if name in known], project.grain)
    names = [*layout.names, *(name for name in project.variables if name not in known)]
    return wording.variable_rows(names, {variable.name: variable for variable in layout.variables})


def ordered(request: HttpRequest, delivery: Delivery) -> HttpResponse:
    messages.success(request, _("Leverance %(number)s er bestilt.") % {"number": delivery.number})
    return redirect("exports:delivery", delivery.pk)


def _may(request: HttpRequest, permission: str) -> bool:
    return request.user.can(Permission[permission])  # type: ignore[union-attr]
