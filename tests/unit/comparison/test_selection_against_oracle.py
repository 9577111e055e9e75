import datetime
import random

import pandas as pd
import pytest

from exports.comparison.runner.frames import FAMILY_COLUMNS
from tests.factories.register import TYPES, Numbers, large_register, small_register, together
from tests.unit.comparison import oracle
from tests.unit.comparison.village import definition, mac

RULES = [
    {},
    {"excluded_since": 2012},
    {"activity_types": tuple(TYPES[:2]), "youngest": 3, "oldest": 17},
    {"first_year": 2015, "last_year": 2015, "comparison_year": 2017},
    {"first_year": 2013, "comparison_year": 2014, "excluded_since": 2011},
    {"areas": "departments", "excluded_types": (TYPES[1], TYPES[2]), "excluded_since": 2012},
    {"areas": "chosen", "chosen_departments": tuple(f"{1000 * town + 11}-2" for town in range(25))},
]
TOWNS_A_LIST = 25  # drawing costs a tenth of a second whatever the size of the list


def answer(register, rule):
    residents = [
        (mac(row.PNR), mac(f"family:{row.FAMILIE_ID}"), datetime.date.fromisoformat(row.FOED_DAG), int(row.AAR),
         f"{row.ORG_NR}-{row.AFD_NR}")
        for row in register.residents.itertuples()
    ]  # fmt: skip
    starts = [(mac(row.number), row.activity_type, row.year, row.plan) for row in register.starts.itertuples()]
    departments = list(register.departments.itertuples(index=False, name=None))
    return oracle.draw(
        residents, departments, starts, types=rule.activity_types, first=rule.first_year, last=rule.last_year,
        comparison=rule.comparison_year, youngest=rule.youngest, oldest=rule.oldest, since=rule.excluded_from,
        areas_by=rule.areas, chosen=rule.chosen_departments, excluding=rule.excluded_types,
    )  # fmt: skip


def assert_same(selection, expected):
    frame = selection.families[[name for name in FAMILY_COLUMNS if name not in ("family", "person")]]
    plain = frame.astype(object).where(frame.notna(), None)
    found = dict(zip(selection.families["family"], plain.itertuples(index=False, name=None), strict=True))
    columns = ["group", "year", "children_in_range", "children", "children_group", "adults", "family_type", "plan"]
    assert list(frame.columns)[:2] == ["family_group", "reference_year"]
    assert len(columns) + 2 == len(frame.columns)
    assert found == expected.families
    shown = {(row[0], row[1], row[3]): row[5] for row in selection.flow.frame().itertuples(index=False, name=None)}
    for code in ("list_missing", "not_in_list", "not_adult", "found"):
        assert shown["participant", 1, code] == expected.persons[code], code
    for code in ("earlier_start", "no_child", "participant"):
        assert shown["participant", 2, code] == expected.by_status[code], code
    for code in ("participant_family", "started", "comparison"):
        assert shown["comparison", 5, code] == expected.candidates[code], code
    assert shown["comparison", 3, "area_residents"] == expected.area_residents
    assert shown["comparison", 4, "area_families"] == expected.area_families


@pytest.mark.parametrize(("place", "missing"), [*((place, None) for place in range(len(RULES))), (0, 2015), (2, 2015)])
def test_draws_the_families_that_a_naive_oracle_draws_from_random_towns(draw, place, missing):
    numbers = Numbers(random.Random(place))
    seeds = range(1000 * place, 1000 * place + TOWNS_A_LIST)
    register = together([small_register(seed, missing=missing, numbers=numbers) for seed in seeds])
    rule = definition(**RULES[place])
    expected = answer(register, rule)
    selection = draw(register, rule)
    assert_same(selection, expected)
    # The towns must hold what the rules are about, or agreeing would prove nothing.
    found = {**expected.persons, **expected.by_status, **expected.candidates}
    needed = {"found", "not_in_list", "earlier_start", "no_child", "participant", "participant_family", "started",
              "comparison"}  # fmt: skip
    if len(rule.participant_years) > 1:
        assert needed <= {status for status, count in found.items() if count}
    if missing:
        assert found["list_missing"] > 0


def test_draws_the_same_families_as_the_oracle_from_a_town_of_20000(draw):
    register = large_register(20_000)
    selection = draw(register)
    assert_same(selection, answer(register, definition()))
    assert (selection.families["family_group"] == "participant").sum() > 50
    assert (selection.families["family_group"] == "comparison").sum() > 500


def test_gives_the_same_frames_again_whatever_the_threads_and_the_order_of_the_list(draw):
    register = small_register(3)
    first = draw(register, threads=1)
    register.residents = register.residents.iloc[::-1]
    register.starts = register.starts.sample(frac=1, random_state=1)
    register.departments = register.departments.iloc[::-1]
    second = draw(register, threads=2)
    pd.testing.assert_frame_equal(first.families, second.families)
    pd.testing.assert_frame_equal(first.counts, second.counts)
    pd.testing.assert_frame_equal(first.flow.frame(), second.flow.frame())
