"""What the runner reads is called as Statistics Denmark calls it; what it needs and lacks is told."""

import re
from collections import defaultdict

import dst_fsv
import pandas as pd
import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from exports.comparison.runner import codebook, rules
from exports.comparison.runner.characteristics import CATALOGUE, FAMILY, variables_of
from exports.comparison.runner.definition import Chosen
from exports.comparison.runner.formed import FORMED
from exports.comparison.runner.needs import check_needs
from exports.comparison.runner.registers import EXCEPTIONS, TABLES
from exports.comparison.runner.stages import PARTS
from exports.comparison.runner.texts import Refused
from tests.unit.comparison.village import definition


@pytest.fixture(scope="module")
def catalogue():
    variables = defaultdict(dict)
    for row in dst_fsv.variables():
        variables[row["register"]][row["variable"]] = row
    return variables


def test_every_table_and_column_is_in_the_catalogue_but_for_the_exceptions(catalogue):
    own = {
        name if name not in catalogue else f"{name}.{column.name}"
        for name, table in TABLES.items()
        for column in table.columns
        if column.name not in catalogue.get(name, {})
    }
    assert own == set(EXCEPTIONS)
    assert all(EXCEPTIONS.values())


def test_a_register_covers_the_years_that_the_catalogue_says():
    for name in set(TABLES) - set(EXCEPTIONS):
        row, table = dst_fsv.registers()[name], TABLES[name]
        assert table.last == (int(row["last_year"]) if row["update_frequency"] == "Luk" else None), name
        assert table.first is None or table.first >= int(row["first_year"]), name


def test_every_register_is_read_by_a_text_and_needed_by_a_characteristic():
    needed = {name for each in CATALOGUE.values() for alternatives in each.registers for name in alternatives}
    assert needed == {name for registers, _columns in PARTS.values() for name in registers}
    assert needed | {"BEF", "AFDELINGER", "STARTER", "OMRAADER"} == set(TABLES)
    assert {each.name for each in CATALOGUE.values() if each.demographic} == {
        "origin", "family_type", "children_group", "children", "sex", "age", "person_origin",
    }  # fmt: skip


def test_every_characteristic_says_how_it_is_formed_in_both_languages():
    assert set(FORMED) == set(CATALOGUE)
    told = codebook.catalogue()
    for name, texts in FORMED.items():
        assert all(text.endswith(".") and len(text) > 20 for text in texts), name
        assert set(told.loc[told["name"] == name, "rule_da"]) == {texts[0]}
        assert set(told.loc[told["name"] == name, "rule_en"]) == {texts[1]}


def test_the_words_name_the_codes_that_the_code_uses():
    """F98.8C and all others, from the lists in rules.py."""
    for kind, codes in rules.DIAGNOSES.items():
        told = FORMED[kind if kind == "mental_illness" else f"misuse_{kind}"][0]
        ranges = re.findall(r"[A-Z]\d\d(?:\.\d[A-Z]?)?(?:-[A-Z]\d\d(?:\.\d)?)?", told)
        assert rules._codes(*ranges) == codes, kind


def test_a_diagnosis_is_written_as_the_patient_register_writes_it():
    assert rules.DIAGNOSES["opioids"] == ("DF111", "DF112", "DF113", "DF114", "DF119", "DT401", "DT403")
    mental = rules.DIAGNOSES["mental_illness"]
    assert {"DF20", "DF25", "DF31", "DF33", "DF34", "DF43", "DF50", "DF62", "DF92", "DF988C"} <= set(mental)
    assert not {"DF84", "DF70", "DF00", "DF51", "DF63", "DF93", "DF98"} & set(mental)
    assert rules.DIAGNOSES["alcohol"] == tuple(f"DF10{number}" for number in range(1, 10))


def test_the_western_countries_are_those_of_the_rule():
    assert len(rules.WESTERN["EU-28"]) == len(set(rules.WESTERN["EU-28"])) == 28
    assert len(rules.WESTERN) == 1 + 12 + 2  # the EU, twelve others, Greenland, countries that are no more
    codes = [code for held in rules.WESTERN.values() for code in held]
    assert len(codes) == len(set(codes))
    # of the public table: others in Europe that must not be among them
    assert not {5102, 5103, 5114, 5122, 5151, 5152, 5162, 5172, 5199} & set(codes)


