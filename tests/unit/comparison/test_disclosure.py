"""What is hidden of two groups, and what is told instead. That nothing comes back is test_disclosure_attack's."""

import json
from dataclasses import replace

import numpy as np
import pandas as pd
import pytest

from exports.comparison.runner.balance import table_one
from exports.comparison.runner.disclosure import Release, counts, has_room, protect
from exports.comparison.runner.tables import TableOne
from exports.comparison.runner.variables import BINARY, CATEGORICAL, MISSING, Variable, levels_of
from tests.unit.comparison.releases import described


def frame_of(levels):
    """levels: (participants, comparison) by level."""
    pairs = [(group, code, number) for code, pair in levels.items() for group, number in zip((1, 0), pair, strict=True)]
    rows = [(group, None if code == MISSING else code) for group, code, number in pairs for _ in range(number)]
    return (
        pd.DataFrame(rows, columns=["group", "x"]).astype({"x": "str"}).assign(x=lambda f: f["x"].where(f["x"].notna()))
    )


def variable(frame, kind=CATEGORICAL):
    return Variable(name="x", label=("x", "x"), kind=kind, levels=levels_of(frame["x"]))


def table(levels) -> TableOne:
    frame = frame_of(levels)
    return table_one(frame, "group", [variable(frame)])


def told(levels, minimum=5, earlier=()):
    (protected,) = protect([table(levels)], minimum, earlier)
    return protected.sections[0]


def matched(levels, kept):
    """All units, and the part of `levels` that is kept."""
    codes = list(levels)
    whole, part = (np.array([each[code] for code in codes]) for each in (levels, kept))
    return [described(codes, whole, whole), described(codes, part, whole, weighted=True)]


def shape(section):
    return {row.level: row.counts for row in section.rows}


def nothing(section):
    return section.test is None and all({*r.counts, *r.percents, r.smd} == {None} for r in section.rows)


# --- Levels ------------------------------------------------------------------------------------------------


def test_the_evaluations_own_table_is_told_as_it_is():
    whole = table({"danish": (22, 826), "other": (67, 1428)})
    assert protect([whole], 5) == [whole]
    assert round(whole.sections[0].test.statistic, 4) == 5.2739


def test_a_level_with_a_small_count_in_one_group_is_joined_with_its_neighbour_in_both():
    section = told({"1": (40, 900), "2": (30, 700), "3": (4, 400)})
    assert shape(section) == {"1": (40, 900), "2+3": (34, 1100)}
    assert section.merged == {"2+3": ("2", "3")}
    assert section.rows[1].label == ("2 eller 3", "2 or 3")
    assert section.withheld == ""


def test_all_that_is_told_of_joined_levels_is_what_a_table_of_the_joined_levels_tells():
    section = told({"1": (43, 900), "2": (31, 711), "3": (4, 402)})
    plain = table({"1": (43, 900), "2": (35, 1113)}).sections[0]
    assert section.test == plain.test
    for row, expected in zip(section.rows, plain.rows, strict=True):
        assert row.percents == expected.percents
        assert row.smd == pytest.approx(expected.smd, abs=1e-12)


def test_a_count_of_the_minimum_and_a_count_of_zero_are_told():
    assert shape(told({"1": (5, 900), "2": (0, 700), "3": (60, 5)})) == {"1": (5, 900), "2": (0, 700), "3": (60, 5)}
    assert shape(told({"1": (40, 3), "2": (30, 70)}, minimum=3)) == {"1": (40, 3), "2": (30, 70)}


def test_what_is_not_known_is_joined_only_when_it_must_be():
    levels = {"1": (40, 900), "2": (30, 700), "3": (4, 400), MISSING: (9, 30)}
    assert list(shape(told(levels))) == ["1", "2+3", MISSING]
    assert list(shape(told(levels | {MISSING: (2, 30)}))) == ["1", "2", "3+missing"]


def test_a_variable_of_two_levels_with_a_small_count_is_not_told():
    section = told({"0": (85, 2000), "1": (4, 254)})
    assert nothing(section)
    assert section.withheld == "hidden_cells"
    assert section.merged == {}


@pytest.mark.parametrize("levels", [{"0": (89, 2000), "1": (0, 254)}, {"0": (80, 0), "1": (9, 254)}])
def test_that_everybody_is_alike_is_not_told(levels):
    assert nothing(told(levels))
    assert nothing(told(levels | {MISSING: (12, 20)}))  # everybody of whom it is known


def test_groups_below_the_minimum_are_not_described_and_not_counted():
    (protected,) = protect([table({"0": (2, 100), "1": (2, 100)})], 5)
    assert protected.sizes == (None, None)
    assert nothing(protected.sections[0])
    assert protected.sections[0].withheld == "small_group"


def test_a_minimum_of_one_hides_nothing():
    whole = table({"0": (1, 1), "1": (2, 0)})
    assert protect([whole], 1) == [whole]


# --- After matching ------------------------------------------------------------------------------------------------

WHOLE = {"1": (40, 900), "2": (30, 700), "3": (20, 400)}


