"""Excel workbooks (.xlsx), read row by row: values as they are shown, as far as a register cares.

openpyxl is not used for this: it took 12 seconds for 100,000 rows of 12 columns where this takes 3, and does not tell
hidden rows. A workbook is a zip of XML files. None of them has a document type of its own, so one that has is refused,
and with it every entity that could grow. Sizes are limited before anything is unpacked.
"""

import posixpath
import re
import struct
import zipfile
import zlib
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import date, timedelta
from io import BytesIO
from typing import Any
from xml.parsers import expat

from spreadsheets.reading.limits import (
    MOST_CHARACTERS,
    MOST_COLUMNS,
    MOST_DEEP,
    MOST_INFLATED,
    MOST_NAMES,
    MOST_SMALL,
    MOST_TEXTS,
    MOST_TOKEN,
    Unreadable,
)

_PIECE = 1 << 18
# What zipfile and expat raise over a damaged file.
_BROKEN = (
    *(expat.ExpatError, zipfile.BadZipFile, zlib.error, EOFError, OSError),
    *(ValueError, RuntimeError, KeyError, IndexError, OverflowError, struct.error),
)
_DATE_FORMATS = {*range(14, 23), *range(27, 37), *range(45, 48), *range(50, 59)}  # built in, Asian ones included
_ZEROS = re.compile(r"0{2,}(-0+)?")  # a format that puts leading zeros in front, as 000000-0000
_NOT_DATE = re.compile(r'"[^"]*"|\[[^\]]*\]|\\.|_.|\*.')  # texts, colours and fillers in a number format


@dataclass(frozen=True)
class _Sheet:
    name: str
    hidden: bool
    part: str


class Workbook:
    """Raises Unreadable for whatever can't be read, at opening or while rows are read."""

    def __init__(self, content: BytesIO):
        try:
            self._zip = zipfile.ZipFile(content)
            parts = self._zip.infolist()
        except _BROKEN:
            raise Unreadable("broken_workbook") from None
        if sum(part.file_size for part in parts) > MOST_INFLATED:
            raise Unreadable("too_large")
        if any(part.flag_bits & 1 for part in parts):
            raise Unreadable("old_excel")  # with a password
        self._names = {part.filename for part in parts}
        small = {"xl/workbook.xml", "xl/_rels/workbook.xml.rels", "xl/styles.xml"}
        if any(part.file_size > MOST_SMALL for part in parts if part.filename in small):
            raise Unreadable("too_large")
        self.sheets: list[_Sheet] = []
        self.date1904 = False
        self._read_workbook()
        if not self.sheets:
            raise Unreadable("no_table")
        self._texts: list[str] = []
        self._texts_read = False
        self._styles = _Styles()
        if "xl/styles.xml" in self._names:
            self._parse("xl/styles.xml", self._styles.start, self._styles.end)

    def rows(self, sheet: int) -> Iterator[tuple[int, list[str], bool]]:
        """(row number, cells as texts, whether the row is hidden)."""
        if not self._texts_read and "xl/sharedStrings.xml" in self._names:
            texts = _Texts(self._texts)
            self._parse("xl/sharedStrings.xml", texts.start, texts.end, texts.data)
        self._texts_read = True
        reader = _Rows(self._texts, self._styles.kinds, self.date1904)
        for _ in self._pieces(self.sheets[sheet].part, reader.start, reader.end, reader.data):
            yield from reader.finished
            reader.finished.clear()

    def _read_workbook(self) -> None:
        targets: dict[str, str] = {}

        def relation(name: str, attributes: dict[str, str]) -> None:
            if name == "Relationship":
                targets[attributes.get("Id", "")] = attributes.get("Target", "")

        def element(name: str, attributes: dict[str, str]) -> None:
            if name == "workbookPr":
                self.date1904 = attributes.get("date1904") in ("1", "true")
            elif name == "sheet":
                target = targets.get(next((v for k, v in attributes.items() if k.endswith("id")), ""), "")
                part = posixpath.normpath(posixpath.join("/xl", target)).lstrip("/")
                if part in self._names and "worksheets" in part:  # not a chart
                    hidden = attributes.get("state", "visible") != "visible"
                    self.sheets.append(_Sheet(attributes.get("name", ""), hidden, part))

        if not {"xl/workbook.xml", "xl/_rels/workbook.xml.rels"} <= self._names:
            raise Unreadable("no_table")
        self._parse("xl/_rels/workbook.xml.rels", relation)
        self._parse("xl/workbook.xml", element)

    def _parse(self, part: str, *handlers: Callable) -> None:
        for _ in self._pieces(part, *handlers):
            pass

    def _pieces(
        self, part: str, start: Callable, end: Callable | None = None, data: Callable | None = None
    ) -> Iterator[None]:
        """Feeds a part to the handlers, piece by piece. Names come without their namespace.

        The parser holds every name, every open element and an unfinished tag: few in any workbook, and no more.
        """
        names: dict[str, str] = {}
        parser = expat.ParserCreate(namespace_separator=" ", intern=names)
        parser.buffer_text = True
        depth = fed = 0

        def opened(name: str, attributes: dict[str, str]) -> None:
            nonlocal depth
            depth += 1
            if depth > MOST_DEEP:
                raise Unreadable("broken_workbook")
            start(name.rpartition(" ")[2], attributes)

        def closed(name: str) -> None:
            nonlocal depth
            depth -= 1
            if end is not None:
                end(name.rpartition(" ")[2])

        parser.StartDoctypeDeclHandler = _refuse
        parser.StartElementHandler, parser.EndElementHandler = opened, closed
        if data is not None:
            parser.CharacterDataHandler = data
        try:
            with self._zip.open(part) as file:
                while piece := file.read(_PIECE):
                    parser.Parse(piece, False)
                    fed += len(piece)
                    if len(names) > MOST_NAMES or fed - parser.CurrentByteIndex > MOST_TOKEN:
                        raise Unreadable("broken_workbook")
                    yield
                parser.Parse(b"", True)
            yield
        except _BROKEN:
            raise Unreadable("broken_workbook") from None


