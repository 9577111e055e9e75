"""Small counts are hidden, and can't be had back from the sum of the others."""

from itertools import product

import pytest
from hypothesis import given
from hypothesis import strategies as st

from exports.linkage.codebook import SECONDARY, masked, masked_counts


@pytest.mark.parametrize("count, shown", [(0, "0"), (1, "<5"), (4, "<5"), (5, "5"), (1234, "1234")])
def test_a_single_count_below_the_minimum_is_hidden(count, shown):
    assert masked(count, 5) == shown


def test_nothing_is_hidden_when_nothing_is_small():
    assert masked_counts({1: 5, 2: 70, 3: 0}, 5) == {1: "5", 2: "70", 3: "0"}


def test_one_small_count_takes_the_smallest_other_with_it():
    assert masked_counts({1: 3, 2: 70, 3: 12, 4: 0}, 5) == {1: "<5", 2: "70", 3: SECONDARY, 4: "0"}


def test_two_small_counts_may_give_each_other_away():
    assert masked_counts({1: 1, 2: 1, 3: 20}, 5) == {1: "<5", 2: "<5", 3: SECONDARY}  # 2 = 1 + 1
    assert masked_counts({1: 4, 2: 4, 3: 20}, 5) == {1: "<5", 2: "<5", 3: SECONDARY}  # 8 = 4 + 4
    assert masked_counts({1: 2, 2: 3, 3: 20}, 5) == {1: "<5", 2: "<5", 3: "20"}


def test_a_starred_count_at_the_limit_takes_another():
    assert masked_counts({1: 1, 2: 5, 3: 30, 4: 40}, 5) == {1: "<5", 2: SECONDARY, 3: SECONDARY, 4: "40"}


@given(st.lists(st.integers(0, 14), min_size=1, max_size=5), st.integers(3, 6))
def test_from_the_sum_every_small_count_could_still_be_anything_below_the_minimum(counts, minimum):
    """An attacker tries all: whole numbers that fit what is shown and the sum."""
    shown = masked_counts(dict(enumerate(counts)), minimum)
    if all(text in {f"<{minimum}", SECONDARY, "0"} for text in shown.values()):
        return  # nothing is left to hide behind
    hidden = {key: text for key, text in shown.items() if not text.isdigit()}
    total = sum(counts[key] for key in hidden)
    choices = [range(1, minimum) if text != SECONDARY else range(minimum, total + 1) for text in hidden.values()]
    possible = [numbers for numbers in product(*choices) if sum(numbers) == total]
    for place, text in enumerate(hidden.values()):
        if text != SECONDARY:
            assert {numbers[place] for numbers in possible} == set(range(1, minimum))
