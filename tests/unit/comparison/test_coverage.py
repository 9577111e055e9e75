"""A register that knows nobody is refused, not read as a no; what it does know is counted."""

import datetime

import pytest

from exports.comparison.runner.coverage import ADULTS, CHILDREN, Coverage
from exports.comparison.runner.texts import DANISH, ENGLISH, Refused
from tests.unit.comparison.test_described import DANISH as DANISH_ORIGIN
from tests.unit.comparison.test_described import Street

DAY = datetime.date(2014, 5, 5)
CONVICTED = {"AFG_AFGOEDTO": DAY, "AFG_AFGTYP3": 111, "AFG_GER7": 1210000}


@pytest.fixture
def street(tmp_path):
    """Thirty families of a mother and a child; families are "0".."29"."""
    street = Street(tmp_path)
    for number in range(30):
        street.lives(str(number), mother=("1985-03-03", *DANISH_ORIGIN))
    return street


def refused(street, *names) -> dict:
    with pytest.raises(Refused) as caught:
        street.draw(*names)
    return caught.value.problems


def test_a_register_of_strangers_is_refused(street):
    street.has("KRAF", PNR="somebody", **CONVICTED)
    assert refused(street, "conviction") == {
        "KRAF": (
            "PNR: ingen af nøglerne findes i BEF. Se efter, om det er den rigtige kolonne, og om nøglerne er skrevet "
            "på samme måde.",
            "PNR: none of the keys is in BEF. Check that it is the right column, and that keys are written the same "
            "way.",
        )
    }


def test_a_yearly_register_of_strangers_is_refused_with_its_year(street):
    street.has("BOERNFB", PNR="somebody")
    assert list(refused(street, "day_care_3_5")) == ["BOERNFB:2016"]


def test_a_register_that_knows_others_of_the_population_only_is_no_mistake(street):
    street.rows["BEF"].append({
        "year": 2016, "PNR": "far away", "FAMILIE_ID": "far", "FOED_DAG": DAY, "ADRESSE_ID": "elsewhere",
    })  # fmt: skip
    street.has("KRAF", PNR="far away", **CONVICTED)
    drawn = street.draw("conviction")
    assert set(drawn.families["conviction"]) == {0}
    assert drawn.coverage == (Coverage("KRAF", ADULTS, 30, 0, (2012, 2013, 2015, 2016)),)


def test_keys_that_differ_in_zeros_are_refused_though_others_match(street):
    street.has("KRAF", PNR="3/mother", **CONVICTED).has("KRAF", PNR="0012/mother", **CONVICTED)
    assert "zeros in front" in refused(street, "conviction")["KRAF"][ENGLISH]


def test_participants_whose_keys_have_lost_their_zeros_are_refused(street):
    for row in street.rows["BEF"]:
        row["PNR"] = row["PNR"].replace("3/mother", "003/mother").replace("nobody", "0nobody")
    street.rows["BEF"].append({
        "year": 2016, "PNR": "0nobody", "FAMILIE_ID": "x", "FOED_DAG": DAY, "ADRESSE_ID": "street",
    })  # fmt: skip
    assert "nuller foran" in refused(street)["STARTER"][DANISH]


def test_diagnoses_that_belong_to_no_contact_are_refused(street):
    for number in range(30):
        street.has("PSYK_ADM", RECNUM=f"contact {number}", PNR=f"{number}/mother", D_INDDTO=DAY)
    street.has("PSYK_DIAG", RECNUM="another", C_DIAG="DF331")
    problems = refused(street, "mental_illness")
    assert problems["PSYK_DIAG"][DANISH].startswith("RECNUM: ingen af nøglerne findes i PSYK_ADM.")


def test_a_register_from_other_years_is_refused(street):
    street.has("KRAF", PNR="3/mother", **CONVICTED | {"AFG_AFGOEDTO": datetime.date(2008, 2, 2)})
    assert refused(street, "conviction") == {
        "KRAF": (
            "Registret har ingen rækker fra 2012-2016, som reglen ser på.",
            "The register has no rows from 2012-2016, which the rule looks at.",
        )
    }


def test_what_a_yearly_register_knows_is_counted_of_those_it_is_about(street):
    for number in range(12):
        street.has("BOERNFB", PNR=f"{number}/child")
    street.rows["AKM"] = [{"year": 2016, "PNR": f"{number}/mother", "SOCIO13": 139} for number in range(30)]
    found = {each.register: each for each in street.draw("day_care_3_5", "employment").coverage}
    assert found["BOERNFB"] == Coverage("BOERNFB", CHILDREN, 30, 12)
    assert found["AKM"] == Coverage("AKM", ADULTS, 30, 30)
    assert found["RAS"].found == 0
