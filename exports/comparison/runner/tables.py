"""Table 1: how two groups compare, as plain values. balance/ fills it, disclosure/ hides in it, results writes it."""

from dataclasses import dataclass

from .texts import Text
from .variables import Variable

Number = float | None  # None: hidden, or there is nothing to tell


@dataclass(frozen=True)
class Test:
    """name: "pearson" (no continuity correction), "fisher" (a cell is expected under 5; no statistic), "pearson_small"
    (so too, but Fisher's test would be too much work: p is rough) or "welch" (numeric).

    Printed with the counts, a statistic gives hidden counts away: it is None wherever one of its cells is hidden.
    """

    name: str
    statistic: Number
    df: Number
    p: Number


@dataclass(frozen=True)
class Row:
    """A level in each group (participants first, comparison second). Percentages of the groups with a value add up to
    100.0 by largest remainder."""

    level: str
    label: Text
    counts: tuple[int | None, int | None]
    percents: tuple[Number, Number]
    smd: Number = None


@dataclass(frozen=True)
class Grain:
    """How fine the values of a numeric variable are: disclosure control looks at it, nobody is told.

    distinct   different values in each group
    rarest     units of each group that share its rarest value
    differing  units of each group whose value isn't its most common one
    gap        the least distance between two different values of both groups; 0 when there are no two
    """

    distinct: tuple[int, int]
    rarest: tuple[int, int]
    differing: tuple[int, int]
    gap: float


@dataclass(frozen=True)
class Spread:
    """A numeric variable in each group: no minimum, no maximum, no percentile; they point at persons. Not protected
    yet it has its grain; without one it can't be told."""

    means: tuple[Number, Number]
    deviations: tuple[Number, Number]
    counts: tuple[int | None, int | None]  # with a value
    missing: tuple[int | None, int | None]
    smd: Number = None
    variance_ratio: Number = None
    grain: Grain | None = None


@dataclass(frozen=True)
class Section:
    """One variable. `rows` for levels, `spread` for numbers. `merged`: levels that were joined so that none is hidden,
    new code -> codes. `withheld`: why not all is told, "" else. Nothing but the names is told ("hidden_cells",
    "small_group", "earlier_release"); or rounded differences without counts ("differences_only"); or rounded means, and
    differences worked out from them, without counts and test ("rounded")."""

    variable: Variable
    rows: tuple[Row, ...]
    spread: Spread | None
    test: Test | None
    merged: dict[str, tuple[str, ...]]
    withheld: str = ""


@dataclass(frozen=True)
class TableOne:
    """sizes: units in each group, None where that may not be told. weighted: after matching; counts are of the units
    that were kept, whatever their weight (so that a count under the limit is seen to be one), percentages, means and
    differences are weighted, and `effective` is how many units of equal weight would tell as much."""

    sizes: tuple[int | None, int | None]
    sections: tuple[Section, ...]
    weighted: bool = False
    effective: tuple[Number, Number] | None = None


def section_of(table: TableOne, name: str) -> Section:
    """Raises KeyError."""
    for section in table.sections:
        if section.variable.name == name:
            return section
    raise KeyError(name)
