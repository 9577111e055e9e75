"""What is known and chosen about a file as a whole. Kept sealed: a column chosen by mistake may hold names."""

from dataclasses import asdict, dataclass, field
from typing import Any

from spreadsheets import cells, vault
from spreadsheets.columns import headings_at
from spreadsheets.models import Spreadsheet


@dataclass
class Layout:
    """`head`: the first rows as (number, cells); `header`: the number of the row with the headings, 0 for none."""

    sheets: list[dict[str, Any]] = field(default_factory=list)  # name, hidden
    sheet: int = 0
    date1904: bool = False
    hidden_rows: int = 0
    head: list[tuple[int, list[str]]] = field(default_factory=list)
    width: int = 0
    header: int = 0
    columns: dict[str, int] = field(default_factory=dict)
    defaults: dict[str, str] = field(default_factory=dict)  # activity, role, method, wording, obtained_by
    activities: dict[str, str] = field(default_factory=dict)  # a name in the file -> an activity's id
    unknown: dict[str, int] = field(default_factory=dict)  # names of no activity, and on how many rows
    restore_zeros: bool = False
    confirmed: list[str] = field(default_factory=list)  # warnings confirmed for the whole file

    @classmethod
    def of(cls, spreadsheet: Spreadsheet) -> "Layout":
        return cls(**vault.layout_of(spreadsheet))

    def keep(self, spreadsheet: Spreadsheet) -> None:
        """Puts it on the instance; the caller saves."""
        spreadsheet.layout = vault.seal_layout(asdict(self))  # type: ignore[assignment]

    @property
    def headings(self) -> list[str]:
        return headings_at(self.head, self.header)

    def texts(self, record: vault.Record) -> dict[str, str]:
        """A row's cells by column, cleaned; what was typed instead goes before what was read."""
        row, typed = record["cells"], record["set"]
        found = {}
        for key, place in self.columns.items():
            if place < len(row) and row[place]:
                found[key] = cells.clean(row[place])
        if typed:
            found |= {key: cells.clean(text) for key, text in typed.items()}
        return found
