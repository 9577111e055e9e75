"""Records become codes, and what has no code stops the work without being told."""

from datetime import date, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from exports.linkage.rows import RECORDS_AT_ONCE, UncodedValue, age_band, coded_batches, duration_band, frozen_schema
from exports.linkage.schema import ON_APPROVAL
from tests.unit.linkage.invented import FULL, LAYOUT, PERSONS, TYPES, make_record


def coded(record, layout=FULL) -> dict:
    (batch,) = coded_batches([record], layout, TYPES)
    return batch.to_pylist()[0]


def test_each_variable_is_coded_from_its_field():
    row = coded(
        make_record(
            1,
            plan="LBF-0303",
            birth_year=1985,
            activity_type="fire_cadet",
            start=date(2015, 4, 30),
            end=date(2015, 9, 29),
            role="other_guardian",
            method="oral_witness",
            version=1002,
            identification="name_address",
        )
    )
    kept = {"pseudonym", "participant", "decision"}
    assert {name: value for name, value in row.items() if name not in kept} == {
        "identification": 2,
        "REGION": 1082,
        "KOMMUNE": 615,
        "PLAN_NR": "LBF-0303",
        "START_AAR": 2015,
        "START_MAANED": 4,
        "ALDERSGRP": 5,
        "AKT_TYPE": 13,
        "AKT_TEMA": 4,
        "ROLLE": 3,
        "SAMTYKKE_MAADE": 2,
        "SAMTYKKE_UDG": 1002,
        "VARIGHED": 3,
        "FOEDSELSAAR": 1985,
    }


def test_a_month_is_told_only_when_it_is_known():
    january = date(2015, 1, 1)
    assert coded(make_record(1, start=january, start_precision="year"))["START_MAANED"] is None
    assert coded(make_record(1, start=january, start_precision="month"))["START_MAANED"] == 1


@pytest.mark.parametrize(
    "born, year, band",
    [
        (2015, 2015, 1),
        (2009, 2015, 1),
        (2008, 2015, 2),
        (2001, 2015, 2),
        (2000, 2015, 3),
        (1998, 2015, 3),
        (1997, 2015, 4),
        (1991, 2015, 4),
        (1990, 2015, 5),
        (1951, 2015, 8),
        (1950, 2015, 9),
        (1890, 2015, 9),
        (2016, 2015, None),
        (None, 2015, None),
    ],
)
def test_age_bands_by_the_age_at_the_end_of_the_year_of_start(born, year, band):
    assert age_band(born, year) == band
    assert coded(make_record(1, birth_year=born, start=date(year, 6, 1)))["ALDERSGRP"] == band


@pytest.mark.parametrize(
    "start, precision, end, band",
    [
        (date(2015, 4, 30), "day", date(2015, 4, 30), 1),
        (date(2015, 4, 30), "day", date(2015, 5, 29), 1),
        (date(2015, 4, 30), "day", date(2015, 5, 30), 2),
        (date(2015, 4, 30), "day", date(2015, 7, 29), 2),
        (date(2015, 4, 30), "day", date(2015, 7, 30), 3),
        (date(2015, 4, 30), "day", date(2015, 10, 30), 4),
        (date(2015, 4, 30), "day", date(2016, 4, 29), 4),
        (date(2015, 4, 30), "day", date(2016, 4, 30), 5),
        (date(2015, 4, 30), "day", date(2025, 4, 30), 5),
        (date(2015, 4, 30), "day", None, 6),
        (date(2015, 4, 1), "month", date(2015, 9, 15), 3),  # 4 or 5 months, whichever day it was
        (date(2015, 4, 1), "month", date(2015, 7, 15), None),  # 2 or 3 months
        (date(2015, 4, 1), "month", date(2015, 4, 20), 1),
        (date(2015, 1, 1), "year", date(2017, 2, 1), 5),
        (date(2015, 1, 1), "year", date(2015, 11, 1), None),
        (date(2015, 1, 1), "year", date(2015, 1, 20), 1),
        (date(2015, 1, 1), "year", None, 6),
    ],
)
def test_duration_is_told_in_bands_and_only_where_the_start_is_known_well_enough(start, precision, end, band):
    assert duration_band(start, precision, end) == band
    assert coded(make_record(1, start=start, start_precision=precision, end=end))["VARIGHED"] == band