def test_after_matching_all_is_told_where_as_many_were_left_out_of_each_level():
    kept = {"1": (35, 38), "2": (25, 22), "3": (20, 20)}
    tables = matched(WHOLE, kept)
    assert protect(tables, 5) == tables


def test_levels_are_joined_alike_before_and_after_matching():
    tables = matched(WHOLE | {"4": (4, 100)}, {"1": (30, 30), "2": (20, 20), "3": (14, 12), "4": (0, 2)})
    whole, part = (each.sections[0] for each in protect(tables, 5))
    assert list(shape(whole)) == list(shape(part)) == ["1", "2", "3+4"]
    shares = 14 / 64, 14 / 64
    assert part.rows[2].percents == (round(100 * shares[0], 1), round(100 * shares[1], 1))
    assert part.rows[2].smd == pytest.approx(0, abs=1e-12)


def test_only_rounded_differences_are_told_where_the_counts_would_tell_of_the_few_who_were_left_out():
    whole, part = protect(matched(WHOLE, {"1": (38, 36), "2": (29, 30), "3": (20, 21)}), 5)
    assert whole.sizes == (90, 2000)
    assert part.sizes == (None, None)  # 3 were left out
    section = part.sections[0]
    assert section.withheld == "differences_only"
    assert {row.counts for row in section.rows} == {row.percents for row in section.rows} == {(None, None)}
    assert [row.smd for row in section.rows] == [0.05, 0.0, -0.05]  # of 0.0463, -0.0244 and -0.0277, in steps of 0.05


def test_no_difference_is_told_where_the_comparison_is_known():
    _, part = protect(matched(WHOLE, {"1": (38, 900), "2": (29, 700), "3": (20, 400)}), 5)
    assert nothing(part.sections[0])


def test_no_difference_is_told_that_leaves_the_counts_of_either_group_too_few_numbers():
    """3 of a small comparison were left out: that many participants fit each of their numbers doesn't hide them."""
    _, part = protect(matched({"0": (203, 13), "1": (178, 10)}, {"0": (181, 10), "1": (35, 10)}), 5)
    assert nothing(part.sections[0])


def test_levels_are_joined_further_after_matching_where_that_lets_them_be_told():
    kept = {"1": (29, 900), "2": (27, 700), "3": (13, 400)}  # of the second level 3 were left out
    whole, part = protect(matched(WHOLE, kept), 5)
    assert list(shape(whole.sections[0])) == ["1", "2", "3"]
    assert shape(part.sections[0]) == {"1": (29, 900), "2+3": (40, 1100)}


def test_what_is_withheld_of_all_is_withheld_of_the_matched():
    _, part = protect(matched({"0": (85, 2000), "1": (4, 254)}, {"0": (60, 60), "1": (0, 0)}), 5)
    assert nothing(part.sections[0])


def test_a_matched_group_below_the_minimum_is_not_described_and_not_counted():
    whole, part = protect(matched(WHOLE, {"1": (4, 4), "2": (0, 0), "3": (0, 0)}), 5)
    assert whole.sizes == (90, 2000)
    assert part.sizes == (None, None)
    assert part.sections[0].withheld == "small_group"


# --- Earlier releases ----------------------------------------------------------------------------------------------


def released(levels, earlier=()):
    return Release.of(protect([table(levels)], 5, earlier))


def test_a_release_is_kept_as_json_that_holds_nothing_that_was_not_told():
    release = Release.of(protect([*matched(WHOLE | {"4": (3, 1234)}, WHOLE | {"4": (3, 1234)})], 5))
    text = json.dumps(release.to_json())
    assert Release.from_json(json.loads(text)) == release
    assert "1234" not in text
    assert "1634" in text  # with the 400 of the level before
    with pytest.raises(ValueError, match="release"):
        Release.from_json({"format": "other"})


def test_the_same_groups_are_told_again_as_they_were():
    tables = matched(WHOLE, {"1": (38, 36), "2": (29, 30), "3": (20, 21)})
    first = protect(tables, 5)
    assert protect(tables, 5, [Release.of(first)]) == first


@pytest.mark.parametrize("gone, tells", [(0, True), (1, False), (4, False), (5, True)])
def test_an_update_after_fewer_than_the_minimum_have_left_tells_nothing(gone, tells):
    (protected,) = protect([table(WHOLE | {"1": (40 - gone, 900)})], 5, [released(WHOLE)])
    assert nothing(protected.sections[0]) is not tells
    if not tells:
        assert protected.sizes == (None, None)
        assert protected.sections[0].withheld == "earlier_release"


def test_levels_that_few_have_left_are_joined():
    now = WHOLE | {"1": (34, 900), "2": (28, 700), "3": (17, 400)}  # 6, 2 and 3 have left
    section = told(now, earlier=[released(WHOLE)])
    assert shape(section) == {"1": (34, 900), "2+3": (45, 1100)}


def test_what_was_joined_once_stays_joined():
    first = released(WHOLE | {"3": (4, 400), "2": (35, 700)})
    assert list(shape(told(WHOLE | {"3": (10, 400), "2": (29, 700)}, earlier=[first]))) == ["1", "2+3"]


