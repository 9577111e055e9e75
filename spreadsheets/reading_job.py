"""Reading an uploaded file into sealed rows. The file goes as soon as it is read."""

from collections.abc import Iterator
from itertools import islice
from uuid import UUID, uuid4

from django.db import transaction
from django.utils import timezone

from audit.recording import audited
from exports import bulk, storage
from exports.jobs import Progress
from exports.models import Job
from spreadsheets import vault
from spreadsheets.columns import LOOKED_AT, find_headings, guess, has_headings
from spreadsheets.dates import DateProblem, read_date
from spreadsheets.layouts import Layout
from spreadsheets.models import Row, Spreadsheet
from spreadsheets.reading import Book, Unreadable, open_book

AT_ONCE = 2000
_COLUMNS = {"id": "uuid", "spreadsheet_id": "uuid", "number": "int4", "record": "bytea", "state": "text"}
_COLUMNS |= {"left_out": "bool", "no_consent": "bool", "confirmed": "text", "by_number": "bool"}
_COLUMNS |= {"covered": "bool", "another": "bool"}
_START = ("read", False, False, "", True, False, False)  # from `state` on


def read(job: Job, progress: Progress) -> None:
    """Ends with columns to be matched, sheets to choose from, or a refusal."""
    spreadsheet = Spreadsheet.objects.select_related("plan").get(pk=str(job.subject))
    if spreadsheet.state != Spreadsheet.State.READING:
        return
    progress.step("read_sheet")
    try:
        book = open_book(vault.file_of(spreadsheet))
        layout = _layout_of(spreadsheet, book)
        if layout.sheet < 0:
            _offer_sheets(spreadsheet, layout, progress)
            return
        Row.objects.filter(spreadsheet=spreadsheet).delete()  # what an interrupted run left
        count = _keep_rows(spreadsheet, layout, book, progress)
        if not count:
            raise Unreadable("empty")
    except Unreadable as problem:
        refuse(spreadsheet, problem.code, progress)
        return
    _guess(spreadsheet, layout)
    layout.hidden_rows = book.hidden_rows
    layout.keep(spreadsheet)
    spreadsheet.rows = count
    spreadsheet.state = Spreadsheet.State.MATCHING
    with audited(by=None) as log:
        progress.confirm()
        spreadsheet.save(update_fields=["layout", "rows", "state"])
        log("import.read", spreadsheet, plan=spreadsheet.plan_id, rows=count)
    storage.remove(vault.KIND, spreadsheet.pk)


def refuse(spreadsheet: Spreadsheet, code: str, progress: Progress | None = None) -> None:
    """Nothing of the file is kept."""
    with audited(by=None) as log:
        if progress:
            progress.confirm()
        Row.objects.filter(spreadsheet=spreadsheet).delete()
        Spreadsheet.objects.filter(pk=spreadsheet.pk).update(
            state=Spreadsheet.State.REFUSED, problem=code, layout=None, ended_at=timezone.now()
        )
        log("import.refused", spreadsheet, plan=spreadsheet.plan_id, why=code)
    storage.remove(vault.KIND, spreadsheet.pk)


def _layout_of(spreadsheet: Spreadsheet, book: Book) -> Layout:
    """With the one sheet that holds anything, or has headings, the one chosen, or -1 where there is a choice."""
    if spreadsheet.layout is not None:
        return Layout.of(spreadsheet)
    heads = [list(islice(book.rows(n), LOOKED_AT)) for n in range(len(book.sheets))]
    filled = [n for n, head in enumerate(heads) if head]
    seen = [n for n in filled if not book.sheets[n].hidden] or filled
    seen = [n for n in seen if has_headings(heads[n])] or seen
    if not seen:
        raise Unreadable("empty")
    sheets = [{"place": n, "name": sheet.name[:60], "hidden": sheet.hidden} for n, sheet in enumerate(book.sheets)]
    chosen = seen[0] if len(seen) == 1 else -1
    return Layout([sheet for sheet in sheets if sheet["place"] in filled], chosen, book.date1904)


def _offer_sheets(spreadsheet: Spreadsheet, layout: Layout, progress: Progress) -> None:
    layout.keep(spreadsheet)
    spreadsheet.state = Spreadsheet.State.SHEETS
    with transaction.atomic():
        progress.confirm()
        spreadsheet.save(update_fields=["layout", "state"])


def _keep_rows(spreadsheet: Spreadsheet, layout: Layout, book: Book, progress: Progress) -> int:
    """Seals the rows batch by batch; returns how many there are, headings and all."""
    rows = book.rows(layout.sheet)
    done = 0
    layout.head, layout.width = [], 0
    while batch := list(islice(rows, AT_ONCE)):
        layout.head += batch[: max(0, LOOKED_AT - len(layout.head))]
        layout.width = max(layout.width, *(len(cells) for _, cells in batch))
        with transaction.atomic():
            bulk.insert(Row, _COLUMNS, _sealed(spreadsheet.pk, batch))
        done += len(batch)
        progress.advance(done)
    return done


def _sealed(spreadsheet: UUID, batch: list[tuple[int, list[str]]]) -> Iterator[tuple]:
    for number, cells in batch:
        pk = uuid4()
        yield (pk, spreadsheet, number, vault.seal_row(pk, {"cells": cells, "set": {}}), *_START)


def _guess(spreadsheet: Spreadsheet, layout: Layout) -> None:
    """Which row holds the headings, and which column is which."""
    before = vault.remembered(spreadsheet.plan)
    layout.header = find_headings(layout.head)
    layout.columns = guess(layout.headings, before["headings"])
    layout.defaults = before["defaults"]
    place = layout.columns.get("consent")
    if place is not None and "decided_on" not in layout.columns and _dates_in(layout, place):
        layout.columns["decided_on"] = layout.columns.pop("consent")


def _dates_in(layout: Layout, place: int) -> bool:
    for number, cells in layout.head:
        if number > layout.header and place < len(cells) and cells[place]:
            try:
                read_date(cells[place])
            except DateProblem:
                continue
            return True
    return False
