"""The rows of a file: what was found in them, correcting one, confirming, leaving out."""

from uuid import UUID

from django.contrib import messages
from django.core.paginator import Paginator
from django.http import Http404, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import ngettext
from django.views.decorators.cache import never_cache

from accounts.access import FORM, POST, requires
from accounts.permissions import Permission
from consent.views import SignedInRequest
from spreadsheets import cells, vault, wording
from spreadsheets.actions.files import NotNow, State, restore_zeros
from spreadsheets.actions.rows import Sure, confirm_all, confirm_row, correct_row
from spreadsheets.actions.rows import leave_out as leave_row_out
from spreadsheets.forms.files import SureForm
from spreadsheets.forms.rows import RowForm
from spreadsheets.layouts import Layout
from spreadsheets.models import Finding, Level, Row, Spreadsheet
from spreadsheets.policies import row_or_404, spreadsheet_or_404
from spreadsheets.queries import FILTERS, counts, kinds, next_open, shown_rows
from spreadsheets.views import not_now, steps

PAGE_SIZE = 20
LOST_ZERO = "cpr_lost_zero"
ALL = "alle"


@requires(Permission.IMPORT_ROWS, FORM)
@never_cache
def preview(request: SignedInRequest, pk: UUID) -> HttpResponse:
    held = spreadsheet_or_404(request.user, pk)
    if held.state != State.PREVIEW:
        return redirect("spreadsheets:spreadsheet", held.pk)
    layout = Layout.of(held)
    number = counts(held, layout)
    code = request.GET.get("slags", "")[:40]
    state = "" if code else request.GET.get("vis", _first_filter(number))
    found = kinds(held)
    page = Paginator(shown_rows(held, layout, state=state, code=code), PAGE_SIZE).get_page(request.GET.get("page"))
    return render(
        request,
        "spreadsheets/preview.html",
        {
            "spreadsheet": held,
            "steps": steps(3),
            "problem": wording.sent_back(held.problem) if held.problem else "",
            "number": number,
            "first": next_open(held, 0),
            "rest": number[Row.State.ERROR] + number[Row.State.WARNING],
            "kinds": [_kind(held, layout, kind) for kind in found],
            "filters": _filters(number, state, code),
            "chosen_kind": next((kind.sentence for kind in found if kind.code == code), ""),
            "page": page,
            "rows": _shown(request, held, layout, list(page)),
            "no_consent": wording.NO_CONSENT if number[Row.State.NO_CONSENT] else "",
        },
    )


def _kind(held: Spreadsheet, layout: Layout, kind) -> dict:
    """What was found, with the one thing to do about it for all rows at once, where there is one."""
    remedy = {}
    if kind.code == LOST_ZERO:
        remedy = {"url": reverse("spreadsheets:zeros", args=[held.pk]), "label": _("Læg nullerne på igen")}
    elif kind.code in ("activity_unknown", "activity_ambiguous") and layout.unknown:
        remedy = {"url": reverse("spreadsheets:activities", args=[held.pk]), "label": _("Vælg aktiviteter")}
    elif kind.level == Level.WARNING and kind.open:
        remedy = {"url": reverse("spreadsheets:confirm", args=[held.pk, kind.code]), "label": _("Bekræft alle")}
    return {
        "kind": kind,
        "label": Level(kind.level).label,
        "tag": {"note": "info"}.get(kind.level, kind.level),
        "confirmed": kind.level == Level.WARNING and not kind.open,
        "remedy": remedy,
    }


def _first_filter(number: dict[str, int]) -> str:
    """What waits is shown first."""
    return next((value for value in ("fejl", "advarsler") if number[FILTERS[value]]), ALL)


def _filters(number: dict[str, int], state: str, code: str) -> list[dict]:
    total = sum(number.values())
    all_rows = {"value": ALL, "label": _("Alle"), "count": total, "current": state not in FILTERS and not code}
    labels = {"fejl": _("Fejl"), "advarsler": _("Advarsler"), "klar": _("Klar"), "uden-samtykke": _("Uden samtykke")}
    labels["udeladt"] = _("Udeladt")
    rest = [
        {"value": value, "label": labels[value], "count": number[wanted], "current": state == value}
        for value, wanted in FILTERS.items()
        if number[wanted] or state == value
    ]
    return [*rest, all_rows]


def _shown(request: SignedInRequest, held: Spreadsheet, layout: Layout, rows: list[Row]) -> list[dict]:
    """The rows of a page, opened in one batch."""
    records = vault.shown(held, rows, by=request.user)
    found: dict[UUID, list] = {}
    for each in Finding.objects.filter(row__in=rows):
        found.setdefault(each.row_id, []).append(
            {
                "level": each.level,
                "text": wording.sentence(each.field, each.code, each.value),
                "settled": each.settled,
            }
        )
    shown = []
    for row, record in zip(rows, records, strict=True):
        texts = layout.texts(record)
        shown.append(
            {
                "row": row,
                "name": texts.get("name", ""),
                "number": _masked(texts.get("cpr", "")),
                "activity": texts.get("activity", ""),
                "start": texts.get("start", ""),
                "decided_on": texts.get("decided_on", ""),
                "tag": wording.ROW_TAGS[Row.State(row.state)],
                "findings": found.get(row.pk, []),
            }
        )
    return shown


def _masked(text: str) -> str:
    """What was written for a CPR number, its end hidden, whatever is wrong with it."""
    text = cells.clean_number(text)
    return f"{text[:6]}{'•' * min(len(text[6:]), 6)}" if len(text) > 6 else text


