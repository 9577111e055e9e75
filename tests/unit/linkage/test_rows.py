"""Records become codes, and what has no code stops the work without being told."""

from datetime import date

import pytest
from hypothesis import given
from hypothesis import strategies as st

from exports.linkage.rows import RECORDS_AT_ONCE, UncodedValue, age_band, coded_batches
from tests.unit.linkage.invented import FULL, LAYOUT, TYPES, make_record


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
            role="other_guardian",
            method="oral_witness",
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
    assert {"KOMMUNE", "PLAN_NR", "START_MAANED"} & coded(make_record(1), LAYOUT).keys() == set()


def test_records_are_taken_in_chunks_and_none_is_lost():
    records = (make_record(1) for _ in range(RECORDS_AT_ONCE + 3))
    assert [batch.num_rows for batch in coded_batches(records, LAYOUT, TYPES)] == [RECORDS_AT_ONCE, 3]
    assert list(coded_batches([], LAYOUT, TYPES)) == []
