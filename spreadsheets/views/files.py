"""A file's pages: the list, sending one, its columns, writing, the report, deleting."""

import re
from uuid import UUID

from django.contrib import messages
from django.core.paginator import Paginator
from django.http import HttpResponse, StreamingHttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import ngettext
from django.views.decorators.cache import never_cache
from django.views.decorators.csrf import csrf_exempt, csrf_protect

from accounts.access import FORM, requires
from accounts.permissions import Permission
from collection.models import Activity
from consent.views import SignedInRequest
from exports.models import Job
from exports.views import progress as progress_part
from spreadsheets import report as reports
from spreadsheets import vault, wording
from spreadsheets.actions.files import (
    KEPT,
    NotNow,
    State,
    choose_sheet,
    match_activities,
    match_columns,
    take_in,
)
from spreadsheets.actions.files import delete as delete_file
from spreadsheets.actions.files import write as write_file
from spreadsheets.columns import guess
from spreadsheets.forms.files import ActivitiesForm, MatchForm, SheetForm, UploadForm, WriteForm, letters
from spreadsheets.layouts import Layout
from spreadsheets.models import Row, Spreadsheet
from spreadsheets.policies import plans_for_import, spreadsheet_or_404, spreadsheets_of
from spreadsheets.queries import counts
from spreadsheets.template_file import template as template_file
from spreadsheets.uploads import SpreadsheetUpload
from spreadsheets.views import not_now, steps

PAGE_SIZE = 25
SAMPLE = 4  # rows of the file shown while its columns are matched
XLSX = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"
_MANY_DIGITS = re.compile(r"\d(?:[ -]?\d){8,}")
STEP = {State.READING: 1, State.SHEETS: 1, State.MATCHING: 2, State.CHECKING: 2, State.PREVIEW: 3, State.WRITING: 4}


@requires(Permission.IMPORT_ROWS)
def spreadsheets(request: SignedInRequest) -> HttpResponse:
    found = spreadsheets_of(request.user).select_related("plan", "uploaded_by").defer("layout", "report")
    page = Paginator(found, PAGE_SIZE).get_page(request.GET.get("page"))
    return render(
        request,
        "spreadsheets/spreadsheets.html",
        {
            "page": page,
            "rows": [{"spreadsheet": each, "tag": wording.TAGS[State(each.state)]} for each in page],
            "several": plans_for_import(request.user).count() > 1,
        },
    )


@requires(Permission.IMPORT_ROWS)
def template(request: SignedInRequest) -> HttpResponse:
    name = _("deltagere-skabelon")
    return HttpResponse(
        template_file(), content_type=XLSX, headers={"Content-Disposition": f'attachment; filename="{name}.xlsx"'}
    )


@csrf_exempt  # for the moment only: the inner view checks, once the upload handler is in place
@requires(Permission.IMPORT_ROWS, FORM)
def upload(request: SignedInRequest) -> HttpResponse:
    """The handler must be set before anything reads the form, and the check of the CSRF token reads it."""
    handler = SpreadsheetUpload()
    request.upload_handlers = [handler]
    try:
        return _upload(request, handler)
    finally:
        handler.discard()


@csrf_protect
def _upload(request: SignedInRequest, handler: SpreadsheetUpload) -> HttpResponse:
    data, files = (request.POST, request.FILES) if request.method == "POST" else (None, None)
    plans = plans_for_import(request.user)
    form = UploadForm(data, files, plans=plans, problem=handler.problem, cancel=reverse("spreadsheets:spreadsheets"))
    if form.is_valid():
        made = take_in(by=request.user, pk=handler.owner_id, plan=form.cleaned_data["plan"])
        return redirect("spreadsheets:spreadsheet", made.pk)
    return render(request, "spreadsheets/upload.html", {"form": form, "steps": steps(1), "plans": plans.exists()})