def _refuse(*_arguments: Any) -> None:
    raise Unreadable("broken_workbook")


class _Styles:
    """What each cell style makes of a number: "date", a pattern of zeros, or nothing."""

    def __init__(self) -> None:
        self.kinds: list[str] = []
        self._formats: dict[int, str] = {}
        self._in_cells = False

    def start(self, name: str, attributes: dict[str, str]) -> None:
        if name == "numFmt":
            self._formats[_whole(attributes.get("numFmtId", ""))] = attributes.get("formatCode", "")
        elif name == "cellXfs":
            self._in_cells = True
        elif name == "xf" and self._in_cells:
            self.kinds.append(self._kind(_whole(attributes.get("numFmtId", ""))))

    def end(self, name: str) -> None:
        if name == "cellXfs":
            self._in_cells = False

    def _kind(self, number: int) -> str:
        code = self._formats.get(number)
        if code is None:
            return "date" if number in _DATE_FORMATS else ""
        zeros = code.replace("\\", "").replace('"', "").partition(";")[0]
        if _ZEROS.fullmatch(zeros):
            return zeros
        plain = _NOT_DATE.sub("", code).lower()
        return "date" if re.search(r"[dmy]", plain) and "0" not in plain.replace("ss.00", "") else ""


class _Texts:
    """The texts that cells share. What is read aloud beside East Asian signs (rPh) is no part of them."""

    def __init__(self, texts: list[str]):
        self._texts = texts
        self._parts: list[str] = []
        self._in_text = self._aside = False
        self._size = 0

    def start(self, name: str, attributes: dict[str, str]) -> None:
        if name == "si":
            self._parts = []
        elif name == "rPh":
            self._aside = True
        elif name == "t":
            self._in_text = not self._aside

    def end(self, name: str) -> None:
        if name == "t":
            self._in_text = False
        elif name == "rPh":
            self._aside = False
        elif name == "si":
            text = "".join(self._parts).strip()[:MOST_CHARACTERS]
            self._size += len(text) + 8  # what an empty one takes
            if self._size > MOST_TEXTS:
                raise Unreadable("too_large")
            self._texts.append(text)

    def data(self, text: str) -> None:
        if self._in_text:
            self._parts.append(text)


