"""What is told of a matching: that nobody was matched, why, and what to know of the score; never a small count."""

from dataclasses import replace

import pyarrow as pa
import pytest

from exports.comparison import unmatched
from exports.comparison.frozen import Frozen
from exports.comparison.runner.matching.matched import match
from exports.comparison.runner.matching.spec import EXACT, NEAREST, MatchSpec
from exports.comparison.runner.results import describe
from exports.comparison.runner.variables import CATEGORICAL, Level, Variable
from tests.factories.groups import make_frozen

HIDDEN = unmatched.HIDDEN
TOWN = Variable(
    name="town",
    label=("By", "Town"),
    kind=CATEGORICAL,
    levels=tuple(Level(code, (f"{code}-by", f"{code}-town")) for code in "abc"),
)


def matched(frozen: Frozen, **spec) -> Frozen:
    found = match(frozen.frame(), group="participant", variables=frozen.variables[frozen.units], spec=MatchSpec(**spec))
    table = frozen.tables[frozen.units]
    for name in ("weight", "match", "reason"):
        table = table.append_column(name, [found.units[name].tolist()])
    return replace(frozen, tables=frozen.tables | {frozen.units: table}, method=spec["method"], notes=found.notes)


def in_towns(participants: str, comparisons: str) -> Frozen:
    frozen = make_frozen(len(participants), len(comparisons), singles=(len(participants) // 2, len(comparisons) // 2))
    table = frozen.tables[frozen.units]
    inside = [group == "participant" for group in table["family_group"].to_pylist()]
    towns = {True: iter(participants), False: iter(comparisons)}
    table = table.append_column("town", pa.array([next(towns[each]) for each in inside]))
    known = frozen.variables | {frozen.units: (*frozen.variables[frozen.units], TOWN)}
    return replace(frozen, tables=frozen.tables | {frozen.units: table}, variables=known)


def told(frozen: Frozen) -> dict:
    found = describe(
        frozen.frame(),
        group="participant",
        variables=frozen.variables[frozen.units],
        matched=frozen.matched(),
        minimum=5,
    )
    return unmatched.told(frozen, found, 5)


def test_without_matching_there_is_nothing_to_tell():
    assert told(make_frozen(20, 40)) == {}


def test_that_nobody_was_matched_is_said_with_the_reasons():
    apart = matched(make_frozen(20, 40, singles=(20, 0)), method=EXACT, variables=("family_type",))
    assert told(apart) == {
        "nobody": True,
        "left_out": [["participant", "no_equal", "20"], ["comparison", "no_equal", "40"]],
        "notes": [],
    }


@pytest.mark.parametrize(
    ("comparisons", "left_out"),
    [(40, []), (44, []), (60, [["comparison", "not_needed", "20"]])],  # of 44, four would be known by the sizes
)
def test_who_was_left_out_is_told_where_the_sizes_are(comparisons, left_out):
    frozen = matched(
        make_frozen(40, comparisons, singles=(20, comparisons // 2), western=(20, comparisons // 2)),
        method=NEAREST,
        variables=("family_type", "origin"),
    )
    assert told(frozen)["left_out"] == left_out
    assert not told(frozen)["nobody"]


def test_a_small_count_is_hidden_with_one_that_would_give_it_back():
    frozen = matched(
        in_towns("a" * 3 + "b" * 37, "b" * 20), method=NEAREST, variables=("family_type",), exact=("town",)
    )
    assert told(frozen)["left_out"] == [
        ["participant", "no_equal", HIDDEN],
        ["participant", "no_free_comparison", HIDDEN],
    ]


def test_where_few_of_one_group_were_left_out_nothing_is_told_of_the_other_either():
    frozen = matched(
        in_towns("a" * 3 + "b" * 37, "b" * 60), method=NEAREST, variables=("family_type",), exact=("town",)
    )
    assert told(frozen)["left_out"] == []  # 23 others were left out: with them, table 1's hidden sizes would be known


@pytest.mark.parametrize(("alone", "notes"), [(8, 1), (3, 0)])  # three: table 1 doesn't tell of the town itself
def test_a_town_of_one_group_only_is_named_where_table_1_tells_of_it(alone, notes):
    frozen = matched(
        in_towns("c" * alone + "a" * 20 + "b" * 20, "a" * 40 + "b" * 40),
        method=NEAREST,
        variables=("family_type", "town"),
        caliper=0.2,
    )
    assert len(frozen.notes) == 1
    assert len(told(frozen)["notes"]) == notes
