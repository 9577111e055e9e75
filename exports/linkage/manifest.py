"""The manifest: what a reader's archive holds, for people and programs. It hashes that reader's files only.

(The hash of a small key file would let its reader's neighbour guess numbers until the hash fits.) No clock: dates
come from the delivery.
"""

import json
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date

from exports.linkage.codebook import masked
from exports.linkage.files import Member
from exports.linkage.schema import Layout, Variable

FORMAT = "deltagerdata-linkage-1"
NAME = "manifest.json"


LEFT_OUT = {  # reasons of the consent gate in words: Danish, English
    "withdrawn": ("Har trukket samtykket tilbage", "Consent withdrawn"),
    "lapsed": ("Samtykket er udløbet", "Consent lapsed"),
    "restricted": ("Behandlingen er begrænset", "Processing restricted"),
}


@dataclass(frozen=True, slots=True)
class LeftOut:
    """How many registrations (a person has one in each plan) are not in the delivery for one reason, as the consent
    gate tells it."""

    code: str
    label_da: str
    label_en: str
    persons: int


@dataclass(frozen=True, slots=True)
class DeliveryFacts:
    """What the files tell about the delivery. `minimum_count`: counts below it are hidden."""

    delivery_id: str
    project_name: str
    dst_number: str
    purpose: str
    first_year: int
    last_year: int
    frozen_on: date
    minimum_count: int = 5
    left_out: tuple[LeftOut, ...] = ()

    @property
    def population_da(self) -> str:
        return (
            f"Personer, der begyndte i en af projektets aktiviteter i {self.first_year}-{self.last_year}, og hvis "
            f"samtykke til formålet var gyldigt den {self.frozen_on:%d.%m.%Y} og fortsat er det ved udleveringen"
        )

    @property
    def population_en(self) -> str:
        return (
            f"People who began one of the project's activities in {self.first_year}-{self.last_year} and whose consent "
            f"to the purpose was valid on {self.frozen_on} and still is at delivery"
        )

    def left_out_masked(self) -> list[tuple[LeftOut, str]]:
        """Each reason with its count, "<5" for 1-4 when the minimum is 5. Their sum is told nowhere."""
        return [(reason, masked(reason.persons, self.minimum_count)) for reason in self.left_out]


PSEUDONYM_NOTE = (
    "Pseudonymet er en tilfældig kode på 13 tegn, som kun bruges i dette projekt. Det sidste tegn er et kontroltegn.",
    "The pseudonym is a random code of 13 symbols used in this project only. Its last symbol is a check symbol.",
)

CSV_FORM = {
    "encoding": "UTF-8",
    "delimiter": ";",
    "quote": '"',
    "line_end": "LF",
    "missing": "",
    "date": "YYYY-MM-DD",
}


def manifest_text(
    reader: str,
    facts: DeliveryFacts,
    members: Iterable[Member],
    tables: Mapping[str, tuple[Layout, int]],
    persons: int,
) -> str:
    """`reader`: "officer" | "evaluator"; `tables`: member -> (layout, rows); `persons` in this reader's files."""
    variables = {v.name: v for layout, _ in tables.values() for v in layout.variables}
    about = {
        "format": FORMAT,
        "reader": reader,
        "delivery": facts.delivery_id,
        "project": {"name": facts.project_name, "dst_number": facts.dst_number, "purpose": facts.purpose},
        "population": {"da": facts.population_da, "en": facts.population_en},
        "period": {"first_year": facts.first_year, "last_year": facts.last_year},
        "frozen_on": facts.frozen_on.isoformat(),
        "persons": persons,
        "left_out": [
            {"code": reason.code, "label_da": reason.label_da, "label_en": reason.label_en, "persons": count}
            for reason, count in facts.left_out_masked()
        ],
        "pseudonyms": {"da": PSEUDONYM_NOTE[0], "en": PSEUDONYM_NOTE[1]},
        "csv": CSV_FORM,
        "files": [file_entry(member, tables.get(member.name)) for member in members],
        "variables": [variable_entry(variable) for variable in variables.values()],
    }
    if reader == "evaluator":
        (danish, english) = next(iter(tables.values()))[0].unit
        about["grain"] = {"da": danish, "en": english}
    return json.dumps(about, ensure_ascii=False, indent=2) + "\n"


def file_entry(member: Member, table: tuple[Layout, int] | None) -> dict[str, object]:
    entry: dict[str, object] = {"name": member.name, "size": member.size, "sha256": member.sha256}
    if table:
        layout, rows = table
        entry |= {"rows": rows, "columns": layout.names, "row_key": list(layout.grain)}
    return entry


def variable_entry(v: Variable) -> dict[str, object]:
    entry: dict[str, object] = {
        "name": v.name,
        "label_da": v.label_da,
        "label_en": v.label_en,
        "type": v.kind.value,
        "class": v.klass.value,
        "source": v.source,
    }
    if v.period:
        entry["period"] = v.period
    if v.values is not None:
        entry["values"] = [{"code": code, "da": da, "en": en} for code, (da, en) in v.values.items()]
    if v.bounds:
        entry["bounds"] = list(v.bounds)
    return entry
