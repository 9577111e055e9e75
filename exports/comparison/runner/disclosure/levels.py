"""Joins the neighbouring levels of a variable until no count that is told, and no difference that it lets a reader
work out, is small."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np


@dataclass(frozen=True)
class Column:
    """Counts by level: of a group, or of the difference between two tables, which is `of_group` False."""

    counts: Sequence[int]
    of_group: bool = True


def join(columns: Sequence[Column], minimum: int, missing: int | None = None) -> list[range] | None:
    """The finest division into neighbouring levels that can be told; None when only a single level would be left.

    A level can be told when in every column it counts nobody or at least `minimum`, and in no group holds everybody
    whose value is known: that would tell it of each of them (group disclosure: Hundepool et al., chapter 5). Of
    divisions equally fine, one that leaves `missing` (the place of the level of what is not known) alone, then one that
    joins the last levels. Takes levels² steps of numpy.
    """
    counts = np.array([column.counts for column in columns], dtype=np.int64)
    groups = np.array([column.of_group for column in columns])
    levels = counts.shape[1]
    known = counts[groups].copy()
    if missing is not None:
        known[:, missing] = 0
    sums, knowns = _running(counts), _running(known)
    everybody = knowns[:, -1:]
    best = np.full(levels + 1, -1, dtype=np.int64)  # a level is worth 2 × levels, joining `missing` costs 1
    best[0] = 0
    begins = np.zeros(levels + 1, dtype=np.int64)
    for end in range(1, levels + 1):
        inside = np.abs(sums[:, end : end + 1] - sums[:, :end])
        told = ((inside == 0) | (inside >= minimum)).all(axis=0)
        whole = (knowns[:, end : end + 1] - knowns[:, :end] == everybody) & (everybody > 0)
        start = np.arange(end)
        worth = best[:end] + 2 * levels
        if missing is not None and missing < end:
            worth -= (start <= missing) & (end - start > 1)
        worth = np.where(told & ~whole.any(axis=0) & (best[:end] >= 0), worth, -1)
        begins[end] = int(worth.argmax())
        best[end] = worth[begins[end]]
    if best[levels] < 0 or begins[levels] == 0:
        return None
    found, end = [], levels
    while end:
        found.append(range(int(begins[end]), end))
        end = int(begins[end])
    return found[::-1]


def _running(counts: np.ndarray) -> np.ndarray:
    return np.concatenate([np.zeros((len(counts), 1), dtype=np.int64), counts.cumsum(axis=1)], axis=1)
