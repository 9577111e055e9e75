"""Telling what a file is, whatever its name says, and opening it."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from io import BytesIO
from typing import BinaryIO

from spreadsheets.reading import delimited, xlsx
from spreadsheets.reading.limits import MOST_BYTES, MOST_COLUMNS, MOST_ROWS, Unreadable

ZIP = b"PK\x03\x04"
OLD_EXCEL = b"\xd0\xcf\x11\xe0"  # .xls, and workbooks with a password


@dataclass(frozen=True)
class Sheet:
    name: str
    hidden: bool


@dataclass
class Book:
    """A file's sheets; `rows(n)` gives (row number as shown, cells) of the nth, without empty rows.

    `hidden_rows` is known once a sheet was read. `date1904`: numbers of days count from 1904.
    """

    sheets: list[Sheet]
    date1904: bool
    _rows: Callable[[int], Iterator[tuple[int, list[str], bool]]]
    hidden_rows: int = 0

    def rows(self, sheet: int) -> Iterator[tuple[int, list[str]]]:
        """Raises Unreadable, also in the middle."""
        self.hidden_rows = found = 0
        for number, cells, hidden in self._rows(sheet):
            while cells and not cells[-1]:
                cells.pop()
            if not cells:
                continue
            found += 1
            if found > MOST_ROWS:
                raise Unreadable("too_many_rows")
            if len(cells) > MOST_COLUMNS:
                raise Unreadable("too_many_columns")
            self.hidden_rows += hidden
            yield number, cells


def open_book(source: Callable[[], BinaryIO]) -> Book:
    """The workbook or delimited file that `source` opens afresh each time. Raises Unreadable and nothing else."""
    with source() as file:
        start = file.read(8)
        if not start:
            raise Unreadable("empty")
        if start.startswith(OLD_EXCEL):
            raise Unreadable("old_excel")
        if start.startswith(ZIP):  # its parts are read here and there
            content = start + file.read(MOST_BYTES + 1)
            if len(content) > MOST_BYTES:
                raise Unreadable("too_large")
            book = xlsx.Workbook(BytesIO(content))
            sheets = [Sheet(sheet.name, sheet.hidden) for sheet in book.sheets]
            return Book(sheets, book.date1904, book.rows)
    table = delimited.Table(source)
    return Book([Sheet("", False)], False, lambda _sheet: table.rows())
