"""The characteristics as stories, and the two results of the evaluation through the whole of drawing and describing."""

import datetime

import pandas as pd
import pyarrow as pa
import pytest
from scipy.stats import chi2_contingency

from exports.comparison.runner.balance.tests import chi_squared
from exports.comparison.runner.definition import Chosen, Dwellings
from exports.comparison.runner.drawing import select, select_from_registers
from exports.comparison.runner.inputs import RESIDENTS
from exports.comparison.runner.registers import TABLES
from tests.factories.registers import write_registers
from tests.unit.comparison.village import definition

DEPARTMENTS = pd.DataFrame(
    [("10-1", "A", "461", "Syddanmark")], columns=["department", "plan", "municipality_code", "region"]
)
STARTED = pd.DataFrame(
    [("nobody", "familieindsats", 2016, "A")], columns=["person", "activity_type", "year", "plan"]
)  # so that plan A has reported


class Street:
    """Families of 2016 and what registers say of them. A person is "family/name"; `tell` gives a value by family."""

    def __init__(self, folder):
        self.folder = folder
        self.rows = {name: [] for name in TABLES if name not in ("STARTER", "OMRAADER")}
        self.rows["AFDELINGER"] = [{"ADRESSE_ID": "street", "AFDELING": "10-1"}]
        self.rows["AUDD"] = [{"HFAUDD": 3000, "HOVEDOMRAADE": 30}, {"HFAUDD": 1000, "HOVEDOMRAADE": 10}]
        for name in ("UDDA", "RAS", "IND", "PERBOLIG", "BOLIG", "BBRENHED", "BOERNFB"):
            self.rows[name] = [{"year": 2016}]  # a file for the year, whatever it holds

    def lives(self, family, **people):
        """name=(day of birth, IE_TYPE, OPR_LAND); with a child of 3."""
        people |= {"child": ("2013-05-05", *TURKISH)}
        for name, (born, ie_type, country) in people.items():
            self.rows["BEF"].append({
                "year": 2016, "PNR": f"{family}/{name}", "FAMILIE_ID": family, "KOEN": 2, "IE_TYPE": ie_type,
                "FOED_DAG": datetime.date.fromisoformat(born), "OPR_LAND": country, "ADRESSE_ID": "street",
            })  # fmt: skip
        return self

    def has(self, table, **row):
        self.rows[table].append({"year": 2016, **row})
        return self

    def draw(self, *names, medians=None, threads=2, **rule):
        chosen = tuple(Chosen(name) for name in names)
        return select_from_registers(
            definition(characteristics=chosen, **rule), write_registers(self.rows, self.folder),
            departments=DEPARTMENTS, starts=STARTED, medians=medians, threads=threads,
        )  # fmt: skip

    def tell(self, name, medians=None, **rule):
        families = self.draw(name, medians=medians or {2016: 200_000}, **rule).families
        return {
            family: None if pd.isna(value) else value
            for family, value in zip(families["family"], families[name], strict=True)
        }


DANISH, POLISH, TURKISH, UNKNOWN = (1, 5100), (2, 5154), (2, 5172), (2, None)


@pytest.fixture
def street(tmp_path):
    return Street(tmp_path)


def alone(origin=DANISH):
    return {"mother": ("1985-03-03", *origin)}


def test_the_origin_of_a_family_is_that_of_its_known_parents(street):
    cases = {
        "danish and turkish": (DANISH, TURKISH, "danish"),
        "polish and turkish": (POLISH, TURKISH, "non_western"),
        "polish": (POLISH, None, "western"),
        "polish and unknown": (POLISH, UNKNOWN, "western"),
        "turkish and unknown": (TURKISH, UNKNOWN, "non_western"),
        "unknown": (UNKNOWN, None, None),
    }
    for family, (mother, father, _origin) in cases.items():
        street.lives(family, **alone(mother), **({"father": ("1984-03-03", *father)} if father else {}))
    assert street.tell("origin") == {family: origin for family, (_mother, _father, origin) in cases.items()}


def test_work_that_is_not_known_of_one_parent_is_not_taken_for_none(street):
    """Main income: 139 an employee, 330 nobody's employee."""
    cases = {
        "both": ([139, 139], "both"), "one": ([139, 330], "one"), "none": ([330, 330], "none"),
        "one and unknown": ([139, None], None), "none and unknown": ([330, None], None),
        "unknown": ([None, None], None), "alone, employed": ([139], "one"), "alone, not known": ([None], None),
    }  # fmt: skip
    street.rows["AKM"] = [{"year": 2016}]
    for family, (statuses, _told) in cases.items():
        parents = [f"parent{number}" for number in range(len(statuses))]
        street.lives(family, **dict.fromkeys(parents, ("1985-03-03", *DANISH)))
        for parent, status in zip(parents, statuses, strict=True):
            if status:
                street.has("AKM", PNR=f"{family}/{parent}", SOCIO13=status)
    assert street.tell("employment") == {family: told for family, (_statuses, told) in cases.items()}


