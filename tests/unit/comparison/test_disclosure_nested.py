"""Beside a variable that it lies in, a variable is told only where nothing small is between them."""

from dataclasses import replace

from exports.comparison.runner.characteristics import CATALOGUE
from exports.comparison.runner.disclosure import Release, protect
from exports.comparison.runner.tables import TableOne, section_of
from tests.unit.comparison.everything import yes_no

SIZES, MINIMUM = (100, 900), 5


def table(sizes=SIZES, **yes) -> TableOne:
    """How many have yes, by name: `misuse` is the outer one."""
    tables = [yes_no(name, pair, sizes, within="" if name == "misuse" else "misuse") for name, pair in yes.items()]
    return replace(tables[0], sections=tuple(each.sections[0] for each in tables))


def told(tables: list[TableOne], earlier=()) -> list[set[str]]:
    """Of each table, the variables whose counts are told."""
    return [
        {each.variable.name for each in one.sections if not each.withheld}
        for one in protect(tables, MINIMUM, [Release.of(each) for each in earlier])
    ]


def test_both_are_told_where_many_are_between():
    assert told([table(misuse=(20, 90), alcohol=(12, 80))]) == [{"misuse", "alcohol"}]
    assert told([table(misuse=(20, 90), alcohol=(20, 80))]) == [{"misuse", "alcohol"}]


def test_the_inner_one_is_withheld_where_few_are_between():
    assert told([table(misuse=(20, 90), alcohol=(18, 80))]) == [{"misuse"}]
    assert told([table(misuse=(20, 90), alcohol=(12, 86))]) == [{"misuse"}]


def test_who_has_both_of_two_inner_ones_is_not_worked_out_from_the_sum():
    assert told([table(misuse=(20, 90), alcohol=(12, 50), cannabis=(9, 60))]) == [{"misuse", "alcohol"}]
    assert told([table(misuse=(20, 90), alcohol=(12, 50), cannabis=(8, 60))]) == [{"misuse", "alcohol", "cannabis"}]


def test_who_was_not_matched_is_not_found_between_them():
    everybody = table(misuse=(30, 90), alcohol=(15, 50))
    few_left = replace(table((80, 800), misuse=(20, 80), alcohol=(8, 40)), weighted=True)  # ten, and three between
    assert [names & {"alcohol"} for names in told([everybody, few_left])] == [set(), set()]
    more_left = replace(table((80, 800), misuse=(20, 80), alcohol=(5, 40)), weighted=True)
    assert [names & {"alcohol"} for names in told([everybody, more_left])] == [{"alcohol"}, {"alcohol"}]


def test_who_withdrew_is_not_found_between_them():
    before = protect([table(misuse=(30, 90), alcohol=(15, 50))], MINIMUM)
    assert told([table((90, 900), misuse=(20, 90), alcohol=(8, 50))], [before]) == [{"misuse"}]
    assert told([table((90, 900), misuse=(20, 90), alcohol=(10, 50))], [before]) == [{"misuse", "alcohol"}]
    (section,) = (
        section_of(one, "alcohol")
        for one in protect([table((90, 900), misuse=(20, 90), alcohol=(8, 50))], MINIMUM, [Release.of(before)])
    )
    assert section.withheld == "earlier_release"


def test_the_catalogue_says_what_lies_in_what():
    within = {name: each.within for name, each in CATALOGUE.items() if each.within}
    assert within["poverty_50"] == "poverty_60"
    assert within["drug_treatment"] == within["misuse_alcohol"] == "misuse"
    assert within["person_misuse_cannabis"] == "person_misuse"
    assert len(within) == 1 + 2 * 6
    assert set(within.values()) <= CATALOGUE.keys()