@requires(Permission.IMPORT_ROWS, FORM)
@never_cache
def row(request: SignedInRequest, pk: UUID, number: int) -> HttpResponse:
    held = spreadsheet_or_404(request.user, pk)
    found = row_or_404(held, number)
    layout = Layout.of(held)
    if held.state != State.PREVIEW or number <= layout.header:
        return redirect("spreadsheets:spreadsheet", held.pk)
    texts = layout.texts(vault.shown(held, [found], by=request.user)[0])
    findings = list(Finding.objects.filter(row=found))
    back = reverse("spreadsheets:preview", args=[held.pk])
    form = RowForm(request.POST or None, row=found, texts=texts, findings=findings, layout=layout, cancel=back)
    if request.method == "POST" and form.is_valid():
        try:
            saved = _save(request, held, found, form)
        except NotNow as problem:
            return not_now(request, held, problem)
        return _after(request, held, saved)
    if request.method != "POST" and form.found_errors and not found.left_out:
        form.show_errors()
    notes = [wording.sentence(each.field, each.code, each.value) for each in findings if each.level == Level.NOTE]
    settled = [each for each in findings if each.level == Level.WARNING and each.settled]
    return render(
        request,
        "spreadsheets/row.html",
        {
            "spreadsheet": held,
            "row": found,
            "form": form,
            "steps": steps(3),
            "tag": wording.ROW_TAGS[Row.State(found.state)],
            "notes": notes,
            "settled": [wording.sentence(each.field, each.code, each.value) for each in settled],
            "no_consent": wording.NO_CONSENT if found.state == Row.State.NO_CONSENT else "",
        },
    )


def _save(request: SignedInRequest, held: Spreadsheet, found: Row, form: RowForm) -> Row:
    """Corrects first; what was typed anew is confirmed only once it has been judged and shown."""
    changed = {key for key, text in form.typed.items() if text != (form.fields[key].initial or "")}
    if changed or form.another != found.another:
        found = correct_row(by=request.user, spreadsheet=held, row=found, typed=form.typed, another=form.another)
    if form.cleaned_data.get("confirm"):
        codes = {each.code for each in form.open_warnings if each.field not in changed}
        reason = Sure(form.cleaned_data["reason"])
        confirm_row(by=request.user, spreadsheet=held, row=found, codes=codes, reason=reason)
        found.refresh_from_db()
    return found


def _after(request: SignedInRequest, held: Spreadsheet, saved: Row) -> HttpResponse:
    """The same row while something is left to do about it; then the next one that waits."""
    if saved.state in (Row.State.ERROR, Row.State.WARNING):
        return redirect("spreadsheets:row", held.pk, saved.number)
    text = _("Række %(number)s er klar.") if saved.state == Row.State.READY else _("Række %(number)s er gemt.")
    messages.success(request, text % {"number": saved.number})
    following = next_open(held, saved.number)
    if following is None:
        return redirect("spreadsheets:preview", held.pk)
    return redirect("spreadsheets:row", held.pk, following)


@requires(Permission.IMPORT_ROWS, POST)
def leave_out(request: SignedInRequest, pk: UUID, number: int) -> HttpResponse:
    held = spreadsheet_or_404(request.user, pk)
    found = row_or_404(held, number)
    left_out = request.POST.get("tag-med") != "1"
    try:
        leave_row_out(by=request.user, spreadsheet=held, row=found, left_out=left_out)
    except NotNow as problem:
        return not_now(request, held, problem)
    if not left_out:
        return redirect("spreadsheets:row", held.pk, number)
    messages.success(request, _("Række %(number)s er udeladt.") % {"number": number})
    following = next_open(held, number)
    return (
        redirect("spreadsheets:preview", held.pk)
        if following is None
        else redirect("spreadsheets:row", held.pk, following)
    )


@requires(Permission.IMPORT_ROWS, FORM)
def confirm(request: SignedInRequest, pk: UUID, code: str) -> HttpResponse:
    held = spreadsheet_or_404(request.user, pk)
    if held.state != State.PREVIEW:
        return redirect("spreadsheets:spreadsheet", held.pk)
    kind = next((kind for kind in kinds(held) if kind.code == code and kind.level == Level.WARNING and kind.open), None)
    if kind is None:
        raise Http404
    form = SureForm(request.POST or None, cancel=reverse("spreadsheets:preview", args=[held.pk]))
    if form.is_valid():
        try:
            confirm_all(by=request.user, spreadsheet=held, codes=[code], reason=Sure(form.cleaned_data["reason"]))
        except NotNow as problem:
            return not_now(request, held, problem)
        messages.success(
            request,
            ngettext("%(count)s række er bekræftet.", "%(count)s rækker er bekræftet.", kind.open)
            % {"count": kind.open},
        )
        return redirect("spreadsheets:preview", held.pk)
    return render(
        request, "spreadsheets/confirm.html", {"spreadsheet": held, "form": form, "kind": kind, "steps": steps(3)}
    )


@requires(Permission.IMPORT_ROWS, FORM)
def zeros(request: SignedInRequest, pk: UUID) -> HttpResponse:
    held = spreadsheet_or_404(request.user, pk)
    kind = next((kind for kind in kinds(held) if kind.code == LOST_ZERO), None)
    if held.state != State.PREVIEW or kind is None:
        return redirect("spreadsheets:spreadsheet", held.pk)
    if request.method == "POST":
        try:
            restore_zeros(by=request.user, spreadsheet=held)
        except NotNow as problem:
            return not_now(request, held, problem)
        return redirect("spreadsheets:spreadsheet", held.pk)
    return render(request, "spreadsheets/zeros.html", {"spreadsheet": held, "count": kind.count, "steps": steps(3)})
