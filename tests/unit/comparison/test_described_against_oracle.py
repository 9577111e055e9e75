"""Every characteristic of every family and person of random registers is what a naive oracle says."""

import random

import pandas as pd
import pyarrow as pa
import pytest

from exports.comparison.runner.characteristics import CATALOGUE, FAMILY, PERSON
from exports.comparison.runner.definition import Chosen
from exports.comparison.runner.drawing import select, select_from_registers
from exports.comparison.runner.inputs import RESIDENTS
from tests.factories.register import Numbers, small_register, together
from tests.factories.registers import registers_around, write_registers
from tests.unit.comparison.oracle_described import Described
from tests.unit.comparison.village import definition

EVERYTHING = tuple(Chosen(name) for name in CATALOGUE)
FRAME_ONLY = {"family_type", "children", "children_group"}  # columns of every frame: test_selection_against_oracle


@pytest.fixture(scope="module")
def towns(tmp_path_factory):
    numbers = Numbers(random.Random(5))
    register = together([small_register(seed, years=range(2013, 2018), numbers=numbers) for seed in range(5000, 5008)])
    rows = registers_around(register, 5)
    return register, rows, write_registers(rows, tmp_path_factory.mktemp("registers"))


def draw(towns, rule, **options):
    register, _rows, files = towns
    starts = register.starts.rename(columns={"number": "person"})
    return select_from_registers(
        rule, files, departments=register.departments, starts=starts, minimum=1, **options
    )  # fmt: skip


def values(frame, names):
    """Rows as plain values, None where nothing is known."""
    return [
        {name: None if pd.isna(value) else value for name, value in row.items()}
        for row in frame[names].to_dict("records")
    ]


def test_families_and_their_members_are_described_as_the_oracle_says(towns):
    _register, rows, _files = towns
    drawn = draw(towns, definition(characteristics=EVERYTHING))
    oracle = Described(rows)
    assert drawn.medians == {year: oracle.medians[year] for year in (2014, 2015, 2016)}
    names = [name for name, each in CATALOGUE.items() if each.level == FAMILY and name not in FRAME_ONLY]
    keys = list(zip(drawn.families["family"], drawn.families["reference_year"], strict=True))
    expected = [oracle.family(*key) for key in keys]
    assert values(drawn.families, names) == [{name: told[name] for name in names} for told in expected]
    names = [name for name, each in CATALOGUE.items() if each.level == PERSON]
    rows_of = {(row["FAMILIE_ID"], row["year"], row["PNR"]): row for row in rows["BEF"]}
    people = drawn.persons
    at = list(zip(people["family"], people["reference_year"], people["person"], strict=True))
    assert values(people, names) == [{name: oracle.person(rows_of[key])[name] for name in names} for key in at]
    assert list(people["adult"]) == [int(oracle.adult(rows_of[key])) for key in at]
    assert sorted(at) == sorted(key for key in rows_of if key[:2] in set(keys))
    # The towns must hold what the rules are about, or agreeing would prove nothing.
    assert len(keys) > 30
    for name in [name for name in CATALOGUE if name not in FRAME_ONLY]:
        frame = drawn.families if CATALOGUE[name].level == FAMILY else people
        assert frame[name].nunique() >= 2, name


def test_persons_are_drawn_and_described_as_the_oracle_says(towns):
    register, rows, _files = towns
    rule = definition(unit="person", youngest=18, oldest=30, characteristics=EVERYTHING, excluded_since=2012)
    drawn = draw(towns, rule)
    oracle = Described(rows)
    home = {row["ADRESSE_ID"]: row["AFDELING"] for row in rows["AFDELINGER"]}
    starts = [start for start in register.starts.to_dict("records") if start["activity_type"] in rule.activity_types]
    chosen = [start for start in starts if 2014 <= start["year"] <= 2016]
    reporting = {start["plan"] for start in chosen}
    plans = register.departments
    covered = set(plans.loc[plans["plan"].isin(reporting), "department"])
    first = {}
    for start in chosen:
        first[start["number"]] = min(start["year"], first.get(start["number"], 9999))
    excluded = {start["number"] for start in starts if 2012 <= start["year"] <= 2016}
    expected = {}
    for row in rows["BEF"]:
        person, year = row["PNR"], row["year"]
        if not 18 <= year - row["FOED_DAG"].year <= 30:
            continue
        if first.get(person) == year:
            expected[person] = ("participant", year)
        elif home[row["ADRESSE_ID"]] in covered and year == 2016 and person not in excluded:
            expected.setdefault(person, ("comparison", 2016))
    people = drawn.persons
    groups = zip(people["family_group"], people["reference_year"], strict=True)
    assert dict(zip(people["person"], groups, strict=True)) == expected
    assert drawn.families.empty
    assert {group for group, _year in expected.values()} == {"participant", "comparison"}
    rows_of = {(row["PNR"], row["year"]): row for row in rows["BEF"]}
    names = [name for name in CATALOGUE if name not in FRAME_ONLY]
    told = []
    for person, family, year in zip(people["person"], people["family"], people["reference_year"], strict=True):
        known = oracle.person(rows_of[person, year]) | oracle.family(family, year)
        told.append({name: known[name] for name in names})
    assert values(people, names) == told


