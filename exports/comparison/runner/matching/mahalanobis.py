"""Greedy nearest neighbour by Mahalanobis distance, inside a caliper of the propensity score
(Rosenbaum & Rubin 1985).

Participants choose one after another, as in `nearest`. The comparison units inside the caliper stand next to each
other in the order of scores, so each participant looks at those only, a block at a time: memory doesn't grow with them.
Equally near units: the one first in the order of scores.
"""

from collections.abc import Sequence

import numpy as np

from .nearest import STEP, Greedy, Line
from .propensity import BLOCK, Column, blocks_of, matrix_of

ROUNDING = 1e-9  # squared distances that agree to nine digits are the same


def whitened(columns: Sequence[Column], participant: np.ndarray) -> np.ndarray:
    """Coordinates in which the Euclidean distance is Mahalanobis's: with the covariance within the groups, as MatchIt
    takes it (Rubin 1980). Directions without spread within the groups have none."""
    everybody, blocks = slice(0, len(participant)), blocks_of(len(participant))
    means = np.array(
        [[float(c.rows(everybody)[group].mean()) for c in columns] for group in (~participant, participant)]
    )
    within = np.zeros((len(columns),) * 2)
    for rows in blocks:
        matrix = matrix_of(columns, rows) - means[participant[rows].astype(int)]
        within += matrix.T @ matrix
    within /= len(participant) - 2
    scale = np.sqrt(np.diag(within))
    scale[scale == 0] = np.inf
    values, vectors = np.linalg.eigh(within / np.outer(scale, scale))
    kept = values > 1e-10 * values.max()
    turn = (vectors[:, kept] / np.sqrt(values[kept])) / scale[:, None]
    # summed column by column, so that equal units stay exactly equal (see propensity)
    coordinates = np.zeros((len(participant), turn.shape[1]))
    for rows in blocks:
        for column, weights in zip(columns, turn, strict=True):
            coordinates[rows] += column.rows(rows)[:, None] * weights
    return coordinates


def pairs(
    line: Line,
    participant: np.ndarray,
    coordinates: np.ndarray,
    greedy: Greedy,
) -> tuple[np.ndarray, np.ndarray]:
    """As `nearest.pairs`; `coordinates` has a row for each unit (see `whitened`)."""
    others = line.order[~participant[line.order]]
    other_scores, other_keys = line.score[others], line.key[others]
    field = Field(coordinates[others])
    count, order, ratio = len(line.score), greedy.order, greedy.ratio
    own: dict[int, list[int]] = {}
    taken_by: list[int] = []
    taken: list[int] = []
    waiting = order.tolist()
    for turn in range(ratio):
        served = []
        for number, row in enumerate(waiting):
            if number % STEP == 0:
                greedy.progress(turn * len(order) + number, ratio * len(order))
            base = int(line.stratum[row]) * count
            start, stop = np.searchsorted(other_keys, [base, base + count])
            start, stop = _inside(other_scores, int(start), int(stop), float(line.score[row]), greedy.caliper)
            place = field.nearest(coordinates[row], start, stop, own.get(row, []))
            if place is None:
                continue
            if greedy.replacement:
                own.setdefault(row, []).append(place)
            else:
                field.used[place] = True
            taken_by.append(row)
            taken.append(place)
            served.append(row)
        waiting = served
    return np.array(taken_by, dtype=np.intp), others[np.array(taken, dtype=np.intp)]


def _inside(scores: np.ndarray, start: int, stop: int, score: float, caliper: float) -> tuple[int, int]:
    """The part of a sorted range that is at most `caliper` away: found a little too wide, then cut at both ends, since
    `score - caliper` is rounded."""
    margin = caliper * (1 + ROUNDING) + ROUNDING * abs(score)
    low, high = np.searchsorted(scores[start:stop], [score - margin, score + margin], side="left")
    start, stop = start + int(low), start + int(high)
    while start < stop and score - scores[start] > caliper:
        start += 1
    while start < stop and scores[stop - 1] - score > caliper:
        stop -= 1
    return start, stop


class Field:
    """The comparison units as points, in the order of their scores; `used`: those that are taken."""

    def __init__(self, points: np.ndarray) -> None:
        self.points = points
        self.lengths = np.einsum("ij,ij->i", points, points)
        self.used = np.zeros(len(points), dtype=bool)

    def nearest(self, here: np.ndarray, start: int, stop: int, without: Sequence[int]) -> int | None:
        """The place of the nearest free one between two places. A product of matrices is quick but rounds, so it only
        chooses who is measured."""
        best, place = np.inf, None
        slack = ROUNDING * (self.lengths[start:stop].max(initial=0) + here @ here)
        for low in range(start, stop, BLOCK):
            block = slice(low, min(low + BLOCK, stop))
            rough = self.lengths[block] - 2 * (self.points[block] @ here)
            rough[self.used[block]] = np.inf
            rough[[each - low for each in without if low <= each < block.stop]] = np.inf
            least = rough.min()
            if least == np.inf:
                continue
            measured = low + np.flatnonzero(rough <= least + slack)
            away = self.points[measured] - here
            distance = np.einsum("ij,ij->i", away, away)
            first = int(np.argmax(distance <= distance.min() * (1 + ROUNDING)))
            if distance[first] < best * (1 - ROUNDING):
                best, place = distance[first], int(measured[first])
        return place
