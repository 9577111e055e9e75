"""Sections of numbers as they may be told: means and standard deviations, how many have a value and how many none."""

from dataclasses import dataclass, replace
from math import ceil, floor, log10

from ..tables import Section, Spread
from .differences import rounded, step_of
from .history import History
from .limits import Pair, small, true
from .withheld import DIFFERENCES_ONLY, NOBODY, ROUNDED, nothing_of

# The number of units, their sum and their sum of squares are three equations: of a variable with few different values
# they give back how many units have each. Few: this many times the minimum.
FEW = 2


@dataclass(frozen=True)
class Numbers:
    """A spread of which something can be told: nothing in it is hidden or lacking."""

    spread: Spread
    means: tuple[float, float]
    deviations: tuple[float, float]
    counts: tuple[int, int]
    missing: tuple[int, int]
    gap: float
    few_values: bool

    @classmethod
    def of(cls, section: Section, minimum: int) -> "Numbers | None":
        """None unless enough units have a value, and enough of them another than the most common one: else it would
        tell of somebody, or of everybody, what their value is."""
        spread = section.spread
        assert spread is not None
        grain, counts = spread.grain, true(spread.counts)
        if grain is None or min(*counts, *grain.differing) < minimum:
            return None
        (first, second), (one, other) = spread.means, spread.deviations
        assert first is not None
        assert second is not None
        assert one is not None
        assert other is not None
        few = min(grain.distinct) <= FEW * minimum
        return cls(spread, (first, second), (one, other), counts, true(spread.missing), grain.gap, few)


def of_all(section: Section, minimum: int, history: History) -> Section:
    """Of all units. Where values are few, or those without one may not be counted, means are rounded so that at least
    `minimum` sums fit each, and the difference is worked out from the rounded."""
    found = Numbers.of(section, minimum)
    if found is None:
        return nothing_of(section, history.reason)
    if history.hides_all:
        return nothing_of(section, history.reason)
    counted = (
        not history.hides_counts
        and not any(small(count, minimum) for count in found.missing)
        and not history.hardly_changed(found.counts, found.missing, minimum)
    )
    if counted and not found.few_values:
        return replace(section, spread=replace(found.spread, grain=None))
    spread = _rounded(found, found, minimum, counted)
    return replace(section, spread=spread, test=None, withheld=ROUNDED)


def of_part(
    section: Section, all_units: Section, told: Section, minimum: int, history: History, *, sizes_told: bool
) -> Section:
    """Of a part of the units: as `told` tells of `all_units`, differences only, or nothing."""
    if told.withheld not in ("", ROUNDED):
        return nothing_of(section, told.withheld)
    found, whole = Numbers.of(section, minimum), Numbers.of(all_units, minimum)
    if found is None or whole is None:
        return nothing_of(section, history.reason)
    pairs = [*zip(whole.counts, found.counts, strict=True), *zip(whole.missing, found.missing, strict=True)]
    counted = (
        sizes_told
        and not history.hides_counts
        and not any(small(count, minimum) for count in found.missing)
        and not any(small(all_of - here, minimum) for all_of, here in pairs)
        and not history.hardly_changed(found.counts, found.missing, minimum)
    )
    if counted and not told.withheld:
        return replace(section, spread=replace(found.spread, grain=None))
    if counted and whole.few_values:
        return replace(section, spread=_rounded(found, whole, minimum, counted), withheld=ROUNDED)
    if not _balanced(found, whole, minimum):
        return nothing_of(section, history.reason)
    unit = minimum * whole.gap / (min(found.counts) * whole.deviations[0])
    step, smd = step_of(unit), found.spread.smd
    smd = rounded(smd, step) if step and smd is not None else None
    part = replace(section, spread=Spread(NOBODY, NOBODY, NOBODY, NOBODY, smd), withheld=DIFFERENCES_ONLY)
    if history.forbids(part):
        return nothing_of(section, history.reason)
    return part if smd is not None else nothing_of(section, history.reason)


def _balanced(found: Numbers, whole: Numbers, minimum: int) -> bool:
    """Whether the sum of a group that only few have left, which the reader nearly knows, stands beside one that many
    have left: the difference would give it away else."""
    gone = [all_of - here for all_of, here in zip(whole.counts, found.counts, strict=True)]
    return all(
        gone[1 - group] >= minimum
        for group in (0, 1)
        if any(
            small(count, minimum)
            for count in (gone[group], whole.missing[group] - found.missing[group], found.missing[group])
        )
    )


def _rounded(found: Numbers, whole: Numbers, minimum: int, counted: bool) -> Spread:
    """whole: of all units, in whose rounded deviation of the participants the difference is measured."""
    means, deviations = _told(found, 0, minimum), _told(found, 1, minimum)
    scale = _told(whole, 1, minimum)[0]
    counts: Pair = found.counts if counted else NOBODY
    missing: Pair = found.missing if counted else NOBODY
    smd = (means[0] - means[1]) / scale if scale else None
    ratio = (deviations[0] / deviations[1]) ** 2 if all(deviations) else None
    return Spread(means, deviations, counts, missing, smd, ratio)


def _told(found: Numbers, moment: int, minimum: int) -> tuple[float, float]:
    """The means (0) or the deviations (1), rounded. Values are `gap` apart, so that a step of the mean of gap × minimum
    / units holds `minimum` sums; a step of the deviation that is gap / deviation times as long, or as long where that
    is longer, holds as many sums of squares."""
    told = []
    for value, deviation, units in zip(
        (found.means, found.deviations)[moment], found.deviations, found.counts, strict=True
    ):
        least = minimum * found.gap / units
        step = _step(least * max(1.0, found.gap / deviation) if moment else least)
        told.append(round(round(value / step) * step, max(0, ceil(-log10(step)))))
    return told[0], told[1]


def _step(least: float) -> float:
    """1, 2 or 5 times a power of ten."""
    power = 10.0 ** floor(log10(least))
    return next(step * power for step in (1, 2, 5, 10) if step * power >= least * (1 - 1e-9))
