"""Register variables that a project asks Statistics Denmark for, looked up in Statistics Denmark's own lists.

The lists are those of dst-fsv: registers and variables with the years that they exist for, as they stood on
SNAPSHOT_DATE. Nothing is asked of the network. A register whose rows are spells or events (BEFBOP, BUFO) is published
as one file that holds all years and is listed under its last period only: for it, the register's own years count.
"""

import re
from collections import defaultdict
from collections.abc import Iterable
from dataclasses import asdict, dataclass
from datetime import date
from difflib import get_close_matches
from functools import cache
from typing import Any, NamedTuple

import dst_fsv
from django.utils.translation import get_language
from django.utils.translation import gettext as _

from accounts.templatetags.pages import year_spans

SNAPSHOT = date.fromisoformat(dst_fsv.SNAPSHOT_DATE)
LINE = re.compile(r"([A-Z0-9_]+)(?:[\s,;]+|\.)([A-Z0-9_]+)[\s,;]+([0-9]{4})(?:\s*[-–]\s*([0-9]{4}))?", re.IGNORECASE)
SHOWN = 4  # registers that are named as a suggestion
POPULATION = "BEF"  # suggested first: nearly every project has it


class BadLine(ValueError):
    """A line that can't be read. The message is a sentence for the page and does not repeat the line."""


@dataclass(frozen=True, slots=True)
class Asked:
    """One variable of a register, for some years; also the form in which a project keeps it."""

    register: str
    name: str
    first_year: int
    last_year: int

    def __str__(self) -> str:
        years = f"{self.first_year}-{self.last_year}" if self.first_year < self.last_year else str(self.first_year)
        return f"{self.register} {self.name} {years}"

    @property
    def years(self) -> range:
        return range(self.first_year, self.last_year + 1)

    def to_json(self) -> dict[str, Any]:
        return asdict(self)


@dataclass(frozen=True, slots=True)
class Found:
    """What the lists say of it. `refusal`: why there is no such thing, or ""; `notes`: what is to be known of it."""

    asked: Asked
    title: str = ""  # of the register
    label: str = ""  # of the variable
    refusal: str = ""
    notes: tuple[str, ...] = ()


class _Register(NamedTuple):
    row: dict[str, str]
    variables: dict[str, dict[str, str]]
    one_period: bool  # all of it is listed under one period

    @property
    def closed(self) -> bool:
        return self.row["update_frequency"] == "Luk"

    @property
    def years(self) -> range:
        return range(int(self.row["first_year"]), int(self.row["last_year"]) + 1)

    def years_of(self, name: str) -> set[int]:
        if self.row["reference_type_da"] == "Forløb" or self.one_period:
            return set(self.years)
        return {int(year) for year in self.variables[name]["years"].split()}


def parse_line(text: str) -> Asked:
    """ "BEF KOM 2014-2016", also "bef.kom 2014". Raises BadLine."""
    match = LINE.fullmatch(text.strip())
    if match is None:
        raise BadLine(_("Skriv register, variabel og år, for eksempel BEF KOM 2014-2016."))
    register, name, first, last = match.groups()
    asked = Asked(register.upper(), name.upper(), int(first), int(last or first))
    if not 1900 <= asked.first_year <= asked.last_year <= 2100:
        raise BadLine(_("Årene skal ligge mellem 1900 og 2100, og det sidste år kan ikke ligge før det første."))
    return asked


def look_up(asked: Asked) -> Found:
    """Whether there is such a variable, and for which of the years."""
    register = _registers().get(asked.register)
    if register is None:
        return Found(asked, refusal=_no_register(asked))
    title = _in_language(register.row, "title")
    if asked.name not in register.variables:
        return Found(asked, title, refusal=_no_variable(asked, register))
    label = _in_language(register.variables[asked.name], "label")
    there = register.years_of(asked.name)
    missing = [year for year in asked.years if year not in there]
    coming = [] if register.closed else [year for year in missing if year > register.years[-1]]
    past = [year for year in missing if year not in coming]
    names = {"register": asked.register, "name": asked.name}
    notes = []
    if register.closed:
        last = {"last": register.years[-1]}
        notes.append(_("%(register)s er lukket. Det sidste år er %(last)s.") % (names | last))
    if len(past) == len(asked.years):
        told = _("%(name)s findes ikke i %(register)s for årene, men for %(years)s.")
        return Found(asked, title, label, " ".join([*notes, told % (names | {"years": year_spans(there)})]))
    if past:
        notes.append(_("%(name)s findes ikke for %(years)s.") % (names | {"years": year_spans(past)}))
    if coming:
        notes.append(_("Danmarks Statistik har endnu ikke data for %(years)s.") % {"years": year_spans(coming)})
    return Found(asked, title, label, notes=tuple(notes))


