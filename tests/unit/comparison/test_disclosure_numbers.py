"""What is told of numbers: means, deviations, differences, and how many have a value."""

import pandas as pd

from exports.comparison.runner.balance import table_one
from exports.comparison.runner.disclosure import Release, protect
from exports.comparison.runner.tables import section_of
from exports.comparison.runner.variables import NUMERIC, Variable


def nothing(section):
    spread = section.spread
    told = {*spread.means, *spread.deviations, *spread.counts, *spread.missing, spread.smd, spread.variance_ratio}
    return told == {None} and section.test is None


NUMBER = Variable(name="x", label=("x", "x"), kind=NUMERIC)


def numbers(first, second, minimum=5, earlier=(), weights=None):
    frame = pd.DataFrame({"group": [1] * len(first) + [0] * len(second), "x": [*first, *second]})
    tables = [table_one(frame, "group", [NUMBER])]
    if weights is not None:
        tables.append(table_one(frame, "group", [NUMBER], weights))
    return [section_of(each, "x") for each in protect(tables, minimum, earlier)], tables


INCOMES = [100.0 + 7 * place for place in range(40)], [90.0 + 3 * place for place in range(90)]


def test_means_of_many_values_are_told_as_they_are_but_for_how_fine_they_are():
    (section,), (plain,) = numbers(*INCOMES)
    assert section.spread.grain is None
    assert section.spread.means == plain.sections[0].spread.means
    assert section.test == plain.sections[0].test


def test_where_few_values_are_missing_they_are_not_counted_and_the_rest_is_rounded():
    (section,), (plain,) = numbers([*INCOMES[0], None, None], INCOMES[1])
    assert section.withheld == "rounded"
    assert section.spread.counts == section.spread.missing == (None, None)
    assert section.test is None
    assert section.spread.means == (236.4, 223.5)
    assert section.spread.smd == (236.4 - 223.5) / section.spread.deviations[0]
    assert plain.sections[0].spread.counts == (40, 90)


def test_a_value_that_all_but_a_few_have_is_not_told_of():
    (section,), _ = numbers([1.0] * 30 + [float(n) for n in range(2, 6)], INCOMES[1])
    assert nothing(section)
    assert section.withheld == "hidden_cells"


def test_of_few_values_each_must_be_of_enough_units():
    assert not nothing(numbers([1.0] * 20 + [2.0] * 9 + [3.0] * 5, INCOMES[1])[0][0])
    assert nothing(numbers([1.0] * 20 + [2.0] * 10 + [3.0] * 4, INCOMES[1])[0][0])


def test_a_value_that_all_have_is_not_told_of():
    assert nothing(numbers([1.0] * 30, [1.0] * 20 + [2.0] * 20)[0][0])


FEW = [1.0] * 70 + [2.0] * 60, [1.0] * 150 + [2.0] * 150


def test_of_few_values_nothing_new_is_told_when_the_groups_have_changed():
    (_,), (plain,) = numbers(*FEW)
    first = Release.of(protect([plain], 5))
    assert not nothing(numbers(*FEW, earlier=[first])[0][0])
    fewer = FEW[0][:-6], FEW[1]
    assert not nothing(numbers(*fewer)[0][0])
    assert nothing(numbers(*fewer, earlier=[first])[0][0])


def test_of_few_values_only_the_difference_is_told_after_matching():
    weights = [0.0] * 6 + [1.0] * 124 + [0.0] * 100 + [1.0] * 100 + [0.0] * 100
    (whole, part), tables = numbers(*FEW, weights=weights)
    assert whole.withheld == ""
    assert part.withheld == "differences_only"
    release = Release.of(protect(tables, 5))
    assert numbers(*FEW, weights=weights, earlier=[release])[0][1] == part
    others = [1.0] * 100 + [0.0] * 30 + [0.0] * 100 + [1.0] * 100 + [0.0] * 100
    assert not nothing(numbers(*FEW, weights=others)[0][1])
    assert nothing(numbers(*FEW, weights=others, earlier=[release])[0][1])


def test_where_missing_values_were_not_counted_once_they_never_are():
    (_,), (plain,) = numbers([*INCOMES[0], None, None], INCOMES[1])
    first = Release.of(protect([plain], 5))
    fewer = INCOMES[0][:-6], INCOMES[1]
    assert numbers(*fewer)[0][0].withheld == ""
    (section,), _ = numbers(*fewer, earlier=[first])
    assert section.withheld == "rounded"
    assert section.spread.counts == (None, None)


def test_where_few_without_a_value_have_left_they_are_not_counted():
    (_,), (plain,) = numbers([*INCOMES[0], *[None] * 8], INCOMES[1])
    (section,), _ = numbers([*INCOMES[0][:-4], *[None] * 6], INCOMES[1], earlier=[Release.of(protect([plain], 5))])
    assert section.withheld == "rounded"


def test_after_matching_a_number_is_told_as_a_difference_where_few_without_a_value_were_left_out():
    weights = [0.0] * 8 + [1.0] * 32 + [0.0] * 2 + [1.0] * 6 + [1.0] * 40 + [0.0] * 50
    (whole, part), _ = numbers([*INCOMES[0], *[None] * 8], INCOMES[1], weights=weights)
    assert whole.withheld == ""
    assert part.withheld == "differences_only"


def test_numbers_without_their_grain_are_not_told():
    _, (plain,) = numbers(*INCOMES)
    again = protect(protect([plain], 5), 5)  # what was told has no grain
    assert nothing(again[0].sections[0])


def test_after_matching_a_number_is_told_as_a_difference_where_few_were_left_out():
    weights = [0.0] * 2 + [1.0] * 38 + [1.0] * 38 + [0.0] * 52
    (whole, part), _ = numbers(*INCOMES, weights=weights)
    assert whole.withheld == ""
    assert part.withheld == "differences_only"
    assert part.spread.means == part.spread.counts == (None, None)
    assert part.spread.smd == 1.2
    (_, known), _ = numbers(*INCOMES, weights=[0.0] * 2 + [1.0] * 128)  # all of the comparison: its mean is known
    assert nothing(known)


def test_after_matching_a_number_is_told_where_many_were_left_out():
    (_, part), (_, plain) = numbers(*INCOMES, weights=[0.0] * 8 + [1.0] * 32 + [1.0] * 40 + [0.0] * 50)
    assert part.spread.means == plain.sections[0].spread.means


def test_a_number_that_was_told_as_a_difference_is_not_told_whole_in_what_is_left():
    missing = [None] * 8
    weights = [0.0] * 8 + [1.0] * 32 + [0.0] * 2 + [1.0] * 6 + [1.0] * 40 + [0.0] * 50
    _, tables = numbers([*INCOMES[0], *missing], INCOMES[1], weights=weights)
    first = protect(tables, 5)
    assert first[1].sizes == (38, 40)
    now = [*INCOMES[0][8:], *missing], INCOMES[1]  # eight that were not matched have left
    kept = [0.0] * 10 + [1.0] * 22 + [1.0] * 8 + [1.0] * 40 + [0.0] * 50
    assert numbers(*now, weights=kept)[0][1].withheld == ""
    assert nothing(numbers(*now, weights=kept, earlier=[Release.of(first)])[0][1])
