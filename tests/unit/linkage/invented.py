"""Invented records for the linkage tests: a dozen people in three plans. Numbers fail modulus 11."""

import io
import random
import zipfile
from collections.abc import Iterable
from datetime import date
from typing import NamedTuple

from exports.linkage.codes import IDENTIFICATIONS, version_label
from exports.linkage.frozen import Frozen, FrozenSet, write_frozen
from exports.linkage.manifest import DeliveryFacts, LeftOut
from exports.linkage.rows import Record
from exports.linkage.schema import STANDARD, Layout, data_layout
from exports.linkage.variables import catalogue
from exports.pseudonyms import ALPHABET, is_code


class Type(NamedTuple):
    code: str
    number: int
    name_da: str
    name_en: str
    theme: str


TYPES = [
    Type("familieindsats", 8, "Familieindsats", "Family intervention", "parenting"),
    Type("mentor", 9, "Mentor", "Mentor", "education"),
    Type("fire_cadet", 13, "Brandkadet", "Fire cadet", "crime_prevention"),
]
PLANS = {"LBF-0101": "Nordparken & Søndergården", "LBF-0202": 'Planen "Vest"', "LBF-0303": "Østbyen <3>"}
VERSIONS = {1001: version_label("adult", 1), 1002: version_label("adult", 2), 3001: version_label("guardian", 1)}
VARIABLES = catalogue(TYPES, PLANS, 2014, 2016, VERSIONS)
LAYOUT = data_layout(VARIABLES, STANDARD)
FULL = data_layout(VARIABLES, VARIABLES)
PERSONS = data_layout(VARIABLES, VARIABLES, "person")
FACTS = DeliveryFacts(
    delivery_id="2026-001",
    project_name="Evaluering af familieindsatser & mere",
    dst_number="708123",
    purpose="Evaluering",
    first_year=2014,
    last_year=2016,
    frozen_on=date(2026, 11, 2),
    left_out=(
        LeftOut("withdrawn", "Samtykket er trukket tilbage", "Consent withdrawn", 3),
        LeftOut("lapsed", "Samtykket er udløbet", "Consent has lapsed", 17),
    ),
)
MUNICIPALITY = {"LBF-0101": "751", "LBF-0202": "101", "LBF-0303": "615"}


def make_code(seed: int) -> str:
    """The same code for the same seed, so that files can be compared byte for byte."""
    chance = random.Random(seed)
    data = "".join(chance.choice(ALPHABET) for _ in range(12))
    return next(code for symbol in ALPHABET if is_code(code := data + symbol))


def make_record(seed: int, **changes) -> Record:
    """A person with one participation; `changes` replace fields."""
    chance = random.Random(seed)
    plan = changes.get("plan", chance.choice(list(PLANS)))
    record = Record(
        pseudonym=make_code(seed),
        participant=chance.randbytes(16),
        decision=seed,
        identification="cpr",
        birth_year=chance.randint(1950, 2012),
        municipality=MUNICIPALITY[plan],
        plan=plan,
        activity_type=chance.choice(TYPES).code,
        start=date(chance.randint(2014, 2016), chance.randint(1, 12), chance.randint(1, 28)),
        start_precision="day",
        end=None,
        role=chance.choice(["mother", "father", "child", "other"]),
        method=chance.choice(["paper", "oral_witness", "digital"]),
        version=chance.choice(list(VERSIONS)),
    )
    return record._replace(**changes)


def make_records() -> list[Record]:
    """40 people; one with three participations in two plans, one without CPR number, one with unknown birth year."""
    records = [make_record(seed) for seed in range(40)]
    ada = records[0]
    records += [
        ada._replace(start=date(2016, 5, 1), activity_type="mentor"),
        make_record(100, pseudonym=ada.pseudonym, identification="name_address", plan="LBF-0303"),
    ]
    records[1] = records[1]._replace(identification="name_address")
    records[2] = records[2]._replace(birth_year=None, start_precision="year", start=date(2015, 1, 1))
    return records


def freeze(records: Iterable[Record], layout: Layout = LAYOUT) -> tuple[bytes, Frozen]:
    out = io.BytesIO()
    about = write_frozen(out, records, layout, TYPES)
    return out.getvalue(), about


def make_frozen(records: Iterable[Record] | None = None, layout: Layout = LAYOUT) -> FrozenSet:
    plain, about = freeze(make_records() if records is None else records, layout)
    return FrozenSet(lambda: io.BytesIO(plain), about.sha256)


def people_of(frozen: FrozenSet, identification: str) -> list[tuple[str, bytes]]:
    """(pseudonym, participant) of each."""
    rows = [row for batch in frozen.people() for row in batch.to_pylist()]
    wanted = IDENTIFICATIONS[identification][0]
    return [(row["pseudonym"], row["participant"]) for row in rows if row["identification"] == wanted]


def make_key_rows(frozen: FrozenSet) -> list[tuple[str, str]]:
    """Invented numbers with leading zeros: the two last digits are chosen so that modulus 11 fails."""
    return [(make_number(place), pseudonym) for place, (pseudonym, _) in enumerate(people_of(frozen, "cpr"))]


def make_number(place: int) -> str:
    """DDMMYY-SSSS without the dash: 2 February to 28 September of 61, failing modulus 11, each place its own."""
    number = f"{place % 27 + 2:02}{place // 27 % 8 + 2:02}61{4000 + place // 216 * 2:04}"
    weights = (4, 3, 2, 7, 6, 5, 4, 3, 2, 1)
    if sum(weight * int(digit) for weight, digit in zip(weights, number, strict=True)) % 11 == 0:
        number = number[:-1] + str(int(number[-1]) + 1)
    return number


def make_identification_rows(frozen: FrozenSet) -> list[tuple]:
    return [
        (pseudonym, 'Zoë "Zo" Ærø;\nThorsø', date(1971, 3, 4), "Søndergade 3, 2. tv.; 8700 Horsens", date(2015, 6, 1))
        for pseudonym, _ in people_of(frozen, "name_address")
    ]


def members_of(archive: bytes) -> dict[str, bytes]:
    with zipfile.ZipFile(io.BytesIO(archive)) as opened:
        assert opened.testzip() is None
        return {name: opened.read(name) for name in opened.namelist()}
