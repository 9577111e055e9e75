"""Headings as people write them, and which row they stand in."""

import pytest

from spreadsheets.columns import COLUMNS, find_headings, guess, headings_at, key_of


@pytest.mark.parametrize(
    "heading, key",
    [
        ("CPR-nr.", "cpr"),
        ("Cpr. nummer", "cpr"),
        ("PERSONNUMMER", "cpr"),
        ("Deltagers navn", "name"),
        ("For- og efternavn", "name"),
        ("Fødselsdato (dd-mm-åååå)", "birth_date"),
        ("Født", "birth_date"),
        ("Startdato", "start"),
        ("Dato for samtykke", "decided_on"),
        ("Samtykke givet den", "decided_on"),
        ("Samtykke (ja/nej)", "consent"),
        ("Telefon", ""),
        ("", ""),
    ],
)
def test_headings_are_known_by_what_people_call_them(heading, key):
    assert key_of(heading) == key


def test_no_heading_stands_for_two_columns():
    known = [heading for column in COLUMNS for heading in column.headings]
    assert len(known) == len(set(known))


def test_the_columns_own_names_are_known():
    assert [key_of(str(column.label)) for column in COLUMNS] == [column.key for column in COLUMNS]


HEAD = [
    (1, ["Deltagerliste 2016"]),
    (3, ["Personen", "", "Forløb", ""]),
    (4, ["CPR", "Navn", "Start", ""]),
    (5, ["0707614286", "Mette", "2016", "x"]),
]


def test_the_row_with_the_headings_is_found_below_titles():
    assert find_headings(HEAD) == 4
    assert find_headings([(1, ["0707614286", "Mette"])]) == 0


def test_a_heading_merged_over_two_rows_is_read_from_the_upper_one():
    head = [(1, ["Liste", "", ""]), (2, ["Aktivitet", "Person", ""]), (3, ["", "CPR", "Navn"])]
    assert headings_at(head, 3) == ["Aktivitet", "CPR", "Navn"]
    assert headings_at(HEAD, 4) == ["CPR", "Navn", "Start", ""]
    assert headings_at(HEAD, 0) == []


def test_what_the_plan_chose_before_goes_before_what_is_usual():
    assert guess(["CPR", "Kode", "Navn"], {"kode": "activity", "navn": "address"}) == {
        "cpr": 0,
        "activity": 1,
        "address": 2,
    }
