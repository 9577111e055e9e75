"""What the yearly registers say of a block's people: education, work, income, dwelling, day care. Invented; the shares
are of Denmark's order of size, and lower in the supported areas."""

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
import pyarrow as pa

from exports.demo.register.people import Block, Bools, Ints

# Codes of education are invented: their main area, and two digits more.
MAIN_AREAS = np.array([10, 20, 25, 30, 35, 40, 50, 60, 70, 80, 90])  # of DISCED-15
CODES_OF_EACH = 4
BY_MAIN_AREA = {
    "Danish": (0.22, 0.08, 0.02, 0.37, 0.005, 0.055, 0.13, 0.02, 0.07, 0.01, 0.02),
    "foreign": (0.36, 0.09, 0.02, 0.21, 0.01, 0.04, 0.08, 0.02, 0.05, 0.005, 0.115),
}
SOURCES, SOURCE_SHARES = (1, 2, 3, 9), (0.3, 0.2, 0.35, 0.15)  # of the foreign: two known here, two imported
EMPLOYEES = np.array([131, 132, 133, 134, 135, 139, 111, 114])
OUTSIDE = np.array([210, 220, 310, 321, 330, 410])  # unemployed, sick, in education, pensions, assistance, others
PENSIONER, CHILD = 322, 420
INCOME_GROWTH = 1.02


@dataclass(frozen=True)
class Facts:
    """What stays as it is over the years, for each person of a block; `dwelling` for each of its families."""

    education: Ints
    source: Ints
    works: npt.NDArray[np.float64]  # the lower, the likelier in work
    income: npt.NDArray[np.float64]  # DKK a year, when in work
    area: Ints  # m²
    rooms: Ints
    crowd: Ints  # other people in the dwelling


def facts_of(block: Block, rng: np.random.Generator) -> Facts:
    people, families = len(block.family), block.families
    danish = block.ie_type == 1
    area = np.where(
        danish,
        rng.choice(MAIN_AREAS, people, p=BY_MAIN_AREA["Danish"]),
        rng.choice(MAIN_AREAS, people, p=BY_MAIN_AREA["foreign"]),
    )
    member_count = np.bincount(block.family, minlength=families)
    rooms = np.clip(np.round(1.6 + member_count * 0.7 + rng.normal(0, 0.9, families)), 1, 9).astype(np.int64)
    rare = rng.random(families)
    crowd = np.where(
        rare < 0.0005, rng.integers(15, 60, families), np.where(rare < 0.02, rng.integers(1, 3, families), 0)
    )
    square_metres = np.maximum(rooms * rng.normal(26, 4, families), 12).astype(np.int64)
    return Facts(
        education=area * 100 + rng.integers(0, CODES_OF_EACH, people),
        source=np.where(danish, 1, rng.choice(SOURCES, people, p=SOURCE_SHARES)),
        works=rng.random(people) + np.where(danish, 0.0, 0.17) + np.where(area <= 10, 0.1, 0.0),
        income=np.exp(rng.normal(12.35, 0.32, people)) * np.where(area >= 40, 1.2, 1.0),
        area=np.where((rare > 0.02) & (rare < 0.021), 0, square_metres),
        rooms=np.where((rare > 0.021) & (rare < 0.022), rng.choice([0, 60], families), rooms),
        crowd=crowd,
    )


def yearly(
    block: Block, facts: Facts, year: int, there: Bools, rng: np.random.Generator
) -> dict[str, dict[str, object]]:
    """The columns of a year's registers, but for keys: PNR stands for the places of people, DST_BOLIGERHVERVSENHED_ID
    for those of families."""
    age = block.age(year)
    place = block.years.index(year)
    grown = np.flatnonzero(there & (age >= 15))
    in_area = block.department[place][block.family] >= 0
    lively = (age >= 18) & (age < 66)
    employed = lively & (facts.works + np.where(in_area, 0.22, 0.0) + rng.normal(0, 0.05, len(age)) < 0.8)
    status = np.where(
        employed,
        EMPLOYEES[rng.integers(0, len(EMPLOYEES), len(age))],
        np.where(age >= 66, PENSIONER, OUTSIDE[rng.integers(0, len(OUTSIDE), len(age))]),
    )
    status = np.where(age < 16, CHILD, status)
    base = np.where(employed, facts.income, np.where(age < 18, 8_000, np.where(age >= 66, 0.62, 0.5) * 230_000))
    base = base * INCOME_GROWTH ** (year - 2014) * np.exp(rng.normal(0, 0.08, len(age)))
    home = _homes(there, block)
    residents = np.bincount(block.family[there], minlength=block.families)[home] + facts.crowd[home]
    tables: dict[str, dict[str, object]] = {
        "UDDA": {"PNR": grown, "HFAUDD": facts.education[grown], "HF_KILDE": facts.source[grown]},
        "RAS": {"PNR": grown, "SOC_STATUS_KODE": status[grown], "PRIMAER_STATUS_KODE": np.ones(len(grown), np.int64)},
        "AKM": {"PNR": grown, "SOCIO13": status[grown]},
        "IND": {"PNR": grown, "DISPON_13": np.round(base[grown])},
        "PERBOLIG": {"PNR": np.flatnonzero(there), "DST_BOLIGERHVERVSENHED_ID": block.family[there]},
        "BOLIG": {"DST_BOLIGERHVERVSENHED_ID": home, "ANTAL_PERSONER": residents},
        "BBRENHED": {
            "DST_BOLIGERHVERVSENHED_ID": home,
            "ENH_BEBOELSESAREAL": facts.area[home].astype(np.float64),
            "ENH_ANTALVAERELSER": facts.rooms[home],
        },
    }
    chance = rng.random(len(age)) + np.where(in_area & (block.ie_type != 1), 0.08, 0.0)
    enrolled = np.flatnonzero(
        there & (((age >= 1) & (age <= 2) & (chance < 0.9)) | ((age >= 3) & (age <= 5) & (chance < 0.97)))
    )
    tables["DAGI"] = {"PNR": enrolled, "LEGESTUE": (rng.random(len(enrolled)) < 0.01).astype(np.int64)}
    tables["BOERNFB"] = {"PNR": enrolled}
    return tables


def population(block: Block, year: int, there: Bools, codes: list[str], of_department: list[str]) -> dict[str, object]:
    """The columns of BEF, but for keys, as for `yearly`; FAMILIE_ID stands for places of families, and each
    has two addresses."""
    people = np.flatnonzero(there)
    family = block.family[people]
    place = block.years.index(year)
    department = block.department[place][family]
    municipality = np.where(department >= 0, department + len(codes), block.municipality[family])
    first = block.first_person[family]
    return {
        "PNR": people,
        "FAMILIE_ID": family,
        "FOED_DAG": pa.array(block.birth[people].astype(np.int32), pa.int32()).cast(pa.date32()),
        "KOEN": np.where(block.female[people], 2, 1),
        "KOM": pa.array(codes + of_department).take(pa.array(municipality)),
        "PLADS": np.where(block.adult[people], np.where(people == first, 1, 2), 3),
        "IE_TYPE": block.ie_type[people],
        "OPR_LAND": block.country[people],
        "ADRESSE_ID": 2 * family + block.moved[place][family],
    }


def _homes(there: Bools, block: Block) -> Ints:
    found = np.zeros(block.families, np.bool_)
    found[block.family[there]] = True
    return np.flatnonzero(found)
