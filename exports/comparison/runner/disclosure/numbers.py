"""Sections of numbers as they may be told: means and standard deviations, how many have a value and how many none."""

from dataclasses import dataclass, replace
from math import ceil, floor, log10

from ..tables import Section, Spread
from .differences import SLACK, rounded, step_of
from .history import History
from .limits import small, true
from .withheld import DIFFERENCES_ONLY, NOBODY, ROUNDED, nothing_of

# The number of units, their sum and their sum of squares are three equations: of a variable with few different values
# they give back how many units have each. Few: up to this many times the minimum.
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
        """None unless enough units have another value than the most common one (it would tell of somebody, or of
        everybody, what their value is), and of few values each is of enough units."""
        spread = section.spread
        assert spread is not None
        grain = spread.grain
        if grain is None or min(grain.differing) < minimum:
            return None
        few = [distinct <= FEW * minimum for distinct in grain.distinct]
        if any(each and rarest < minimum for each, rarest in zip(few, grain.rarest, strict=True)):
            return None
        (first, second), (one, other) = spread.means, spread.deviations
        assert first is not None
        assert second is not None
        assert one is not None
        assert other is not None
        return cls(
            spread, (first, second), (one, other), true(spread.counts), true(spread.missing), grain.gap, any(few)
        )


def of_all(section: Section, minimum: int, history: History) -> Section:
    """Of all units. Where those without a value may not be counted, means are rounded so that any number of them
    fits, and the difference is worked out from the rounded."""
    found = Numbers.of(section, minimum)
    if found is None or (found.few_values and history.differs):
        return nothing_of(section, history.reason)
    if history.hides_counts or _few_missing(found, minimum, history):
        if found.few_values:
            return nothing_of(section, history.reason)
        return replace(section, spread=_rounded(found, minimum), test=None, withheld=ROUNDED)
    return replace(section, spread=replace(found.spread, grain=None))


def of_part(
    section: Section, all_units: Section, told: Section, minimum: int, history: History, *, sizes_told: bool
) -> Section:
    """Of a part of the units: everything, its rounded difference only, or nothing."""
    if told.withheld not in ("", ROUNDED):
        return nothing_of(section, told.withheld)
    found, whole = Numbers.of(section, minimum), Numbers.of(all_units, minimum)
    if found is None or whole is None:
        return nothing_of(section, history.reason)
    gone = [_less(whole.counts, found.counts), _less(whole.missing, found.missing)]
    everything = (
        sizes_told
        and not told.withheld
        and not (found.few_values and any(gone[0]))
        and not history.hides_counts
        and not any(small(count, minimum) for pair in gone for count in pair)
        and not _few_missing(found, minimum, history)
    )
    if everything:
        return replace(section, spread=replace(found.spread, grain=None))
    step, smd = step_of(minimum * whole.gap / (min(found.counts) * whole.deviations[0])), found.spread.smd
    if max(gone[0]) < minimum or step is None or smd is None:
        # the sum of a group that few have left is nearly known; beside another such, the difference would tell of them
        return nothing_of(section, history.reason)
    spread = Spread(NOBODY, NOBODY, NOBODY, NOBODY, rounded(smd, step))
    part = replace(section, spread=spread, withheld=DIFFERENCES_ONLY)
    return nothing_of(section, history.reason) if history.forbids(part) else part


def _few_missing(found: Numbers, minimum: int, history: History) -> bool:
    return any(small(count, minimum) for count in found.missing) or history.hardly_changed(
        found.counts, found.missing, minimum
    )


def _rounded(found: Numbers, minimum: int) -> Spread:
    """Values are `gap` apart, so that a step of gap × minimum / units holds `minimum` sums."""
    means, deviations = [], []
    for mean, deviation, units in zip(found.means, found.deviations, found.counts, strict=True):
        step = _step(minimum * found.gap / units)
        means.append(_to(mean, step))
        deviations.append(_to(deviation, step))
    smd = (means[0] - means[1]) / deviations[0] if deviations[0] else None
    ratio = (deviations[0] / deviations[1]) ** 2 if all(deviations) else None
    return Spread((means[0], means[1]), (deviations[0], deviations[1]), NOBODY, NOBODY, smd, ratio)


def _step(least: float) -> float:
    """1, 2 or 5 times a power of ten."""
    power = 10.0 ** floor(log10(least))
    return next(step * power for step in (1, 2, 5, 10) if step * power >= least * (1 - SLACK))


def _to(value: float, step: float) -> float:
    return round(round(value / step) * step, max(0, ceil(-log10(step))))


def _less(first: tuple[int, int], second: tuple[int, int]) -> tuple[int, int]:
    return first[0] - second[0], first[1] - second[1]