@requires(Permission.IMPORT_ROWS)
@never_cache
def spreadsheet(request: SignedInRequest, pk: UUID) -> HttpResponse:
    """Where the file is now: its progress, its result, or the page of its step."""
    held = spreadsheet_or_404(request.user, pk)
    pages = {State.SHEETS: "sheet", State.MATCHING: "match", State.PREVIEW: "preview"}
    if held.state in pages:
        return redirect(f"spreadsheets:{pages[State(held.state)]}", held.pk)
    job = progress_part.open_job(_jobs(held))
    return render(
        request,
        "spreadsheets/spreadsheet.html",
        {
            "spreadsheet": held,
            "tag": wording.TAGS[State(held.state)],
            "steps": steps(STEP.get(State(held.state), 5)) if held.state != State.REFUSED else steps(1),
            "progress": progress_part.progress_of(job, **_addresses(held)) if job else None,
            "refusal": wording.refusal(held.problem) if held.state == State.REFUSED else "",
            "written": held.state == State.WRITTEN,
            "deletable": held.ended_at is None,
        },
    )


@requires(Permission.IMPORT_ROWS)
def progress(request: SignedInRequest, pk: UUID) -> HttpResponse:
    held = spreadsheet_or_404(request.user, pk)
    return progress_part.answer(request, progress_part.open_job(_jobs(held)), **_addresses(held))


@requires(Permission.IMPORT_ROWS, FORM)
@never_cache
def sheet(request: SignedInRequest, pk: UUID) -> HttpResponse:
    held = spreadsheet_or_404(request.user, pk)
    if held.state != State.SHEETS:
        return redirect("spreadsheets:spreadsheet", held.pk)
    form = SheetForm(request.POST or None, layout=Layout.of(held), cancel=reverse("spreadsheets:spreadsheets"))
    if form.is_valid():
        try:
            choose_sheet(by=request.user, spreadsheet=held, place=form.cleaned_data["sheet"])
        except NotNow as problem:
            return not_now(request, held, problem)
        return redirect("spreadsheets:spreadsheet", held.pk)
    return render(request, "spreadsheets/sheet.html", {"spreadsheet": held, "form": form, "steps": steps(1)})


@requires(Permission.IMPORT_ROWS, FORM)
@never_cache
def match(request: SignedInRequest, pk: UUID) -> HttpResponse:
    held = spreadsheet_or_404(request.user, pk)
    if held.state not in (State.MATCHING, State.PREVIEW):
        return redirect("spreadsheets:spreadsheet", held.pk)
    layout = Layout.of(held)
    numbers = [0, *(number for number, _cells in layout.head)]
    asked = request.POST.get("header") or request.GET.get("overskrift") or ""
    header = int(asked) if asked.isdecimal() and len(asked) < 8 and int(asked) in numbers else layout.header
    if header != layout.header:
        layout.header = header
        layout.columns = guess(layout.headings, vault.remembered(held.plan)["headings"])
    form = MatchForm(
        request.POST or None,
        spreadsheet=held,
        layout=layout,
        header=header,
        cancel=reverse("spreadsheets:spreadsheets"),
    )
    if form.is_valid():
        try:
            match_columns(
                by=request.user, spreadsheet=held, header=header, columns=form.columns, defaults=form.defaults
            )
        except NotNow as problem:
            return not_now(request, held, problem)
        return redirect("spreadsheets:spreadsheet", held.pk)
    return render(
        request,
        "spreadsheets/match.html",
        {
            "spreadsheet": held,
            "form": form,
            "steps": steps(2),
            "problem": wording.sent_back(held.problem) if held.problem else "",
            "hidden_rows": layout.hidden_rows,
            "header": header,
            "numbers": numbers,
            "sample": _sample(request, held, layout),
        },
    )


def _sample(request: SignedInRequest, held: Spreadsheet, layout: Layout) -> dict:
    """The first rows of the file, numbers masked, as one looks at them in a spreadsheet. Recorded as shown."""
    below = Row.objects.filter(spreadsheet=held, number__gt=layout.header).order_by("number")[:SAMPLE]
    rows = list(below)
    records = vault.shown(held, rows, by=request.user)
    headings = layout.headings
    places = range(layout.width)
    return {
        "columns": [(letters(place), headings[place] if place < len(headings) else "") for place in places],
        "rows": [
            (row.number, [_masked(record["cells"][place]) if place < len(record["cells"]) else "" for place in places])
            for row, record in zip(rows, records, strict=True)
        ],
    }


