"""What a column of a linkage file is: name, label, type, value set, source, class. The layouts.

Rules of Statistics Denmark for additional data: names of A-Z, 0-9 and _, a letter first, at most 32 characters; only
numbers and coded categories, each with its value set; PNR as text of ten digits; only what is approved.

The standard is coarse: region, year and age band. With few participants, a plan and a month point at a family, so
what is finer (ON_APPROVAL) leaves only where a project has it approved. Two things never leave: the department,
because the register knows it of a plan and not of a participant; and the language of the consent text, because it
says where a family comes from.
"""

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from enum import StrEnum
from types import MappingProxyType
from typing import Any, Protocol

import pyarrow as pa

from exports.linkage.codes import PARTICIPATIONS

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


class Grain(StrEnum):
    """What a row of a data file is. The same values as EvaluationProject.Grain."""

    PARTICIPATION = "participation"
    PERSON = "person"


Label = tuple[str, str]  # Danish, English
ValueSet = Mapping[int | str, Label]

ARROW = {Kind.TEXT: pa.string(), Kind.INTEGER: pa.int16(), Kind.DATE: pa.date32()}


class UnknownVariable(ValueError):
    """A variable that the catalogue does not have. The message names it (it is no personal data)."""


class BadVariableName(ValueError):
    """A name against DST's rules."""


@dataclass(frozen=True, slots=True)
class Variable:
    """One column. `values` is its closed value set; `bounds` (both ends included) that of a number without one;
    `period` says, in Danish as `source`, which time a value is about.
    """

    name: str
    label_da: str
    label_en: str
    kind: Kind
    klass: Klass
    source: str
    values: ValueSet | None = None
    bounds: tuple[int, int] | None = None
    period: str = ""

    def __post_init__(self) -> None:
        check_name(self.name)


def check_name(name: str) -> None:
    """Raises BadVariableName unless `name` follows DST's rules."""
    if not NAME.fullmatch(name):
        raise BadVariableName(f"{name!r} is no variable name: A-Z, 0-9 and _, a letter first, at most 32 characters.")


@dataclass(frozen=True, slots=True)
class Layout:
    """A file's columns in order, and the columns that together name a row (PSEUDONYM always first of them).

    `unit`: what a row is, in Danish and English; `identities`: an officer's file, which is there to say who it is.
    """

    member: str
    variables: tuple[Variable, ...]
    grain: tuple[str, ...]
    unit: Label = ("", "")
    identities: bool = False

    @property
    def names(self) -> list[str]:
        return [variable.name for variable in self.variables]

    @property
    def per_person(self) -> bool:
        return len(self.grain) == 1

    def arrow(self) -> pa.Schema:
        return pa.schema([(variable.name, ARROW[variable.kind]) for variable in self.variables])


def layout_to_json(layout: Layout) -> dict[str, Any]:
    """A layout as plain values, so that a frozen set is built as it was approved whatever is renamed meanwhile."""
    return {
        "member": layout.member,
        "grain": list(layout.grain),
        "unit": list(layout.unit),
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
                "period": v.period,
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
                v["name"],
                v["label_da"],
                v["label_en"],
                Kind(v["kind"]),
                Klass(v["klass"]),
                v["source"],
                values,
                bounds,
                v.get("period", ""),
            )
        )
    unit = tuple(data.get("unit", GRAINS[Grain.PARTICIPATION]))
    return Layout(data["member"], tuple(variables), tuple(data["grain"]), (unit[0], unit[1]))


class TypeOfActivity(Protocol):
    """What is needed of an activity type. `number` is its code for ever; `theme` one of THEMES."""

    code: str
    number: int
    name_da: str
    name_en: str
    theme: str


def coded(table: Mapping[Any, tuple[int, str, str]]) -> ValueSet:
    return MappingProxyType({number: (danish, english) for number, danish, english in table.values()})


