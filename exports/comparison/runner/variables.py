"""A variable of a frame that is described, compared or matched on."""

from collections.abc import Collection, Sequence
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from .texts import Text

if TYPE_CHECKING:  # the site knows of variables before anything is drawn
    import pandas as pd

NUMERIC, BINARY, CATEGORICAL = "numeric", "binary", "categorical"
MISSING = "missing"  # the level of what is not known: a category like others, never dropped in silence
MISSING_LABEL: Text = ("Uoplyst", "Not known")


@dataclass(frozen=True)
class Level:
    """A value as it stands in the frame, as text, and what it is called."""

    code: str
    label: Text


@dataclass(frozen=True, kw_only=True)
class Variable:
    """A column of a frame.

    kind      NUMERIC (float), BINARY (0 and 1) or CATEGORICAL (text codes)
    levels    of BINARY and CATEGORICAL in the order in which they are shown; MISSING last, when a value is missing
    measured  "before" or "after" the reference date: what is measured after it may be described, never matched on
    grouped   its levels are a grouping that somebody chose: all of them are shown, also those that nobody has
    within    of yes and no: another variable, to which everybody has yes who has yes to this one
    """

    name: str
    label: Text
    kind: str
    levels: tuple[Level, ...] = ()
    measured: str = "before"
    grouped: bool = False
    within: str = ""


def occurring(
    frame: "pd.DataFrame", variables: Sequence[Variable], kept: Collection[tuple[str, str]] = ()
) -> list[Variable]:
    """The variables without levels that nobody in the frame has, but for those of a grouping, of yes and no, and those
    in `kept` (variable and level)."""
    found = []
    for variable in variables:
        if variable.kind == CATEGORICAL and not variable.grouped:
            codes = {*texts_of(frame[variable.name].drop_duplicates()), MISSING}
            levels = [level for level in variable.levels if level.code in codes or (variable.name, level.code) in kept]
            variable = replace(variable, levels=tuple(levels))
        found.append(variable)
    return found


def texts_of(values: "pd.Series") -> "pd.Series":
    """The codes as text, MISSING where nothing is known; whole floats without their ".0", true as 1."""
    from pandas.api.types import is_bool_dtype, is_float_dtype

    if is_bool_dtype(values):
        values = values.astype("Int64")
    if is_float_dtype(values) and (values.dropna() % 1 == 0).all():
        values = values.astype("Int64")
    return values.astype("str").where(values.notna(), MISSING)


def levels_of(values: "pd.Series", labels: dict[str, Text] | None = None) -> tuple[Level, ...]:
    """The levels that occur, in order of their codes (numbers as numbers), MISSING last."""
    codes = texts_of(values).unique().tolist()

    def order(code: str) -> tuple:
        number = code.lstrip("-").isdigit()
        return code == MISSING, not number, int(code) if number else 0, code

    known = {MISSING: MISSING_LABEL} | (labels or {})
    return tuple(Level(code, known.get(code, (code, code))) for code in sorted(codes, key=order))
