"""Weights for the effect on the participants, as MatchIt gives them (Stuart 2010): 1 for each participant that is
matched; for comparison units their shares of the participants, scaled so that they add up to their number."""

import numpy as np


def of_pairs(count: int, participants: np.ndarray, comparisons: np.ndarray) -> np.ndarray:
    """The weight of each of `count` units from pairs of rows: 1/k for each participant it stands for among k."""
    weights = np.zeros(count)
    weights[participants] = 1
    size = np.bincount(participants, minlength=count)[participants]
    shares = np.bincount(comparisons, weights=1 / size, minlength=count)
    used = shares > 0
    weights[used] = shares[used] * (used.sum() / shares.sum()) if used.any() else 0
    return weights


def of_strata(stratum: np.ndarray, participant: np.ndarray) -> np.ndarray:
    """The weight of each unit from its stratum; 0 where the stratum has only one group."""
    participants = np.bincount(stratum[participant], minlength=stratum.max() + 1)
    comparisons = np.bincount(stratum[~participant], minlength=stratum.max() + 1)
    both = (participants > 0) & (comparisons > 0)
    if not both.any():
        return np.zeros(len(stratum))
    share = np.where(both, participants / np.maximum(comparisons, 1), 0)
    share *= comparisons[both].sum() / participants[both].sum()
    return np.where(participant, both[stratum].astype(float), share[stratum])
