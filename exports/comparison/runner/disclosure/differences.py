"""Differences of a part of the units that are told without its counts.

Of all units the counts are told, A of the participants and B of the comparison, so that those of a part, a and b, could
be subtracted from them. Its difference alone, a / n - b / m, leaves both open where both may move; how far is what is
looked at here. Whether a difference is told depends on what is told with it, never on a and b themselves.
"""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from math import ceil, floor

from ..tables import Section
from .joining import scale_of, sum_of
from .limits import Pair, small, true
from .withheld import DIFFERENCES_ONLY, NOBODY

STEPS = (0.01, 0.02, 0.05, 0.1, 0.2)  # to which differences are rounded
SLACK = 1e-9

Range = tuple[float, float]


def step_of(unit: float) -> float | None:
    """The finest step that one unit more or less of a group, which changes a difference by `unit`, can hide in: then
    whole numbers fit it whatever the size of the group is. None where no step is coarse enough."""
    return next((step for step in STEPS if step >= unit), None)


def rounded(smd: float, step: float) -> float:
    return round(round(smd / step) * step, 2)


def differences_only(part: Section, told: Section, minimum: int) -> Section | None:
    """The part's rounded differences, level by level as in `told`, which tells of all units; None unless they leave at
    least `minimum` numbers for every count of the part, and so for what is left of the whole without it."""
    sizes, all_sizes = sum_of(row.counts for row in part.rows), sum_of(row.counts for row in told.rows)
    possible = _possible(sizes, all_sizes, minimum)
    least = min(min(pair) for pair in possible)
    smds, gaps = [], []
    for row, whole in zip(part.rows, told.rows, strict=True):
        scale = scale_of(whole.counts, all_sizes)
        step = step_of(1 / (least * scale)) if scale and least > 0 else None
        if row.smd is None or step is None:
            return None
        smds.append(rounded(row.smd, step))
        gaps.append(((smds[-1] - step / 2) * scale, (smds[-1] + step / 2) * scale))
    counts = [true(row.counts) for row in told.rows]
    ranges = [(min(pair[g] for pair in possible), max(pair[g] for pair in possible)) for g in (0, 1)]
    for pair in possible:
        groups = [Group.of([c[g] for c in counts], all_sizes[g], pair[g], ranges[g]) for g in (0, 1)]
        first = groups[0].given(groups[1], gaps)
        second = groups[1].given(groups[0], [(-high, -low) for low, high in gaps])
        if not (first.open(minimum) and second.open(minimum)):
            return None
    rows = tuple(
        replace(row, counts=NOBODY, percents=NOBODY, smd=smd) for row, smd in zip(part.rows, smds, strict=True)
    )
    return replace(part, rows=rows, withheld=DIFFERENCES_ONLY)


def _possible(sizes: Pair, all_sizes: Pair, minimum: int) -> list[tuple[int, int]]:
    """The sizes that the groups may have for a reader who isn't told that a group has lost a few, but knows how many
    comparison units a participant has. What is told must not depend on which of them is true."""
    (first, second), (all_first, all_second) = true(sizes), true(all_sizes)
    few = range(1, minimum)
    if small(all_first - first, minimum):
        pairs = [(all_first - gone, round(second * (all_first - gone) / first)) for gone in few]
        if small(all_second - second, minimum):
            pairs = [(size, all_second - gone) for size, _ in pairs for gone in few]
        return pairs
    if small(all_second - second, minimum):
        return [(first, all_second - gone) for gone in few]
    return [(first, second)]


@dataclass(frozen=True)
class Group:
    """What a reader knows of one group's part: between which numbers its size and each of its counts lie."""

    size: int
    sizes: Range
    counts: Sequence[Range]

    @classmethod
    def of(cls, counts: Sequence[int], all_units: int, size: int, sizes: Range) -> "Group":
        """`size`: what shares are taken of. No count has lost more units than the group."""
        most = all_units - sizes[0]
        return cls(size, sizes, [(max(0, count - most), count) for count in counts])

    def given(self, other: "Group", gaps: Sequence[Range]) -> "Group":
        """When its shares less the other group's are within `gaps`, and its counts add up to its size."""
        ranges = [
            (
                max(low, self.size * (smallest + least / other.size)),
                min(high, self.size * (largest + most / other.size)),
            )
            for (low, high), (least, most), (smallest, largest) in zip(self.counts, other.counts, gaps, strict=True)
        ]
        lows, highs = sum(low for low, _ in ranges), sum(high for _, high in ranges)
        fitted = [
            (max(low, self.sizes[0] - highs + high), min(high, self.sizes[1] - lows + low)) for low, high in ranges
        ]
        return replace(self, counts=fitted)

    def open(self, minimum: int) -> bool:
        return all(floor(high + SLACK) - ceil(low - SLACK) + 1 >= minimum for low, high in self.counts)
