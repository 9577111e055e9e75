"""Questions about files and their rows."""

from dataclasses import dataclass

from django.db.models import Count, QuerySet

from spreadsheets import wording
from spreadsheets.layouts import Layout
from spreadsheets.models import Finding, Level, Row, Spreadsheet

# What a filter of the preview shows; the empty one shows every row.
FILTERS = {
    "fejl": Row.State.ERROR,
    "advarsler": Row.State.WARNING,
    "klar": Row.State.READY,
    "uden-samtykke": Row.State.NO_CONSENT,
    "udeladt": Row.State.LEFT_OUT,
}


@dataclass(frozen=True)
class Kind:
    """What was found, on how many rows. `open`: warnings not confirmed."""

    level: str
    code: str
    sentence: str
    count: int
    open: int


def counts(spreadsheet: Spreadsheet, layout: Layout) -> dict[str, int]:
    """Rows by state."""
    rows = Row.objects.filter(spreadsheet=spreadsheet, number__gt=layout.header)
    found = dict(rows.order_by().values_list("state").annotate(times=Count("pk")))
    return {state.value: found.get(state, 0) for state in Row.State}


def kinds(spreadsheet: Spreadsheet) -> list[Kind]:
    """What was found, errors first, the most frequent first. Rows that are left out don't count."""
    findings = Finding.objects.filter(spreadsheet=spreadsheet, row__left_out=False).order_by()
    times = findings.values_list("level", "code", "settled").annotate(times=Count("row", distinct=True))
    found: dict[tuple[str, str], list[int]] = {}
    for level, code, settled, number in times:
        both = found.setdefault((level, code), [0, 0])
        both[0] += number
        both[1] += 0 if settled else number
    order = [level.value for level in Level]
    made = [Kind(level, code, wording.bare_sentence(code), *both) for (level, code), both in found.items()]
    return sorted(made, key=lambda kind: (order.index(kind.level), -kind.count, kind.code))


def shown_rows(spreadsheet: Spreadsheet, layout: Layout, *, state: str, code: str) -> QuerySet[Row]:
    """The rows of a filter, in the order of the file."""
    rows = Row.objects.filter(spreadsheet=spreadsheet, number__gt=layout.header).order_by("number")
    if state in FILTERS:
        rows = rows.filter(state=FILTERS[state])
    if code:
        rows = rows.filter(pk__in=Finding.objects.filter(spreadsheet=spreadsheet, code=code).values("row"))
    return rows


def next_open(spreadsheet: Spreadsheet, after: int) -> int | None:
    """The number of the next row with an error or an unconfirmed warning, from the start again after the last."""
    rows = Row.objects.filter(spreadsheet=spreadsheet, state__in=[Row.State.ERROR, Row.State.WARNING])
    numbers = rows.order_by("number").values_list("number", flat=True)
    return numbers.filter(number__gt=after).first() or numbers.exclude(number=after).first()
