"""What comes out of the database when the texts have run: frames and counts."""

from collections.abc import Iterable, Sequence

import pandas as pd
import pyarrow as pa

from .characteristics import CATALOGUE, FAMILY, PERSON, Characteristic
from .definition import Chosen, Definition
from .engine import Engine
from .variables import BINARY, NUMERIC

FAMILY_COLUMNS = [
    "family", "family_group", "reference_year", "person", "children_in_range", "children", "children_group", "adults",
    "family_type", "plan", "municipality_code", "region",
]  # fmt: skip
MEMBER_COLUMNS = ["family", "family_group", "reference_year", "person", "adult"]  # of the persons of families
_WHOLE = {"reference_year", "children_in_range", "children", "adults", "adult"}


def known(choice: Chosen) -> Characteristic:
    return CATALOGUE[choice.name]


def flow_counts(database: Engine, definition: Definition) -> dict[str, dict[str, int]]:
    """What flow.flow and flow.person_flow are made of."""

    def by_status(table: str) -> dict[str, int]:
        rows = database.fetch(f"SELECT status, COUNT(*) AS size FROM {table} GROUP BY status")  # noqa: S608 - our own names
        return {row["status"]: row["size"] for row in rows.to_pylist()}

    def size(what: str, table: str, condition: str = "") -> int:
        text = f"SELECT COUNT({what}) AS size FROM {table} WHERE year = {int(definition.comparison_year)}{condition}"  # noqa: S608
        return int(database.fetch(text)["size"][0].as_py())

    candidates = by_status("candidates")
    in_areas = " AND department IN (SELECT department FROM areas)"
    return {
        "persons": by_status("starters"),
        "families" if definition.unit == FAMILY else "units": by_status("participants"),
        "candidates": candidates,
        "sizes": {
            "residents": size("*", "BEF"),
            "area_residents": size("*", "members", in_areas),
            "area_families": size("DISTINCT unit", "unit_areas"),
            "candidates": sum(candidates.values()),
        },
    }


_UNITS = ", ".join(f"u.{'year AS ' if name == 'reference_year' else ''}{name}" for name in FAMILY_COLUMNS)
_HOUSEHOLDS = " LEFT JOIN households h ON h.family = u.family AND h.year = u.year"


def families_and_members(database: Engine, chosen: Sequence[Chosen]) -> tuple[pd.DataFrame, pd.DataFrame]:
    families = [choice for choice in chosen if known(choice).level == FAMILY]
    text = f"SELECT {_UNITS}{_columns(families)} FROM units u{_HOUSEHOLDS if chosen else ''} ORDER BY u.family"  # noqa: S608
    members = [choice for choice in chosen if known(choice).level == PERSON]
    people = (
        f"SELECT u.family, u.family_group, u.year AS reference_year, p.person, p.adult{_columns(members)} "  # noqa: S608
        f"FROM units u JOIN {'persons' if chosen else 'people'} p ON p.family = u.family AND p.year = u.year "
        "ORDER BY u.family, p.person"
    )
    return _frame(database.fetch(text), families), _frame(database.fetch(people), members)


def only_persons(database: Engine, chosen: Sequence[Chosen]) -> tuple[pd.DataFrame, pd.DataFrame]:
    joined = f"{_HOUSEHOLDS} LEFT JOIN persons p ON p.person = u.person AND p.family = u.family AND p.year = u.year"
    text = f"SELECT {_UNITS}{_columns(chosen)} FROM units u{joined if chosen else ''} ORDER BY u.person"  # noqa: S608
    persons = database.fetch(text)
    families = [choice for choice in chosen if known(choice).level == FAMILY]
    return _frame(persons.slice(0, 0), families, only=families), _frame(persons, chosen)


def _columns(chosen: Iterable[Chosen]) -> str:
    return "".join(
        f", {'h' if known(choice).level == FAMILY else 'p'}.{choice.name}"
        for choice in chosen
        if choice.name not in FAMILY_COLUMNS
    )


def _frame(table: pa.Table, chosen: Sequence[Chosen], only: Sequence[Chosen] | None = None) -> pd.DataFrame:
    frame = table.to_pandas(date_as_object=False)
    if only is not None:
        frame = frame[[*FAMILY_COLUMNS, *(each.name for each in only if each.name not in FAMILY_COLUMNS)]]
    frame = frame.astype({name: "int64" for name in frame.columns if name in _WHOLE})
    for choice in chosen:
        each = known(choice)
        whole = pa.types.is_integer(table.schema.field(choice.name).type)
        if each.kind == BINARY or (each.kind == NUMERIC and whole):
            frame[choice.name] = frame[choice.name].astype("Int64")
        if choice.grouping:
            frame[choice.name] = each.grouped(frame[choice.name], choice.grouping)
    return frame
