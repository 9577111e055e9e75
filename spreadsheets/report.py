"""What became of each row: its number, the outcome and the reasons. No identities, so it may be kept and sent."""

import csv
import io
import json
import zlib
from collections.abc import Iterator
from itertools import groupby

from spreadsheets import wording
from spreadsheets.layouts import Layout
from spreadsheets.models import Finding, Row, Spreadsheet

AT_ONCE = 2000
Line = tuple[int, str, list[tuple[str, str, str, str]]]  # number, state, (level, field, code, value) of each finding


def packed(spreadsheet: Spreadsheet, layout: Layout) -> bytes:
    """The report as codes, to be kept when the rows go."""
    packing = zlib.compressobj()
    parts = [packing.compress(f"{json.dumps(line)}\n".encode()) for line in _of_rows(spreadsheet, layout)]
    return b"".join([*parts, packing.flush()])


def csv_of(spreadsheet: Spreadsheet, layout: Layout | None) -> Iterator[str]:
    """The report in words, with the mark by which Excel knows UTF-8. No cell begins as a formula does."""
    lines = _unpacked(bytes(spreadsheet.report)) if spreadsheet.report else _of_rows(spreadsheet, layout or Layout())
    written = spreadsheet.state == Spreadsheet.State.WRITTEN
    yield "\ufeff" + _line(wording.REPORT_HEADINGS)
    for number, state, found in lines:
        codes = {code for _, _, code, _ in found}
        reasons = [wording.sentence(field, code, value) for _, field, code, value in found]
        yield _line((number, wording.outcome(state, codes, written), " ".join(reasons)))


def _unpacked(report: bytes) -> Iterator[Line]:
    for line in zlib.decompress(report).splitlines():
        yield json.loads(line)


def _of_rows(spreadsheet: Spreadsheet, layout: Layout) -> Iterator[Line]:
    """Row by row, joined with the findings in the order of row numbers."""
    rows = Row.objects.filter(spreadsheet=spreadsheet, number__gt=layout.header).order_by("number")
    last = layout.header
    while page := list(rows.filter(number__gt=last).values_list("number", "state")[:AT_ONCE]):
        found = _findings(spreadsheet, last, page[-1][0])
        last = page[-1][0]
        for number, state in page:
            yield number, state, found.get(number, [])


def _findings(spreadsheet: Spreadsheet, after: int, last: int) -> dict[int, list]:
    """By the number of their row."""
    found = Finding.objects.filter(row__spreadsheet=spreadsheet, row__number__gt=after, row__number__lte=last).order_by(
        "row__number", "pk"
    )
    ordered = found.values_list("row__number", "level", "field", "code", "value")
    return {number: [each[1:] for each in group] for number, group in groupby(ordered, key=lambda each: each[0])}


def _line(values: object) -> str:
    written = io.StringIO()
    csv.writer(written, delimiter=";", lineterminator="\r\n").writerow(values)  # type: ignore[arg-type]
    return written.getvalue()
