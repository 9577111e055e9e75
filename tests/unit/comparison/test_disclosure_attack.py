"""Nobody finds what is hidden: not by programming, not by trying everything; and where the protection is taken out they
do, so that these attackers are worth something."""

from dataclasses import replace

import numpy as np
import pandas as pd
import pytest

from exports.comparison.runner.balance import table_one
from exports.comparison.runner.disclosure import protect
from exports.comparison.runner.tables import TableOne
from exports.comparison.runner.variables import MISSING, NUMERIC, Variable
from tests.unit.comparison.attacker import from_statistics
from tests.unit.comparison.everything import given_away, leaving, matched, nested, single, splits
from tests.unit.comparison.releases import NAME, cases, described, recovered, with_only_small_hidden


def hidden(table: TableOne, *, test: bool, smd: bool) -> TableOne:
    """The counts and percentages of a table taken out, and what is printed beside them left in."""
    (section,) = table.sections
    rows = tuple(
        replace(row, counts=(None, None), percents=(None, None), smd=row.smd if smd else None) for row in section.rows
    )
    return replace(table, sections=(replace(section, rows=rows, test=section.test if test else None),))


def test_nothing_comes_back_from_a_hundred_random_releases():
    assert list(recovered(list(cases(seed=1, how_many=25)))) == []


@pytest.mark.slow
def test_nothing_comes_back_from_ten_thousand_random_tables():
    for seed in range(2, 27):
        found = list(recovered(list(cases(seed=seed, how_many=100))))  # of four tables each
        assert found == []


def test_small_counts_come_back_when_nothing_is_hidden_beside_them():
    assert list(recovered([with_only_small_hidden(case) for case in cases(seed=1, how_many=5)]))


def test_who_left_is_found_when_a_release_is_made_without_looking_at_the_earlier_one():
    blind = [replace(case, told=[*case.told[:2], *protect(case.true[2:], 5)]) for case in cases(seed=1, how_many=15)]
    assert list(recovered(blind))


def test_who_was_not_matched_is_found_when_each_table_is_protected_by_itself():
    alone = [
        replace(case, told=[table for each in case.true for table in protect([each], 5)])
        for case in cases(seed=1, how_many=10)
    ]
    assert list(recovered(alone))


@pytest.mark.parametrize("printed", [{"test": True, "smd": False}, {"test": False, "smd": True}])
def test_a_statistic_printed_beside_hidden_counts_gives_them_back(printed):
    counts = np.array([[27, 43], [3, 16]])
    table = described(["0", "1"], counts, counts)
    possible = from_statistics(hidden(table, **printed), NAME)
    assert 3 in possible["1", 0]
    assert len(possible["1", 0]) < 4
    (told,) = protect([table], 5)
    assert len(from_statistics(told, NAME)["1", 0]) > 4


def test_every_small_table_is_safe_from_somebody_who_knows_the_program():
    number, found = given_away(single((7, 9), ["0", "1", MISSING], 4), 4)
    assert number == 36 * 55
    assert found == []


@pytest.mark.slow
def test_every_table_of_12_and_15_is_safe_from_somebody_who_knows_the_program():
    number, found = given_away(single((12, 15), ["0", "1", MISSING], 5), 5)
    assert number == 91 * 136
    assert found == []


def test_every_way_to_match_a_few_is_safe_from_somebody_who_knows_the_program():
    number, found = given_away(matched(14, [(12, 12)], range(11, 14), ["0", "1"], 4), 4)
    assert number > 1000
    assert found == []


@pytest.mark.slow
def test_every_way_to_match_14_is_safe_from_somebody_who_knows_the_program():
    others = [(3, 21), (8, 16), (9, 15), (10, 14), (11, 13), (12, 12)]
    number, found = given_away(matched(14, others, range(7, 14), ["0", "1"], 4), 4)
    assert number > 15_000
    assert found == []


def test_every_way_to_leave_is_safe_from_somebody_who_knows_the_program():
    number, found = given_away(leaving(20, (10, 20), range(13, 21), ["0", "1"], 4), 4)
    assert number > 500
    assert found == []


@pytest.mark.slow
@pytest.mark.parametrize("others", [(6, 10, 20), (8, 2, 26)])
def test_every_way_to_leave_16_is_safe_from_somebody_who_knows_the_program(others):
    number, found = given_away(leaving(16, others, range(10, 17), ["0", "1", "2"], 3), 3)
    assert number > 5000
    assert found == []


@pytest.mark.slow
def test_what_is_between_two_lines_of_poverty_is_safe_from_somebody_who_knows_the_program():
    """One lies within the other: who is below 60 % of the median and not below 50 % is counted too."""
    number, found = given_away(nested((9, 10), 3), 3)
    assert number == 55 * 66
    assert found == []
    _, found = given_away(nested((9, 10), 3, known=False), 3)
    assert found


@pytest.mark.slow
def test_what_is_between_is_safe_in_every_table_of_14_and_16():
    number, found = given_away(nested((14, 16), 4), 4)
    assert number == 120 * 153
    assert found == []


@pytest.mark.parametrize("values", [[0.0, 1.0, 2.0], [1.0, 2.0, np.nan], [0.0, 5.0, 7.5]])
def test_no_mean_and_deviation_tell_how_many_have_a_value_that_few_have(values):
    """Every way in which 14 participants can have these values, beside the same comparison."""
    variable, others = Variable(name="n", label=("n", "n"), kind=NUMERIC), (10, 20, 9)

    def told(counts):
        column = np.repeat(values * 2, [*counts, *others])
        frame = pd.DataFrame({"group": [1] * 14 + [0] * 39, "n": column})
        return tuple(protect([table_one(frame, "group", [variable])], 4))

    _, found = given_away(((told(counts), (counts,)) for counts in splits(14, 3)), 4)
    assert found == []
