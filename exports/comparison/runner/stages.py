"""The texts of sql/ in the order in which they run, and what they read.

Each text is a SELECT that makes the table of its name. They are standard SQL that DuckDB and Spark take alike: dates
come in as columns, an interval is written as a literal, and the tokens in braces are numbers and lists of our own.
"""

from collections.abc import Collection, Mapping
from pathlib import Path

import pyarrow as pa

from .engine import Engine, Progress
from .registers import DAY, INTEGER, NUMBER, TABLES, TEXT, YEARLY

SQL = Path(__file__).parent / "sql"
SELECTION = (
    "first_starts", "starter_homes", "areas", "homes", "members", "families", "starters", "unit_areas",
    "{unit}/participants", "{unit}/candidates", "units", "described/people",
)  # fmt: skip
MEDIAN = "described/median"
# What is known of people and families: the registers that each text reads, and what it gives ("key": a key).
PARTS: dict[str, tuple[tuple[str, ...], dict[str, str]]] = {
    "educations": (("UDDA", "AUDD"), {"person": "key", "year": INTEGER, "qualifying": INTEGER}),
    "employments": (("RAS", "AKM"), {"person": "key", "year": INTEGER, "employed": INTEGER}),
    "incomes": (("IND",), {"family": "key", "year": INTEGER, "amount": INTEGER}),
    "diagnoses": (
        ("PSYK_ADM", "PSYK_DIAG", "LPR_ADM", "LPR_DIAG", "LPR_A_KONTAKT", "LPR_A_DIAGNOSE"),
        {"person": "key", "year": INTEGER, "kind": TEXT},
    ),
    "treatments": (("SIB", "NAB"), {"person": "key", "year": INTEGER, "kind": TEXT}),
    "convictions": (("KRAF",), {"person": "key", "year": INTEGER}),
    "measures": (("BUFO",), {"person": "key", "year": INTEGER}),
    "care": (("DAGI", "BOERNFB"), {"person": "key", "year": INTEGER}),
    "dwellings": (("PERBOLIG", "BOLIG", "BBRENHED"), {"family": "key", "year": INTEGER, "m2_per_resident": NUMBER}),
}
DESCRIPTION = ("described/persons", "described/households")
_ARROW = {TEXT: pa.string(), INTEGER: pa.int64(), NUMBER: pa.float64(), DAY: pa.date32()}


class Stages:
    """Runs texts one after another and tells how far it is. `tokens`: what stands for the words in braces."""

    def __init__(self, database: Engine, tokens: Mapping[str, object], steps: int, progress: Progress | None) -> None:
        self.database, self.tokens, self.steps, self.progress = database, tokens, steps, progress
        self.done = 0

    def text(self, path: str, **more: object) -> str:
        return (SQL / f"{path}.sql").read_text(encoding="utf-8").format(**self.tokens, **more)

    def run(self, path: str) -> None:
        """Make the table that is called as the text is."""
        path = path.format(**self.tokens)
        name = path.rpartition("/")[2]
        self.tell(name)
        self.database.make(name, self.text(path))
        self.done += 1

    def tell(self, name: str) -> None:
        if self.progress is not None:
            self.progress(name, self.done, self.steps)


def parts_of(tables: Collection[str]) -> list[str]:
    """The parts that read one of these registers."""
    return [name for name, (registers, _columns) in PARTS.items() if set(registers) & set(tables)]


def empty_part(name: str, key: pa.DataType) -> pa.Schema:
    return pa.schema([(column, _ARROW.get(kind, key)) for column, kind in PARTS[name][1].items()])


def schema_of(name: str, key: pa.DataType | None = None) -> pa.Schema:
    """Of a register's table, with its year. `key`: the type of person numbers and families, where it isn't text."""
    table = TABLES[name]
    fields = [("year", pa.int64())] if table.span == YEARLY else []
    keys = {"PNR", "FAMILIE_ID"} if key is not None else set()
    return pa.schema(
        fields + [(column.name, key if column.name in keys else _ARROW[column.kind]) for column in table.columns]
    )
