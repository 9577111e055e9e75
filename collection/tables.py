"""Reading a CSV file that somebody saved from a spreadsheet: every fault is named by row and column, none is mended.

Semicolon or comma, UTF-8 with or without a byte order mark. Rows are numbered as the spreadsheet shows them: the
headings are row 1.
"""

import csv
import io
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime
from pathlib import Path
from typing import Any

from collection.municipalities import MUNICIPALITIES

SHOWN = 50  # faults; who has more will see the rest after mending these
MOST_IN_FIELD = 128 * 1024  # characters: a quote that is not closed swallows the rest of a file
DAY_FORMATS = ("%Y-%m-%d", "%d.%m.%Y", "%d-%m-%Y", "%d/%m/%Y")


def csv_reader(lines: Iterable[str], delimiter: str, *, strict: bool = False) -> Any:
    """csv.reader, which raises csv.Error at a field over MOST_IN_FIELD: its own default, which holds for the whole
    process and any library may change."""
    csv.field_size_limit(MOST_IN_FIELD)
    return csv.reader(lines, delimiter=delimiter, strict=strict)


class TableRefused(Exception):
    """`faults`: sentences for the person who made the file."""

    def __init__(self, faults: Sequence[str]):
        super().__init__(f"{len(faults)} faults")
        self.faults = list(faults)


@dataclass
class Row:
    """`number` as in the spreadsheet; `values` by column, read."""

    number: int
    values: dict[str, Any]

    def __getitem__(self, column: str) -> Any:
        return self.values[column]


@dataclass
class Faults:
    """Collects what is wrong, so that one reading tells everything."""

    found: list[str] = field(default_factory=list)

    def add(self, row: Row | int, column: str, text: str) -> None:
        number = row if isinstance(row, int) else row.number
        self.found.append(f"row {number}, {column}: {text}")

    def check(self) -> None:
        """Raises TableRefused if anything was found."""
        if len(self.found) > SHOWN:
            raise TableRefused([*self.found[:SHOWN], f"and {len(self.found) - SHOWN} more"])
        if self.found:
            raise TableRefused(self.found)


def read_table(path: Path, columns: Mapping[str, Callable[[str], Any]]) -> list[Row]:
    """The rows of a file with these columns, in any order; other columns are left alone.

    A column's reader takes the trimmed text and raises ValueError with what is wrong. Raises TableRefused.
    """
    try:
        text = path.read_bytes().decode("utf-8-sig")
    except UnicodeDecodeError:
        raise TableRefused(["The file is not UTF-8. Save it as “CSV UTF-8”."]) from None
    first = text.partition("\n")[0]
    reader = csv_reader(io.StringIO(text, newline=""), ";" if ";" in first else ",", strict=True)
    faults, rows, number = Faults(), [], 0
    try:
        for number, cells in enumerate(reader, start=1):
            if number == 1:
                headings = [cell.strip() for cell in cells]
                if absent := [name for name in columns if name not in headings]:
                    raise TableRefused([f"row 1: the column {name} is missing" for name in absent])
            elif any(cells):
                rows.append(_read_row(number, headings, cells, columns, faults))
    except csv.Error as error:
        raise TableRefused([f"row {number + 1}: {error}"]) from None
    if number == 0:
        raise TableRefused(["The file is empty."])
    faults.check()
    return rows


def _read_row(
    number: int, headings: list[str], cells: list[str], columns: Mapping[str, Callable[[str], Any]], faults: Faults
) -> Row:
    row = Row(number, {})
    if any(cells[len(headings) :]):
        faults.add(number, "end of the row", "there are more cells than headings")
    found = dict(zip(headings, cells, strict=False))
    for name, read in columns.items():
        try:
            row.values[name] = read(found.get(name, "").strip())
        except ValueError as error:
            faults.add(number, name, str(error))
    return row


# --- Readers of one cell ------------------------------------------------------------------------------


def required(text: str) -> str:
    if not text:
        raise ValueError("is empty")
    return text


def text_up_to(length: int) -> Callable[[str], str]:
    def read(text: str) -> str:
        if len(required(text)) > length:
            raise ValueError(f"is longer than {length} characters")
        return text

    return read


def whole_number(lowest: int, highest: int) -> Callable[[str], int]:
    def read(text: str) -> int:
        if not (required(text).isascii() and text.isdigit() and lowest <= int(text) <= highest):
            raise ValueError(f"is not a whole number from {lowest} to {highest}")
        return int(text)

    return read


def day(text: str) -> date:
    """YYYY-MM-DD, or day, month and year as in Denmark."""
    for form in DAY_FORMATS:
        try:
            return datetime.strptime(required(text), form).date()
        except ValueError:
            continue
    raise ValueError("is not a date such as 2016-02-01 or 01.02.2016")


def optional(read: Callable[[str], Any]) -> Callable[[str], Any]:
    return lambda text: read(text) if text else None


def municipality_code(text: str) -> str:
    """Three digits, with or without the leading zero that some registers write."""
    code = required(text).removeprefix("0")
    if code not in MUNICIPALITIES:
        raise ValueError("is no municipality code (KOM) such as 751")
    return code


def street_code(text: str) -> str:
    """Four digits. Spreadsheets drop leading zeros of a street code, which is safe to put back: it is a number."""
    return f"{whole_number(1, 9999)(text):04}"
