import itertools
import random

from exports.comparison.runner.flow import LABELS, PERSONS, Count, Step, flow, masked

COUNTS = {
    "persons": {"list_missing": 0, "not_in_list": 12, "not_adult": 7, "found": 100},
    "families": {"earlier_start": 6, "no_child": 9, "participant": 71},
    "candidates": {"participant_family": 60, "started": 8, "comparison": 2254},
    "sizes": {"residents": 9000, "area_residents": 8000, "area_families": 4000, "candidates": 2322},
}


def step(before, *reasons, after, name="x"):
    left_out = tuple(Count("no_child", count) for count in reasons)
    return Step("comparison", PERSONS, Count(name, before), left_out, Count("after", after))


def test_each_step_adds_up():
    for each in flow(COUNTS, None, 5).steps:
        assert each.before.count == sum(item.count for item in each.left_out) + each.after.count


def test_counts_of_people_left_out_are_hidden_below_the_minimum_with_one_more_beside_them():
    [shown] = masked([step(100, 3, 40, 20, 0, after=37)], 5)
    assert [item.count for item in shown.left_out] == [None, 40, None, 0]
    assert (shown.before.count, shown.after.count) == (100, 37)


def test_nothing_is_hidden_when_nobody_or_enough_people_were_left_out():
    steps = [step(100, 0, 5, 20, after=75)]
    assert masked(steps, 5) == steps


def test_a_single_small_reason_hides_what_the_step_began_with_and_so_back_to_the_first_step():
    first = step(500, 480, after=20, name="all")
    second = Step("comparison", PERSONS, Count("after", 20), (Count("started", 2),), Count("comparison", 18))
    shown = masked([first, second], 5)
    assert shown[1].before.count is shown[1].left_out[0].count is None
    assert shown[1].after.count == 18
    assert shown[0].after.count is None
    assert shown[0].left_out[0].count is None
    assert shown[0].before.count == 500


def test_a_hidden_count_can_never_be_found_by_subtraction():
    """Every way to fill the hidden counts that adds up: a small one must be open in more than one way, and what the
    step hides in all must not be a small number."""
    rng = random.Random(2)
    hidden_somewhere = 0
    for _turn in range(500):
        reasons = [rng.choice([0, 1, 2, 3, 4, 5, 6, 9]) for _reason in range(rng.choice([1, 2, 3]))]
        after = rng.choice([0, 7, 50])
        [shown] = masked([step(sum(reasons) + after, *reasons, after=after)], 5)
        assert all(item.count is None or item.count == 0 or item.count >= 5 for item in shown.left_out)
        hidden = [count for item, count in zip(shown.left_out, reasons, strict=True) if item.count is None]
        if not hidden:
            continue
        hidden_somewhere += 1
        if shown.before.count is not None:
            total = shown.before.count - shown.after.count - sum(item.count or 0 for item in shown.left_out)
            assert total == sum(hidden) >= 5
            ways = {way for way in itertools.product(range(1, total), repeat=len(hidden)) if sum(way) == total}
            assert len(ways) > 1
    assert hidden_somewhere > 200


def test_the_note_on_participants_nobody_can_recognise_is_kept_unknown_or_hidden():
    for unseen, shown, known in ((None, None, False), (0, 0, True), (-3, 0, True), (4, None, True), (412, 412, True)):
        told = flow(COUNTS, unseen, 5)
        assert (told.unseen, told.unseen_known) == (shown, known)
    note = flow(COUNTS, 4, 5).frame().iloc[-1]
    assert (note["code"], note["hidden"]) == ("unseen", True)


def test_every_count_has_a_danish_label():
    frame = flow(COUNTS, 3, 5).frame()
    assert all(all(LABELS[code]) for code in frame["code"])
    assert frame["count"].dtype == "Int64"
    assert list(frame["step"].unique()) == [1, 2, 3, 4, 5, 6]
