"""Reference data: municipalities, regions and activity types."""

import csv
from collections import Counter

import pytest

from collection.municipalities import (
    MUNICIPALITIES,
    REFERENCE_DIR,
    REGIONS,
    municipality,
    region_name,
    region_of,
)


def activity_types() -> list[dict[str, str]]:
    with (REFERENCE_DIR / "activity_types.csv").open(encoding="utf-8", newline="") as file:
        return list(csv.DictReader(file))


def test_there_are_98_municipalities_in_five_regions():
    assert len(MUNICIPALITIES) == 98
    by_region = Counter(each.region for each in MUNICIPALITIES.values())
    assert by_region == {"1084": 29, "1085": 17, "1083": 22, "1082": 19, "1081": 11}
    assert set(by_region) == set(REGIONS)


def test_codes_are_text_of_three_digits_and_names_are_unique():
    assert all(len(code) == 3 and code.isdecimal() for code in MUNICIPALITIES)
    assert len({each.name for each in MUNICIPALITIES.values()}) == 98


@pytest.mark.parametrize(
    ("code", "name", "region"),
    [
        ("101", "København", "Region Hovedstaden"),
        ("265", "Roskilde", "Region Sjælland"),
        ("400", "Bornholm", "Region Hovedstaden"),
        ("461", "Odense", "Region Syddanmark"),
        ("615", "Horsens", "Region Midtjylland"),
        ("751", "Aarhus", "Region Midtjylland"),
        ("773", "Morsø", "Region Nordjylland"),
        ("851", "Aalborg", "Region Nordjylland"),
    ],
)
def test_knows_name_and_region_of_a_code(code, name, region):
    assert municipality(code).name == name
    assert region_name(region_of(code)) == region
    assert "Reg" in region_name(region_of(code), "en")


def test_christiansoe_is_no_municipality():
    with pytest.raises(KeyError):
        municipality("411")


def test_types_of_parenting_have_the_number_of_plans_of_the_evaluation():
    plans = {row["name_da"]: int(row["plans"]) for row in activity_types() if row["plans"]}
    assert plans == {
        "Forældrenetværk og familieaktiviteter": 31,
        "Netværksmødre": 29,
        "Åben rådgivning": 20,
        "Forældreprogrammer og -kurser": 18,
        "Opsøgende rådgivning": 16,
        "Mødregrupper": 15,
        "Fremskudt kommunal indsats": 8,
    }


def test_types_have_unique_codes_and_numbers_and_a_known_group():
    rows = activity_types()
    assert len({row["code"] for row in rows}) == len({row["number"] for row in rows}) == len(rows) == 14
    for row in rows:
        assert row["theme"] in {"parenting", "education", "employment", "crime_prevention"}
        assert bool(row["group"]) is (row["theme"] == "parenting" and row["code"] != "familieindsats")