def test_the_main_status_in_november_counts_and_where_none_is_marked_each_is_main(street):
    cases = {"marked": ([(330, 1), (139, 2)], "none"), "not marked": ([(139, None)], "one"), "none": ([], None)}
    for family, (statuses, _told) in cases.items():
        street.lives(family, **alone())
        for status, main in statuses:
            street.has("RAS", PNR=f"{family}/mother", SOC_STATUS_KODE=status, PRIMAER_STATUS_KODE=main)
    assert street.tell("employment") == {family: told for family, (_statuses, told) in cases.items()}


def test_a_family_is_poor_below_the_line_and_not_on_it(street):
    """A mother and a child: the scale gives 1.3, and 156,000 / 1.3 is 120,000, 60 % of 200,000."""
    for family, income in [("below", 155_999), ("on", 156_000), ("unknown", None)]:
        street.lives(family, **alone()).has("IND", PNR=f"{family}/mother", DISPON_13=income)
    assert street.tell("poverty_60") == {"below": 1, "on": 0, "unknown": None}
    assert street.tell("poverty_50", medians={2016: 240_000}) == {"below": 1, "on": 0, "unknown": None}


def test_the_median_is_that_of_persons_and_of_a_known_income(street):
    street.lives("home", **alone()).has("IND", PNR="home/mother", DISPON_13=130_000)  # two persons at 100,000
    for number, income in enumerate([40_000, 300_000, 500_000, None]):
        street.rows["BEF"].append({
            "year": 2016, "PNR": f"p{number}", "FAMILIE_ID": f"f{number}", "FOED_DAG": datetime.date(1980, 2, 2),
            "ADRESSE_ID": "elsewhere",
        })  # fmt: skip
        street.has("IND", PNR=f"p{number}", DISPON_13=income)
    drawn = street.draw("poverty_60")
    assert drawn.medians == {2016: 100_000}  # 40, 100, 100, 300, 500: the third of five
    assert drawn.median_persons == {2016: 5}


def test_a_measure_that_lasted_into_the_year_counts(street):
    for family, ended in [("before", "2015-12-31"), ("into", "2016-01-01"), ("lasting", None)]:
        ended = ended and datetime.date.fromisoformat(ended)
        begun = datetime.date(2014, 2, 2)
        street.lives(family, **alone()).has("BUFO", PNR=f"{family}/child", SAG_VFRA=begun, SAG_VTIL=ended)
    assert street.tell("preventive_measure") == {"before": 0, "into": 1, "lasting": 1}


def test_five_years_back_are_five_whole_years_to_the_end_of_the_reference_year(street):
    expected = {"2011-12-31": 0, "2012-01-01": 1, "2016-12-31": 1, "2017-01-01": 0}
    for day in expected:
        when, mother = datetime.date.fromisoformat(day), f"{day}/mother"
        street.lives(day, **alone()).has("PSYK_ADM", RECNUM=day, PNR=mother, D_INDDTO=when)
        street.has("PSYK_DIAG", RECNUM=day, C_DIAG="DF331")
        street.has("LPR_ADM", RECNUM=day, PNR=mother, D_INDDTO=when).has("LPR_DIAG", RECNUM=day, C_DIAG="DF111")
        street.has("KRAF", PNR=mother, AFG_AFGOEDTO=when, AFG_AFGTYP3=121, AFG_GER7=1210000)
        street.has("SIB", PNR=mother, INDSKRIVNINGDATO=when).has("NAB", PNR=mother, INDSKRIVNINGDATO=when)
    for name in ("mental_illness", "misuse_opioids", "conviction", "drug_treatment", "misuse_alcohol"):
        assert street.tell(name) == expected, name


def test_substitution_treatment_alone_is_no_misuse(street):
    for family, alone_in_substitution in [("substitution", 1), ("other", 0)]:
        street.lives(family, **alone()).has(
            "SIB", PNR=f"{family}/mother", INDSKRIVNINGDATO=datetime.date(2015, 1, 1),
            KUN_SUBSTITUTION=alone_in_substitution,
        )  # fmt: skip
    assert street.tell("misuse") == {"other": 1, "substitution": 0}


