"""Reading files: every dialect gives the same texts, and no file, however broken or hostile, does harm."""

import io
import random
import zipfile
from contextlib import suppress
from datetime import date, datetime

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st
from openpyxl import Workbook
from openpyxl.utils.datetime import CALENDAR_MAC_1904

from spreadsheets.reading import Unreadable, limits, open_book
from spreadsheets.reading.xlsx import number_text
from tests.factories.spreadsheets import csv_file, saved, workbook

ROWS: list[list[str]] = [
    ["Navn", "By", "Start"],
    ["Søren Ærenlund", "Århus", "03-04-2016"],
    ["Zoë O’Connor", "Kolding", ""],
]

WORKBOOK = workbook(ROWS)


def read(content: bytes, sheet: int = 0) -> list[list[str]]:
    return [cells for _, cells in open_book(lambda: io.BytesIO(content)).rows(sheet)]


def refused(content: bytes) -> str:
    with pytest.raises(Unreadable) as problem:
        read(content)
    return problem.value.code


@pytest.mark.parametrize("separator", [";", ",", "\t"])
@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "cp1252", "utf-16"])
def test_every_dialect_gives_the_same_texts(separator, encoding):
    wanted = [row[: len(row) - (not row[-1])] for row in ROWS]
    assert read(csv_file(ROWS, separator=separator, encoding=encoding)) == wanted
    assert read(workbook(ROWS)) == wanted


def test_quotes_line_breaks_and_the_line_for_excel():
    content = 'sep=;\r\nNavn;Adresse\r\n"Sand; Mette";"Birkevænget 3\nAarhus"\r\n'.encode("cp1252")
    assert read(content) == [["Navn", "Adresse"], ["Sand; Mette", "Birkevænget 3\nAarhus"]]


def test_rows_keep_their_numbers_and_empty_ones_are_left_out():
    book = Workbook()
    book.active["B3"] = "Navn"
    book.active["B7"] = "Karim"
    book.active["D9"].number_format = "0.00"  # formatted, and empty
    assert list(open_book(lambda: io.BytesIO(saved(book))).rows(0)) == [(3, ["", "Navn"]), (7, ["", "Karim"])]


def test_cells_are_read_as_they_are_shown():
    book = Workbook()
    sheet = book.active
    sheet.append([date(2016, 4, 3), datetime(2016, 4, 3, 12, 30), 42463, 2016, 0.5, True, 101701234.0, 3112600000])
    for place, value, form in (
        (1, 707614286, "0000000000"),
        (2, 707614286, "000000-0000"),
        (3, 7, "000"),
        (4, 3, "0%"),
    ):
        sheet.cell(2, place, value).number_format = form
    sheet["A3"] = "=1+1"  # a formula that no program has reckoned yet
    first, second = read(saved(book))
    assert first == ["2016-04-03", "2016-04-03", "42463", "2016", "0.5", "1", "101701234", "3112600000"]
    assert second == ["0707614286", "070761-4286", "007", "3"]


@pytest.mark.parametrize(
    "raw, text", [("3.1E+09", "3.1E+09"), ("3.112600001E9", "3112600001"), ("1e5", "1e5"), ("707614286", "707614286")]
)
def test_a_number_that_lost_digits_stays_as_it_is_written(raw, text):
    assert number_text(raw, "", False) == text


def test_dates_of_a_workbook_that_counts_from_1904():
    book = Workbook()
    book.epoch = CALENDAR_MAC_1904
    book.active.append([date(2016, 4, 3)])
    read_book = open_book(lambda: io.BytesIO(saved(book)))
    assert read_book.date1904
    assert list(read_book.rows(0)) == [(1, ["2016-04-03"])]


def test_sheets_hidden_rows_and_hidden_sheets_are_told():
    book = Workbook()
    book.active.title = "Deltagere"
    book.active.append(["Navn"])
    book.active.append(["Karim"])
    book.active.row_dimensions[2].hidden = True
    book.create_sheet("Noter").sheet_state = "hidden"
    found = open_book(lambda: io.BytesIO(saved(book)))
    assert [(sheet.name, sheet.hidden) for sheet in found.sheets] == [("Deltagere", False), ("Noter", True)]
    assert len(list(found.rows(0))) == 2
    assert found.hidden_rows == 1


# --- What is refused ------------------------------------------------------------------------------------


def repacked(changes: dict[str, bytes | None], content: bytes | None = None) -> bytes:
    """A workbook with some parts replaced or taken out."""
    packed = io.BytesIO()
    with zipfile.ZipFile(io.BytesIO(content or workbook(ROWS))) as old, zipfile.ZipFile(packed, "w", 8) as new:
        for name in old.namelist():
            if name not in changes:
                new.writestr(name, old.read(name))
        for name, part in changes.items():
            if part is not None:
                new.writestr(name, part)
    return packed.getvalue()


