"""What a column of a linkage file is: name, label, type, value set, source, class. The catalogue and the layouts.

Rules of Statistics Denmark for additional data: names of A-Z, 0-9 and _, a letter first, at most 32 characters; only
numbers and coded categories, each with its value set; PNR as text of ten digits; only what is approved.

The standard is coarse: region, year and age band. With few participants, a plan and a month point at a family, so
KOMMUNE, PLAN_NR and START_MAANED leave only where a project has them approved.
"""

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from enum import StrEnum
from types import MappingProxyType
from typing import Any, Protocol

import pyarrow as pa

from collection.municipalities import MUNICIPALITIES, REGIONS

NAME = re.compile(r"[A-Z][A-Z0-9_]{0,31}")


class Kind(StrEnum):
    """The type of a column: in CSV, text is quoted and a date is YYYY-MM-DD."""

    TEXT = "text"
    INTEGER = "integer"
    DATE = "date"


class Klass(StrEnum):
    """What a column can do to a person's privacy."""

    IDENTITY = "identity"  # says who it is: in the officer's files only
    KEY = "key"  # joins files: the pseudonym, a running number
    QUASI = "quasi"  # could point at a person together with others
    CODE = "code"  # a coded category that says little about who it is
    NUMBER = "number"


Label = tuple[str, str]  # Danish, English
ValueSet = Mapping[int | str, Label]

ARROW = {Kind.TEXT: pa.string(), Kind.INTEGER: pa.int16(), Kind.DATE: pa.date32()}


class UnknownVariable(ValueError):
    """A variable that the catalogue does not have. The message names it (it is no personal data)."""


class BadVariableName(ValueError):
    """A name against DST's rules."""


@dataclass(frozen=True, slots=True)
class Variable:
    """One column. `values` is its closed value set; `bounds` (both ends included) that of a number without one."""

    name: str
    label_da: str
    label_en: str
    kind: Kind
    klass: Klass
    source: str
    values: ValueSet | None = None
    bounds: tuple[int, int] | None = None

    def __post_init__(self) -> None:
        check_name(self.name)


def check_name(name: str) -> None:
    """Raises BadVariableName unless `name` follows DST's rules."""
    if not NAME.fullmatch(name):
        raise BadVariableName(f"{name!r} is no variable name: A-Z, 0-9 and _, a letter first, at most 32 characters.")


@dataclass(frozen=True, slots=True)
class Layout:
    """A file's columns in order, and the columns that together name a row (PSEUDONYM always first of them)."""

    member: str
    variables: tuple[Variable, ...]
    grain: tuple[str, ...]

    @property
    def names(self) -> list[str]:
        return [variable.name for variable in self.variables]

    def arrow(self) -> pa.Schema:
        return pa.schema([(variable.name, ARROW[variable.kind]) for variable in self.variables])


def layout_to_json(layout: Layout) -> dict[str, Any]:
    """A layout as plain values, so that a frozen set is built as it was approved whatever is renamed meanwhile."""
    return {
        "member": layout.member,
        "grain": list(layout.grain),
        "variables": [
            {
                "name": v.name,
                "label_da": v.label_da,
                "label_en": v.label_en,
                "kind": v.kind.value,
                "klass": v.klass.value,
                "source": v.source,
                "values": None if v.values is None else [[code, *labels] for code, labels in v.values.items()],
                "bounds": None if v.bounds is None else list(v.bounds),
            }
            for v in layout.variables
        ],
    }


def layout_from_json(data: dict[str, Any]) -> Layout:
    """What `layout_to_json` wrote."""
    variables = []
    for v in data["variables"]:
        values = None if v["values"] is None else {code: (danish, english) for code, danish, english in v["values"]}
        bounds = None if v["bounds"] is None else (v["bounds"][0], v["bounds"][1])
        variables.append(
            Variable(
                v["name"], v["label_da"], v["label_en"], Kind(v["kind"]), Klass(v["klass"]), v["source"], values, bounds
            )
        )
    return Layout(data["member"], tuple(variables), tuple(data["grain"]))


class TypeOfActivity(Protocol):
    """What is needed of an activity type. `number` is its code for ever; `theme` one of THEMES."""

    code: str
    number: int
    name_da: str
    name_en: str
    theme: str


