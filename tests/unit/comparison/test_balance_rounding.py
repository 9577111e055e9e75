"""Percentages that add up: a law for any counts, and the cases that a report would show."""

from decimal import Decimal
from fractions import Fraction

import pytest
from hypothesis import given
from hypothesis import strategies as st

from exports.comparison.runner.balance import largest_remainder

counts_of = st.lists(st.integers(0, 10_000_000), min_size=1, max_size=12).filter(any)
weights_of = st.lists(st.floats(0, 1e6, allow_subnormal=False), min_size=1, max_size=12).filter(any)


@given(counts_of | weights_of, st.integers(0, 3))
def test_percentages_add_up_to_100_and_each_is_within_a_unit_of_the_truth(counts, decimals):
    shares = [Decimal(str(share)) for share in largest_remainder(counts, decimals)]

    assert sum(shares) == 100
    total = sum(map(Fraction, counts))
    for share, count in zip(shares, counts, strict=True):
        assert abs(Fraction(share) - 100 * Fraction(count) / total) < Fraction(1, 10**decimals)
        assert count or share == 0


@given(counts_of)
def test_who_is_more_never_gets_less(counts):
    shares = largest_remainder(counts)

    for more, most in zip(counts, shares, strict=True):
        assert all(share <= most for count, share in zip(counts, shares, strict=True) if count < more)


@given(counts_of, st.randoms(use_true_random=False))
def test_the_order_of_the_levels_changes_only_who_of_equals_gets_the_last_unit(counts, random):
    places = list(range(len(counts)))
    random.shuffle(places)
    shuffled = largest_remainder([counts[place] for place in places])
    plain = largest_remainder(counts)

    assert sorted(zip((counts[place] for place in places), shuffled, strict=True)) == sorted(
        zip(counts, plain, strict=True)
    )


def test_among_equals_the_first_gets_what_is_left():
    assert largest_remainder([1, 1, 1]) == [33.4, 33.3, 33.3]
    assert largest_remainder([1] * 7, 0) == [15, 15, 14, 14, 14, 14, 14]


@pytest.mark.parametrize("counts", [[], [0], [0, 0, 0]])
def test_nothing_to_share_gives_zeros(counts):
    assert largest_remainder(counts) == [0.0] * len(counts)
