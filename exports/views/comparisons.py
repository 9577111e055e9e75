"""Ordering a comparison group: the form of its rule, filled in by hand or from a definition, and what is made of it."""

from uuid import UUID

from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.utils.translation import gettext as _

from accounts.access import FORM, POST, requires
from accounts.permissions import Permission
from exports import wording
from exports.actions.deliveries import request_delivery
from exports.actions.packages import take_package
from exports.comparison.runner.definition import SINCE, WINDOW, Definition, as_file, from_json
from exports.comparison.runner.definition_words import paragraphs
from exports.forms.comparison_file import DefinitionFileForm, differing
from exports.forms.comparison_rule import EXAMPLES, example
from exports.forms.comparisons import ComparisonForm
from exports.models import Delivery, EvaluationProject, RegisterExtract
from exports.policies import NotAllowed, delivery_or_404, open_project_or_404
from exports.views.projects import ordered


@requires(Permission.REQUEST_DELIVERY, FORM)
def comparison_new(request: HttpRequest, pk: UUID) -> HttpResponse:
    """The rule of a comparison group. Without scripts, the button `preview` shows it in words and orders nothing."""
    project = open_project_or_404(request.user, pk)
    form = _comparison_form(request, project)
    preview = "preview" in request.POST
    if form.is_valid() and not preview:
        try:
            delivery = request_delivery(
                by=request.user, project=project, kind=Delivery.Kind.COMPARISON, definition=form.chosen
            )
            return ordered(request, delivery)
        except NotAllowed as refused:
            if refused.code != "another_group":
                raise
            form.add_error(None, str(wording.REFUSALS[refused.code]))
    return _comparison_page(request, form)


def _comparison_page(request: HttpRequest, form: ComparisonForm, filled: Definition | None = None) -> HttpResponse:
    """`filled`: the definition that the empty form was filled in by."""
    words = _in_words(form)
    context = {
        "project": form.project,
        "form": form,
        "any_list": bool(form.extracts),
        "variant": _variant(request),
        "filled": filled is not None,
        "variants": {
            WINDOW: _("dem, der begyndte i deltagerårene"),
            SINCE: _("dem, der er begyndt siden 2012"),
        },
    }
    if filled is not None and words["definition"] is not None:
        context["differing"] = differing(filled, words["definition"])
    return render(request, "exports/comparison_new.html", context | words)


@requires(Permission.REQUEST_DELIVERY, FORM)
def comparison_file(request: HttpRequest, pk: UUID) -> HttpResponse:
    """Takes a definition as JSON, and answers with the form of the rule filled in by it. Keeps nothing."""
    project = open_project_or_404(request.user, pk)
    posted = (request.POST, request.FILES) if request.method == "POST" else ()
    form = DefinitionFileForm(*posted, cancel=reverse("exports:comparison_new", args=[project.pk]))
    if form.is_valid():
        return _comparison_page(request, _comparison_form(request, project, form.definition), form.definition)
    return render(request, "exports/comparison_file.html", {"project": project, "form": form})


@requires(Permission.SEE_PROJECTS)
def definition(request: HttpRequest, pk: UUID) -> HttpResponse:
    """The rule of a delivery as a file, as the archive has it."""
    delivery = delivery_or_404(request.user, pk)
    if delivery.kind != Delivery.Kind.COMPARISON:
        raise Http404
    text = as_file(from_json(delivery.definition["definition"]))
    name = f"definition-{delivery.project.dst_number}-{delivery.number}.json"
    return HttpResponse(
        text, content_type="application/json", headers={"Content-Disposition": f'attachment; filename="{name}"'}
    )


@requires(Permission.REQUEST_DELIVERY, POST)
def comparison_words(request: HttpRequest, pk: UUID) -> HttpResponse:
    """The part of the page that says the rule in words."""
    form = _comparison_form(request, open_project_or_404(request.user, pk))
    return render(request, "exports/parts/in_words.html", {"form": form} | _in_words(form))


@requires(Permission.REQUEST_DELIVERY, POST)
def comparison_package(request: HttpRequest, pk: UUID) -> HttpResponse:
    """The rule as a definition package, for where the registers are: it needs no list."""
    project = open_project_or_404(request.user, pk)
    form = _comparison_form(request, project)
    form.is_valid()
    form.errors.pop("extract", None)
    if form.definition is None or "preview" in request.POST:
        return _comparison_page(request, form)
    content = take_package(by=request.user, project=project, definition=form.definition)
    answer = HttpResponse(content, content_type="application/zip")
    answer["Content-Disposition"] = f'attachment; filename="definitionspakke-{project.dst_number}.zip"'
    return answer


def _variant(request: HttpRequest) -> str:
    """Of the evaluation's own rule, which the empty form shows."""
    asked = request.GET.get("regel", WINDOW)
    return asked if asked in EXAMPLES else WINDOW


def _comparison_form(
    request: HttpRequest, project: EvaluationProject, filled: Definition | None = None
) -> ComparisonForm:
    """As posted; or empty, showing a definition that was `filled` in, or else the evaluation's own rule."""
    ready = RegisterExtract.objects.filter(state=RegisterExtract.State.READY).defer("run_key")
    return ComparisonForm(
        None if filled else request.POST or None,
        project=project,
        extracts=list(ready),
        order=reverse("exports:comparison_new", args=[project.pk]),
        words=reverse("exports:comparison_words", args=[project.pk]),
        package=reverse("exports:comparison_package", args=[project.pk]),
        cancel=reverse("exports:project", args=[project.pk]),
        proposed=filled or example(_variant(request), project),
    )


def _in_words(form: ComparisonForm) -> dict:
    """The rule as typed, or as proposed on the empty form, in parts."""
    if not form.is_bound:
        proposed = {name: form[name].value() for name in form.fields}
        form = ComparisonForm(
            {name: value for name, value in proposed.items() if value is not None},
            project=form.project, extracts=list(form.extracts.values()), words="", cancel="",
        )  # fmt: skip
    form.is_valid()
    problems = [
        f"{form.fields[name].label}: {message}" if name in form.fields else message
        for name, found in form.errors.items()
        if name != "extract"
        for message in found
    ]
    told = paragraphs(form.definition, form.types) if form.definition else []
    rule = [wording.in_language(text) for text in told]
    return {"definition": form.definition, "rule": rule, "problems": problems, "missing_years": form.missing_years}
