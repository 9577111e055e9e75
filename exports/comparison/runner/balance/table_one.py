"""Table 1: each variable in both groups."""

from collections.abc import Sequence

import numpy as np
import pandas as pd
from numpy.typing import ArrayLike

from ..tables import Grain, Number, Row, Section, Spread, TableOne
from ..variables import NUMERIC, Variable
from . import tests
from .differences import levels_at, mean_and_deviation, participants_of, smd, variance_ratio
from .rounding import largest_remainder


def table_one(
    frame: pd.DataFrame, group: str, variables: Sequence[Variable], weights: ArrayLike | None = None
) -> TableOne:
    """What the groups are like. Nothing is hidden yet: disclosure.protect does that.

    group    the column of `frame` that is true (1) for participants, false (0) for the comparison
    weights  after matching, in the order of the frame; 0 for who is not in. Counts are then of the units that are in,
             all else is weighted. There is no test: after matching its p says how many were kept, not how alike they
             are (Imai, King & Stuart, Journal of the Royal Statistical Society A 171, 2008, section 5)
    """
    participant = participants_of(frame, group)
    used = np.ones(len(frame)) if weights is None else np.asarray(weights, dtype=float)
    who = (participant & (used > 0), ~participant & (used > 0))
    sections = []
    for variable in variables:
        if variable.kind == NUMERIC:
            sections.append(_numbers(frame, variable, participant, who, used, weights is not None))
        else:
            sections.append(_levels(frame, variable, participant, who, used, weights is not None))
    sizes = (int(who[0].sum()), int(who[1].sum()))
    effective = None if weights is None else (effective_size(used[who[0]]), effective_size(used[who[1]]))
    return TableOne(sizes, tuple(sections), weights is not None, effective)


def effective_size(weights: np.ndarray) -> float:
    """How many units of equal weight tell as much: (sum of weights)² / sum of squares (Kish, Survey Sampling, 1965)."""
    return float(weights.sum() ** 2 / (weights**2).sum()) if len(weights) else 0.0


def _levels(
    frame: pd.DataFrame,
    variable: Variable,
    participant: np.ndarray,
    who: tuple[np.ndarray, np.ndarray],
    used: np.ndarray,
    weighted: bool,
) -> Section:
    variable, at = levels_at(frame, variable)
    counts, percents = [], []
    for units in who:
        counts.append(np.bincount(at[units], minlength=len(variable.levels)).tolist())
        percents.append(_percents(np.bincount(at[units], used[units], len(variable.levels)).tolist()))
    weights = used if weighted else None
    rows = []
    for place, level in enumerate(variable.levels):
        difference = smd((at == place).astype(float), participant, weights, binary=True)
        numbers = (counts[0][place], counts[1][place]), (percents[0][place], percents[1][place])
        rows.append(Row(level.code, level.label, *numbers, difference))
    test = None if weighted else tests.of_counts(list(zip(*counts, strict=True)))
    return Section(variable, tuple(rows), None, test, {})


def _percents(sums: list[float]) -> Sequence[Number]:
    return largest_remainder(sums) if any(sums) else [None] * len(sums)


def _numbers(
    frame: pd.DataFrame,
    variable: Variable,
    participant: np.ndarray,
    who: tuple[np.ndarray, np.ndarray],
    used: np.ndarray,
    weighted: bool,
) -> Section:
    values = frame[variable.name].to_numpy(dtype=float, na_value=np.nan)
    known = ~np.isnan(values)
    first, second = (mean_and_deviation(values[group], used[group]) for group in who)
    weights = used if weighted else None
    spread = Spread(
        means=(first[0], second[0]),
        deviations=(first[1], second[1]),
        counts=(int((who[0] & known).sum()), int((who[1] & known).sum())),
        missing=(int((who[0] & ~known).sum()), int((who[1] & ~known).sum())),
        smd=smd(values, participant, weights),
        variance_ratio=variance_ratio(values, participant, weights),
        grain=_grain(values[who[0] & known], values[who[1] & known]),
    )
    test = None if weighted else tests.welch(values[who[0] & known], values[who[1] & known])
    return Section(variable, (), spread, test, {})


def _grain(first: np.ndarray, second: np.ndarray) -> Grain:
    shared = [np.unique(values, return_counts=True)[1] for values in (first, second)]
    gaps = np.diff(np.unique(np.concatenate([first, second])))
    return Grain(
        distinct=(len(shared[0]), len(shared[1])),
        rarest=(int(shared[0].min(initial=len(first))), int(shared[1].min(initial=len(second)))),
        differing=(int(shared[0].sum() - shared[0].max(initial=0)), int(shared[1].sum() - shared[1].max(initial=0))),
        gap=float(gaps.min(initial=np.inf)) if len(gaps) else 0.0,
    )
