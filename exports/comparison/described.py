"""The groups in aggregate as plain values, so that what was told once can be told again, unchanged."""

from collections.abc import Mapping, Sequence
from dataclasses import asdict
from typing import Any

from exports.comparison.runner.balance import Difference
from exports.comparison.runner.balance.histograms import Bars, Histogram
from exports.comparison.runner.disclosure import Release
from exports.comparison.runner.results import Described
from exports.comparison.runner.tables import Row, Section, Spread, TableOne, Test
from exports.comparison.runner.variables import Level, Variable


def to_json(described: Described) -> dict[str, Any]:
    return asdict(described)


def from_json(data: Mapping[str, Any]) -> Described:
    """What `to_json` wrote, also after it was kept as JSON."""
    after = data["after"]
    return Described(
        before=_table(data["before"]),
        after=None if after is None else _table(after),
        differences=tuple(Difference(**{**each, "label": _pair(each["label"])}) for each in data["differences"]),
        minimum=data["minimum"],
        distributions=tuple(map(_histogram, data.get("distributions", ()))),
        unmatched=tuple(data.get("unmatched", ())),
    )


def release_of(described: Described) -> Release:
    return Release.of([table for table in (described.before, described.after) if table is not None])


def tells_nothing(described: Described) -> bool:
    """Whether every section is withheld, as it is when too few have left since an earlier release."""
    return all(section.withheld for section in described.before.sections)


def _table(data: Mapping[str, Any]) -> TableOne:
    plain = {name: _value(value) for name, value in data.items()}
    return TableOne(**{**plain, "sections": tuple(map(_section, data["sections"]))})


def _histogram(data: Mapping[str, Any]) -> Histogram:
    first, second = (Bars(**{name: _value(each) for name, each in bars.items()}) for bars in data["groups"])
    return Histogram(_pair(data["label"]), (first, second))


def _section(data: Mapping[str, Any]) -> Section:
    spread, test = data["spread"], data["test"]
    return Section(
        **{
            **data,
            "variable": variable_of(data["variable"]),
            "rows": tuple(Row(**{name: _value(each) for name, each in row.items()}) for row in data["rows"]),
            "spread": None if spread is None else Spread(**{name: _value(each) for name, each in spread.items()}),
            "test": None if test is None else Test(**test),
            "merged": {code: tuple(codes) for code, codes in data["merged"].items()},
        }
    )


def variable_of(data: Mapping[str, Any]) -> Variable:
    levels = tuple(Level(each["code"], _pair(each["label"])) for each in data["levels"])
    return Variable(**{**data, "label": _pair(data["label"]), "levels": levels})


def _value(value: Any) -> Any:
    return tuple(value) if isinstance(value, list) else value


def _pair(values: Sequence[Any]) -> tuple[Any, Any]:
    first, second = values
    return first, second
