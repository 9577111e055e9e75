"""CSV as Danish programs write it: `;`, `,` or tab; UTF-8 with or without a mark, UTF-16 with one, Windows-1252."""

import codecs
import csv
import io
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import BinaryIO

from collection.tables import csv_reader
from spreadsheets.reading.limits import MOST_CHARACTERS, Unreadable

SEPARATORS = ";\t,"
LOOKED_AT = 30  # lines, to tell the separator
_PIECE = 1 << 20


class Table:
    """A delimited file. `source` opens it from the start each time: it is read once to tell how it is written."""

    def __init__(self, source: Callable[[], BinaryIO]):
        self.source = source
        self.encoding = _encoding_of(source)
        with self._text() as text:
            lines = [line for _, line in zip(range(LOOKED_AT), text, strict=False)]
        self.separator = _separator_of(lines)

    def rows(self) -> Iterator[tuple[int, list[str], bool]]:
        with self._text() as text:
            reader = csv_reader(text, self.separator)
            try:
                for number, cells in enumerate(reader, start=1):
                    if number == 1 and len(cells) <= 2 and cells and cells[0].strip().lower() in ("sep=", "sep"):
                        continue  # a line for Excel, which says how the file is written
                    yield number, [cell.strip()[:MOST_CHARACTERS] for cell in cells], False
            except csv.Error:
                raise Unreadable("broken_csv") from None

    @contextmanager
    def _text(self) -> Iterator[io.TextIOWrapper]:
        with self.source() as file, io.TextIOWrapper(file, self.encoding, errors="strict", newline="") as text:
            try:
                yield text
            except UnicodeError:
                raise Unreadable("letters") from None


def _encoding_of(source: Callable[[], BinaryIO]) -> str:
    with source() as file:
        start = file.read(_PIECE)
        if start.startswith(codecs.BOM_UTF8):
            return "utf-8-sig"
        if start.startswith((codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE)):
            return "utf-16"
        if b"\0" in start:
            raise Unreadable("no_table")
        decoder = codecs.getincrementaldecoder("utf-8")()
        piece = start
        try:
            while piece:
                decoder.decode(piece)
                piece = file.read(_PIECE)
            decoder.decode(b"", final=True)
        except UnicodeDecodeError:
            return "cp1252"
    return "utf-8"


def _separator_of(lines: list[str]) -> str:
    """The one that stands on most lines, and most often in the first of them."""
    first = lines[0] if lines else ""
    if first.lower().startswith("sep=") and first[4:5] in SEPARATORS and first[4:5]:
        return first[4]
    return max(SEPARATORS, key=lambda sign: (sum(sign in line for line in lines), first.count(sign)))
