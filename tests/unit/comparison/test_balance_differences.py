"""Standardised mean differences and variance ratios: the figures of the literature, and a naive oracle."""

import numpy as np
import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st

from exports.comparison.runner.balance import differences
from exports.comparison.runner.balance.differences import smd, variance_ratio
from exports.comparison.runner.variables import BINARY, CATEGORICAL, NUMERIC, Level, Variable
from tests.unit.comparison import lalonde

BEFORE = {
    ("age", ""): -0.309445,
    ("educ", ""): 0.054965,
    ("race", "black"): 1.761542,
    ("race", "hispan"): -0.349843,
    ("race", "white"): -1.881868,
    ("married", ""): -0.826309,
    ("nodegree", ""): 0.244970,
    ("re74", ""): -0.721084,
    ("re75", ""): -0.290263,
}
# by a weight that only depends on the row, so that no matching is needed here
WEIGHTS = [(place % 3) / 2 for place in range(614)]


def variable(name, kind, *codes) -> Variable:
    return Variable(name=name, label=(name, name), kind=kind, levels=tuple(Level(code, (code, code)) for code in codes))


def test_the_published_data_gives_the_published_differences():
    rows = differences(lalonde.people(), "treat", lalonde.VARIABLES)

    assert {(row.variable, row.level): row.smd_before for row in rows} == pytest.approx(BEFORE, abs=1e-6)
    assert {row.smd_after for row in rows} == {None}
    assert [row.variable for row in rows if row.variance_ratio_before] == ["age", "educ", "re74", "re75"]


def test_after_matching_groups_are_weighted_and_the_denominator_stays():
    people = lalonde.people()
    rows = differences(people, "treat", lalonde.VARIABLES, WEIGHTS)

    after = {row.level or row.variable: row.smd_after for row in rows}
    assert after == pytest.approx(lalonde.differences(people, pd.Series(WEIGHTS, people.index)))
    assert {(row.variable, row.level): row.smd_before for row in rows} == pytest.approx(BEFORE, abs=1e-6)


def test_whole_weights_give_the_variance_ratio_of_as_many_copies_but_for_the_degrees_of_freedom():
    people = lalonde.people()
    weights = np.array([place % 3 for place in range(len(people))], dtype=float)
    participant = people["treat"].to_numpy(bool)
    age = people["age"].to_numpy(float)

    def expected(who) -> float:
        copies = np.repeat(age[who], weights[who].astype(int))
        shares = weights[who] / weights[who].sum()
        return copies.var() / (1 - (shares**2).sum())

    ratio = variance_ratio(age, participant, weights)
    assert ratio == pytest.approx(expected(participant) / expected(~participant))
    plain = variance_ratio(age, participant)
    assert plain == pytest.approx(age[participant].var(ddof=1) / age[~participant].var(ddof=1))


@given(st.lists(st.integers(-1000, 1000), min_size=12, max_size=12), st.integers(1, 50), st.integers(-1000, 1000))
def test_another_unit_of_measurement_changes_no_difference(numbers, scale, shift):
    values, participant = np.array(numbers, dtype=float), np.arange(12) < 5

    plain, other = (smd(x, participant) for x in (values, values * scale + shift))

    assert other == (None if plain is None else pytest.approx(plain, abs=1e-9))


@given(st.integers(1, 40), st.integers(0, 40), st.integers(1, 40), st.integers(0, 40))
def test_exchanged_levels_turn_the_sign(yes, no, others_yes, others_no):
    values = np.repeat([1.0, 0.0, 1.0, 0.0], [yes, no, others_yes, others_no])
    participant = np.arange(len(values)) < yes + no

    one, other = smd(values, participant, binary=True), smd(1 - values, participant, binary=True)

    assert one == pytest.approx(-other if other is not None else None)


def test_missing_is_a_level_of_its_own_and_of_numbers_a_row_beside_them():
    frame = pd.DataFrame(
        {
            "group": [1, 1, 1, 1, 0, 0, 0, 0],
            "income": [1.0, 3.0, np.nan, np.nan, 2.0, 2.0, 4.0, np.nan],
            "trade": ["yes", "no", None, "yes", "yes", None, "no", None],
            "single": [1, 0, None, 1, 1, 0, 1, 1],
        }
    )
    variables = [variable("income", NUMERIC), variable("trade", CATEGORICAL, "yes", "no"), variable("single", BINARY)]

    rows = {(row.variable, row.level): row for row in differences(frame, "group", variables)}

    assert list(rows) == [
        ("income", ""), ("income", "missing"), ("trade", "yes"), ("trade", "no"), ("trade", "missing"),
        ("single", "0"), ("single", "1"), ("single", "missing"),
    ]  # fmt: skip
    assert rows["income", ""].smd_before == pytest.approx((2 - 8 / 3) / 2**0.5)  # of those with a value
    assert rows["income", "missing"].smd_before == pytest.approx((1 / 2 - 1 / 4) / (1 / 2))
    assert rows["trade", "missing"].smd_before == pytest.approx((1 / 4 - 1 / 2) / (3 / 16) ** 0.5)
    assert rows["income", "missing"].label == ("income: Uoplyst", "income: Not known")


def test_participants_who_are_all_alike_are_measured_by_the_spread_of_both_groups():
    values = np.array([1.0, 1, 1, 1, 0, 0, 1, 1])
    participant = np.arange(8) < 4

    # pooled: squares within groups 0 + 1, over 8 (binary) or 8 - 2
    assert smd(values, participant, binary=True) == pytest.approx(0.5 / (1 / 8) ** 0.5)
    assert smd(values, participant) == pytest.approx(0.5 / (1 / 6) ** 0.5)


def test_what_cannot_be_told_is_none_and_equal_means_are_no_difference():
    participant = np.array([True, True, False, False])

    assert smd(np.array([3.0, 3, 3, 3]), participant) == 0.0
    assert smd(np.array([3.0, 3, 4, 4]), participant) is None
    assert smd(np.array([np.nan, np.nan, 4, 5]), participant) is None
    assert smd(np.array([1.0, 2, 3, 4]), participant, np.array([0.0, 0, 1, 1])) is None
    assert variance_ratio(np.array([3.0, 3, 4, 5]), participant) is None


def test_a_group_column_says_only_who_is_a_participant():
    frame = pd.DataFrame({"group": [0, 1, 2], "x": [1.0, 2, 3]})

    with pytest.raises(ValueError, match="0 and 1"):
        differences(frame, "group", [variable("x", NUMERIC)])
