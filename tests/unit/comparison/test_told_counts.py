"""Counts beside the tables: none that is nearly one that was told before, and no note of who left that tells of few."""

from hypothesis import given
from hypothesis import strategies as st

from exports.comparison.told_counts import hardly_differ, left_in, of_flow, of_rows, with_left

MINIMUM = 5
FLOW = [
    ["participant", 1, "before", "starters", "persons", "95"],
    ["participant", 1, "left_out", "not_in_list", "persons", "hidden"],
    ["comparison", 6, "note", "unseen", "persons", "unknown"],
]


@given(st.lists(st.integers(0, 60), max_size=8))
def test_two_numbers_of_who_left_are_the_same_or_far_apart_in_whatever_order_they_are_told(left):
    """Each delivery has its own flow; what was told of the group last is known to all."""
    told = [0]
    for number in left:
        told.append(left_in(with_left(FLOW, "families", number, max(told), MINIMUM)))
    assert all(abs(a - b) == 0 or abs(a - b) >= MINIMUM for a in told for b in told)


def test_the_note_forgets_nobody_who_left_before():
    flow = with_left(FLOW, "families", 6, 0, MINIMUM)
    assert left_in(flow) == 6
    assert left_in(with_left(flow, "families", 8, 6, MINIMUM)) == 6
    assert left_in(with_left(flow, "families", 11, 6, MINIMUM)) == 11
    assert with_left(FLOW, "families", 4, 0, MINIMUM) == FLOW


def test_a_flow_that_is_not_told_gets_no_note():
    assert with_left([], "families", 9, 0, MINIMUM) == []


def test_counts_that_differ_by_few_point_at_them():
    was = of_flow(FLOW)
    assert was == {("participant", "before", "starters"): 95}
    assert hardly_differ({("participant", "before", "starters"): 96}, [was], MINIMUM)
    assert hardly_differ({("participant", "before", "starters"): 91}, [{}, was], MINIMUM)
    assert not hardly_differ({("participant", "before", "starters"): 100}, [was], MINIMUM)
    assert not hardly_differ(was, [was], MINIMUM)
    parts = [{"rows": "families", "group": "participant", "size": 9, "persons_below": 0}]
    assert of_rows({"parts": parts}) == {("families", "participant"): 9}
