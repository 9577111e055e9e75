"""A workbook with every fault that people bring along, as a coordinator would keep it: title, hidden rows, two sheets.

Numbers fail modulus 11 and nobody is born on a 1 January, so each number also asks to be confirmed.
"""

from datetime import date, datetime

from openpyxl import Workbook

from tests.factories.cast import cpr_text
from tests.factories.spreadsheets import saved

HEADINGS = ("Indsats", "CPR-nr.", "Deltagers navn", "Født", "Bopæl", "Boede der den", "Rolle", "Startdato", "Slutdato")
HEADINGS += ("Samtykke", "Samtykkedato", "Værge")
FIRST = 4  # the row below the headings


def number(n: int, born: date = date(1985, 3, 3)) -> str:
    return cpr_text(born, n)


def faulty_workbook(activity: str) -> bytes:
    """The rows by name of their fault are in FAULTS, in order from row FIRST on."""
    book = Workbook()
    sheet = book.active
    assert sheet is not None
    sheet.title = "Deltagere 2016"
    sheet.append(["Deltagerliste, familieindsats"])
    sheet.merge_cells("A1:L1")
    sheet.append([])
    sheet.append(list(HEADINGS))
    for changes in FAULTS.values():
        sheet.append(list((ROW | {"activity": activity} | changes).values()))
    for cells in sheet.iter_rows(min_row=FIRST):
        for cell in cells:
            cell.data_type = "s" if isinstance(cell.value, str) else cell.data_type  # no text is a formula
    sheet.row_dimensions[FIRST + len(FAULTS) - 1].hidden = True
    book.create_sheet("Noter").append(["Husk at ringe til boligforeningen"])
    book.create_sheet("Deltagere 2015").append(list(HEADINGS))
    return saved(book)


ROW = {
    "activity": "", "cpr": number(0), "name": "Opdigtet Person", "born": "", "address": "", "lived": "",
    "role": "mor", "start": "03-04-2016", "end": "", "consent": "ja", "decided_on": "01-04-2016", "guardian": "",
}  # fmt: skip
NO_NUMBER = {"cpr": "", "born": "05-06-1979", "address": "Birkevænget 3, 8000 Aarhus C", "lived": "01-02-2014"}
FAULTS: dict[str, dict] = {
    "plain": {},
    "blanks": {"cpr": f"\u00a0{number(1)} ", "name": "  Mange   Mellemrum\u00a0", "start": " 2016 "},
    "float": {"cpr": float(number(2, date(1985, 3, 13)))},
    "lost zero": {"cpr": int(number(3))},
    "scientific": {"cpr": "3.1E+09"},
    "two-digit year": {"cpr": number(4), "start": "03-04-16"},
    "ISO": {"cpr": number(5), "start": "2016-04-03"},
    "date cell": {"cpr": number(6), "start": datetime(2016, 4, 3)},
    "serial": {"cpr": number(7), "start": 42463},
    "American": {"cpr": number(8), "start": "04/13/2016"},
    "month only": {"cpr": number(9), "start": "april 2016"},
    "mixed scripts": {"cpr": number(10), "name": "Кarim Sand"},
    "formula": {"cpr": number(11), "name": '=HYPERLINK("http://example.invalid")'},
    "unknown activity": {"cpr": number(12), "activity": "Familiecafeen"},
    "no consent": {"cpr": number(13), "consent": "nej", "decided_on": ""},
    "nothing about consent": {"cpr": number(14), "consent": "", "decided_on": ""},
    "future": {"cpr": number(15), "decided_on": "01-04-2046"},
    "twice": {"cpr": number(16)},
    "twice again": {"cpr": number(16)},
    "child": {"cpr": number(17, date(2010, 3, 3)), "role": "barn"},
    "outside target": {"cpr": number(18, date(2001, 3, 3)), "role": "barn"},
    "no address": NO_NUMBER | {"address": "", "name": "Uden Adresse"},
    "no number": NO_NUMBER | {"name": "Uden Nummer"},
    "registered": {"cpr": number(19)},
    "hidden": {"cpr": number(20)},
}


def place(fault: str) -> int:
    """The number of its row in the sheet."""
    return FIRST + list(FAULTS).index(fault)