def test_the_flow_of_persons_adds_up_from_everybody_to_the_groups(towns):
    drawn = draw(towns, definition(unit="person", youngest=18, oldest=30))
    frame = drawn.flow.frame().set_index(["step", "role", "code"])["count"]
    for step in range(1, 6):
        whole = frame.xs(step, level="step")
        assert whole["before"].sum() == whole["left_out"].sum() + whole["after"].sum()
    sizes = drawn.persons["family_group"].value_counts()
    assert frame[2, "after", "participant_persons"] == sizes["participant"]
    assert frame[5, "after", "comparison_persons"] == sizes["comparison"]
    assert frame[1, "after", "found_persons"] == frame[2, "before", "found_persons"]
    assert drawn.counts["persons"].sum() == len(drawn.persons)


def test_given_medians_are_taken_as_they_are(towns):
    chosen = (Chosen("poverty_50"), Chosen("poverty_60"))
    everybody = draw(towns, definition(characteristics=chosen), medians={2014: 10**9, 2015: 10**9, 2016: 10**9})
    known = everybody.families["poverty_50"].dropna()
    assert set(known) == {1}
    assert everybody.medians == {2014: 10**9, 2015: 10**9, 2016: 10**9}


def test_a_resident_list_gives_the_same_demographic_columns_as_the_registers(towns):
    register, rows, _files = towns
    chosen = (Chosen("origin", "danish_western"), Chosen("family_type"), Chosen("sex"), Chosen("age", "bands"))
    rule = definition(characteristics=(*chosen, Chosen("conviction")))
    home = {row["ADRESSE_ID"]: row["AFDELING"] for row in rows["AFDELINGER"]}
    columns = {
        "person": [row["PNR"].encode().ljust(16) for row in rows["BEF"]],
        "family": [row["FAMILIE_ID"].encode().ljust(16) for row in rows["BEF"]],
        "birth": [row["FOED_DAG"] for row in rows["BEF"]],
        "year": [row["year"] for row in rows["BEF"]],
        "department": [home[row["ADRESSE_ID"]] for row in rows["BEF"]],
        "sex": [row["KOEN"] for row in rows["BEF"]],
        "ie_type": [row["IE_TYPE"] for row in rows["BEF"]],
        "country": [row["OPR_LAND"] for row in rows["BEF"]],
        "place": [row["PLADS"] for row in rows["BEF"]],
    }
    starts = register.starts.assign(person=[number.encode().ljust(16) for number in register.starts["number"]])
    listed = select(
        rule, pa.table(columns, schema=RESIDENTS).to_batches(), departments=register.departments, starts=starts,
        minimum=1,
    )  # fmt: skip
    drawn = draw(towns, rule)
    assert "conviction" not in listed.families.columns
    for mine, theirs in [(listed.families, drawn.families), (listed.persons, drawn.persons)]:
        theirs = theirs.drop(columns=["conviction"], errors="ignore")
        for name in ("family", "person"):
            mine[name] = [key if pd.isna(key) else key.decode().strip() for key in mine[name]]
        order = ["family", "person"]
        pd.testing.assert_frame_equal(
            mine.sort_values(order, ignore_index=True), theirs.sort_values(order, ignore_index=True), check_dtype=False
        )
    assert set(drawn.families["origin"].dropna()) == {"danish_or_western", "non_western"}
