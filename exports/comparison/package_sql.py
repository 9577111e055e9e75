"""The SQL of a definition as it runs, for whoever has a database with the registers and wants to see or run it."""

import datetime
from collections.abc import Iterable

import pandas as pd
import pyarrow as pa

from exports.comparison.runner.characteristics import CATALOGUE
from exports.comparison.runner.definition import Definition
from exports.comparison.runner.inputs import put_rule, tokens_of
from exports.comparison.runner.registers import TABLES, YEARLY
from exports.comparison.runner.stages import DESCRIPTION, MEDIAN, PARTS, SELECTION, SQL, parts_of

TYPES = {pa.string(): "VARCHAR", pa.int64(): "BIGINT", pa.date32(): "DATE"}
RULE, MEDIANS = "rule", "medians"
_STARTS = "SELECT PNR AS person, AKTIVITETSTYPE AS activity_type, AAR AS year, PLAN AS plan FROM STARTER"
_HEAD = """\
-- Run the files in the order of their numbers. Before them there must be a table for each register of registre.csv,
-- with its columns and, where there is one file for each year, a column year (BIGINT); and STARTER, the participants.
-- A register that isn't there must be an empty table.
"""


def sql_texts(definition: Definition, areas: pd.DataFrame) -> dict[str, str]:
    """File name -> text, in order. areas: AFDELING, PLAN, KOM, REGION."""
    tokens = tokens_of(definition)
    tables = {name for each in definition.characteristics for one in CATALOGUE[each.name].registers for name in one}
    parts = parts_of(tables)
    texts = {RULE: _rule(definition, areas, {"BEF", "AFDELINGER"} | tables)}
    for path in SELECTION:
        texts |= _text(path.format(**tokens), tokens)
    if definition.characteristics:
        texts |= {MEDIANS: _medians(definition, tokens, known="incomes" in parts)}
        for part in PARTS:
            texts |= _text(f"described/{part}", tokens) if part in parts else {part: _nobody(part)}
        for path in DESCRIPTION:
            texts |= _text(path, tokens)
    return {f"{number:02}_{name}.sql": text for number, (name, text) in enumerate(texts.items())}


class _Written:
    """Takes tables as an engine does, and writes them down."""

    def __init__(self) -> None:
        self.texts: list[str] = []

    def put(self, name: str, schema: pa.Schema, batches: Iterable[pa.RecordBatch]) -> None:
        if name == "starts":
            self.texts.append(f"CREATE TABLE starts AS\n{_STARTS};\n")
            return
        columns = ", ".join(f"{field.name} {TYPES[field.type]}" for field in schema)
        self.texts.append(f"CREATE TABLE {name} ({columns});\n")
        rows = [row for batch in batches for row in zip(*(column.to_pylist() for column in batch), strict=True)]
        if rows:
            values = ",\n".join(f"    ({', '.join(map(_literal, row))})" for row in rows)
            self.texts.append(f"INSERT INTO {name} VALUES\n{values};\n")


def _rule(definition: Definition, areas: pd.DataFrame, tables: Iterable[str]) -> str:
    written = _Written()
    departments = areas.set_axis(["department", "plan", "municipality_code", "region"], axis="columns")
    nobody = pd.DataFrame({"person": [], "activity_type": [], "year": [], "plan": []})
    put_rule(written, definition, departments, nobody, pa.string())  # type: ignore[arg-type]
    years = [name for name in sorted(tables) if TABLES[name].span == YEARLY]
    return (
        _HEAD
        + f"-- Registers: {', '.join(sorted(tables))}. With a year: {', '.join(years)}.\n\n"
        + "\n".join(written.texts)
    )


def _text(path: str, tokens: dict[str, object]) -> dict[str, str]:
    name = path.rpartition("/")[2]
    return {name: f"CREATE TABLE {name} AS\n{_read(path, **tokens)};\n"}


def _medians(definition: Definition, tokens: dict[str, object], *, known: bool) -> str:
    if not known:
        return "CREATE TABLE medians (year BIGINT, median BIGINT);\n"
    years = [
        f"SELECT CAST({year} AS BIGINT) AS year, median FROM (\n{_read(MEDIAN, **tokens, year=year)}\n) of_{year}"  # noqa: S608 - our own
        for year in definition.years
    ]
    return "CREATE TABLE medians AS\n" + "\nUNION ALL\n".join(years) + ";\n"


def _nobody(part: str) -> str:
    """An empty table of what the definition doesn't ask for."""
    types = {"key": "VARCHAR", "text": "VARCHAR", "integer": "BIGINT", "number": "DOUBLE", "day": "DATE"}
    columns = ", ".join(f"{name} {types[kind]}" for name, kind in PARTS[part][1].items())
    return f"CREATE TABLE {part} ({columns});\n"


def _read(path: str, **tokens: object) -> str:
    return (SQL / f"{path}.sql").read_text(encoding="utf-8").format(**tokens).rstrip()


def _literal(value: object) -> str:
    if value is None:
        return "NULL"
    if isinstance(value, int):
        return str(value)
    if isinstance(value, datetime.date):
        return f"DATE '{value.isoformat()}'"
    return "'" + str(value).replace("'", "''") + "'"
