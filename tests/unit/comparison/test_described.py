"""The characteristics as stories, and the two results of the evaluation through the whole of drawing and describing."""

import datetime

import pandas as pd
import pyarrow as pa
import pytest
from scipy.stats import chi2_contingency

from exports.comparison.runner.balance.tests import chi_squared
from exports.comparison.runner.characteristics import CATALOGUE
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
MOTHER, FATHER, CHILD = "mother", "father", "child"


class Home:
    """One family in 2016 and what registers say of it: `tell` gives its row and those of its members."""

    def __init__(self, folder):
        self.folder = folder
        self.rows = {name: [] for name in TABLES if name not in ("STARTER", "OMRAADER")}
        self.rows["AUDD"] = [{"HFAUDD": 3000, "HOVEDOMRAADE": 30}, {"HFAUDD": 1000, "HOVEDOMRAADE": 10}]
        self.rows["BOERNFB"] = [{"year": 2016, "PNR": "somebody"}]
        for name in ("UDDA", "RAS", "IND", "PERBOLIG", "BOLIG", "BBRENHED"):
            self.rows[name] = [{"year": 2016}]

    def lives(self, **people):
        """name=(day of birth, IE_TYPE, OPR_LAND)"""
        for name, (born, ie_type, country) in people.items():
            self.rows["BEF"].append({
                "year": 2016, "PNR": name, "FAMILIE_ID": "home", "FOED_DAG": datetime.date.fromisoformat(born),
                "KOEN": 2, "IE_TYPE": ie_type, "OPR_LAND": country, "ADRESSE_ID": "street",
            })  # fmt: skip
        self.rows["AFDELINGER"] = [{"ADRESSE_ID": "street", "AFDELING": "10-1"}]
        return self

    def has(self, table, **row):
        self.rows[table].append({"year": 2016, **row})
        return self

    def tell(self, *names, medians=None, **rule):
        chosen = tuple(Chosen(name) for name in names)
        files = write_registers(self.rows, self.folder)
        drawn = select_from_registers(
            definition(characteristics=chosen, **rule), files, departments=DEPARTMENTS, starts=STARTED,
            medians=medians or {2016: 200_000},
        )  # fmt: skip
        (family,) = drawn.families[list(names)].to_dict("records")
        return family if len(names) > 1 else family[names[0]]


DANISH, POLISH, TURKISH, UNKNOWN = (1, 5100), (2, 5154), (2, 5172), (2, None)


@pytest.fixture
def home(tmp_path):
    def _home(mother=DANISH, father=None):
        people = {MOTHER: ("1985-03-03", *mother), CHILD: ("2013-05-05", *TURKISH)}
        if father:
            people[FATHER] = ("1984-03-03", *father)
        return Home(tmp_path).lives(**people)

    return _home


@pytest.mark.parametrize(
    ("mother", "father", "origin"),
    [
        (DANISH, TURKISH, "danish"),
        (POLISH, TURKISH, "non_western"),
        (POLISH, None, "western"),
        (POLISH, UNKNOWN, "western"),
        (TURKISH, UNKNOWN, "non_western"),
        (UNKNOWN, None, None),
    ],
)
def test_the_origin_of_a_family_is_that_of_its_known_parents(home, mother, father, origin):
    told = home(mother, father).tell("origin")
    assert (None if pd.isna(told) else told) == origin


@pytest.mark.parametrize(("income", "poor"), [(155_999, (1, 1)), (156_000, (0, 0))])
def test_a_family_is_poor_below_the_line_and_not_on_it(home, income, poor):
    """A mother and a child: the scale gives 1.3, and 156,000 / 1.3 is 120,000, 60 % of 200,000."""
    family = home().has("IND", PNR=MOTHER, DISPON_13=income)
    assert family.tell("poverty_60") == poor[0]
    assert family.tell("poverty_50", medians={2016: 240_000}) == poor[1]


