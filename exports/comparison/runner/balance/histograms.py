"""The distribution of a number in both groups, in bins that show no single person."""

from dataclasses import dataclass
from math import floor, log10

import numpy as np
from numpy.typing import ArrayLike

from ..texts import Text

BINS = 24  # about as many, before any are joined


@dataclass(frozen=True)
class Bars:
    """A group. edges: one more than the bins; who lies beyond the first or last is counted in the bin inside it.
    before, after: the share of the group in each bin, of all and (weighted) of those who were matched."""

    edges: tuple[float, ...]
    before: tuple[float, ...]
    after: tuple[float, ...] | None


@dataclass(frozen=True)
class Histogram:
    """groups: participants, comparison."""

    label: Text
    groups: tuple[Bars, Bars]


def histogram(
    values: np.ndarray,
    participant: np.ndarray,
    label: Text,
    weights: ArrayLike | None = None,
    minimum: int = 5,
) -> Histogram | None:
    """Bins of a round width, in each group joined with their neighbours until nobody or at least `minimum` of it are in
    each, of all, of the matched and of the others. Edges are multiples of the width, the outermost where the `minimum`
    lowest and highest of both groups end, so that none tells a value. NaN are left out. None when a group would have no
    bin.

    weights  after matching, in the order of the values; for the propensity score only
    """
    used = np.ones(len(values)) if weights is None else np.asarray(weights, dtype=float)
    known = ~np.isnan(values)
    values, participant, used = values[known], participant[known], used[known]
    if len(values) < 2 * minimum:
        return None
    ordered = np.sort(values)
    low, high = float(ordered[minimum - 1]), float(ordered[-minimum])
    if low >= high:
        return None
    step = _round_width((high - low) / BINS)
    if (values % 1 == 0).all():
        step = max(step, 1.0)  # whole numbers stand side by side
    first, last = floor(low / step), floor(high / step) + 1
    places = np.clip(np.floor(values / step), first, last - 1).astype(np.int64) - first
    grid = np.round(np.arange(first, last + 1) * step, 12)
    bars = [_bars(places[who], used[who], grid, weights is not None, minimum) for who in (participant, ~participant)]
    return None if bars[0] is None or bars[1] is None else Histogram(label, (bars[0], bars[1]))


def _bars(places: np.ndarray, used: np.ndarray, grid: np.ndarray, weighted: bool, minimum: int) -> Bars | None:
    bins = len(grid) - 1
    counts, kept = np.bincount(places, minlength=bins), np.bincount(places[used > 0], minlength=bins)
    starts = _starts(np.array([counts, kept, counts - kept]), minimum)
    if not starts or not kept.any():
        return None
    before = np.add.reduceat(counts, starts) / len(places)
    after = np.add.reduceat(np.bincount(places, used, bins), starts) / used.sum()
    edges = [*grid[starts].tolist(), float(grid[-1])]
    return Bars(tuple(edges), tuple(before.tolist()), tuple(after.tolist()) if weighted else None)


def _starts(counts: np.ndarray, minimum: int) -> list[int]:
    """Where joined bins start. counts: a row for all, the matched and the others, a column for each bin."""

    def safe(part: np.ndarray) -> bool:
        sums = part.sum(axis=1)
        return bool(((sums == 0) | (sums >= minimum)).all())

    starts = [0]
    for place in range(1, counts.shape[1]):
        if safe(counts[:, starts[-1] : place]):
            starts.append(place)
    while starts and not safe(counts[:, starts[-1] :]):
        starts.pop()
    return starts


def _round_width(width: float) -> float:
    """The next of 1, 2, 2.5, 5 and 10 times a power of ten."""
    power = 10.0 ** floor(log10(width))
    return next(power * part for part in (1, 2, 2.5, 5, 10) if power * part >= width * (1 - 1e-9))