def test_groupings_join_every_level_and_leave_what_is_not_known():
    for each in CATALOGUE.values():
        for name, grouping in each.groupings.items():
            if grouping.joined:
                values = pd.Series([*(level.code for level in each.levels), None], dtype="str")
            else:
                values = pd.Series([0, *grouping.bounds, None], dtype="Int64")
            grouped = each.grouped(values, name)
            assert list(dict.fromkeys(grouped.dropna())) == [level.code for level in grouping.levels]
            assert grouped.isna().tolist() == values.isna().tolist()
            variable = variables_of(pd.DataFrame({each.name: grouped}), [Chosen(each.name, name)])[0]
            assert [level.code for level in variable.levels] == [*(lv.code for lv in grouping.levels), "missing"]


# --- What is missing ---------------------------------------------------------------------------------


@pytest.fixture
def told(tmp_path):
    """Place -> Danish sentence of what is missing for some characteristics, with these files."""

    def _told(names, *, bef=("PNR", "FAMILIE_ID", "FOED_DAG", "AFDELING"), years=(2014, 2015, 2016), **files):
        path = tmp_path / "bef.parquet"
        pq.write_table(pa.table({name: pa.array([], pa.string()) for name in bef}), path)
        held = {"BEF": dict.fromkeys(years, path)} | {
            name: {0: path} if at is True else dict.fromkeys(at, path) for name, at in files.items()
        }
        try:
            check_needs(definition(), [CATALOGUE[name] for name in names], held)
        except Refused as refused:
            return {place: text[0] for place, text in refused.problems.items()}
        return {}

    return _told


def test_a_missing_register_is_told_with_its_years_and_what_it_is_for(told):
    assert told(["education"], UDDA=[2014, 2016]) == {
        "UDDA": "Registret mangler for 2015. Det skal bruges til: Forældrenes højeste uddannelse.",
        "AUDD": "Registret mangler. Det skal bruges til: Forældrenes højeste uddannelse.",
    }
    assert told(["education"], UDDA=[2014, 2015, 2016], AUDD=True) == {}


def test_one_of_two_yearly_registers_is_enough_for_each_year(told):
    assert told(["employment"], RAS=[2014, 2015], AKM=[2016]) == {}
    assert list(told(["day_care_1_2"], DAGI=[2014], BOERNFB=[2015])) == ["DAGI / BOERNFB"]


def test_the_patient_register_of_2019_and_later_is_not_asked_for_in_2016(told):
    old = dict.fromkeys(["PSYK_ADM", "PSYK_DIAG", "LPR_ADM", "LPR_DIAG"], True)
    assert told(["mental_illness"], **old) == {}
    assert set(told(["mental_illness"], LPR_A_KONTAKT=True, LPR_A_DIAGNOSE=True)) == set(old)


def test_the_population_of_the_comparison_year_must_be_there_and_participant_years_may_lack(told):
    assert list(told([], years=(2014, 2015))) == ["BEF"]
    assert told([], years=(2016,)) == {}


def test_a_population_register_without_a_place_or_origin_is_told(told):
    assert list(told([], bef=("PNR", "FAMILIE_ID", "FOED_DAG", "ADRESSE_ID"))) == ["BEF"]
    assert told([], bef=("PNR", "FAMILIE_ID", "FOED_DAG", "ADRESSE_ID"), AFDELINGER=True) == {}
    missing = told(["origin"])
    assert missing["BEF.IE_TYPE"] == (
        "Kolonnen mangler i BEF for 2014, 2015, 2016. Den skal bruges til: Familiens herkomst."
    )


def test_an_unknown_register_is_told(told):
    assert told([], LPR=True) == {"LPR": "Registret kendes ikke her."}


def test_family_characteristics_come_before_those_of_persons():
    levels = [each.level for each in CATALOGUE.values()]
    assert levels == sorted(levels)
    assert levels[0] == FAMILY