# Code in our data -> (number in files, Danish, English). A number is never changed or used again.
THEMES = {
    "parenting": (1, "Forældrekompetencer og børns trivsel", "Parenting skills and children's well-being"),
    "education": (2, "Skole og uddannelse", "School and education"),
    "employment": (3, "Beskæftigelse", "Employment"),
    "crime_prevention": (4, "Kriminalpræventiv indsats", "Crime prevention"),
}
ROLES = {
    "mother": (1, "Mor", "Mother"),
    "father": (2, "Far", "Father"),
    "other_guardian": (3, "Anden værge", "Other guardian"),
    "child": (4, "Barn", "Child"),
    "other": (9, "Anden", "Other"),
}
METHODS = {
    "paper": (1, "Underskrift på papir", "Signed on paper"),
    "oral_witness": (2, "Mundtligt med vidne", "Orally, with a witness"),
    "digital": (3, "Digitalt", "Digitally"),
}
IDENTIFICATIONS = {
    "cpr": (1, "CPR-nummer (personen står i nøglefilen)", "CPR number (the person is in the key file)"),
    "name_address": (
        2,
        "Navn og adresse (personen står på identifikationslisten)",
        "Name and address (the person is on the identification list)",
    ),
}
# First age of the band -> (number, Danish, English).
AGE_BANDS = {
    0: (1, "0-6 år", "0-6 years"),
    7: (2, "7-14 år", "7-14 years"),
    15: (3, "15-17 år", "15-17 years"),
    18: (4, "18-24 år", "18-24 years"),
    25: (5, "25-34 år", "25-34 years"),
    35: (6, "35-44 år", "35-44 years"),
    45: (7, "45-54 år", "45-54 years"),
    55: (8, "55-64 år", "55-64 years"),
    65: (9, "65 år og derover", "65 years and over"),
}
MONTHS = [
    ("januar", "January"),
    ("februar", "February"),
    ("marts", "March"),
    ("april", "April"),
    ("maj", "May"),
    ("juni", "June"),
    ("juli", "July"),
    ("august", "August"),
    ("september", "September"),
    ("oktober", "October"),
    ("november", "November"),
    ("december", "December"),
]


def _coded(table: Mapping[Any, tuple[int, str, str]]) -> ValueSet:
    return MappingProxyType({number: (danish, english) for number, danish, english in table.values()})


PSEUDONYM = Variable(
    "PSEUDONYM",
    "Personens kode i projektet",
    "The person's code in the project",
    Kind.TEXT,
    Klass.KEY,
    "Tilfældig kode, kun for dette projekt",
)
RUNNING_NUMBER = Variable(
    "FORLOEB_NR",
    "Forløbets nummer blandt personens forløb i filen",
    "Number of the participation among the person's in the file",
    Kind.INTEGER,
    Klass.KEY,
    "Dannes, når filen skrives; siger intet om rækkefølgen i tid",
    bounds=(1, 9999),
)

ALWAYS = (PSEUDONYM.name, RUNNING_NUMBER.name)
# What a new project proposes, and what leaves only where it is approved.
STANDARD = ("REGION", "START_AAR", "ALDERSGRP", "AKT_TYPE", "AKT_TEMA", "ROLLE", "SAMTYKKE_MAADE", "IDENT_ART")
ON_APPROVAL = ("KOMMUNE", "PLAN_NR", "START_MAANED")

GRAIN_DA = "Én række for hver person og hvert forløb (deltagelse i en aktivitet, der er begyndt i perioden)"
GRAIN_EN = "One row for each person and participation (in an activity, begun in the period)"