@given(st.dates(date(2012, 1, 1), date(2018, 12, 31)), st.integers(0, 900))
def test_a_longer_participation_is_never_in_a_lower_band_and_each_has_one(start, days):
    end = start + timedelta(days=days)
    band = duration_band(start, "day", end)
    assert band in range(1, 6)
    assert duration_band(start, "day", end + timedelta(days=1)) in {band, band + 1}


@given(st.dates(date(2014, 1, 1), date(2016, 12, 31)), st.sampled_from(["month", "year"]), st.integers(0, 900))
def test_a_start_known_by_month_or_year_has_the_band_of_every_day_it_may_have_been_or_none(real, precision, days):
    end = real + timedelta(days=days)
    stored = real.replace(day=1) if precision == "month" else real.replace(month=1, day=1)
    band = duration_band(stored, precision, end)
    bands = {
        duration_band(day, "day", end)
        for n in range((end - stored).days + 1)
        if (day := stored + timedelta(days=n)).year == stored.year
        and (precision == "year" or day.month == stored.month)
    }
    assert band == (bands.pop() if len(bands) == 1 else None)


@pytest.mark.parametrize(
    "born, told", [(1985, 1985), (2015, 2015), (2016, None), (1885, 1885), (1884, None), (None, None)]
)
def test_a_birth_year_that_cannot_be_is_not_told(born, told):
    assert coded(make_record(1, birth_year=born, start=date(2015, 6, 1)))["FOEDSELSAAR"] == told


@given(st.integers(0, 130))
def test_every_age_has_exactly_one_band(age):
    assert age_band(2016 - age, 2016) in LAYOUT.variables[LAYOUT.names.index("ALDERSGRP")].values


@pytest.mark.parametrize(
    "field, value, variable",
    [
        ("municipality", "411", "REGION"),
        ("activity_type", "hemmelig_type", "AKT_TYPE"),
        ("role", "bedstemor", "ROLLE"),
        ("method", "telepati", "SAMTYKKE_MAADE"),
        ("identification", "fingeraftryk", "identification"),
    ],
)
def test_a_value_without_a_code_is_an_error_that_names_the_variable_and_not_the_value(field, value, variable):
    with pytest.raises(UncodedValue, match=variable) as caught:
        coded(make_record(1, **{field: value}), LAYOUT)
    assert value not in str(caught.value)


@pytest.mark.parametrize("field, value", [("participant", b"seventeen bytes!!"), ("decision", "0707614286")])
def test_a_value_of_a_wrong_type_is_not_quoted(field, value):
    with pytest.raises(UncodedValue) as caught:
        coded(make_record(1, **{field: value}))
    assert str(value) not in str(caught.value)


def test_only_approved_variables_are_coded():
    assert set(ON_APPROVAL) & coded(make_record(1), LAYOUT).keys() == set()


def test_the_day_of_the_start_is_beside_the_codes_of_a_file_of_persons_only_until_they_are_in_order():
    record = make_record(1, start=date(2015, 4, 30))
    assert coded(record, PERSONS)["start"] == date(2015, 4, 30)
    assert "start" not in coded(record, FULL)
    assert "start" not in frozen_schema(PERSONS).names


def test_records_are_taken_in_chunks_and_none_is_lost():
    records = (make_record(1) for _ in range(RECORDS_AT_ONCE + 3))
    assert [batch.num_rows for batch in coded_batches(records, LAYOUT, TYPES)] == [RECORDS_AT_ONCE, 3]
    assert list(coded_batches([], LAYOUT, TYPES)) == []