BOMB = b"""<?xml version="1.0"?><!DOCTYPE w [<!ENTITY a "aaaaaaaaaa"><!ENTITY b "&a;&a;&a;&a;&a;&a;&a;&a;&a;&a;">]>
<worksheet><sheetData><row r="1"><c r="A1" t="inlineStr"><is><t>&b;</t></is></c></row></sheetData></worksheet>"""
OUTSIDE = b"""<!DOCTYPE w [<!ENTITY a SYSTEM "file:///etc/hostname">]><worksheet><sheetData><row r="1">
<c r="A1" t="inlineStr"><is><t>&a;</t></is></c></row></sheetData></worksheet>"""


@pytest.mark.parametrize("part", [BOMB, OUTSIDE, b"<worksheet><sheetData><row>", b"\xff\xfe\x00", b""])
def test_hostile_and_broken_parts_are_refused(part):
    assert refused(repacked({"xl/worksheets/sheet1.xml": part})) == "broken_workbook"


def test_a_small_file_that_would_unpack_to_a_huge_one_is_refused(monkeypatch):
    monkeypatch.setattr("spreadsheets.reading.xlsx.MOST_INFLATED", 1 << 20)
    assert refused(repacked({"xl/media/image1.png": bytes(2 << 20)})) == "too_large"


DEEP = b"<a>" * 101 + b"</a>" * 101
NAMES = b"".join(b"<a%d/>" % n for n in range(10_001))
TAG = b'<a b="' + b"1" * (5 << 20) + b'"/>'


@pytest.mark.parametrize("inside", [DEEP, NAMES, TAG], ids=["deep", "names", "tag"])
def test_a_part_that_would_fill_the_memory_of_its_reader_is_refused(inside):
    """60 kB of packed open elements would take 3 GB."""
    part = b"<worksheet><sheetData>%s</sheetData></worksheet>" % inside
    assert refused(repacked({"xl/worksheets/sheet1.xml": part})) == "broken_workbook"


@pytest.mark.parametrize("part", ["xl/styles.xml", "xl/workbook.xml", "xl/_rels/workbook.xml.rels"])
def test_so_is_a_huge_list_of_what_the_workbook_has(part, monkeypatch):
    monkeypatch.setattr("spreadsheets.reading.xlsx.MOST_SMALL", 100_000)
    with zipfile.ZipFile(io.BytesIO(workbook(ROWS))) as book:
        whole = book.read(part)
    assert read(repacked({part: whole})) == read(workbook(ROWS))
    assert refused(repacked({part: whole + b" " * 100_000})) == "too_large"


def test_so_are_empty_texts_without_number(monkeypatch):
    monkeypatch.setattr("spreadsheets.reading.xlsx.MOST_TEXTS", 8_000)
    assert refused(repacked({"xl/sharedStrings.xml": b"<sst>%s</sst>" % (b"<si/>" * 1_001)})) == "too_large"


def test_cells_far_to_the_right_or_too_many_rows_are_refused(monkeypatch):
    book = Workbook()
    book.active.cell(1, 5000, "x")
    assert refused(saved(book)) == "too_many_columns"
    monkeypatch.setattr("spreadsheets.reading.files.MOST_ROWS", 2)
    assert refused(csv_file(ROWS)) == "too_many_rows"
    assert refused(workbook(ROWS)) == "too_many_rows"


@pytest.mark.parametrize(
    "content, code",
    [
        (b"", "empty"),
        (b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + bytes(600), "old_excel"),
        (b"PK\x03\x04" + bytes(60), "broken_workbook"),
        (b"%PDF-1.7\n\x00\x01", "no_table"),
        (b'a;b\n"' + b"x" * 200_000, "broken_csv"),
        (b"a;b\n\x81\x8d;\x8f\n", "letters"),
        (repacked({"xl/workbook.xml": None}), "no_table"),
    ],
)
def test_what_is_no_table_is_refused_with_a_reason(content, code):
    assert refused(content) == code


def test_a_long_cell_is_cut_and_not_held_whole():
    assert len(read(csv_file([["x" * 5000, "b"]]))[0][0]) == limits.MOST_CHARACTERS
    assert len(read(workbook([["x" * 5000, "b"]]))[0][0]) == limits.MOST_CHARACTERS


@given(st.binary(max_size=400))
@example(b"\xef\xbb\xbf")
@example(b"sep=")
@example(b"\xff\xfea")
def test_random_bytes_are_read_or_refused_and_nothing_else(content):
    with suppress(Unreadable):
        read(content)


@settings(max_examples=60)
@given(st.randoms(use_true_random=False))
def test_a_damaged_workbook_is_read_or_refused_and_nothing_else(random_: random.Random):
    content = bytearray(WORKBOOK)
    for _ in range(random_.randrange(1, 8)):
        content[random_.randrange(len(content))] = random_.randrange(256)
    content = content[: random_.choice([len(content), random_.randrange(len(content))])]
    with suppress(Unreadable):
        read(bytes(content))


@given(st.text(alphabet="0123456789.,eE+-x ", max_size=24), st.sampled_from(["", "date", "0000000000", "000000-0000"]))
def test_no_number_is_too_strange(raw, kind):
    assert isinstance(number_text(raw, kind, False), str)
