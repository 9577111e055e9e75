"""How far two groups lie from each other before and after matching: standardised mean differences, variance ratios."""

from collections.abc import Sequence
from dataclasses import dataclass, replace

import numpy as np
import pandas as pd
from numpy.typing import ArrayLike

from ..tables import Number
from ..texts import Text
from ..variables import BINARY, MISSING, MISSING_LABEL, NUMERIC, Variable, levels_of, texts_of

EQUAL = 1e-12  # of their size: means this close are equal


@dataclass(frozen=True)
class Difference:
    """A numeric or binary variable (level ""), a level of a categorical one, or that a value is missing (level
    "missing"). After: None without matching. Variance ratios: of numeric variables only, participants over comparison.
    """

    variable: str
    level: str
    label: Text
    smd_before: Number
    smd_after: Number
    variance_ratio_before: Number = None
    variance_ratio_after: Number = None


def differences(
    frame: pd.DataFrame, group: str, variables: Sequence[Variable], weights: ArrayLike | None = None
) -> list[Difference]:
    """A row for each numeric variable, binary variable and level of the others, in order.

    group    the column of `frame` that is true (1) for participants, false (0) for the comparison
    weights  after matching, in the order of the frame; 0 for who is not in
    """
    participant = participants_of(frame, group)
    after = None if weights is None else np.asarray(weights, dtype=float)
    rows = []
    for variable in variables:
        for level, label, values, binary in _columns(frame, variable):
            ratios: tuple[Number, Number] = (None, None)
            if not binary:
                now = None if after is None else variance_ratio(values, participant, after)
                ratios = (variance_ratio(values, participant), now)
            before = smd(values, participant, binary=binary)
            now = None if after is None else smd(values, participant, after, binary=binary)
            rows.append(Difference(variable.name, level, label, before, now, *ratios))
    return rows


def smd(
    values: np.ndarray, participant: np.ndarray, weights: np.ndarray | None = None, *, binary: bool = False
) -> Number:
    """The standardised mean difference, participants minus comparison: of all units, or weighted after matching.

    The denominator is the standard deviation of the participants before matching, the same before and after (Stuart,
    "Matching methods for causal inference", Statistical Science 25, 2010), of a binary variable the root of p(1 - p).
    Where the participants don't vary at all it is the pooled one of both groups, as MatchIt has it. NaN are left out;
    None when a group has no value, or nobody varies and the means differ.
    """
    used = np.ones(len(values)) if weights is None else weights
    means = [_moments(values[who], used[who], binary)[0] for who in (participant, ~participant)]
    if np.isnan(means).any():
        return None
    gap = means[0] - means[1]
    if abs(gap) <= EQUAL * max(map(abs, means)):
        return 0.0
    scale = _scale(values, participant, binary)
    return float(gap / scale) if scale > 0 else None


def variance_ratio(values: np.ndarray, participant: np.ndarray, weights: np.ndarray | None = None) -> Number:
    """The variance of the participants over that of the comparison. None when either doesn't vary."""
    used = np.ones(len(values)) if weights is None else weights
    first, second = (_moments(values[who], used[who], binary=False)[1] for who in (participant, ~participant))
    return float(first / second) if first > 0 and second > 0 else None


def mean_and_deviation(values: np.ndarray, weights: np.ndarray) -> tuple[Number, Number]:
    """Weighted; None when there are no values, and no deviation of fewer than two."""
    mean, variance = _moments(values, weights, binary=False)
    return (None if np.isnan(mean) else float(mean)), (None if np.isnan(variance) else float(np.sqrt(variance)))


def participants_of(frame: pd.DataFrame, group: str) -> np.ndarray:
    """Who is a participant. Raises ValueError when the column has anything but 0 and 1 (false and true)."""
    values = frame[group]
    if not values.isin([0, 1]).all():
        raise ValueError(f"{group} has other values than 0 and 1")
    return values.to_numpy(dtype=bool)


def levels_at(frame: pd.DataFrame, variable: Variable) -> tuple[Variable, np.ndarray]:
    """The variable with every level that occurs, those it doesn't list after those it does, so that nobody falls out;
    MISSING last, and only when a value is missing. And for each row the place of its level."""
    values = frame[variable.name]
    found = levels_of(values.drop_duplicates())
    listed = [level for level in variable.levels if level.code != MISSING]
    known = {level.code for level in listed}
    levels = [*listed, *(level for level in found if level.code not in known | {MISSING})]
    if any(level.code == MISSING for level in found):
        levels += [level for level in (*variable.levels, *found) if level.code == MISSING][:1]
    at = {level.code: place for place, level in enumerate(levels)}
    numbered, distinct = pd.factorize(values)  # -1 for a missing one: the last of the places
    places = [*(at[code] for code in texts_of(pd.Series(distinct))), at.get(MISSING, -1)]
    return replace(variable, levels=tuple(levels)), np.array(places)[numbered]


def _columns(frame: pd.DataFrame, variable: Variable) -> list[tuple[str, Text, np.ndarray, bool]]:
    """level, label, values, whether they are 0 and 1."""
    if variable.kind == NUMERIC:
        values = frame[variable.name]
        missing = values.isna().to_numpy()
        numbers = [("", variable.label, values.to_numpy(dtype=float, na_value=np.nan), False)]
        unknown = (MISSING, _joined(variable.label, MISSING_LABEL), missing.astype(float), True)
        return [*numbers, unknown] if missing.any() else numbers
    variable, at = levels_at(frame, variable)
    if variable.kind == BINARY and [level.code for level in variable.levels] == ["0", "1"]:
        return [("", variable.label, (at == 1).astype(float), True)]
    return [
        (level.code, _joined(variable.label, level.label), (at == place).astype(float), True)
        for place, level in enumerate(variable.levels)
    ]


def _joined(variable: Text, level: Text) -> Text:
    return f"{variable[0]}: {level[0]}", f"{variable[1]}: {level[1]}"


def _moments(values: np.ndarray, weights: np.ndarray, binary: bool) -> tuple[float, float]:
    """Mean and variance: p(1 - p), or with the weights as reliabilities (n - 1 when all are 1), as R's cov.wt. NaN
    where there are not enough values."""
    known = ~np.isnan(values) & (weights > 0)
    values, weights = values[known], weights[known]
    if len(values) == 0:
        return np.nan, np.nan
    if values.min() == values.max():
        return float(values[0]), 0.0 if binary or len(values) > 1 else np.nan  # exactly, without rounding
    share = weights / weights.sum()
    mean = float(share @ values)
    if binary:
        return mean, mean * (1 - mean)
    return mean, float(share @ (values - mean) ** 2 / (1 - share @ share))


def _scale(values: np.ndarray, participant: np.ndarray, binary: bool) -> float:
    known = ~np.isnan(values)
    groups = [values[who & known] for who in (participant, ~participant)]
    variances = [_moments(x, np.ones(len(x)), binary)[1] for x in groups]
    if not variances[0] > 0:  # none, or a single participant
        squares = sum(float(((x - x.mean()) ** 2).sum()) for x in groups)
        freedom = sum(map(len, groups)) - (0 if binary else 2)
        return float(np.sqrt(squares / freedom)) if freedom > 0 else 0.0
    return float(np.sqrt(variances[0]))
