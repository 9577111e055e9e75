"""Periods in which two rows of one person took part, made those of one row. Plain values, no database."""

from collections.abc import Iterable
from dataclasses import dataclass, replace
from datetime import date
from typing import Any

_EXACTNESS = ("day", "month", "year")


@dataclass(frozen=True)
class Period:
    """`key` and `activity`: ids; `own`: of the row that is kept."""

    key: Any
    activity: Any
    start: date
    start_precision: str
    end: date | None
    role: str
    own: bool


@dataclass(frozen=True)
class Joined:
    """A period of the row that is kept, and the one or more periods that it is made of."""

    period: Period
    of: tuple[Period, ...]


def join(periods: Iterable[Period]) -> list[Joined]:
    """One for each period, but where both rows took part in an activity, one for those that overlap.

    It has the earlier start and the later end; of two roles the one of the row that is kept.
    """
    by_activity: dict[Any, list[Period]] = {}
    for period in periods:
        by_activity.setdefault(period.activity, []).append(period)
    found = []
    for several in by_activity.values():
        if len({period.own for period in several}) == 1:
            found += [Joined(period, (period,)) for period in several]
        else:
            found += [_as_one(group) for group in _overlapping(several)]
    return found


def _overlapping(periods: list[Period]) -> list[list[Period]]:
    groups: list[list[Period]] = []
    last: date | None = None  # the end of the latest group
    for period in sorted(periods, key=lambda each: (each.start, _EXACTNESS.index(each.start_precision))):
        if groups and (last is None or period.start <= last):
            groups[-1].append(period)
            last = None if last is None or period.end is None else max(last, period.end)
        else:
            groups.append([period])
            last = period.end
    return groups


def _as_one(group: list[Period]) -> Joined:
    ends = [period.end for period in group]
    stays = next((period for period in group if period.own), group[0])
    last = None if None in ends else max(end for end in ends if end)
    whole = replace(stays, start=group[0].start, start_precision=group[0].start_precision, end=last)
    return Joined(whole, tuple(group))