def _masked(text: str) -> str:
    return _MANY_DIGITS.sub(lambda found: f"{found[0][:6]}••••", text)


@requires(Permission.IMPORT_ROWS, FORM)
@never_cache
def activities(request: SignedInRequest, pk: UUID) -> HttpResponse:
    held = spreadsheet_or_404(request.user, pk)
    layout = Layout.of(held)
    if held.state != State.PREVIEW or not layout.unknown:
        return redirect("spreadsheets:spreadsheet", held.pk)
    known = list(Activity.objects.filter(plan=held.plan_id))
    back = reverse("spreadsheets:preview", args=[held.pk])
    form = ActivitiesForm(request.POST or None, unknown=layout.unknown, activities=known, cancel=back)
    if form.is_valid():
        try:
            match_activities(by=request.user, spreadsheet=held, activities=form.chosen)
        except NotNow as problem:
            return not_now(request, held, problem)
        return redirect("spreadsheets:spreadsheet", held.pk)
    return render(request, "spreadsheets/activities.html", {"spreadsheet": held, "form": form, "steps": steps(3)})


@requires(Permission.IMPORT_ROWS, FORM)
def write(request: SignedInRequest, pk: UUID) -> HttpResponse:
    held = spreadsheet_or_404(request.user, pk)
    if held.state != State.PREVIEW:
        return redirect("spreadsheets:spreadsheet", held.pk)
    number = counts(held, Layout.of(held))
    rest = number[Row.State.ERROR] + number[Row.State.WARNING]
    ready = number[Row.State.READY]
    submit = ngettext("Indlæs %(count)s række", "Indlæs %(count)s rækker", ready) % {"count": ready}
    back = reverse("spreadsheets:preview", args=[held.pk])
    form = WriteForm(request.POST if request.method == "POST" else None, rest=rest, submit=submit, cancel=back)
    if form.is_valid():
        try:
            write_file(by=request.user, spreadsheet=held, leave_rest=form.cleaned_data.get("leave_rest", False))
        except NotNow as problem:
            return not_now(request, held, problem)
        return redirect("spreadsheets:spreadsheet", held.pk)
    return render(
        request, "spreadsheets/write.html", {"spreadsheet": held, "form": form, "steps": steps(4), "number": number}
    )


@requires(Permission.IMPORT_ROWS)
@never_cache
def report(request: SignedInRequest, pk: UUID) -> HttpResponse:
    held = spreadsheet_or_404(request.user, pk)
    if held.state not in (State.PREVIEW, State.WRITTEN):
        return redirect("spreadsheets:spreadsheet", held.pk)
    layout = Layout.of(held) if held.layout is not None else None
    name = f"{_('rapport')}-{timezone.localtime(held.uploaded_at):%Y-%m-%d}.csv"
    return StreamingHttpResponse(  # type: ignore[return-value]
        reports.csv_of(held, layout),
        content_type="text/csv; charset=utf-8",
        headers={"Content-Disposition": f'attachment; filename="{name}"'},
    )


@requires(Permission.IMPORT_ROWS, FORM)
def delete(request: SignedInRequest, pk: UUID) -> HttpResponse:
    held = spreadsheet_or_404(request.user, pk)
    if held.ended_at is not None:
        return redirect("spreadsheets:spreadsheet", held.pk)
    if request.method == "POST":
        try:
            delete_file(by=request.user, spreadsheet=held)
        except NotNow as problem:
            return not_now(request, held, problem)
        messages.success(request, _("Regnearket er slettet. Intet af det er indlæst."))
        return redirect("spreadsheets:spreadsheets")
    goes = held.uploaded_at + KEPT
    return render(request, "spreadsheets/delete.html", {"spreadsheet": held, "goes": goes})


def _jobs(held: Spreadsheet):
    return Job.objects.filter(subject=held.pk)


def _addresses(held: Spreadsheet) -> dict[str, str]:
    return {
        "url": reverse("spreadsheets:progress", args=[held.pk]),
        "page": reverse("spreadsheets:spreadsheet", args=[held.pk]),
    }
