"""What R's MatchIt 4.7.2 finds among the 614 people of the public data, number for number."""

import pytest

from exports.comparison.runner.matching.matched import match
from exports.comparison.runner.matching.spec import MatchSpec
from tests.unit.comparison.lalonde import KINDS, NAMES, VARIABLES, differences, people

BEFORE_AND_AFTER = {
    "age": (-0.309445, -0.046587),
    "educ": (0.054965, 0.034007),
    "black": (1.761542, 0.047017),
    "hispan": (-0.349843, -0.036142),
    "white": (-1.881868, -0.028840),
    "married": (-0.826309, -0.283694),
    "nodegree": (0.244970, 0.263197),
    "re74": (-0.721084, 0.011280),
    "re75": (-0.290263, 0.017174),
}


def matched(**options):
    nearest = {"method": "nearest", "variables": NAMES, "caliper": 0.2}
    spec = MatchSpec(**(options if "method" in options else nearest | options))
    return match(people(), group="treat", variables=VARIABLES, spec=spec)


@pytest.mark.parametrize(
    "pairs, options",
    [
        (117, {}),
        (109, {"order": "smallest"}),
        (114, {"order": "data"}),
        (115, {"exact": ("race",)}),
        (113, {"distance": "probability"}),
    ],
)
def test_nearest_neighbours_inside_a_caliper_are_as_many_as_in_matchit(pairs, options):
    found = matched(**options)

    assert found.counts == {
        "participants": 185,
        "comparisons": 429,
        "participants_matched": pairs,
        "comparisons_matched": pairs,
        "sets": pairs,
    }
    assert set(found.units["weight"]) == {0, 1}


def test_the_same_people_are_chosen_so_that_the_differences_before_and_after_agree_to_six_digits():
    frame = people()
    before = differences(frame, frame["treat"] * 0 + 1)
    after = differences(frame, matched().units["weight"])

    for name, (first, second) in BEFORE_AND_AFTER.items():
        assert (before[name], after[name]) == (pytest.approx(first, abs=1e-6), pytest.approx(second, abs=1e-6)), name


def test_exact_matching_finds_twelve_strata_and_uses_everybody():
    found = matched(method="exact", variables=("race", "married", "nodegree"))

    assert found.counts["sets"] == 12
    assert found.counts["participants_matched"] == 185


def test_coarsened_exact_matching_by_sturges_rule_finds_25_strata():
    numbers = dict.fromkeys([name for name, kind in KINDS.items() if kind == "numeric"], "sturges")
    found = matched(method="coarsened", variables=NAMES, cutpoints=numbers)

    assert found.counts == {
        "participants": 185,
        "comparisons": 429,
        "participants_matched": 65,
        "comparisons_matched": 75,
        "sets": 25,
    }
    assert found.units["weight"].sum() == pytest.approx(65 + 75)
    assert found.score is None


def test_who_stands_for_whom_is_told_on_both_sides():
    units = matched(ratio=2).units
    told = units[units["match"] != ""]["match"].str.split(";").explode()

    assert {(a, b) for a, b in told.items()} == {(b, a) for a, b in told.items()}
    assert set(told.index) == set(units.index[units["weight"] > 0])


def test_everybody_who_is_not_matched_has_a_reason():
    units = matched().units

    assert (units["reason"] == "").equals(units["weight"] > 0)
    assert units.loc[people()["treat"] == 1, "reason"].value_counts().to_dict() == {
        "": 117,
        "no_free_comparison": 67,
        "caliper": 1,
    }


def test_no_matching_keeps_everybody_with_the_same_weight():
    units = matched(method="none").units

    assert (units["weight"] == 1).all()
    assert (units["reason"] == "").all()
