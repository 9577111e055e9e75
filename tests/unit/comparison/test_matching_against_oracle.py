from collections import Counter

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy.spatial.distance import cdist

from exports.comparison.runner.matching import mahalanobis, nearest, propensity, reasons, weights
from exports.comparison.runner.variables import NUMERIC, Variable
from tests.unit.comparison import matching_oracle as oracle

UNIT = 0.1  # scores are whole numbers of it: 3 * 0.1 isn't 0.3, so that what is equally near is so up to rounding only


@st.composite
def cases(draw):
    count = draw(st.integers(2, 26))
    each = {"min_size": count, "max_size": count}
    scores = draw(st.lists(st.integers(0, draw(st.sampled_from([3, 9, 60]))), **each))
    strata = draw(st.lists(st.integers(0, draw(st.integers(0, 2))), **each))
    participants = draw(st.lists(st.booleans(), **each))
    caliper = draw(st.none() | st.integers(0, 5))
    options = {"ratio": draw(st.integers(1, 4)), "replacement": draw(st.booleans())}
    order = draw(st.sampled_from(["largest", "smallest", "data"]))
    return scores, strata, participants, order, caliper, options


def run(case):
    scores, strata, participants, order, caliper, options = case
    score, inside = np.array(scores) * UNIT, np.array(participants)
    line = nearest.Line.of(score, np.array(strata) if any(strata) else None)
    limit = np.inf if caliper is None else (caliper + 0.5) * UNIT
    greedy = nearest.Greedy(nearest.choosing(score, inside, order, 1), limit, **options)
    return line, inside, limit, nearest.pairs(line, inside, greedy)


@settings(max_examples=250, deadline=None)
@given(cases())
def test_the_same_pairs_weights_and_reasons_as_when_everybody_looks_at_everybody(case):
    scores, strata, participants, order, caliper, options = case
    line, inside, limit, found = run(case)

    rows = oracle.choosing(scores, participants, order)
    expected = oracle.greedy(scores, strata, participants, rows, caliper=caliper, **options)
    assert list(zip(*(side.tolist() for side in found), strict=True)) == expected

    weight = weights.of_pairs(len(scores), *found)
    assert weight == pytest.approx([float(each) for each in oracle.weights(len(scores), expected)])

    why = reasons.given(weight > 0, inside, line.gaps(inside), limit)
    matched = {row for pair in expected for row in pair}
    assert [reasons.CODES[code] for code in why] == [
        oracle.reason(row, scores, strata, participants, matched, caliper) for row in range(len(scores))
    ]


@settings(max_examples=100, deadline=None)
@given(cases())
def test_what_was_asked_for_is_held(case):
    scores, strata, participants, _, caliper, options = case
    *_, (takers, taken) = run(case)

    pairs = list(zip(takers.tolist(), taken.tolist(), strict=True))
    assert all(participants[taker] and not participants[other] for taker, other in pairs)
    assert all(strata[taker] == strata[other] for taker, other in pairs)
    assert len(set(pairs)) == len(pairs)
    assert all(caliper is None or abs(scores[taker] - scores[other]) <= caliper for taker, other in pairs)
    assert max(Counter(takers.tolist()).values(), default=0) <= options["ratio"]
    if not options["replacement"]:
        assert len(set(taken.tolist())) == len(taken)
    weight = weights.of_pairs(len(scores), takers, taken)
    assert weight[~np.array(participants)].sum() == pytest.approx(len(set(taken.tolist())))
    assert set(weight[np.array(participants)]) <= {0, 1}


def by_mahalanobis(case, points):
    scores, strata, participants, order, caliper, options = case
    score, inside = np.array(scores) * UNIT, np.array(participants)
    frame = pd.DataFrame(points, columns=["a", "b"])
    variables = [Variable(name=name, label=(name, name), kind=NUMERIC) for name in frame]
    coordinates = mahalanobis.whitened(propensity.design(frame, variables), inside)
    limit = np.inf if caliper is None else (caliper + 0.5) * UNIT
    greedy = nearest.Greedy(nearest.choosing(score, inside, order, 1), limit, **options)
    return mahalanobis.pairs(nearest.Line.of(score, np.array(strata)), inside, coordinates, greedy)


@settings(max_examples=100, deadline=None)
@given(cases(), st.randoms(use_true_random=False), st.sampled_from([3, mahalanobis.BLOCK]))
def test_mahalanobis_takes_the_nearest_inside_the_caliper_whatever_the_blocks(case, chance, block):
    scores, strata, participants, order, caliper, options = case
    inside = np.array(participants)
    points = np.array([[chance.randint(0, 3), chance.randint(0, 5)] for _ in scores], dtype=float)
    if min(inside.sum(), (~inside).sum()) < 2:
        return
    centred = points - np.where(inside[:, None], points[inside].mean(axis=0), points[~inside].mean(axis=0))
    covariance = centred.T @ centred / (len(points) - 2)
    if np.linalg.matrix_rank(covariance, tol=1e-6) < 2:
        return
    distances = np.round(cdist(points, points, "mahalanobis", VI=np.linalg.inv(covariance)) ** 2, 9)

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(mahalanobis, "BLOCK", block)
        takers, taken = by_mahalanobis(case, points)

    free = {row for row, each in enumerate(participants) if not each}
    own, expected, waiting = {}, [], oracle.choosing(scores, participants, order)
    for _ in range(options["ratio"]):
        served = []
        for row in waiting:
            near = [
                other
                for other in free - set(own.get(row, []))
                if strata[other] == strata[row] and (caliper is None or abs(scores[other] - scores[row]) <= caliper)
            ]
            if near:
                best = min(near, key=lambda other: (distances[row, other], scores[other], other))
                own.setdefault(row, []).append(best)
                expected.append((row, best))
                served.append(row)
                free -= set() if options["replacement"] else {best}
        waiting = served
    assert list(zip(takers.tolist(), taken.tolist(), strict=True)) == expected


def test_somebody_just_within_the_caliper_was_not_left_out_for_it():
    matched, participant = np.zeros(3, dtype=bool), np.array([True, False, True])
    why = reasons.given(matched, participant, np.array([0.25, 0.25, 0.26]), 0.25)
    assert [reasons.CODES[place] for place in why] == [reasons.NO_FREE, reasons.NOT_NEEDED, reasons.CALIPER]
