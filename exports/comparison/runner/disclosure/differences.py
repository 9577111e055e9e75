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
from .limits import small, true
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
    scales = [scale_of(row.counts, all_sizes) for row in told.rows]
    steps = [step_of(1 / (min(sizes) * scale)) if scale else None for scale in scales]
    smds, gaps = [], []
    for row, scale, step in zip(part.rows, scales, steps, strict=True):
        if row.smd is None or step is None:
            return None
        smds.append(rounded(row.smd, step))
        gaps.append(((smds[-1] - step / 2) * scale, (smds[-1] + step / 2) * scale))
    groups = [Group.of([true(row.counts)[g] for row in told.rows], all_sizes[g], sizes[g], minimum) for g in (0, 1)]
    first = groups[0].given(groups[1], gaps)
    second = groups[1].given(groups[0], [(-high, -low) for low, high in gaps])
    if not all(group.open(minimum) for group in (first, second)):
        return None
    rows = tuple(
        replace(row, counts=NOBODY, percents=NOBODY, smd=smd) for row, smd in zip(part.rows, smds, strict=True)
    )
    return replace(part, rows=rows, withheld=DIFFERENCES_ONLY)


@dataclass(frozen=True)
class Group:
    """What a reader knows of one group's part: between which numbers its size and each of its counts lie."""

    size: int
    sizes: Range
    counts: Sequence[Range]

    @classmethod
    def of(cls, counts: Sequence[int], all_units: int, size: int, minimum: int) -> "Group":
        """A small number of units left out isn't told, only that it is small."""
        gone = all_units - size
        least, most = (1, minimum - 1) if small(gone, minimum) else (gone, gone)
        return cls(size, (all_units - most, all_units - least), [(max(0, count - most), count) for count in counts])

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
