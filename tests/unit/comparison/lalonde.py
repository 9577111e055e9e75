"""The public data that matching is tried on (see tests/vectors/README.md), and its differences, naively."""

from pathlib import Path

import numpy as np
import pandas as pd

from exports.comparison.runner.variables import BINARY, CATEGORICAL, NUMERIC, Variable

KINDS = {
    "age": NUMERIC,
    "educ": NUMERIC,
    "race": CATEGORICAL,
    "married": BINARY,
    "nodegree": BINARY,
    "re74": NUMERIC,
    "re75": NUMERIC,
}
VARIABLES = [Variable(name=name, label=(name, name), kind=kind) for name, kind in KINDS.items()]
NAMES = tuple(KINDS)


def people() -> pd.DataFrame:
    return pd.read_csv(Path(__file__).parents[2] / "vectors" / "lalonde.csv", index_col="id")


def differences(frame: pd.DataFrame, weights: pd.Series) -> dict[str, float]:
    """Standardised mean differences: over the participants' standard deviation before matching, binary p(1-p)."""
    columns = {name: frame[name] for name, kind in KINDS.items() if kind != CATEGORICAL}
    columns |= {level: (frame["race"] == level) for level in ("black", "hispan", "white")}
    treated = frame["treat"] == 1
    found = {}
    for name, values in columns.items():
        inside, outside = values[treated].astype(float), values[~treated].astype(float)
        share = inside.mean()
        spread = inside.std(ddof=1) if KINDS.get(name) == NUMERIC else (share * (1 - share)) ** 0.5
        means = [np.average(part, weights=weights[part.index]) for part in (inside, outside)]
        found[name] = (means[0] - means[1]) / spread
    return found
