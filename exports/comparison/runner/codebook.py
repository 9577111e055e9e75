"""The codebook of characteristics, and the registers that they are formed from, as tables."""

from collections.abc import Iterable, Mapping

import pandas as pd

from .characteristics import CATALOGUE, Characteristic
from .definition import Chosen, Definition
from .formed import FORMED
from .registers import TABLES
from .texts import Text
from .variables import CATEGORICAL, MISSING, MISSING_LABEL, NUMERIC, Level, Variable

COLUMNS = [
    "name", "unit", "label_da", "label_en", "kind", "grouping", "code", "code_da", "code_en", "registers", "measured",
    "source", "rule_da", "rule_en",
]  # fmt: skip
REGISTER_COLUMNS = [
    "register",
    "register_da",
    "register_en",
    "years",
    "column",
    "kind",
    "label_da",
    "label_en",
    "needed",
]
EMPTY_LABEL: Text = ("Uoplyst: tom i filer med rækker", "Not known: empty in files of rows")
ALWAYS = ("BEF", "AFDELINGER", "STARTER", "OMRAADER")


def codebook(definition: Definition, shown: Iterable[Variable] = ()) -> pd.DataFrame:
    """COLUMNS: the chosen characteristics, a row for each code; a number has a row without a code.

    What is not known has the code MISSING in tables; in files of rows categories have it too, numbers and yes or no are
    empty. shown: variables as the tables have them, without levels that nobody has.
    """
    return _rows(definition.characteristics, {each.name: each.levels for each in shown})


def catalogue() -> pd.DataFrame:
    """COLUMNS: all characteristics, as they are and in each of their groupings."""
    every = (Chosen(known.name, grouping) for known in CATALOGUE.values() for grouping in ("", *known.groupings))
    return _rows(every)


def _rows(chosen: Iterable[Chosen], shown: Mapping[str, tuple[Level, ...]] | None = None) -> pd.DataFrame:
    rows = []
    for choice in chosen:
        known = CATALOGUE[choice.name]
        variable = known.variable(choice.grouping)
        numbers = (Level("", ("", "")),) if variable.kind == NUMERIC else ()
        unknown = Level(MISSING, MISSING_LABEL if variable.kind == CATEGORICAL else EMPTY_LABEL)
        levels = (shown or {}).get(known.name, variable.levels)
        for level in (*numbers, *(level for level in levels if level.code != MISSING), unknown):
            rows.append([
                known.name, known.level, *known.label, variable.kind, choice.grouping, level.code, *level.label,
                sources_of(known), known.measured, known.source, *FORMED[known.name],
            ])  # fmt: skip
    return pd.DataFrame(rows, columns=COLUMNS)


def registers(definition: Definition) -> pd.DataFrame:
    """REGISTER_COLUMNS: what the definition needs, a row for each column."""
    rows = []
    for table in map(TABLES.__getitem__, needed(definition)):
        years = f"{table.first or ''}-{table.last or ''}" if table.first or table.last else ""
        for column in table.columns:
            rows.append([
                table.name, *table.label, years, column.name, column.kind, *column.label, int(column.needed),
            ])  # fmt: skip
    return pd.DataFrame(rows, columns=REGISTER_COLUMNS)


def needed(definition: Definition) -> list[str]:
    """Names of the registers that the definition reads, in the order of TABLES. Of some, one of several is enough."""
    names = set(ALWAYS)
    for choice in definition.characteristics:
        names.update(name for either in CATALOGUE[choice.name].registers for name in either)
    return [name for name in TABLES if name in names]


def sources_of(known: Characteristic) -> str:
    """BEF and the others, as in "BEF, RAS or AKM"."""
    return ", ".join(["BEF", *(" or ".join(either) for either in known.registers)])
