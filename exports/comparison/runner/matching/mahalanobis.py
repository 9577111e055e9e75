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
    places = coordinates[others]
    free = np.ones(len(others), dtype=bool)
    own: dict[int, list[int]] = {}
    count, order, caliper, ratio = len(line.score), greedy.order, greedy.caliper, greedy.ratio
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
            score, near = line.score[row], other_scores[start:stop]
            # a little wider than the caliper, whose own rounding is settled below
            margin = caliper * (1 + 1e-9) + 1e-9 * abs(score)
            start, stop = start + np.searchsorted(near, score - margin), start + np.searchsorted(near, score + margin)
            best, place = np.inf, -1
            for low in range(start, stop, BLOCK):
                block = slice(low, min(low + BLOCK, stop))
                away = places[block] - coordinates[row]
                distance = np.einsum("ij,ij->i", away, away)
                distance[~free[block] | (np.abs(other_scores[block] - score) > caliper)] = np.inf
                if greedy.replacement:
                    distance[[p - low for p in own.get(row, ()) if low <= p < block.stop]] = np.inf
                nearest = int(np.argmax(distance <= distance.min() * (1 + ROUNDING)))
                if distance[nearest] < best * (1 - ROUNDING):
                    best, place = distance[nearest], low + nearest
            if place < 0:
                continue
            if greedy.replacement:
                own.setdefault(row, []).append(place)
            else:
                free[place] = False
            taken_by.append(row)
            taken.append(place)
            served.append(row)
        waiting = served
    return np.array(taken_by, dtype=np.intp), others[np.array(taken, dtype=np.intp)]
