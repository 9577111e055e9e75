"""A spreadsheet to begin with: the headings that are known, an example row, and what each column holds."""

from io import BytesIO

from django.utils.translation import gettext as _
from openpyxl import Workbook
from openpyxl.styles import Alignment, Font, PatternFill
from openpyxl.utils import get_column_letter

from spreadsheets.columns import COLUMNS, REQUIRED

ROWS = 1000  # formatted as text, so that leading zeros and dates stay as they are typed
# Nobody: the number has a day 39, which no CPR number has, so the row is an error until it is replaced.
EXAMPLE = {
    "activity": "Aktivitetens navn",
    "cpr": "390190-0000",
    "name": "Eksempel Eksempelsen",
    "role": "mor",
    "start": "03-04-2016",
    "decided_on": "01-04-2016",
    "method": "papir",
    "text": "dansk",
}


def template() -> bytes:
    book = Workbook()
    sheet = book.active
    assert sheet is not None
    sheet.title = _("Deltagere")
    for place, column in enumerate(COLUMNS, start=1):
        letter = get_column_letter(place)
        sheet.column_dimensions[letter].width = max(14, len(str(column.label)) + 4)
        heading = sheet.cell(1, place, str(column.label))
        heading.font = Font(bold=True)
        heading.fill = PatternFill("solid", fgColor="E5E5E5")
        for row in range(1, ROWS + 1):
            sheet.cell(row, place).number_format = "@"
        sheet.cell(2, place, EXAMPLE.get(column.key, "")).font = Font(italic=True, color="666666")
    sheet.freeze_panes = "A2"
    _explain(book)
    content = BytesIO()
    book.save(content)
    return content.getvalue()


def _explain(book: Workbook) -> None:
    sheet = book.create_sheet(_("Vejledning"))
    sheet.column_dimensions["A"].width, sheet.column_dimensions["B"].width = 30, 90
    lines = [(_("Kolonne"), _("Hvad der skal stå"))]
    lines += [
        (f"{column.label} *" if column.key in REQUIRED else str(column.label), str(column.hint)) for column in COLUMNS
    ]
    lines += [("", ""), ("*", _("Skal udfyldes på hver række, og enten CPR-nummer eller navn."))]
    lines += [("", _("Række 2 er et eksempel. Slet den, eller skriv oven i den."))]
    for line in lines:
        sheet.append(line)
        sheet.cell(sheet.max_row, 2).alignment = Alignment(wrap_text=True)
    sheet["A1"].font = sheet["B1"].font = Font(bold=True)