PSEUDONYM = Variable(
    "PSEUDONYM",
    "Personens kode i projektet",
    "The person's code in the project",
    Kind.TEXT,
    Klass.KEY,
    "Tilfældig kode, kun for dette projekt",
    period="Den samme i alle projektets leverancer",
)
RUNNING_NUMBER = Variable(
    "FORLOEB_NR",
    "Forløbets nummer blandt personens forløb i filen",
    "Number of the participation among the person's in the file",
    Kind.INTEGER,
    Klass.KEY,
    "Dannes, når filen skrives; siger intet om rækkefølgen i tid",
    bounds=(1, 9999),
    period="Filen",
)
COUNT = Variable(
    "ANTAL_FORLOEB",
    "Antal forløb, som personen har begyndt i perioden",
    "Number of participations that the person began in the period",
    Kind.INTEGER,
    Klass.QUASI,
    "Tælles blandt personens forløb i leverancen, når filen skrives",
    coded(PARTICIPATIONS),
    period="Projektets periode",
)

# What every file has, by its grain.
ALWAYS = (PSEUDONYM.name, RUNNING_NUMBER.name)
ALWAYS_PER_PERSON = (PSEUDONYM.name, COUNT.name)
# What a new project proposes, and what leaves only where it is approved.
STANDARD = (
    *("REGION", "START_AAR", "ALDERSGRP", "AKT_TYPE", "AKT_TEMA", "ROLLE"),
    *("SAMTYKKE_MAADE", "SAMTYKKE_UDG", "IDENT_ART"),
)
ON_APPROVAL = ("KOMMUNE", "PLAN_NR", "START_MAANED", "VARIGHED", "FOEDSELSAAR")
# Of the person, not of one of their participations.
OF_THE_PERSON = {PSEUDONYM.name, COUNT.name, "FOEDSELSAAR", "IDENT_ART"}

GRAINS: Mapping[str, Label] = {
    Grain.PARTICIPATION: (
        "Én række for hver person og hvert forløb (deltagelse i en aktivitet, der er begyndt i perioden)",
        "One row for each person and participation (in an activity, begun in the period)",
    ),
    Grain.PERSON: (
        "Én række for hver person, om det første af personens forløb (deltagelser i en aktivitet), som er begyndt i "
        "perioden. Kendes kun måned eller år, regnes forløbet fra den første dag; af flere fra samme dag vælges det "
        "med de laveste koder",
        "One row for each person, about the first of their participations (in an activity) begun in the period. Where "
        "only the month or year is known, it counts from the first day; of several from one day, the one with the "
        "lowest codes is taken",
    ),
}
GRAIN_DA, GRAIN_EN = GRAINS[Grain.PARTICIPATION]
OLDEST = 130  # years


def data_layout(variables: Mapping[str, Variable], approved: Iterable[str], grain: str = Grain.PARTICIPATION) -> Layout:
    """The data file's layout: what every file of this grain has and the approved variables, in the catalogue's order.

    In a file of persons, what belongs to a participation is of the first one, and its label says so. Raises
    UnknownVariable for an approved name that the catalogue does not have.
    """
    per_person = grain == Grain.PERSON
    always = ALWAYS_PER_PERSON if per_person else ALWAYS
    wanted = {*always, *approved} - ({*ALWAYS, *ALWAYS_PER_PERSON} - {*always})
    if unknown := sorted(wanted - variables.keys()):
        raise UnknownVariable(", ".join(unknown))
    chosen = [variable for variable in variables.values() if variable.name in wanted]
    if per_person:
        chosen = [v if v.name in OF_THE_PERSON else _of_the_first(v) for v in chosen]
    return Layout("data.csv", tuple(chosen), always[:1] if per_person else always, GRAINS[grain])


def _of_the_first(variable: Variable) -> Variable:
    danish, english = (label[0].lower() + label[1:] for label in (variable.label_da, variable.label_en))
    return replace(variable, label_da=f"Første forløb: {danish}", label_en=f"First participation: {english}")


def _identity(name: str, danish: str, english: str, kind: Kind = Kind.TEXT) -> Variable:
    return Variable(name, danish, english, kind, Klass.IDENTITY, "Deltagerens identitet")


PNR = _identity("PNR", "CPR-nummer, ti cifre uden bindestreg", "CPR number, ten digits, no dash")
KEY_FILE = Layout("noegle.csv", (PNR, PSEUDONYM), grain=("PSEUDONYM",), identities=True)
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
    identities=True,
)
