"""Greedy nearest neighbour on one score.

Participants choose one after another; each takes the free comparison unit whose score is nearest. With `ratio` k they
do so in k rounds, as MatchIt does: everybody's first before anybody's second.

Comparison units stand in the order of their scores. Which is the nearest free one below a place, and which above it, is
a question to a union-find over the places that are taken (Tarjan 1975), so that all choices together take hardly more
time than the sorting, and no table of distances is made.

Ties, as in MatchIt 4.7: units stand in order of score, then of rows. Of two equally near units the one with fewer units
between is taken, of those the one below. (Equally near up to rounding: ages of 29 and 31 are equally far from 30 on any
machine.) So where units are equally near, and with order DATA and RANDOM, the order of
the rows decides; otherwise it doesn't matter.
"""

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np

from .spec import DATA, LARGEST, RANDOM, SMALLEST

ROUNDING = 1e-12  # share of the range of scores: distances that differ by less are the same
STEP = 1000  # participants between two calls of progress


@dataclass(frozen=True)
class Greedy:
    """How participants choose.

    order    their rows, in the order in which they choose
    caliper  the largest difference of the score that is allowed
    """

    order: np.ndarray
    caliper: float = np.inf
    ratio: int = 1
    replacement: bool = False
    progress: Callable[[int, int], None] = lambda done, total: None


@dataclass(frozen=True)
class Line:
    """Units in the order of stratum, score and row. key: place on the line of each unit, in one stratum
    consecutive with the places of all units; `order`: units by key."""

    key: np.ndarray
    order: np.ndarray
    score: np.ndarray
    stratum: np.ndarray

    @classmethod
    def of(cls, score: np.ndarray, stratum: np.ndarray | None = None) -> "Line":
        count = len(score)
        order = np.argsort(score, kind="stable")
        key = np.empty(count, dtype=np.int64)
        key[order] = np.arange(count)
        if stratum is None:
            return cls(key, order, score, np.zeros(count, dtype=np.int8))
        key += stratum * count
        return cls(key, np.argsort(key), score, stratum)

    def gaps(self, participant: np.ndarray) -> np.ndarray:
        """How far the nearest unit of the other group in the same stratum is; infinite where there is none."""
        score, group, stratum = self.score[self.order], participant[self.order], self.stratum[self.order]
        gap = np.full(len(score), np.inf)
        for turn in (slice(None), slice(None, None, -1)):
            _narrow(gap[turn], score[turn], group[turn], stratum[turn])
        unsorted = np.empty_like(gap)
        unsorted[self.order] = gap
        return unsorted


def _narrow(gap: np.ndarray, score: np.ndarray, group: np.ndarray, stratum: np.ndarray) -> None:
    """Lowers `gap` to the distance of the last unit of the other group that comes before."""
    places = np.arange(len(score))
    for side in (True, False):
        last = np.maximum.accumulate(np.where(group == side, places, -1))
        here = np.flatnonzero((group != side) & (last >= 0))
        last = last[here]
        equal = stratum[here] == stratum[last]
        here, last = here[equal], last[equal]
        gap[here] = np.minimum(gap[here], np.abs(score[here] - score[last]))


def choosing(score: np.ndarray, participant: np.ndarray, order: str, seed: int) -> np.ndarray:
    """The participants' rows in the order in which they choose; equal scores in the order of rows."""
    rows = np.flatnonzero(participant)
    if order == DATA:
        return rows
    if order == RANDOM:  # RandomState: its numbers are promised never to change
        return np.random.RandomState(seed).permutation(rows)
    assert order in (LARGEST, SMALLEST)
    return rows[np.argsort(-score[rows] if order == LARGEST else score[rows], kind="stable")]


def pairs(
    line: Line,
    participant: np.ndarray,
    greedy: Greedy,
) -> tuple[np.ndarray, np.ndarray]:
    """Rows of participants and of the comparison units they took, in the order of taking."""
    order, caliper, ratio = greedy.order, greedy.caliper, greedy.ratio
    others = line.order[~participant[line.order]]
    other_keys, other_scores = line.key[others], line.score[others]
    count = len(line.score)
    base = line.stratum[order].astype(np.int64) * count
    first = np.searchsorted(other_keys, base).tolist()
    end = np.searchsorted(other_keys, base + count).tolist()
    above = np.searchsorted(other_keys, line.key[order]).tolist()  # where to look from, upwards and downwards
    below = [place - 1 for place in above]
    low = line.key[order].tolist()  # the outermost places so far, from which the units between are counted
    high = low.copy()
    scores = line.score[order].tolist()
    down: dict[int, int] = {}  # a taken place -> a place further on
    up: dict[int, int] = {}
    same = ROUNDING * np.ptp(line.score)
    taken_by, taken, waiting = [], [], list(range(len(order)))
    for turn in range(ratio):
        served = []
        for number, unit in enumerate(waiting):
            if number % STEP == 0:
                greedy.progress(turn * len(order) + number, ratio * len(order))
            under, over = _free(down, below[unit]), _free(up, above[unit])
            gap_under = scores[unit] - other_scores[under] if under >= first[unit] else np.inf
            gap_over = other_scores[over] - scores[unit] if over < end[unit] else np.inf
            gap = min(gap_under, gap_over)
            if gap > caliper or gap == np.inf:
                continue
            if abs(gap_under - gap_over) <= same:
                lower = low[unit] - other_keys[under] <= other_keys[over] - high[unit]
            else:
                lower = gap_under < gap_over
            place = under if lower else over
            if lower:
                below[unit] = place - 1
            else:
                above[unit] = place + 1
            if not greedy.replacement:
                down[place], up[place] = place - 1, place + 1
                low[unit], high[unit] = min(low[unit], other_keys[place]), max(high[unit], other_keys[place])
            taken_by.append(unit)
            taken.append(place)
            served.append(unit)
        waiting = served
    return order[np.array(taken_by, dtype=np.intp)], others[np.array(taken, dtype=np.intp)]


def _free(links: dict[int, int], place: int) -> int:
    """The first place from here on that isn't taken; the way there is shortened for the next."""
    end = place
    while end in links:
        end = links[end]
    while place != end:
        links[place], place = end, links[place]
    return end