def test_an_imported_education_is_not_known(street):
    for family, source in [("imported", 17), ("student register", 15)]:
        street.lives(family, **alone()).has("UDDA", PNR=f"{family}/mother", HFAUDD=3000, HF_KILDE=source)
    assert street.tell("education") == {"imported": None, "student register": "qualifying"}


def test_day_care_is_told_of_families_with_a_child_of_that_age(street):
    street.lives("enrolled", **alone()).has("BOERNFB", PNR="enrolled/child").lives("at home", **alone())
    assert street.tell("day_care_3_5") == {"at home": "none", "enrolled": "all"}
    assert set(street.tell("day_care_1_2").values()) == {"no_child"}


def test_some_dwellings_are_left_out_of_dwelling_figures(street):
    cases = {"full": (15, 50, 90.0), "crowded": (16, 4, 80.0), "rooms": (3, 51, 90.0), "no room": (3, 0, 90.0),
             "no area": (3, 4, 0.0)}  # fmt: skip
    for family, (residents, rooms, area) in cases.items():
        key = {"DST_BOLIGERHVERVSENHED_ID": f"dwelling of {family}"}
        street.lives(family, **alone()).has("PERBOLIG", PNR=f"{family}/mother", **key)
        street.has("BOLIG", **key, ANTAL_PERSONER=residents)
        street.has("BBRENHED", **key, ENH_BEBOELSESAREAL=area, ENH_ANTALVAERELSER=rooms)
    none = dict.fromkeys(cases)
    assert street.tell("m2_per_resident") == none | {"full": 6.0}
    assert street.tell("m2_per_resident", dwellings=Dwellings(most_residents=16)) == none | {
        "full": 6.0,
        "crowded": 5.0,
    }
    everything = street.tell("m2_per_resident", dwellings=None)
    assert everything == {family: area / residents for family, (residents, _rooms, area) in cases.items()}


# --- The evaluation ----------------------------------------------------------------------------------


def evaluation_list():
    """89 participant and 2,254 comparison families, with the numbers of non-Western and single that were published."""
    rows, starts = [], []

    def key(text):
        return text.encode().rjust(16)

    for group, families, non_western, single in [("p", 89, 67, 26), ("c", 2254, 1428, 647)]:
        for number in range(families):
            name = f"{group}{number}"
            country = 5172 if number < non_western else 5154 if number % 2 else 5100
            parents = 1 if families - number <= single else 2
            for parent in range(parents):
                ie_type = 1 if country == 5100 else 2
                born = datetime.date(1985, 3, 3)
                rows.append((key(f"{name}-{parent}"), key(name), born, 2016, "10-1", 2, ie_type, country, parent + 1))
            rows.append((key(f"{name}-c"), key(name), datetime.date(2014, 4, 4), 2016, "10-1", 1, 3, country, 3))
            if group == "p":
                starts.append((key(f"{name}-0"), "familieindsats", 2016, "A"))
    columns = dict(zip(RESIDENTS.names, map(list, zip(*rows, strict=True)), strict=True))
    return pa.table(columns, schema=RESIDENTS), pd.DataFrame(starts, columns=STARTED.columns)


def test_the_two_results_of_the_evaluation_come_out_to_the_printed_decimals():
    residents, starts = evaluation_list()
    rule = definition(characteristics=(Chosen("origin", "danish_western"), Chosen("family_type")))
    families = select(rule, residents.to_batches(), departments=DEPARTMENTS, starts=starts).families
    assert families["family_group"].value_counts().to_dict() == {"comparison": 2254, "participant": 89}
    for name, statistic, p in [("origin", 5.2739, 0.022), ("family_type", 0.0108, 0.917)]:
        counts = pd.crosstab(families[name], families["family_group"])[["participant", "comparison"]]
        test = chi_squared(counts.to_numpy().tolist())
        assert (round(test.statistic, 4), test.df, round(test.p, 3)) == (statistic, 1, p)
        assert round(chi2_contingency(counts, correction=False).statistic, 4) == statistic


def test_what_is_drawn_of_the_same_files_is_the_same_whatever_the_threads(street):
    street.lives("home", **alone(POLISH), father=("1984-03-03", *TURKISH)).has("IND", PNR="home/mother", DISPON_13=15e4)
    one, two = (street.draw("origin", "poverty_50", "m2_per_resident", "age", threads=threads) for threads in (1, 2))
    pd.testing.assert_frame_equal(one.families, two.families)
    pd.testing.assert_frame_equal(one.persons, two.persons)