def test_a_release_that_told_nothing_binds_nothing():
    first = released(WHOLE)
    second = released(WHOLE | {"1": (38, 900)}, [first])
    now = WHOLE | {"1": (33, 900)}  # 7 fewer than the first told, 5 fewer than the second didn't tell
    assert shape(told(now, earlier=[first, second])) == now


def test_the_counts_of_who_was_matched_stay_hidden_in_what_is_left():
    kept = {"1": (38, 36), "2": (29, 30), "3": (20, 21)}
    first = Release.of(protect(matched(WHOLE, kept), 5))
    fewer, left = {"1": (31, 900), "2": (25, 700), "3": (15, 400)}, {"1": (20, 20), "2": (15, 15), "3": (10, 10)}
    assert not nothing(protect(matched(fewer, left), 5)[1].sections[0])
    whole, part = protect(matched(fewer, left), 5, [first])
    assert not nothing(whole.sections[0])
    assert nothing(part.sections[0])
    assert part.sizes == (None, None)


def test_counts_are_not_told_where_differences_without_counts_were():
    first = protect(matched(WHOLE, {"1": (33, 33), "2": (28, 28), "3": (14, 14)}), 5)
    assert first[1].sizes == (75, 75)
    assert first[1].sections[0].withheld == "differences_only"  # 2 of the second level were left out
    now = matched(
        {"1": (34, 900), "2": (25, 700), "3": (15, 400)}, {"1": (27, 33), "2": (18, 28), "3": (9, 14)}
    )  # the comparison is as it was: what is new in a difference is of who left
    assert protect(now, 5)[1] == now[1]
    (section,) = protect(now, 5, [Release.of(first)])[1].sections
    assert nothing(section)
    assert section.withheld == "earlier_release"


def test_a_size_that_was_hidden_is_not_told_by_the_counts_of_another_variable():
    first = Release.of(protect(matched(WHOLE, {"1": (38, 36), "2": (29, 30), "3": (20, 21)}), 5))
    now = [
        replace(each, sections=tuple(replace(s, variable=replace(s.variable, name="y")) for s in each.sections))
        for each in matched(
            {"1": (31, 900), "2": (25, 700), "3": (15, 400)}, {"1": (20, 20), "2": (15, 15), "3": (10, 10)}
        )
    ]
    assert protect(now, 5)[1] == now[1]
    part = protect(now, 5, [first])[1]
    assert part.sizes == (None, None)
    assert {row.counts for row in part.sections[0].rows} == {(None, None)}


def test_each_earlier_release_counts_not_only_the_last():
    first = released({"0": (50, 900), "1": (40, 700)})
    second = released({"0": (42, 900), "1": (32, 700)}, [first])
    now = {"0": (48, 900), "1": (40, 700)}  # far from the second, two from the first
    assert nothing(told(now, earlier=[first, second]))
    assert not nothing(told(now, earlier=[second]))


@pytest.mark.parametrize(
    "levels, left",
    [
        ({"1": (30, 900)}, {"1": (28, 36)}),  # ten left
        ({"1": (40, 880)}, {}),  # twenty left who were not matched, so that the differences are the same
        ({}, {"1": (38, 33), "2": (29, 33)}),  # nobody left, but others were matched
    ],
)
def test_differences_without_counts_are_not_told_anew_of_other_groups(levels, left):
    kept = {"1": (38, 36), "2": (29, 30), "3": (20, 21)}
    first = Release.of(protect(matched(WHOLE, kept), 5))
    tables = matched(WHOLE | levels, kept | left)
    assert protect(tables, 5)[1].sections[0].withheld == "differences_only"
    assert nothing(protect(tables, 5, [first])[1].sections[0])


# --- Counts whose sum is known -------------------------------------------------------------------------------------


def test_small_counts_are_hidden_and_beside_them_as_many_as_it_takes():
    assert counts({"a": 3, "b": 70, "c": 12, "d": 0}, 5) == {"a": None, "b": 70, "c": None, "d": 0}
    assert counts({"a": 5, "b": 70, "c": 0}, 5) == {"a": 5, "b": 70, "c": 0}
    assert counts({"a": 1, "b": 1, "c": 30}, 5) == {"a": None, "b": None, "c": None}


def test_hidden_counts_have_room_when_each_could_be_any_small_count():
    assert has_room([3, 12], 5, 70)
    assert not has_room([3], 5)
    assert not has_room([1, 1], 5)  # 2 = 1 + 1
    assert not has_room([3, 6], 5, 6)  # 9 = 3 + 6, when no hidden count is over 6: 3 at least
    assert has_room([3, 6], 5)


def test_a_yes_that_few_have_is_joined_with_not_known():
    frame = frame_of({"0": (80, 2000), "1": (4, 200), MISSING: (5, 54)})
    (protected,) = protect([table_one(frame, "group", [variable(frame, BINARY)])], 5)
    assert list(shape(protected.sections[0])) == ["0", "1+missing"]
