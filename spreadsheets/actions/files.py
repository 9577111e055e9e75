"""A file's way: taken in, its columns matched, written or deleted."""

from collections.abc import Mapping
from datetime import timedelta
from typing import Any
from uuid import UUID

from django.utils import timezone

from accounts.models import User
from audit.recording import audited
from collection.models import Plan
from exports import jobs, storage
from exports.models import Job
from spreadsheets import flip, vault
from spreadsheets.columns import plain
from spreadsheets.comparing import may_compare
from spreadsheets.layouts import Layout
from spreadsheets.models import Row, Spreadsheet

State = Spreadsheet.State
KEPT = timedelta(days=14)  # a file that nobody writes or deletes
REMEMBERED = 60  # characters of a heading: what is longer, or holds digits, may be no heading


class NotNow(Exception):
    """The file is in another step by now, or somebody asked too often; `code`: moved_on, too_often, nothing_ready."""

    def __init__(self, code: str):
        super().__init__(code)
        self.code = code


def take_in(*, by: User, pk: UUID, plan: Plan) -> Spreadsheet:
    """The file whose sealed upload lies at `vault.upload_path(pk)`, and the job that reads it."""
    with audited(by=by) as log:
        spreadsheet = Spreadsheet.objects.create(id=pk, plan=plan, uploaded_by=by)
        jobs.enqueue(by=by, kind=Job.Kind.CHECK_ROWS, subject=pk)
        log("import.uploaded", spreadsheet, plan=plan.pk)
    return spreadsheet


def choose_sheet(*, by: User, spreadsheet: Spreadsheet, place: int) -> None:
    """Raises NotNow."""
    with audited(by=by) as log:
        held = hold(spreadsheet, State.SHEETS)
        layout = Layout.of(held)
        layout.sheet = place
        _go_on(held, layout, State.READING, by)
        log("import.sheet_chosen", held, plan=held.plan_id)


def match_columns(
    *, by: User, spreadsheet: Spreadsheet, header: int, columns: Mapping[str, int], defaults: Mapping[str, str]
) -> None:
    """Says which column is which and what holds for the whole file, for next time too, and has the rows checked.

    Raises NotNow.
    """
    if not may_compare(by):
        raise NotNow("too_often")
    with audited(by=by) as log:
        held = hold(spreadsheet, State.MATCHING, State.PREVIEW)
        layout = Layout.of(held)
        layout.header, layout.columns, layout.defaults = header, dict(columns), dict(defaults)
        named = {place: plain(heading) for place, heading in enumerate(layout.headings)}
        known = {named[place]: key for key, place in columns.items() if _is_heading(named.get(place, ""))}
        before = vault.remembered(held.plan_id)["headings"]
        vault.remember(held.plan_id, headings=before | known, defaults=layout.defaults)
        _go_on(held, layout, State.CHECKING, by)
        log("import.matched", held, plan=held.plan_id)


def match_activities(*, by: User, spreadsheet: Spreadsheet, activities: Mapping[str, str]) -> None:
    """Says which activity of the plan a name in the file means. Raises NotNow."""
    _check_again(by, spreadsheet, "import.activities_matched", lambda layout: layout.activities.update(activities))


def restore_zeros(*, by: User, spreadsheet: Spreadsheet) -> None:
    """Puts the leading zero back on every number of nine digits, as somebody who has looked asked. Raises NotNow."""

    def ask(layout: Layout) -> None:
        layout.restore_zeros = True

    _check_again(by, spreadsheet, "import.zeros_restored", ask)


def write(*, by: User, spreadsheet: Spreadsheet, leave_rest: bool) -> None:
    """Starts writing the rows that are ready. `leave_rest`: those with errors and unconfirmed warnings stay out.

    Raises NotNow.
    """
    with audited(by=by) as log:
        held = hold(spreadsheet, State.PREVIEW)
        rows = Row.objects.filter(spreadsheet=held)
        open_rows = rows.filter(state__in=[Row.State.ERROR, Row.State.WARNING]).count()
        if not rows.filter(state=Row.State.READY).exists() or (open_rows and not leave_rest):
            raise NotNow("nothing_ready")
        held.state, held.problem = State.WRITING, ""
        held.save(update_fields=["state", "problem"])
        jobs.enqueue(by=by, kind=Job.Kind.WRITE_ROWS, subject=held.pk)
        log("import.asked_to_write", held, plan=held.plan_id, left_out=open_rows)


def delete(*, by: User | None, spreadsheet: Spreadsheet) -> None:
    """The file and its rows go at once; the register is as it was. Raises NotNow once it is written."""
    with audited(by=by) as log:
        held = hold(spreadsheet, *(set(State) - {State.WRITTEN, State.DELETED}))
        jobs.cancel(subject=held.pk)
        held.state, held.ended_at, held.layout = State.DELETED, timezone.now(), None
        held.save(update_fields=["state", "ended_at", "layout"])
        log("import.deleted", held, plan=held.plan_id)
    flip.clear(spreadsheet)
    storage.remove(vault.KIND, spreadsheet.pk)


def hold(spreadsheet: Spreadsheet, *states: Spreadsheet.State) -> Spreadsheet:
    """The file, locked until the end of the transaction. Raises NotNow unless it is in one of `states`."""
    held = Spreadsheet.objects.select_for_update(of=("self",)).select_related("plan").get(pk=spreadsheet.pk)
    if held.state not in states:
        raise NotNow("moved_on")
    return held


def _check_again(by: User, spreadsheet: Spreadsheet, action: str, change: Any) -> None:
    if not may_compare(by):
        raise NotNow("too_often")
    with audited(by=by) as log:
        held = hold(spreadsheet, State.PREVIEW)
        layout = Layout.of(held)
        change(layout)
        _go_on(held, layout, State.CHECKING, by)
        log(action, held, plan=held.plan_id)


def _go_on(held: Spreadsheet, layout: Layout, state: Spreadsheet.State, by: User) -> None:
    layout.keep(held)
    held.state, held.problem = state, ""
    held.save(update_fields=["layout", "state", "problem"])
    jobs.enqueue(by=by, kind=Job.Kind.CHECK_ROWS, subject=held.pk)


def _is_heading(text: str) -> bool:
    return 0 < len(text) <= REMEMBERED and not any(sign.isdigit() for sign in text)
