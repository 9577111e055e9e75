"""Table 1: everybody is in it once, missing is a category, and after matching counts are of units."""

from decimal import Decimal

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from exports.comparison.runner.balance import chi_squared, differences, table_one
from exports.comparison.runner.balance.tests import WELCH
from exports.comparison.runner.tables import section_of
from exports.comparison.runner.variables import BINARY, CATEGORICAL, MISSING_LABEL, NUMERIC, Level, Variable
from tests.unit.comparison import lalonde

ORIGIN = Variable(
    name="origin",
    label=("Oprindelse", "Origin"),
    kind=CATEGORICAL,
    levels=(Level("2", ("Ikke-vestlig", "Non-Western")), Level("1", ("Dansk eller vestlig", "Danish or Western"))),
)
SINGLE = Variable(
    name="single", label=("Enlig", "Single"), kind=BINARY, levels=(Level("0", ("Nej", "No")), Level("1", ("Ja", "Yes")))
)
INCOME = Variable(name="income", label=("Indkomst", "Income"), kind=NUMERIC)

people = st.lists(
    st.tuples(st.booleans(), st.sampled_from(["1", "2", "3", None]), st.sampled_from([0, 1, None]), st.integers(0, 3)),
    max_size=30,
)


def evaluation() -> pd.DataFrame:
    """As many families as the evaluation had, with the counts that it printed."""
    groups = [(1, 89, 67, 26), (0, 2254, 1428, 647)]
    return pd.concat(
        pd.DataFrame(
            {
                "group": group,
                "origin": np.repeat(["2", "1"], [origin, size - origin]),
                "single": np.repeat([1, 0], [single, size - single]),
            }
        )
        for group, size, origin, single in groups
    )


def test_the_evaluations_families_give_its_counts_percentages_and_tests():
    table = table_one(evaluation(), "group", [ORIGIN, SINGLE])

    origin, single = table.sections
    assert table.sizes == (89, 2254)
    assert [(row.label[1], row.counts, row.percents) for row in origin.rows] == [
        ("Non-Western", (67, 1428), (75.3, 63.4)),
        ("Danish or Western", (22, 826), (24.7, 36.6)),
    ]
    assert (round(origin.test.statistic, 4), round(origin.test.p, 3)) == (5.2739, 0.022)
    assert (round(single.test.statistic, 4), round(single.test.p, 3)) == (0.0108, 0.917)


@given(people)
@settings(max_examples=25)
def test_everybody_is_counted_once_and_percentages_add_up(rows):
    frame = pd.DataFrame(rows, columns=["group", "origin", "single", "weight"]).astype(
        {"group": bool, "origin": "str", "single": "Float64", "weight": float}
    )
    for weights in (None, frame["weight"].to_numpy()):
        kept = frame if weights is None else frame[frame["weight"] > 0]
        table = table_one(frame, "group", [ORIGIN, SINGLE], weights)

        assert table.sizes == (int(kept["group"].sum()), int((~kept["group"]).sum()))
        for section in table.sections:
            for place, size in enumerate(table.sizes):
                assert sum(row.counts[place] for row in section.rows) == size
                percents = [row.percents[place] for row in section.rows]
                assert sum(Decimal(str(p)) for p in percents) == 100 if size else set(percents) <= {None}


def test_levels_keep_their_order_those_nobody_foresaw_come_after_and_missing_last():
    frame = pd.DataFrame({"group": [1, 1, 1, 0], "origin": ["9", None, "2", "1"]})

    rows = section_of(table_one(frame, "group", [ORIGIN]), "origin").rows

    assert [(row.level, row.counts) for row in rows] == [
        ("2", (1, 0)), ("1", (0, 1)), ("9", (1, 0)), ("missing", (1, 0)),
    ]  # fmt: skip
    assert rows[-1].label == MISSING_LABEL
    assert section_of(table_one(evaluation(), "group", [ORIGIN]), "origin").rows[-1].level == "1"  # nobody missing


def test_numbers_have_mean_deviation_and_who_has_none():
    frame = pd.DataFrame({"group": [True] * 4 + [False] * 3, "income": [1.0, 2, 3, np.nan, 10, 20, 30]})

    (section,) = table_one(frame, "group", [INCOME]).sections

    assert section.spread.means == pytest.approx((2, 20))
    assert section.spread.deviations == pytest.approx((1, 10))
    assert (section.spread.counts, section.spread.missing) == ((3, 3), (1, 0))
    assert section.test.name == WELCH
    assert (section.spread.smd, section.spread.variance_ratio) == (pytest.approx(-18), pytest.approx(0.01))
    assert section.rows == ()


def test_a_group_that_is_all_alike_deviates_by_nothing_and_a_single_one_by_nobody_knows_what():
    frame = pd.DataFrame({"group": [1, 1, 1, 0], "income": [5.0, 5, 5, 7]})

    (section,) = table_one(frame, "group", [INCOME]).sections

    assert section.spread.deviations == (0.0, None)


def test_after_matching_counts_are_units_the_rest_is_weighted_and_nothing_is_tested():
    frame = pd.DataFrame({"group": [1, 1, 0, 0, 0, 0], "single": [1, 0, 1, 0, 0, 1], "income": [1.0, 3, 1, 2, 3, 9]})

    table = table_one(frame, "group", [SINGLE, INCOME], [1, 1, 2, 0.5, 0.5, 0])

    single, income = table.sections
    assert table.weighted
    assert table.sizes == (2, 3)
    assert table.effective == (2.0, pytest.approx(9 / 4.5))
    assert [(row.counts, row.percents) for row in single.rows] == [((1, 2), (50.0, 33.3)), ((1, 1), (50.0, 66.7))]
    assert income.spread.means == (2.0, pytest.approx(4.5 / 3))
    assert single.test is income.test is None


def test_the_table_says_the_same_differences_as_the_list_of_them():
    frame = lalonde.people()
    for weights in (None, [(place % 3) / 2 for place in range(len(frame))]):
        table = table_one(frame, "treat", lalonde.VARIABLES, weights)
        for row in differences(frame, "treat", lalonde.VARIABLES, weights):
            section = section_of(table, row.variable)
            level = row.level or "1"
            shown = section.spread or next(found for found in section.rows if found.level == level)
            assert shown.smd == pytest.approx(row.smd_before if weights is None else row.smd_after)


def test_one_group_alone_is_described_and_not_compared():
    frame = pd.DataFrame({"group": [1, 1], "single": [1, 0], "income": [1.0, 2.0]})

    table = table_one(frame, "group", [SINGLE, INCOME])

    assert table.sizes == (2, 0)
    assert [row.percents for row in table.sections[0].rows] == [(50.0, None), (50.0, None)]
    assert [section.test for section in table.sections] == [None, None]
    assert table.sections[1].spread.means == (1.5, None)
    assert chi_squared([row.counts for row in table.sections[0].rows]) is None
