"""The rules one by one, as stories about a few families."""

import io

import pandas as pd
import pytest

from exports.comparison.extract_file import UnreadableExtract, facts_of, rows_of
from exports.comparison.residents import load_residents
from exports.comparison.runner.drawing import RegisterUnfit, select
from tests.factories.register import TYPES
from tests.unit.comparison.village import RUN_KEY, definition, keyed

CHILD = "2013-05-20"  # 1, 2 and 3 years old at the ends of 2014, 2015 and 2016


@pytest.fixture
def reported(village):
    """Plan A has reported a participant who is on no list, so that its area counts."""
    village.lives("gone", 2013, stranger="1970-03-03").begins("stranger", 2014)
    return village


def test_a_family_is_measured_in_the_year_in_which_a_parent_started(village, tell):
    village.lives("Holm", 2014, 2015, 2016, mor="1985-02-02", barn=CHILD).begins("mor", 2015).begins("mor", 2016)
    told = tell(village)
    assert told.groups == {"Holm": ("participant", 2015)}
    assert told.left_out == {("comparison", "participant_family"): 1}


def test_a_family_of_the_area_that_never_started_is_a_comparison_family(reported, tell):
    reported.lives("Lund", 2016, mor="1985-02-02", far="1984-02-02", barn=CHILD, lillesøster="2016-12-31")
    told = tell(reported)
    assert told.groups == {"Lund": ("comparison", 2016)}
    row = told.frame.loc["Lund"]
    assert (row.family_type, row.children, row.children_in_range, row.children_group) == ("couple", 2, 2, "2")
    assert pd.isna(row.person)


def test_a_family_that_started_another_activity_only_is_a_comparison_family(reported, tell):
    reported.lives("Lund", 2016, mor="1985-02-02", barn=CHILD).begins("mor", 2015, kind=TYPES[1])
    assert tell(reported).groups == {"Lund": ("comparison", 2016)}


def test_a_family_whose_member_started_before_is_left_out_only_when_the_rule_reaches_that_far(reported, tell):
    reported.lives("Lund", 2016, mor="1985-02-02", barn=CHILD).begins("mor", 2012)
    assert tell(reported).groups == {"Lund": ("comparison", 2016)}
    told = tell(reported, definition(excluded_since=2012))
    assert told.groups == {}
    assert told.left_out["comparison", "started"] == 1


def test_a_child_who_took_part_makes_no_participant_family_and_no_comparison_family(reported, tell):
    reported.lives("Lund", 2016, mor="1980-02-02", søn="2002-06-06", barn=CHILD).begins("søn", 2016)
    told = tell(reported)
    assert told.groups == {}
    assert told.left_out["participant", "not_adult"] == told.left_out["comparison", "started"] == 1


@pytest.mark.parametrize(
    ("birth", "counts"),
    [("2009-12-31", False), ("2010-01-02", True), ("2016-12-31", True)],
)
def test_a_child_is_6_until_the_end_of_the_year_in_which_it_turns_6(reported, tell, birth, counts):
    reported.lives("Lund", 2016, mor="1985-02-02", barn=birth)
    told = tell(reported)
    assert ("Lund" in told.groups) is counts
    assert told.left_out.get(("comparison", "no_child"), 0) == (0 if counts else 1)


def test_the_age_of_a_child_is_that_of_the_year_of_the_start(village, tell):
    village.lives("Holm", 2014, 2016, mor="1985-02-02", barn="2008-05-05").begins("mor", 2014)
    village.lives("Vang", 2016, mor2="1985-02-02", barn2="2008-05-05").begins("mor2", 2016)
    told = tell(village)
    assert told.groups == {"Holm": ("participant", 2014)}  # 6 in 2014; the other child was 8 in 2016
    assert told.left_out["participant", "no_child"] == 1


def test_a_participant_who_is_not_on_the_list_of_that_year_is_left_out(village, tell):
    village.lives("Holm", 2015, 2016, mor="1985-02-02", barn=CHILD).begins("mor", 2014)
    village.lives("Vang", 2014, far="1985-02-02", barn2=CHILD).begins("far", 2014)
    told = tell(village)
    assert told.groups == {"Vang": ("participant", 2014)}
    assert told.left_out == {("participant", "not_in_list"): 1, ("comparison", "started"): 1}


