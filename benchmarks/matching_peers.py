"""One Python package for matching, timed on people invented as for benchmarks.matching: same columns, nothing tuned.

The packages want versions of their own, so they go into an environment of their own, outside the project:

    python -m venv peers && peers/bin/pip install psmpy causalmatch pymatchit-causal
    peers/bin/python benchmarks/matching_peers.py psmpy 1000 20000

Prints a line of JSON: seconds of the whole (fit and matching), peak memory added, pairs, distinct comparison units.
"""

import json
import resource
import sys
import time
import warnings

import numpy as np
import pandas as pd

NUMBERS = ["w", "x", "y", "z"]
LEVELS = {"a": 2, "b": 2, "c": 3, "d": 5}
CALIPER = 0.2  # standard deviations of the logit


def people(participants: int, comparisons: int) -> pd.DataFrame:
    chance = np.random.default_rng(1)
    count = participants + comparisons
    group = np.zeros(count, dtype=int)
    group[chance.choice(count, participants, replace=False)] = 1
    frame = pd.DataFrame({"id": np.arange(count), "group": group})
    for name in NUMBERS:
        frame[name] = chance.normal(size=count) + 0.4 * group
    for name, many in LEVELS.items():
        codes = chance.integers(0, many, count)
        for level in range(1, many):  # psmpy takes numbers only
            frame[f"{name}{level}"] = (codes == level).astype(int)
    return frame


def psmpy(frame: pd.DataFrame) -> list:
    from psmpy import PsmPy

    matcher = PsmPy(frame, treatment="group", indx="id", exclude=[])
    matcher.logistic_ps(balance=False)
    caliper = CALIPER * matcher.predicted_data["propensity_logit"].std()
    matcher.kdtree_matched(matcher="propensity_logit", replacement=False, caliper=caliper)
    return matcher.matched_ids["matched_ID"].dropna().tolist()


def causalmatch(frame: pd.DataFrame) -> list:
    from causalmatch import matching
    from sklearn.linear_model import LogisticRegression

    covariates = [name for name in frame if name not in ("id", "group")]
    # it gives pairs only when the columns have these names; its caliper is on the probability
    data = frame.rename(columns={"id": "user_id", "group": "treatment"}).assign(y=np.arange(len(frame)))
    matcher = matching(data=data, T="treatment", X=covariates, id="user_id", y=["y"])
    matcher.psm(n_neighbors=1, model=LogisticRegression(C=1e6), trim_percentage=0, caliper=CALIPER)
    return matcher.df_out_final_post_trim_pair["user_id_control"].tolist()


def pymatchit(frame: pd.DataFrame) -> list:
    from pymatchit import MatchIt

    covariates = " + ".join(name for name in frame if name not in ("id", "group"))
    matcher = MatchIt(frame.set_index("id"), distance="glm", link="linear.logit", caliper=CALIPER, m_order="largest")
    matcher.fit(f"group ~ {covariates}")
    return matcher.matches("wide").iloc[:, -1].tolist()


def main(peer: str, participants: int, comparisons: int) -> None:
    warnings.simplefilter("ignore")
    small, frame = people(50, 200), people(participants, comparisons)
    run = {"psmpy": psmpy, "causalmatch": causalmatch, "pymatchit": pymatchit}[peer]
    run(small)  # what is loaded at first use is no part of it
    before = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    start = time.perf_counter()
    taken = run(frame)
    seconds = time.perf_counter() - start
    added = (resource.getrusage(resource.RUSAGE_SELF).ru_maxrss - before) / 1024
    print(
        json.dumps(
            {"seconds": round(seconds, 2), "added_mb": round(added), "pairs": len(taken), "distinct": len(set(taken))}
        )
    )


if __name__ == "__main__":
    main(sys.argv[1], int(sys.argv[2]), int(sys.argv[3]))
