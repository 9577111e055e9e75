"""What a release told, kept for the next one of the same project."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from ..tables import Row, Section, TableOne
from .limits import Pair

FORMAT = "deltagerdata-release-1"
Codes = tuple[str, ...]  # of a level, or of levels that were joined


@dataclass(frozen=True)
class ToldRow:
    """A level, or levels that were joined, as told: None is hidden."""

    codes: Codes
    counts: Pair
    smd: float | None


@dataclass(frozen=True)
class ToldSection:
    """`numbers`: how many have a value and how many have none, and the difference; of a numeric variable."""

    rows: tuple[ToldRow, ...]
    numbers: tuple[Pair, Pair, float | None] | None

    @classmethod
    def of(cls, section: Section) -> "ToldSection":
        spread = section.spread
        return cls(
            tuple(ToldRow(codes_of(row, section), row.counts, row.smd) for row in section.rows),
            None if spread is None else (spread.counts, spread.missing, spread.smd),
        )

    @property
    def nothing(self) -> bool:
        return self.no_counts and not self.differences

    @property
    def differences(self) -> list[float]:
        smds = [row.smd for row in self.rows] + ([self.numbers[2]] if self.numbers else [])
        return [smd for smd in smds if smd is not None]

    @property
    def no_counts(self) -> bool:
        pairs = [row.counts for row in self.rows] + ([self.numbers[0]] if self.numbers else [])
        return all(None in pair for pair in pairs)


@dataclass(frozen=True)
class Told:
    sizes: Pair
    sections: Mapping[str, ToldSection]


@dataclass(frozen=True)
class Release:
    """A Told for each table of a release, in their order."""

    tables: tuple[Told, ...]

    @classmethod
    def of(cls, tables: Sequence[TableOne]) -> "Release":
        """Of tables as `protect` gave them."""
        return cls(
            tuple(Told(table.sizes, {s.variable.name: ToldSection.of(s) for s in table.sections}) for table in tables)
        )

    def to_json(self) -> dict[str, Any]:
        """Plain values; nothing that wasn't told."""
        return {
            "format": FORMAT,
            "tables": [
                {"sizes": list(table.sizes), "sections": {name: _plain(s) for name, s in table.sections.items()}}
                for table in self.tables
            ],
        }

    @classmethod
    def from_json(cls, data: Mapping[str, Any]) -> "Release":
        """Raises ValueError when it isn't what to_json gave."""
        if data.get("format") != FORMAT:
            raise ValueError(f"not a {FORMAT}")
        return cls(
            tuple(
                Told(_pair(table["sizes"]), {name: _section(each) for name, each in table["sections"].items()})
                for table in data["tables"]
            )
        )


def codes_of(row: Row, section: Section) -> Codes:
    return section.merged.get(row.level, (row.level,))


def _plain(section: ToldSection) -> dict[str, Any]:
    rows = [{"codes": list(row.codes), "counts": list(row.counts), "smd": row.smd} for row in section.rows]
    if section.numbers is None:
        return {"rows": rows}
    counts, missing, smd = section.numbers
    return {"numbers": {"counts": list(counts), "missing": list(missing), "smd": smd}}


def _section(data: Mapping[str, Any]) -> ToldSection:
    if (numbers := data.get("numbers")) is not None:
        return ToldSection((), (_pair(numbers["counts"]), _pair(numbers["missing"]), numbers["smd"]))
    rows = data["rows"]
    return ToldSection(tuple(ToldRow(tuple(row["codes"]), _pair(row["counts"]), row["smd"]) for row in rows), None)


def _pair(values: Sequence[int | None]) -> Pair:
    first, second = values
    return first, second
