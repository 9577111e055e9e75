"""Table 1: each variable in both groups."""

from collections.abc import Sequence

import numpy as np
import pandas as pd
from numpy.typing import ArrayLike

from ..tables import Grain, Number, Row, Section, Spread, TableOne
from ..variables import NUMERIC, Variable, texts_of
from . import tests
from .differences import mean_and_deviation, participants_of, smd, variance_ratio, with_every_level
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
    variable = with_every_level(frame, variable)
    codes = texts_of(frame[variable.name])
    at = [(codes == level.code).to_numpy() for level in variable.levels]
    counts = [(int((here & who[0]).sum()), int((here & who[1]).sum())) for here in at]
    percents = [_percents([float(used[here & group].sum()) for here in at]) for group in who]
    weights = used if weighted else None
    rows = tuple(
        Row(level.code, level.label, pair, shares, smd(here.astype(float), participant, weights, binary=True))
        for level, here, pair, shares in zip(variable.levels, at, counts, zip(*percents, strict=True), strict=True)
    )
    return Section(variable, rows, None, None if weighted else tests.of_counts(counts), {})


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
