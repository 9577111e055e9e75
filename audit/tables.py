"""CSV files that a Danish spreadsheet opens: UTF-8 with a byte order mark, semicolons, CRLF."""

import csv
import io
import unicodedata
from collections.abc import Iterable, Iterator

_BEGINNINGS = {*"=+-@|%\t\r\n"}  # OWASP, CSV injection; | and % of old programs


def no_formula(text: str) -> str:
    """A text that begins as a formula would be run by a spreadsheet: in full-width signs too, and after what does not
    show."""
    seen = text.lstrip(" \xa0\u200b\u2060\ufeff")
    return f"'{text}" if unicodedata.normalize("NFKC", seen[:1]) in _BEGINNINGS else text


def lines(rows: Iterable[Iterable[str]]) -> Iterator[str]:
    """One line of the file for each row, the headings too; the mark before the first. No cell is a formula."""
    mark = "\ufeff"
    for row in rows:
        written = io.StringIO()
        csv.writer(written, delimiter=";", lineterminator="\r\n").writerow(map(no_formula, row))
        yield mark + written.getvalue()
        mark = ""