def test_a_participant_of_a_year_without_a_list_is_left_out_for_that_reason(village, tell):
    village.lives("Holm", 2016, mor="1985-02-02", barn=CHILD).begins("mor", 2014)
    told = tell(village)
    assert told.groups == {}
    assert told.left_out == {("participant", "list_missing"): 1, ("comparison", "started"): 1}


def test_parents_who_started_in_two_years_are_one_family_measured_in_the_first(village, tell):
    village.lives("Holm", 2014, 2015, 2016, mor="1985-02-02", far="1985-03-03", barn=CHILD)
    village.begins("far", 2016).begins("mor", 2014)
    assert tell(village).groups == {"Holm": ("participant", 2014)}


def test_parents_who_move_together_after_the_first_start_are_not_counted_twice(village, tell):
    village.lives("Holm", 2014, mor="1985-02-02", barn=CHILD).begins("mor", 2014)
    village.lives("Holm-Vang", 2015, 2016, mor="1985-02-02", barn=CHILD, far="1985-03-03").begins("far", 2015)
    told = tell(village)
    assert told.groups == {"Holm": ("participant", 2014)}
    assert told.left_out == {("participant", "earlier_start"): 1, ("comparison", "participant_family"): 1}


def test_a_parent_who_has_left_the_participant_family_with_a_child_may_be_a_comparison_family(village, tell):
    village.lives("Holm", 2014, mor="1985-02-02", far="1985-03-03", barn=CHILD).begins("mor", 2014)
    village.lives("Fars", 2016, far="1985-03-03", barn=CHILD)
    assert tell(village).groups == {"Holm": ("participant", 2014), "Fars": ("comparison", 2016)}


def test_only_areas_that_reported_participants_count(reported, tell):
    reported.lives("Lund", 2016, department="11-2", mor="1985-02-02", barn=CHILD)  # plan B reported nobody
    reported.lives("Eng", 2016, department="14-5", mor2="1985-02-02", barn2=CHILD)  # no plan at all
    reported.begins("stranger", 2013, plan="B").begins("stranger", 2015, plan="B", kind=TYPES[2])
    told = tell(reported)
    assert told.groups == {}
    assert told.left_out["comparison", "outside_areas"] == 4  # people


def test_a_participant_who_lives_outside_the_areas_is_one_all_the_same_under_the_plan_where_they_started(village, tell):
    village.lives("Holm", 2015, department="11-2", mor="1985-02-02", barn=CHILD).begins("mor", 2015, plan="A")
    told = tell(village)
    assert told.groups == {"Holm": ("participant", 2015)}
    assert told.frame.loc["Holm", ["plan", "municipality_code"]].tolist() == ["A", "461"]
    assert told.left_out == {}


def test_participants_may_live_elsewhere_than_the_departments_that_are_chosen_for_the_comparison(village, tell):
    village.lives("Holm", 2015, department="11-2", mor="1985-02-02", barn=CHILD).begins("mor", 2015, plan="B")
    village.lives("Lund", 2016, mor2="1985-02-02", barn2=CHILD)
    told = tell(village, definition(areas="chosen", chosen_departments=("10-1",)))
    assert told.groups == {"Holm": ("participant", 2015), "Lund": ("comparison", 2016)}


def test_a_family_in_two_plans_stands_under_the_one_where_it_took_part_else_under_the_first(village, tell):
    village.lives("Holm", 2015, department="12-3", mor="1985-02-02", barn=CHILD).begins("mor", 2015, plan="B")
    village.lives("Lund", 2016, department="12-3", mor2="1985-02-02", barn2=CHILD)
    village.lives("gone", 2013, stranger="1970-03-03").begins("stranger", 2014, plan="A")
    told = tell(village)
    assert told.frame["plan"].to_dict() == {"Holm": "B", "Lund": "A"}
    assert told.frame["region"].to_dict() == {"Holm": "Midtjylland", "Lund": "Syddanmark"}
    assert len(told.selection.families) == 2


