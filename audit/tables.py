"""CSV files that a Danish spreadsheet opens: UTF-8 with a byte order mark, semicolons, CRLF."""

import csv
import io
from collections.abc import Iterable, Iterator


def no_formula(text: str) -> str:
    """A text that begins as a formula would be run by a spreadsheet."""
    return f"'{text}" if text[:1] in ("=", "+", "-", "@", "\t", "\r") else text


def lines(rows: Iterable[Iterable[str]]) -> Iterator[str]:
    """One line of the file for each row, the headings too; the mark before the first. No cell is a formula."""
    mark = "\ufeff"
    for row in rows:
        written = io.StringIO()
        csv.writer(written, delimiter=";", lineterminator="\r\n").writerow(map(no_formula, row))
        yield mark + written.getvalue()
        mark = ""