class _Rows:
    def __init__(self, texts: list[str], kinds: list[str], date1904: bool):
        self.finished: list[tuple[int, list[str], bool]] = []
        self._texts, self._kinds, self._date1904 = texts, kinds, date1904
        self._number = 0
        self._hidden = False
        self._cells: list[str] = []
        self._parts: list[str] = []
        self._reading = False
        self._column = self._type = self._style = ""
        self._aside = False
        self._next = 0

    def start(self, name: str, attributes: dict[str, str]) -> None:
        if name == "c":
            self._column = attributes.get("r", "")
            self._type = attributes.get("t", "n")
            self._style = attributes.get("s", "")
            self._parts = []
        elif name == "v":
            self._reading = True
        elif name == "t":
            self._reading = not self._aside
        elif name == "rPh":
            self._aside = True
        elif name == "row":
            self._number = _whole(attributes.get("r", "")) or self._number + 1
            self._hidden = attributes.get("hidden") in ("1", "true")
            self._cells, self._next = [], 0

    def data(self, text: str) -> None:
        if self._reading:
            self._parts.append(text)

    def end(self, name: str) -> None:
        if name == "v" or name == "t":
            self._reading = False
        elif name == "rPh":
            self._aside = False
        elif name == "c":
            place = _column(self._column) if self._column else self._next
            self._next = place + 1
            if self._parts:
                text = self._text("".join(self._parts))
                if text:
                    if place >= MOST_COLUMNS:
                        raise Unreadable("too_many_columns")
                    if place >= len(self._cells):
                        self._cells += [""] * (place + 1 - len(self._cells))
                    self._cells[place] = text
        elif name == "row" and self._cells:
            self.finished.append((self._number, self._cells, self._hidden))
            self._cells = []

    def _text(self, raw: str) -> str:
        kind = self._type
        if kind == "s":
            place = _whole(raw)
            return self._texts[place] if 0 <= place < len(self._texts) else ""
        if kind == "n":
            style = _whole(self._style)
            return number_text(raw, self._kinds[style] if style < len(self._kinds) else "", self._date1904)
        if kind == "d":
            return raw.strip()[:MOST_CHARACTERS].partition("T")[0]
        return raw.strip()[:MOST_CHARACTERS]


def number_text(raw: str, kind: str, date1904: bool) -> str:
    """A number as it is shown: a date as YYYY-MM-DD, with leading zeros where the cell's format puts them, whole if it
    is whole. What has lost digits (3.1E+09) stays as it is written."""
    raw = raw.strip()[:40]
    if raw.isdecimal() and raw.isascii() and len(raw) <= 15 and not kind:
        return raw
    try:
        value = float(raw)
    except ValueError:
        return raw
    if kind == "date" and 1 <= value < 2_958_466:
        return day_of(int(value), date1904).isoformat()
    mantissa, exponent, power = raw.upper().partition("E")
    kept = len(re.sub(r"\D", "", mantissa).lstrip("0"))
    if not value.is_integer() or abs(value) >= 1e15 or (exponent and kept < _whole(power.lstrip("+")) + 1):
        return raw
    text = str(int(value))
    if kind and kind != "date" and value >= 0:
        before, dash, after = kind.partition("-")
        digits = text.zfill(len(before) + len(after))
        return f"{digits[: len(digits) - len(after)]}-{digits[-len(after) :]}" if dash else digits
    return text


def day_of(serial: int, date1904: bool = False) -> date:
    """The day behind a number of days. Excel's 1900 has a 29 February that never was: 60 is the day before."""
    if date1904:
        return date(1904, 1, 1) + timedelta(days=serial)
    return date(1899, 12, 30 if serial >= 60 else 31) + timedelta(days=serial)


def _whole(text: str) -> int:
    return int(text) if text.isdecimal() and text.isascii() and len(text) < 10 else 0


def _column(reference: str) -> int:
    place = 0
    for sign in reference:
        if "A" <= sign <= "Z":
            place = place * 26 + ord(sign) - 64
        else:
            break
        if place > MOST_COLUMNS * 100:
            break
    return max(place - 1, 0)