@pytest.mark.parametrize(
    ("people", "kind", "children"),
    [
        ({"mor": "1999-04-04", "barn": CHILD}, "single", 1),  # 17, a parent
        ({"mor": "1986-04-04", "ven": "1992-04-04", "barn": CHILD}, "couple", 1),  # 24, six years younger
        ({"mor": "1976-04-04", "søn": "1996-04-04", "barn": CHILD}, "single", 2),  # 20, at home
        ({"mor": "1966-04-04", "søn": "1991-04-04", "barn": CHILD}, "couple", 1),  # 25: an adult in any family
        ({"storebror": "2003-04-04", "barn": CHILD}, "unknown", 2),
    ],
)
def test_adults_and_children_are_told_apart_by_age_and_by_the_gap_of_a_generation(
    reported, tell, people, kind, children
):
    reported.lives("Lund", 2016, **people)
    row = tell(reported).frame.loc["Lund"]
    assert (row.family_type, row.children) == (kind, children)


def test_a_parent_of_17_is_not_one_of_the_children_whatever_the_ages_asked_for(reported, tell):
    reported.lives("Lund", 2016, mor="1999-04-04", barn=CHILD)
    assert tell(reported, definition(oldest=17)).frame.loc["Lund", "children_in_range"] == 1


def test_counts_families_by_group_year_and_type(village, tell):
    village.lives("Holm", 2015, mor="1985-02-02", barn=CHILD).begins("mor", 2015)
    village.lives("Lund", 2016, mor2="1985-02-02", barn2=CHILD).lives("Eng", 2016, far3="1985-02-02", barn3=CHILD)
    assert tell(village).selection.counts.to_dict("records") == [
        {"family_group": "participant", "reference_year": 2015, "family_type": "single", "families": 1},
        {"family_group": "comparison", "reference_year": 2016, "family_type": "single", "families": 2},
    ]


def test_tells_how_far_it_is(village, tell):
    village.lives("Holm", 2015, mor="1985-02-02", barn=CHILD).begins("mor", 2015)
    heard = []
    tell(village, progress=lambda stage, done, of: heard.append((stage, done, of)))
    assert heard[0] == ("first_starts", 0, 12)
    assert heard[-1] == ("", 12, 12)


def test_two_lists_are_drawn_together_and_refused_when_they_hold_one_person_twice(village, tmp_path):
    village.lives("Holm", 2015, mor="1985-02-02", barn=CHILD).begins("mor", 2015)
    known = {"10-1"}
    load_residents(village.csv(), tmp_path / "2015", run_key=RUN_KEY, departments=known)
    village.lines.clear()
    village.lives("Lund", 2016, mor2="1985-02-02", barn2=CHILD)
    load_residents(village.csv(), tmp_path / "2016", run_key=RUN_KEY, departments=known)
    options = {"departments": village.departments, "starts": keyed(village.starts)}
    both = select(definition(), rows_of([tmp_path / "2015", tmp_path / "2016"], RUN_KEY), **options)
    assert sorted(both.families["family_group"]) == ["comparison", "participant"]
    with pytest.raises(RegisterUnfit):
        select(definition(), rows_of([tmp_path / "2016", tmp_path / "2016"], RUN_KEY), **options)
    with pytest.raises(UnreadableExtract):
        select(definition(), rows_of([tmp_path / "2016"], bytes(32)), **options)


def test_residents_who_were_not_kept_because_they_live_elsewhere_are_in_the_flow(village, tmp_path):
    village.lives("Holm", 2016, mor="1985-02-02", barn=CHILD).begins("mor", 2016)
    village.lives("Eng", 2016, mor2="1985-02-02", barn2=CHILD, far2="1985-02-02")
    streets = village.residents["FAMILIE_ID"].map({"Holm": "0001", "Eng": "0002"})
    listed = village.residents.drop(columns=["ORG_NR", "AFD_NR"]).assign(KOM="461", VEJKODE=streets, HUSNR="3")
    ranges = [("461", "0001", 1, 9, "10-1")]
    addresses = pd.DataFrame(
        ranges, columns=["municipality_code", "street_code", "house_from", "house_to", "department"]
    )
    source = io.BytesIO(listed.to_csv(index=False).encode())
    load_residents(source, tmp_path / "list", run_key=RUN_KEY, departments=set(), addresses=addresses)
    selection = select(
        definition(), rows_of([tmp_path / "list"], RUN_KEY), departments=village.departments,
        starts=keyed(village.starts), elsewhere=facts_of(tmp_path / "list", RUN_KEY)["elsewhere"]["2016"], minimum=1,
    )  # fmt: skip
    flow = selection.flow.frame().set_index(["step", "role"])["count"]
    assert (flow[3, "before"], flow[3, "left_out"], flow[3, "after"]) == (5, 3, 2)