def test_the_median_is_that_of_persons_and_of_a_known_income(tmp_path):
    village = Home(tmp_path).lives(**{MOTHER: ("1985-03-03", *DANISH), CHILD: ("2013-05-05", *DANISH)})
    village.has("IND", PNR=MOTHER, DISPON_13=130_000)  # two persons at 100,000
    for number, income in enumerate([40_000, 300_000, 500_000, None]):
        village.rows["BEF"].append({
            "year": 2016, "PNR": f"p{number}", "FAMILIE_ID": f"f{number}", "FOED_DAG": datetime.date(1980, 2, 2),
            "ADRESSE_ID": "elsewhere",
        })  # fmt: skip
        village.has("IND", PNR=f"p{number}", DISPON_13=income)
    files = write_registers(village.rows, tmp_path)
    drawn = select_from_registers(
        definition(characteristics=(Chosen("poverty_60"),)), files, departments=DEPARTMENTS, starts=STARTED
    )
    assert drawn.medians == {2016: 100_000}  # 40, 100, 100, 300, 500: the third of five


@pytest.mark.parametrize(("ended", "measured"), [("2015-12-31", 0), ("2016-01-01", 1), (None, 1)])
def test_a_measure_that_lasted_into_the_year_counts(home, ended, measured):
    ended = ended and datetime.date.fromisoformat(ended)
    family = home().has("BUFO", PNR=CHILD, SAG_VFRA=datetime.date(2014, 2, 2), SAG_VTIL=ended)
    assert family.tell("preventive_measure") == measured


@pytest.mark.parametrize(
    ("day", "counts"), [("2011-12-31", 0), ("2012-01-01", 1), ("2016-12-31", 1), ("2017-01-01", 0)]
)
def test_five_years_back_are_five_whole_years_to_the_end_of_the_reference_year(home, day, counts):
    when = datetime.date.fromisoformat(day)
    family = home().has("PSYK_ADM", RECNUM="1", PNR=MOTHER, D_INDDTO=when).has("PSYK_DIAG", RECNUM="1", C_DIAG="DF331")
    family.has("KRAF", PNR=MOTHER, AFG_AFGOEDTO=when, AFG_AFGTYP3=121, AFG_GER7=1210000)
    assert family.tell("mental_illness", "conviction") == {"mental_illness": counts, "conviction": counts}


def test_substitution_treatment_alone_is_no_misuse(home):
    family = home().has("SIB", PNR=MOTHER, INDSKRIVNINGDATO=datetime.date(2015, 1, 1), KUN_SUBSTITUTION=1)
    assert family.tell("misuse", "drug_treatment") == {"misuse": 0, "drug_treatment": 0}


def test_an_imported_education_is_not_known_and_a_child_in_no_day_care_has_none(home):
    family = home().has("UDDA", PNR=MOTHER, HFAUDD=3000, HF_KILDE=17)
    told = family.tell("education", "day_care_3_5", "day_care_1_2")
    assert pd.isna(told.pop("education"))
    assert told == {"day_care_3_5": "none", "day_care_1_2": "no_child"}


@pytest.mark.parametrize(
    ("residents", "rooms", "area", "told"),
    [(15, 50, 90.0, 6.0), (16, 4, 90.0, None), (3, 51, 90.0, None), (3, 0, 90.0, None), (3, 4, 0.0, None)],
)
def test_some_dwellings_are_left_out_of_dwelling_figures(home, residents, rooms, area, told):
    family = home().has("PERBOLIG", PNR=MOTHER, DST_BOLIGERHVERVSENHED_ID="d")
    family.has("BOLIG", DST_BOLIGERHVERVSENHED_ID="d", ANTAL_PERSONER=residents)
    family.has("BBRENHED", DST_BOLIGERHVERVSENHED_ID="d", ENH_BEBOELSESAREAL=area, ENH_ANTALVAERELSER=rooms)
    found = family.tell("m2_per_resident")
    assert (None if pd.isna(found) else found) == told
    assert family.tell("m2_per_resident", dwellings=None) == area / residents
    if residents == 15:
        assert pd.isna(family.tell("m2_per_resident", dwellings=Dwellings(most_residents=14)))


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


def test_all_that_is_drawn_of_the_same_files_is_the_same_whatever_the_threads(home):
    family = home(POLISH, TURKISH).has("IND", PNR=MOTHER, DISPON_13=150_000)
    files = write_registers(family.rows, family.folder)
    rule = definition(characteristics=tuple(Chosen(name) for name in CATALOGUE if "misuse" not in name))
    drawn = [
        select_from_registers(
            rule, files, departments=DEPARTMENTS, starts=STARTED, threads=threads, medians={2016: 150_000}
        )
        for threads in (1, 2)
    ]
    pd.testing.assert_frame_equal(drawn[0].families, drawn[1].families)
    pd.testing.assert_frame_equal(drawn[0].persons, drawn[1].persons)