def look_up_all(kept: Iterable[dict[str, Any]]) -> list[Found]:
    """What a project keeps in `register_variables`, looked up."""
    return [look_up(Asked(**each)) for each in kept]


def _no_register(asked: Asked) -> str:
    registers = _registers()
    name = {"name": asked.register}
    family = [code for code in registers if code.startswith(f"{asked.register}_")]
    if len(family) > 1:
        with_it = [code for code in family if asked.name in registers[code].variables]
        told = _("%(name)s er ikke ét register, men flere. Skriv det, som du skal bruge, for eksempel %(registers)s.")
        return told % (name | {"registers": _listed(with_it or family, _("eller"))})
    if asked.register in _holders():
        told = _("%(name)s er en variabel og ikke et register. Den findes i %(registers)s.")
        return told % (name | {"registers": _listed(_holders()[asked.register])})
    told = _("Danmarks Statistik har intet register, der hedder %(name)s.") % name
    alike = [code for code in registers if asked.register in code and len(asked.register) > 2]
    return _suggested(told, alike or get_close_matches(asked.register, registers, SHOWN, 0.7))


def _no_variable(asked: Asked, register: _Register) -> str:
    names = {"register": asked.register, "name": asked.name}
    told = _("%(register)s har ingen variabel, der hedder %(name)s.") % names
    told = _suggested(told, get_close_matches(asked.name, register.variables, SHOWN, 0.8))
    if holders := _holders().get(asked.name):
        elsewhere = _("%(name)s findes i %(registers)s.") % {"name": asked.name, "registers": _listed(holders)}
        return f"{told} {elsewhere}"
    return told


def _suggested(told: str, names: list[str]) -> str:
    return f"{told} {_('Mente du %(names)s?') % {'names': _listed(names, _('eller'))}}" if names else told


def _listed(names: list[str], joined_by: str | None = None) -> str:
    """The first few: "A, B og C"."""
    *others, last = names[:SHOWN]
    return f"{', '.join(others)} {joined_by or _('og')} {last}" if others else last


def _in_language(row: dict[str, str], what: str) -> str:
    text = row[f"{what}_{'en' if (get_language() or 'da').startswith('en') else 'da'}"]
    return "" if text in {"Ingen label", "No label"} else text


@cache
def _registers() -> dict[str, _Register]:
    variables: dict[str, dict[str, dict[str, str]]] = {code: {} for code in dst_fsv.registers()}
    periods: dict[str, set[str]] = {code: set() for code in variables}
    for row in dst_fsv.variables():
        code, name = row["register"], row["variable"].upper()
        if same := variables[code].get(name):  # listed twice, with a label of its own for some years
            row = same | {"years": f"{same['years']} {row['years']}"}
        variables[code][name] = row
        periods[code] |= {row["first_period"], row["last_period"]}
    rows = dst_fsv.registers().items()
    return {code: _Register(row, variables[code], len(periods[code]) == 1) for code, row in rows}


@cache
def _holders() -> dict[str, list[str]]:
    """The registers that have a variable, by its name: BEF first, then those that are kept up, the longest first."""
    registers = _registers()
    found = defaultdict(list)
    for code, register in registers.items():
        for name in register.variables:
            found[name].append(code)

    def rank(name: str, code: str) -> tuple:
        register = registers[code]
        return code != POPULATION, register.closed, -int(register.variables[name]["n_years"]), code

    return {name: sorted(codes, key=lambda code: rank(name, code)) for name, codes in found.items()}
