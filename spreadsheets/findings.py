"""Keeping what was found, and the state of rows that follows from it."""

from collections.abc import Iterable
from uuid import UUID

from django.db.models import Case, Exists, OuterRef, QuerySet, Value, When

from exports import bulk
from spreadsheets.checks import Found
from spreadsheets.layouts import Layout
from spreadsheets.models import Finding, Level, Row, Spreadsheet

_COLUMNS = {"row_id": "uuid", "spreadsheet_id": "uuid", "level": "text", "field": "text", "code": "text"}
_COLUMNS |= {"value": "text", "beyond": "bool", "settled": "bool"}


def keep(spreadsheet: Spreadsheet, layout: Layout, found: Iterable[tuple[UUID, Found, str]], *, beyond: bool) -> None:
    """`found`: (row, what, the codes confirmed on the row). `beyond`: by comparing, not in the row itself."""
    rows = [
        (
            row,
            spreadsheet.pk,
            each.level.value,
            each.field,
            each.code,
            each.value,
            beyond,
            each.code in layout.confirmed or each.code in confirmed.split(),
        )
        for row, each, confirmed in found
    ]
    if rows:
        bulk.insert(Finding, _COLUMNS, rows)


def settle(rows: QuerySet[Row]) -> None:
    """The state of rows, by what was found in them."""
    found = Finding.objects.filter(row=OuterRef("pk"))
    rows.update(
        state=Case(
            When(left_out=True, then=Value(Row.State.LEFT_OUT)),
            When(no_consent=True, then=Value(Row.State.NO_CONSENT)),
            When(Exists(found.filter(level=Level.ERROR)), then=Value(Row.State.ERROR)),
            When(Exists(found.filter(level=Level.WARNING, settled=False)), then=Value(Row.State.WARNING)),
            default=Value(Row.State.READY),
        )
    )
