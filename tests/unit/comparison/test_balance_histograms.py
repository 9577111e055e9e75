"""Distributions show no single person: not in a bin, not at an end, not by an edge."""

import numpy as np
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra import numpy as arrays

from exports.comparison.runner.balance.histograms import histogram

LABEL = ("Score", "Score")
MINIMUM = 5


def counts_in(values, edges):
    """How many are between the edges, those beyond the ends in the bins inside them."""
    inner = np.searchsorted(edges[1:-1], values, side="right")
    return np.bincount(inner, minlength=len(edges) - 1)


@given(
    arrays.arrays(float, st.integers(0, 120), elements=st.floats(-1e4, 1e4).map(lambda x: round(x, 3))),
    st.integers(0, 2**32 - 1),
)
@settings(max_examples=50)
def test_every_bar_is_of_nobody_or_of_enough(values, seed):
    random = np.random.default_rng(seed)
    participant = random.random(len(values)) < 0.4
    weights = random.integers(0, 3, len(values)).astype(float)

    drawn = histogram(values, participant, LABEL, weights, MINIMUM)

    for bars, who in zip(drawn.groups if drawn else (), (participant, ~participant), strict=False):
        for kept, shares in ((who, bars.before), (who & (weights > 0), bars.after)):
            counts = counts_in(values[kept], np.array(bars.edges))
            assert all(count == 0 or count >= MINIMUM for count in counts)
            share = np.ones(len(values)) if shares is bars.before else weights
            sums = [share[kept & _between(values, bars.edges, place)].sum() for place in range(len(shares))]
            np.testing.assert_allclose(shares, np.array(sums) / share[kept].sum(), atol=1e-9)


def _between(values, edges, place):
    low = -np.inf if place == 0 else edges[place]
    high = np.inf if place == len(edges) - 2 else edges[place + 1]
    return (values >= low) & (values < high)


def test_the_one_who_is_far_from_everybody_doesnt_stretch_the_picture():
    random = np.random.default_rng(3)
    values = random.normal(100, 10, 400)
    values[17] = 9_000_000.0

    drawn = histogram(values, np.arange(400) < 150, LABEL)

    assert max(bars.edges[-1] for bars in drawn.groups) < 200
    assert [round(sum(bars.before), 9) for bars in drawn.groups] == [1, 1]


def test_edges_are_round_numbers_and_nobodys_value():
    values = np.random.default_rng(4).uniform(0.0371, 0.9377, 500)

    drawn = histogram(values, np.arange(500) < 200, LABEL)

    edges = {edge for bars in drawn.groups for edge in bars.edges}
    assert all(round(edge / 0.05, 6).is_integer() for edge in edges)
    assert not edges & set(values)
    assert drawn.groups[0].after is None


def test_too_few_or_all_alike_give_no_picture():
    few = np.arange(9.0)
    assert histogram(few, few < 4, LABEL) is None  # four participants
    assert histogram(np.ones(50), np.arange(50) < 20, LABEL) is None
    many = np.arange(50.0)
    assert histogram(many, many < 20, LABEL, np.where(many < 20, 0.0, 1.0)) is None  # nobody matched
