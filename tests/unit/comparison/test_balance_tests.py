"""Tests of two groups: the evaluation's own figures, hand formulas in fractions, and counting every table there is."""

from fractions import Fraction
from itertools import product
from math import comb

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from exports.comparison.runner.balance import chi_squared
from exports.comparison.runner.balance.tests import FISHER, PEARSON, PEARSON_SMALL, fisher, of_counts, welch

PARTICIPANTS, COMPARISON = 89, 2254

tables = st.lists(st.tuples(st.integers(0, 7), st.integers(0, 9)), min_size=2, max_size=4)


def two_groups(first: int, second: int) -> list[list[int]]:
    return [[first, second], [PARTICIPANTS - first, COMPARISON - second]]


@pytest.mark.parametrize(
    ("first", "second", "statistic", "p"),
    [(67, 1428, 5.2739, 0.022), (26, 647, 0.0108, 0.917)],
    ids=["non-Western origin", "single parent"],
)
def test_the_evaluations_results_come_out_to_the_printed_decimals(first, second, statistic, p):
    test = chi_squared(two_groups(first, second))

    assert (test.name, round(test.statistic, 4), test.df, round(test.p, 3)) == (PEARSON, statistic, 1, p)
    assert of_counts(two_groups(first, second)) == test


@given(tables)
def test_pearsons_statistic_is_the_hand_formula_in_fractions(counts):
    counts = [row for row in counts if any(row)]
    sizes = [sum(column) for column in zip(*counts, strict=True)]
    if len(counts) < 2 or not all(sizes):
        assert chi_squared(counts or [(0, 0)]) is None
        return
    # N × (sum of n² / (row × column) - 1): no expected counts
    whole = sum(sizes)
    sums = [Fraction(n * n, sum(row) * size) for row in counts for n, size in zip(row, sizes, strict=True)]

    test = chi_squared(counts)

    assert test.statistic == pytest.approx(float(whole * (sum(sums) - 1)), abs=1e-9)
    assert test.df == len(counts) - 1


def test_pearsons_p_is_the_share_of_random_tables_that_are_as_far_apart():
    counts = np.array([[30, 50], [25, 90], [20, 70]])
    draws = np.random.default_rng(1).multivariate_hypergeometric(counts.sum(axis=1), counts[:, 0].sum(), size=100_000)
    expected = counts.sum(axis=1) * counts[:, 0].sum() / counts.sum()
    # given the margins, the distance of the first column says it all
    rest = counts.sum(axis=1) - expected
    distances = ((draws - expected) ** 2 * (1 / expected + 1 / rest)).sum(axis=1)

    test = chi_squared(counts.tolist())

    assert test.p == pytest.approx((distances >= test.statistic - 1e-9).mean(), abs=0.01)


@given(tables)
@settings(max_examples=60)
def test_fishers_p_is_found_by_counting_every_table_with_these_margins(counts):
    if sum(any(row) for row in counts) < 2 or not all(sum(column) for column in zip(*counts, strict=True)):
        assert fisher(counts) is None
        return
    levels, size = [sum(row) for row in counts], sum(row[0] for row in counts)

    def ways(column) -> int:
        return int(np.prod([comb(level, n) for level, n in zip(levels, column, strict=True)], dtype=object))

    columns = [column for column in product(*(range(n + 1) for n in levels)) if sum(column) == size]
    observed = ways([row[0] for row in counts])
    extreme = sum(ways(column) for column in columns if ways(column) <= observed)

    test = fisher(counts)

    assert test.p == pytest.approx(float(Fraction(extreme, comb(sum(levels), size))), rel=1e-9)
    assert (test.name, test.statistic, test.df) == (FISHER, None, None)


def test_the_lady_who_tasted_tea_got_the_p_that_fisher_printed():
    assert fisher([[3, 1], [1, 3]]).p == pytest.approx(34 / 70)


def test_fisher_takes_over_where_a_cell_is_expected_under_five():
    assert of_counts([[5, 95], [95, 1805]]).name == PEARSON  # exactly 5 are expected
    assert of_counts([[5, 94], [95, 1806]]).name == FISHER


def test_where_fisher_would_be_too_much_work_pearson_says_that_it_is_rough():
    counts = [[1, 3], [200, 900], [300, 800], [250, 990], [240, 910]]

    assert fisher(counts) is None
    test = of_counts(counts)
    assert (test.name, test.statistic) == (PEARSON_SMALL, chi_squared(counts).statistic)


@pytest.mark.parametrize("counts", [[[5, 9]], [[5, 9], [0, 0]], [[5, 0], [7, 0]], [[0, 0], [0, 0]]])
def test_where_there_is_nothing_to_compare_there_is_no_test(counts):
    assert of_counts(counts) is None
    assert chi_squared(counts) is None


def test_welch_agrees_with_drawing_the_groups_anew():
    random = np.random.default_rng(7)
    first, second = random.normal(0.1, 1, 60), random.normal(0, 3, 200)

    test = welch(first, second)

    # under no difference: both groups around one mean, each with its own spread
    centred = [group - group.mean() for group in (first, second)]
    draws = [random.choice(group, (10_000, len(group))) for group in centred]
    gap = draws[0].mean(axis=1) - draws[1].mean(axis=1)
    error = np.sqrt(sum(draw.var(axis=1, ddof=1) / draw.shape[1] for draw in draws))
    assert test.p == pytest.approx((np.abs(gap / error) >= abs(test.statistic)).mean(), abs=0.03)


def test_welch_gives_the_figures_of_a_worked_example():
    # 1..5 against 2, 4, ..., 10: means 3 and 6, variances 5/2 and 10, so t = -3 / √(5/2), df = (5/2)² / ((1/4 + 4)/4)
    test = welch(np.arange(1.0, 6), np.arange(2.0, 11, 2))

    assert test.statistic == pytest.approx(-3 / 2.5**0.5)
    assert test.df == pytest.approx(float(Fraction(25, 4) / (Fraction(17, 4) / 4)))


@pytest.mark.parametrize(("first", "second"), [([1.0], [1.0, 2.0]), ([2.0, 2.0], [2.0, 2.0]), ([], [])])
def test_welch_says_nothing_of_groups_without_spread(first, second):
    assert welch(np.array(first), np.array(second)) is None
