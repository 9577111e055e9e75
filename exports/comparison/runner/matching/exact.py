"""Strata of equal values: exact, or after numbers were put into intervals (Iacus, King & Porro 2012)."""

from collections.abc import Mapping, Sequence

import numpy as np
import pandas as pd

from ..variables import MISSING, texts_of
from .spec import STURGES


def coded(values: pd.Series) -> tuple[np.ndarray, list[str]]:
    """A code for each value, and the codes' texts. The same values have the same codes in any order of the rows; what
    is missing has the last."""
    codes, found = pd.factorize(values)
    texts = texts_of(pd.Series(found)).tolist()
    if pd.api.types.is_numeric_dtype(values.dtype):
        order = np.argsort(np.asarray(found, dtype=float), kind="stable")
    else:
        order = np.array(sorted(range(len(texts)), key=texts.__getitem__), dtype=int)
    place = np.empty(len(order) + 1, dtype=np.int32)
    place[order] = np.arange(len(order))
    place[-1] = len(order)  # code -1
    levels = [texts[code] for code in order]
    return place[codes], levels + [MISSING] * bool((codes < 0).any())


def strata(
    frame: pd.DataFrame, names: Sequence[str], cutpoints: Mapping[str, str | Sequence[float]] | None = None
) -> np.ndarray:
    """The stratum of each unit from 0, ordered by the values of the variables; missing is a value like others.

    `cutpoints`: variables put into intervals first, see `interval`.
    """
    stratum = np.zeros(len(frame), dtype=np.int64)
    for name in names:
        values = frame[name]
        if cutpoints and name in cutpoints:
            values = interval(values, cutpoints[name])
        codes, levels = coded(values)
        stratum = np.unique(stratum * len(levels) + codes, return_inverse=True)[1]
    return stratum


def interval(values: pd.Series, cutpoints: str | Sequence[float]) -> pd.Series:
    """The interval of each number, closed to the left. STURGES: ceil(log2(n) + 1) intervals of the same width from the
    smallest to the largest of the n known numbers (as MatchIt and R's nclass.Sturges)."""
    numbers = values.to_numpy(dtype=float, na_value=np.nan)
    known = ~np.isnan(numbers)
    if cutpoints == STURGES:
        count = int(np.ceil(np.log2(max(known.sum(), 1)) + 1))
        low, high = (numbers[known].min(), numbers[known].max()) if known.any() else (0, 0)
        points = np.linspace(low, high, count + 1)[1:-1]
    else:
        points = np.unique(np.asarray(cutpoints, dtype=float))
    places = np.searchsorted(points, numbers, side="right")
    return pd.Series(places, index=values.index, dtype="Int64").where(known)
