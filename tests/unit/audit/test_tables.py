"""Files for spreadsheets: no text in them is a formula, whatever it is called."""

import csv
from io import BytesIO, StringIO

import openpyxl
import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from audit.tables import lines, no_formula
from spreadsheets.cells import is_formula
from spreadsheets.template_file import template


@pytest.mark.parametrize("before", ["", " ", "\t", "\r", "\n", "\xa0", "\ufeff", "\u200b", " \ufeff "], ids=repr)
@pytest.mark.parametrize("sign", "=+-@|%＝＋－＠")
def test_a_text_that_a_program_would_run_is_marked_as_text(before, sign):
    assert no_formula(f"{before}{sign}cmd") == f"'{before}{sign}cmd"


@given(st.lists(st.text(), min_size=1))
@example(["ord;=1+1", '"=1+1', "a\r\n=1+1"])
def test_no_cell_of_a_file_begins_as_a_formula_and_none_is_broken_off(row):
    text = "".join(lines([row])).removeprefix("\ufeff")
    cells = next(csv.reader(StringIO(text, newline=""), delimiter=";"))
    assert [cell.removeprefix("'") for cell in cells] == [cell.removeprefix("'") for cell in row]
    assert not any(is_formula(cell) for cell in cells)


def test_the_workbook_that_is_given_has_no_formula():
    """openpyxl makes one of every text that begins with =; ours begin otherwise."""
    book = openpyxl.load_workbook(BytesIO(template()))
    assert not [cell for sheet in book for row in sheet.iter_rows() for cell in row if cell.data_type == "f"]
