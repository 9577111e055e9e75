"""Tests of whether two groups differ: on levels (Pearson, Fisher) and on numbers (Welch).

Counts are a row for each level and a column for each group. Levels that nobody has say nothing and are passed over.
"""

import math
from collections.abc import Sequence

import numpy as np
from scipy.special import chdtrc, gammaln, stdtr

from ..tables import Test

PEARSON, PEARSON_SMALL, FISHER, WELCH = "pearson", "pearson_small", "fisher", "welch"
LEAST_EXPECTED = 5  # Cochran, "Some methods for strengthening the common chi-squared tests", Biometrics 10 (1954)
MOST_TABLES = 3_000_000  # that Fisher's test may have to look through: some tenths of a second, 100 MB
EQUALLY_LIKELY = 1e-7  # relative: two tables whose probabilities are this close are equally likely, as in R and scipy

Counts = Sequence[Sequence[int]]


def of_counts(counts: Counts) -> Test | None:
    """Fisher's exact test where a cell is expected under 5, else Pearson's. Where Fisher's would have to look through
    more than MOST_TABLES, Pearson's under the name "pearson_small", since its p is rough there. None when there
    is nothing to compare: fewer than two levels or groups with anybody in them."""
    table = _occupied(counts)
    if min(table.shape) < 2:
        return None
    if _expected(table).min() >= LEAST_EXPECTED:
        return chi_squared(counts)
    return fisher(counts) or _pearson(table, PEARSON_SMALL)


def chi_squared(counts: Counts) -> Test | None:
    """Pearson's chi-squared, without continuity correction: the sum of (observed - expected)² / expected, expected from
    the margins, on (levels - 1) × (groups - 1) degrees of freedom (Pearson, Philosophical Magazine 50, 1900; Agresti,
    Categorical Data Analysis, 3.2.1). None when there is nothing to compare."""
    table = _occupied(counts)
    return None if min(table.shape) < 2 else _pearson(table, PEARSON)


def fisher(counts: Counts) -> Test | None:
    """Fisher's exact test of two groups, with any number of levels: the probability, given all margins, of a table that
    is as likely as this one or less (Fisher 1935; Freeman & Halton, Biometrika 38, 1951). It has no statistic. None
    when there is nothing to compare or there may be more than MOST_TABLES."""
    table = _occupied(counts)
    if min(table.shape) < 2:
        return None
    table = table[:, np.argsort(table.sum(axis=0), kind="stable")]  # the smaller group first
    levels = np.sort(table.sum(axis=1))  # the longest level last: it takes the rest
    size = int(table[:, 0].sum())
    if math.prod(min(int(level), size) + 1 for level in levels[:-1]) > MOST_TABLES:
        return None
    observed = float(_log_ways(table.sum(axis=1), table[:, 0]).sum())
    taken, likelihood = np.zeros(1, dtype=np.int64), np.zeros(1)
    for place, level in enumerate(levels[:-1]):
        rest = int(levels[place + 1 :].sum())
        here = np.arange(min(int(level), size) + 1)
        taken = (taken[:, None] + here).ravel()
        likelihood = (likelihood[:, None] + _log_ways(level, here)).ravel()
        possible = (taken <= size) & (taken + rest >= size)
        taken, likelihood = taken[possible], likelihood[possible]
    likelihood += _log_ways(levels[-1], size - taken)
    extreme = likelihood[likelihood <= observed + EQUALLY_LIKELY]
    p = float(np.exp(extreme - _log_ways(levels.sum(), size)).sum())
    return Test(FISHER, None, None, min(p, 1.0))


def welch(first: np.ndarray, second: np.ndarray) -> Test | None:
    """Welch's t test of two means, variances not taken as equal, with Satterthwaite's degrees of freedom (Welch,
    Biometrika 34, 1947). None when a group has fewer than two values or nobody differs from anybody."""
    if len(first) < 2 or len(second) < 2:
        return None
    parts = np.array([first.var(ddof=1) / len(first), second.var(ddof=1) / len(second)])
    error = parts.sum()
    if error == 0:
        return None
    statistic = (first.mean() - second.mean()) / np.sqrt(error)
    df = error**2 / (parts**2 / [len(first) - 1, len(second) - 1]).sum()
    return Test(WELCH, float(statistic), float(df), float(2 * stdtr(df, -abs(statistic))))


def _occupied(counts: Counts) -> np.ndarray:
    table = np.asarray(counts, dtype=np.int64).reshape(len(counts), -1)
    return table[table.any(axis=1)][:, table.any(axis=0)]


def _expected(table: np.ndarray) -> np.ndarray:
    return table.sum(axis=1, keepdims=True) * (table.sum(axis=0) / table.sum())


def _pearson(table: np.ndarray, name: str) -> Test:
    expected = _expected(table)
    statistic = float(((table - expected) ** 2 / expected).sum())
    df = (table.shape[0] - 1) * (table.shape[1] - 1)
    return Test(name, statistic, float(df), float(chdtrc(df, statistic)))


def _log_ways(total: np.ndarray | int, chosen: np.ndarray | int) -> np.ndarray:
    """The logarithm of the binomial coefficients."""
    total, chosen = np.asarray(total), np.asarray(chosen)
    return gammaln(total + 1) - gammaln(chosen + 1) - gammaln(total - chosen + 1)