def catalogue(
    types: Iterable[TypeOfActivity], plans: Mapping[str, str], first_year: int, last_year: int
) -> dict[str, Variable]:
    """Every variable that a data file can have now, by name and in the order of the file.

    `types`: all activity types; `plans`: LBF number -> name of the plan; the years bound START_AAR.
    """
    years = range(first_year, last_year + 1)
    integer, quasi, code = Kind.INTEGER, Klass.QUASI, Klass.CODE
    variables = [
        PSEUDONYM,
        RUNNING_NUMBER,
        Variable(
            "REGION",
            "Region, som helhedsplanen ligger i",
            "Region of the plan",
            integer,
            quasi,
            "Helhedsplanens kommune; Danmarks Statistik, Regioner, landsdele og kommuner",
            {int(region): names for region, names in REGIONS.items()},
        ),
        Variable(
            "KOMMUNE",
            "Kommune, som helhedsplanen ligger i",
            "Municipality of the plan",
            integer,
            quasi,
            "Helhedsplanens kommune (KOM)",
            {int(item.code): (item.name, item.name) for item in MUNICIPALITIES.values()},
        ),
        Variable(
            "PLAN_NR",
            "Helhedsplanens LBF-nummer",
            "LBF number of the plan",
            Kind.TEXT,
            quasi,
            "Helhedsplan",
            {number: (name, name) for number, name in sorted(plans.items())},
        ),
        Variable(
            "START_AAR",
            "År, hvor forløbet begyndte",
            "Year in which the participation began",
            integer,
            quasi,
            "Forløbets startdato",
            {year: (str(year), str(year)) for year in years},
        ),
        Variable(
            "START_MAANED",
            "Måned, hvor forløbet begyndte (mangler, hvis kun året kendes)",
            "Month in which the participation began (missing when only the year is known)",
            integer,
            quasi,
            "Forløbets startdato",
            dict(enumerate(MONTHS, start=1)),
        ),
        Variable(
            "ALDERSGRP",
            "Aldersgruppe ved udgangen af startåret",
            "Age band at the end of the year of start",
            integer,
            quasi,
            "Fødselsår og forløbets startår",
            _coded(AGE_BANDS),
        ),
        Variable(
            "AKT_TYPE",
            "Aktivitetens type",
            "Type of the activity",
            integer,
            code,
            "Aktivitet",
            {item.number: (item.name_da, item.name_en) for item in sorted(types, key=lambda item: item.number)},
        ),
        Variable(
            "AKT_TEMA", "Aktivitetens tema", "Theme of the activity", integer, code, "Aktivitetstype", _coded(THEMES)
        ),
        Variable(
            "ROLLE",
            "Personens rolle i familien",
            "The person's role in the family",
            integer,
            quasi,
            "Forløb",
            _coded(ROLES),
        ),
        Variable(
            "SAMTYKKE_MAADE",
            "Hvordan samtykket blev givet",
            "How consent was given",
            integer,
            code,
            "Den afgørelse om samtykke, som udleveringen bygger på",
            _coded(METHODS),
        ),
        Variable(
            "IDENT_ART",
            "Hvad personen er identificeret ved over for Danmarks Statistik",
            "What identifies the person to Statistics Denmark",
            integer,
            code,
            "Deltager",
            _coded(IDENTIFICATIONS),
        ),
    ]
    return {variable.name: variable for variable in variables}


def data_layout(variables: Mapping[str, Variable], approved: Iterable[str]) -> Layout:
    """The data file's layout: PSEUDONYM, FORLOEB_NR and the approved variables, in the catalogue's order.

    Raises UnknownVariable for an approved name that the catalogue does not have.
    """
    wanted = {*ALWAYS, *approved}
    if unknown := sorted(wanted - variables.keys()):
        raise UnknownVariable(", ".join(unknown))
    return Layout("data.csv", tuple(v for v in variables.values() if v.name in wanted), grain=ALWAYS)


def _identity(name: str, danish: str, english: str, kind: Kind = Kind.TEXT) -> Variable:
    return Variable(name, danish, english, kind, Klass.IDENTITY, "Deltagerens identitet")


PNR = _identity("PNR", "CPR-nummer, ti cifre uden bindestreg", "CPR number, ten digits, no dash")
KEY_FILE = Layout("noegle.csv", (PNR, PSEUDONYM), grain=("PSEUDONYM",))
IDENTIFICATION_LIST = Layout(
    "identifikationsliste.csv",
    (
        PSEUDONYM,
        _identity("NAVN", "Navn", "Name"),
        _identity("FOEDSELSDATO", "Fødselsdato", "Date of birth", Kind.DATE),
        _identity("ADRESSE", "Adresse", "Address"),
        _identity(
            "BOPAELSDATO", "Dato, hvor personen boede på adressen", "Date of residence at the address", Kind.DATE
        ),
    ),
    grain=("PSEUDONYM",),
)
