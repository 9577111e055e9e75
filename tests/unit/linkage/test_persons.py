"""A file with a row per person: about the first participation among those that are left when it is written."""

import random
from datetime import date

import pytest
from hypothesis import given
from hypothesis import strategies as st

from exports.linkage import frozen as frozen_module
from exports.linkage.lint import MemberLinter
from tests.unit.linkage.invented import FULL, PERSONS, freeze, make_frozen, make_record, make_records, people_of

# the earlier one has the higher codes: of a region, a plan and a type
EARLY = make_record(7, start=date(2014, 9, 2), activity_type="fire_cadet", plan="LBF-0202", decision=1)
LATE = make_record(
    8, pseudonym=EARLY.pseudonym, start=date(2016, 3, 4), activity_type="mentor", plan="LBF-0101", decision=2
)
CODES = ["751", "101", "615"]  # municipalities of three regions
MIDDLE = EARLY._replace(start=date(2015, 1, 1), start_precision="year", activity_type="familieindsats")


def rows_of(frozen, layout=PERSONS) -> list[dict]:
    return [row for batch in frozen.data(layout) for row in batch.to_pylist()]


def test_one_row_for_each_person_about_the_earliest_start():
    (row,) = rows_of(make_frozen([LATE, MIDDLE, EARLY], PERSONS))
    assert (row["START_AAR"], row["AKT_TYPE"], row["PLAN_NR"], row["ANTAL_FORLOEB"]) == (2014, 13, "LBF-0202", 3)


def test_of_several_from_one_day_the_one_with_the_lowest_codes_is_taken_in_whatever_order_they_come():
    same_day = [EARLY._replace(activity_type=code) for code in ("fire_cadet", "familieindsats", "mentor")]
    for seed in range(6):
        (row,) = rows_of(make_frozen(random.Random(seed).sample(same_day, 3), PERSONS))
        assert row["AKT_TYPE"] == 8


def test_same_rows_in_any_order_give_the_same_bytes():
    records = [*make_records(), EARLY, MIDDLE, LATE]
    plain, about = freeze(records, PERSONS)
    assert freeze(random.Random(3).sample(records, len(records)), PERSONS)[0] == plain
    assert (about.rows, about.persons) == (45, 40)


def test_when_the_first_participation_leaves_the_row_is_about_the_next_and_the_count_goes_down():
    frozen = make_frozen([EARLY, MIDDLE, LATE], PERSONS)
    (row,) = rows_of(frozen.without([EARLY.participant]))  # MIDDLE is of the same participant
    assert (row["START_AAR"], row["AKT_TYPE"], row["ANTAL_FORLOEB"]) == (2016, 9, 1)
    assert rows_of(frozen.without([EARLY.participant])) == rows_of(make_frozen([LATE], PERSONS))


def test_when_a_later_participation_leaves_the_row_stays_and_the_count_goes_down():
    (row,) = rows_of(make_frozen([EARLY, MIDDLE, LATE], PERSONS).without([LATE.participant]))
    assert (row["START_AAR"], row["ANTAL_FORLOEB"]) == (2014, 2)


def test_identification_is_of_all_that_is_left_of_the_person():
    named = LATE._replace(identification="cpr")
    frozen = make_frozen([EARLY._replace(identification="name_address"), named], PERSONS)
    assert [row["IDENT_ART"] for row in rows_of(frozen)] == [1]
    assert [row["IDENT_ART"] for row in rows_of(frozen.without([named.participant]))] == [2]
    assert len(people_of(frozen, "cpr")) == len(rows_of(frozen))


def test_three_or_more_participations_are_one_code():
    many = [EARLY._replace(start=date(2015, month, 1)) for month in range(1, 8)]
    assert [row["ANTAL_FORLOEB"] for row in rows_of(make_frozen(many, PERSONS))] == [3]


@given(st.lists(st.tuples(st.integers(0, 5), st.dates(date(2014, 1, 1), date(2016, 12, 31))), max_size=30), st.data())
def test_the_row_is_the_earliest_of_what_is_left_whoever_leaves(starts, data):
    plans = ["LBF-0101", "LBF-0202", "LBF-0303"]
    records = [
        make_record(person, start=day, participant=bytes([n]) * 16, plan=plans[n % 3], municipality=CODES[n % 3])
        for n, (person, day) in enumerate(starts)
    ]
    gone = data.draw(st.sets(st.sampled_from([record.participant for record in records]))) if records else set()
    left = [record for record in records if record.participant not in gone]
    rows = rows_of(make_frozen(records, PERSONS).without(gone))
    assert rows == rows_of(make_frozen(left, PERSONS))
    by_person = {}
    for record in left:
        by_person.setdefault(record.pseudonym, []).append(record.start)
    assert {row["PSEUDONYM"]: row["START_AAR"] for row in rows} == {
        who: min(days).year for who, days in by_person.items()
    }


def test_the_linter_takes_it_for_data_and_finds_a_person_who_is_there_twice():
    linter = MemberLinter(PERSONS)
    (batch,) = make_frozen(layout=PERSONS).data(PERSONS)
    linter.check(batch)
    assert linter.finish() == []
    twice = MemberLinter(PERSONS)
    twice.check(batch)
    twice.check(batch.slice(batch.num_rows - 1))
    assert [finding.code for finding in twice.finish()] == ["grain"]


def test_a_variable_that_was_not_frozen_cannot_be_written(monkeypatch):
    monkeypatch.setattr(frozen_module, "CHUNK", 4)
    frozen = make_frozen()
    for layout in (FULL, PERSONS):
        with pytest.raises(KeyError):
            rows_of(frozen, layout)
