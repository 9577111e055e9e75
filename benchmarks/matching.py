"""Matching 10,000 participants with N comparison units: the fit of the score, the matching, and all of `match`.

`python -m benchmarks.matching N`. Prints a line of JSON: rows of the table. The floors do what nobody can do without:
as many weighted products and solutions of the normal equations as the fit has rounds, with the matrix ready; and one
sort of the scores. Eight variables, four of them numbers.
"""

import json
import sys
import time
from functools import partial

import numpy as np
import pandas as pd

from benchmarks.formats import Peak, resident
from benchmarks.measure import compare
from exports.comparison.runner.matching import nearest, propensity
from exports.comparison.runner.matching.matched import match
from exports.comparison.runner.matching.spec import LARGEST, MatchSpec
from exports.comparison.runner.variables import CATEGORICAL, NUMERIC, Variable

PARTICIPANTS = 10_000
MATCHIT_SECONDS = 0.23  # MatchIt 4.7.2, 10,000 x 1,000,000, on two such cores
LEVELS = {"a": 2, "b": 2, "c": 3, "d": 5}
NUMBERS = ("w", "x", "y", "z")
VARIABLES = [
    *(Variable(name=name, label=(name, name), kind=NUMERIC) for name in NUMBERS),
    *(Variable(name=name, label=(name, name), kind=CATEGORICAL) for name in LEVELS),
]


def people(comparisons: int) -> pd.DataFrame:
    chance = np.random.default_rng(1)
    count = PARTICIPANTS + comparisons
    group = np.zeros(count, dtype=int)
    group[chance.choice(count, PARTICIPANTS, replace=False)] = 1
    numbers = {name: chance.normal(size=count) + 0.4 * group for name in NUMBERS}
    codes = {name: pd.array(chance.integers(0, many, count).astype(str), dtype="str") for name, many in LEVELS.items()}
    return pd.DataFrame({"group": group, **numbers, **codes})


def main(comparisons: int) -> None:
    frame = people(comparisons)
    participant = frame["group"].to_numpy(dtype=bool)
    spec = MatchSpec(method="nearest", variables=tuple(each.name for each in VARIABLES), caliper=0.2)
    whole = partial(match, frame, group="group", variables=VARIABLES, spec=spec)
    before, peak = resident(), Peak()
    peak.start()
    matched = whole()
    added = peak.stop() - before

    columns = propensity.design(frame, VARIABLES)
    fit = propensity.fit(columns, participant)
    score, caliper = fit.logit, 0.2 * fit.logit.std(ddof=1)
    matrix = propensity.matrix_of(columns, slice(0, len(frame)), constant=1)
    weights = fit.probability * (1 - fit.probability)

    def products() -> None:
        for _ in range(fit.rounds):
            np.linalg.solve(matrix.T @ (matrix * weights[:, None]), matrix.T @ weights)

    def pair() -> None:
        order = nearest.choosing(score, participant, LARGEST, 1)
        nearest.pairs(nearest.Line.of(score), participant, nearest.Greedy(order, caliper))

    size = f"{PARTICIPANTS:,} x {comparisons:,}"
    results = [
        compare(
            f"fit the score, {size}, {len(columns)} columns",
            "the normal equations, matrix ready",
            lambda: propensity.fit(propensity.design(frame, VARIABLES), participant),
            products,
            rounds=5,
        ),
        compare(f"match on it, {size}", "one sort of the scores", pair, lambda: np.argsort(score, kind="stable")),
        compare(
            "all of match: checks, score, pairs, weights, reasons",
            "both floors",
            whole,
            lambda: (products(), np.argsort(score, kind="stable")),
            rounds=5,
        ),
    ]
    rows = [result.row() for result in results]
    if comparisons == 1_000_000:
        limit = 1.5 * MATCHIT_SECONDS
        met = "yes" if results[1].ours <= limit else "**no**"
        start = time.process_time()
        pair()
        note = f"MatchIt {MATCHIT_SECONDS} s; ours {time.process_time() - start:.2f} s of processor time"
        rows[1] = rows[1].replace("|  |  |  |", f"| ≤ {limit:.3g} s | {met} | {note} |")
    rows[2] = rows[2].removesuffix("|  |") + f"| {added:.0f} MB added, {added * 2**20 / len(frame):.0f} bytes a unit |"
    print(json.dumps({"rows": rows, "pairs": matched.counts["participants_matched"]}))


if __name__ == "__main__":
    main(int(sys.argv[1]))
