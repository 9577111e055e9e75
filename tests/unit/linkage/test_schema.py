"""The catalogue: names, value sets and layouts that Statistics Denmark takes."""

import csv
from pathlib import Path

import pytest

from exports.linkage.schema import (
    ALWAYS,
    IDENTIFICATION_LIST,
    KEY_FILE,
    METHODS,
    ON_APPROVAL,
    ROLES,
    STANDARD,
    THEMES,
    BadVariableName,
    Klass,
    UnknownVariable,
    check_name,
    data_layout,
)
from tests.unit.linkage.invented import FULL, LAYOUT, VARIABLES

REFERENCE = Path(__file__).parents[3] / "collection" / "reference"


@pytest.mark.parametrize("name", ["PNR", "A", "START_AAR", "A1_", "X" * 32])
def test_names_by_the_rules_pass(name):
    check_name(name)


@pytest.mark.parametrize("name", ["", "pnr", "1A", "_A", "ÅR", "A B", "A-B", "X" * 33, "A\n", "PNR "])
def test_names_against_the_rules_are_refused(name):
    with pytest.raises(BadVariableName):
        check_name(name)


def test_every_variable_of_a_data_file_has_labels_a_source_and_a_closed_value_set():
    for variable in VARIABLES.values():
        assert variable.label_da
        assert variable.label_en
        assert variable.source
        assert variable.klass is not Klass.IDENTITY
        assert variable.name == "PSEUDONYM" or variable.values or variable.bounds
        for danish, english in (variable.values or {}).values():
            assert danish
            assert english


def test_the_standard_layout_is_coarse():
    assert LAYOUT.names == [*ALWAYS, *STANDARD]
    assert not {"KOMMUNE", "PLAN_NR", "START_MAANED"} & set(LAYOUT.names)


def test_what_is_approved_beyond_the_standard_comes_in_the_order_of_the_catalogue():
    assert set(FULL.names) == {*ALWAYS, *STANDARD, *ON_APPROVAL}
    assert data_layout(VARIABLES, ["ROLLE", "KOMMUNE", "REGION"]).names == [*ALWAYS, "REGION", "KOMMUNE", "ROLLE"]


def test_a_variable_outside_the_catalogue_is_refused_by_name():
    with pytest.raises(UnknownVariable, match="DIAGNOSE"):
        data_layout(VARIABLES, ["ROLLE", "DIAGNOSE"])


def test_identities_stand_in_the_officers_files_only():
    assert KEY_FILE.names == ["PNR", "PSEUDONYM"]
    assert IDENTIFICATION_LIST.names == ["PSEUDONYM", "NAVN", "FOEDSELSDATO", "ADRESSE", "BOPAELSDATO"]
    assert not {v.name for v in FULL.variables if v.klass is Klass.IDENTITY}


def test_every_theme_of_the_reference_has_a_number():
    with (REFERENCE / "activity_types.csv").open(encoding="utf-8") as file:
        assert {row["theme"] for row in csv.DictReader(file)} <= THEMES.keys()


def test_every_role_theme_and_method_of_our_data_has_a_number_and_the_same_name():
    from collection.models.activities import Theme
    from collection.models.participations import FamilyRole
    from consent.models import Method

    assert set(FamilyRole.values) == set(ROLES)
    assert set(Theme.values) == set(THEMES)
    assert set(Method.values) == set(METHODS)
    assert {theme: str(Theme(theme).label) for theme in THEMES} == {key: row[1] for key, row in THEMES.items()}


def test_numbers_of_codes_never_change():
    """Files that have left mean these: add, never change."""
    assert {key: row[0] for key, row in THEMES.items()} == {
        "parenting": 1,
        "education": 2,
        "employment": 3,
        "crime_prevention": 4,
    }
    assert {key: row[0] for key, row in ROLES.items()} == {
        "mother": 1,
        "father": 2,
        "other_guardian": 3,
        "child": 4,
        "other": 9,
    }
    assert {key: row[0] for key, row in METHODS.items()} == {"paper": 1, "oral_witness": 2, "digital": 3}
