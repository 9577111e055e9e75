"""The catalogue: names, value sets and layouts that Statistics Denmark takes."""

import csv
import json
from dataclasses import replace
from pathlib import Path

import pytest

from exports.linkage.codes import AUDIENCES, DURATIONS, METHODS, PARTICIPATIONS, ROLES, THEMES, version_code
from exports.linkage.schema import (
    ALWAYS,
    ALWAYS_PER_PERSON,
    GRAINS,
    IDENTIFICATION_LIST,
    KEY_FILE,
    ON_APPROVAL,
    STANDARD,
    BadVariableName,
    Klass,
    UnknownVariable,
    check_name,
    data_layout,
    layout_from_json,
    layout_to_json,
)
from exports.linkage.variables import catalogue
from tests.unit.linkage.invented import FULL, LAYOUT, PERSONS, PLANS, TYPES, VARIABLES

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
        assert variable.period
        assert variable.klass is not Klass.IDENTITY
        assert variable.name == "PSEUDONYM" or variable.values or variable.bounds
        for danish, english in (variable.values or {}).values():
            assert danish
            assert english


def test_the_standard_layout_is_coarse():
    assert LAYOUT.names == [*ALWAYS, *STANDARD]
    assert not set(ON_APPROVAL) & set(LAYOUT.names)
    assert {"KOMMUNE", "PLAN_NR", "START_MAANED", "VARIGHED", "FOEDSELSAAR"} <= set(ON_APPROVAL)


def test_department_and_language_never_leave():
    assert not [name for name in VARIABLES if "AFDELING" in name or "SPROG" in name]
    assert not {"department", "language"} & {word for v in VARIABLES.values() for word in v.label_en.lower().split()}


def test_what_is_approved_beyond_the_standard_comes_in_the_order_of_the_catalogue():
    assert set(FULL.names) == {*ALWAYS, *STANDARD, *ON_APPROVAL}
    assert data_layout(VARIABLES, ["ROLLE", "KOMMUNE", "REGION"]).names == [*ALWAYS, "REGION", "KOMMUNE", "ROLLE"]


def test_a_variable_outside_the_catalogue_is_refused_by_name():
    with pytest.raises(UnknownVariable, match="DIAGNOSE"):
        data_layout(VARIABLES, ["ROLLE", "DIAGNOSE"])


def test_a_file_of_persons_has_one_key_and_says_of_which_participation_a_value_is():
    assert PERSONS.grain == ("PSEUDONYM",)
    assert PERSONS.names == [*ALWAYS_PER_PERSON, *(name for name in FULL.names if name not in ALWAYS)]
    assert "FORLOEB_NR" not in PERSONS.names
    of_the_person = {"PSEUDONYM", "ANTAL_FORLOEB", "FOEDSELSAAR", "IDENT_ART"}
    for variable in PERSONS.variables:
        assert variable.label_da.startswith("Første forløb: ") == (variable.name not in of_the_person)
        assert variable.label_en.startswith("First participation: ") == (variable.name not in of_the_person)
    assert {FULL.unit, PERSONS.unit} == set(GRAINS.values())
    assert not PERSONS.identities


def test_danish_labels_fit_the_80_characters_of_stata():
    assert [v.name for v in (*FULL.variables, *PERSONS.variables) if len(v.label_da) > 80] == []


def test_the_number_of_participations_is_in_a_file_of_persons_only():
    assert "ANTAL_FORLOEB" not in data_layout(VARIABLES, ["ANTAL_FORLOEB", "ROLLE"]).names
    assert "FORLOEB_NR" not in data_layout(VARIABLES, ["FORLOEB_NR", "ROLLE"], "person").names


def test_a_layout_is_read_as_it_was_written():
    for layout in (LAYOUT, FULL, PERSONS):
        again = layout_from_json(json.loads(json.dumps(layout_to_json(layout))))
        assert again == replace(layout, variables=again.variables)
        for then, now in zip(layout.variables, again.variables, strict=True):
            assert then == replace(now, values=then.values)
            assert now.values == (None if then.values is None else dict(then.values))


def test_a_layout_of_before_units_and_periods_is_still_read():
    written = layout_to_json(LAYOUT)
    del written["unit"]
    for variable in written["variables"]:
        del variable["period"]
    assert layout_from_json(written).unit == LAYOUT.unit


def test_birth_years_have_bounds_that_follow_the_projects_years():
    assert VARIABLES["FOEDSELSAAR"].bounds == (1884, 2016)
    assert catalogue(TYPES, PLANS, 2020, 2022)["FOEDSELSAAR"].bounds == (1890, 2022)


def test_identities_stand_in_the_officers_files_only():
    assert KEY_FILE.names == ["PNR", "PSEUDONYM"]
    assert IDENTIFICATION_LIST.names == ["PSEUDONYM", "NAVN", "FOEDSELSDATO", "ADRESSE", "BOPAELSDATO"]
    assert not {v.name for v in (*FULL.variables, *PERSONS.variables) if v.klass is Klass.IDENTITY}
    assert KEY_FILE.identities
    assert IDENTIFICATION_LIST.identities


def test_every_theme_of_the_reference_has_a_number():
    with (REFERENCE / "activity_types.csv").open(encoding="utf-8") as file:
        assert {row["theme"] for row in csv.DictReader(file)} <= THEMES.keys()


def test_every_role_theme_and_method_of_our_data_has_a_number_and_the_same_name():
    from collection.models.activities import Theme
    from collection.models.participations import FamilyRole
    from consent.models import Audience, Method
    from exports.models import EvaluationProject

    assert set(Audience.values) == set(AUDIENCES)
    assert set(EvaluationProject.Grain.values) == set(GRAINS)
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
    assert {first: row[0] for first, row in DURATIONS.items()} == {0: 1, 1: 2, 3: 3, 6: 4, 12: 5, None: 6}
    assert {count: row[0] for count, row in PARTICIPATIONS.items()} == {1: 1, 2: 2, 3: 3}
    assert [version_code(each, 7) for each in ("adult", "youth", "guardian")] == [1007, 2007, 3007]
