"""Which registers a definition needs, and what is missing of them."""

from collections.abc import Iterable, Mapping
from pathlib import Path

import pyarrow as pa
import pyarrow.parquet as pq

from .characteristics import Characteristic
from .definition import Definition
from .registers import SPELLS, TABLES, YEARLY, Table
from .rules import YEARS_BACK
from .texts import Refused, Text

Files = Mapping[str, Mapping[int, Path]]  # table -> year -> file; not yearly: under any numbers


def check_needs(definition: Definition, characteristics: Iterable[Characteristic], files: Files) -> None:
    """Raises Refused, with a sentence for each register that is missing. Participant years without a population
    register are no fault: who started then is counted as left out."""
    problems: dict[str, Text] = {}
    year = definition.comparison_year
    if year not in files.get("BEF", {}):
        problems["BEF"] = (
            f"Befolkningsregistret BEF for {year} mangler.",
            f"The population register BEF of {year} is missing.",
        )
    if unknown := sorted(set(files) - set(TABLES)):
        problems[unknown[0]] = ("Registret kendes ikke her.", "There is no such register here.")
    years = [year for year in definition.years if year in files.get("BEF", {})]
    names = {year: _columns(files["BEF"][year]) for year in years}
    if not (files.get("AFDELINGER") and all("ADRESSE_ID" in each for each in names.values())) and not all(
        "AFDELING" in each for each in names.values()
    ):
        problems.setdefault("BEF", (
            "BEF skal have AFDELING eller ADRESSE_ID; med ADRESSE_ID skal filen AFDELINGER også være der.",
            "BEF must have AFDELING or ADRESSE_ID; with ADRESSE_ID, the file AFDELINGER must be there too.",
        ))  # fmt: skip
    for each in characteristics:
        for name in each.columns:
            if lacking := [year for year in years if name not in names[year]]:
                problems.setdefault(f"BEF.{name}", (
                    f"Kolonnen mangler i BEF for {_list(lacking)}. Den skal bruges til: {each.label[0]}.",
                    f"The column is missing in BEF of {_list(lacking)}. It is needed for: {each.label[1]}.",
                ))  # fmt: skip
        for alternatives in each.registers:
            for name, lacking in _missing(alternatives, years, files).items():
                when = f" for {_list(lacking)}" if lacking else "", f" of {_list(lacking)}" if lacking else ""
                problems.setdefault(name, (
                    f"Registret mangler{when[0]}. Det skal bruges til: {each.label[0]}.",
                    f"The register is missing{when[1]}. It is needed for: {each.label[1]}.",
                ))  # fmt: skip
    if problems:
        raise Refused(problems)


def _missing(alternatives: tuple[str, ...], years: list[int], files: Files) -> dict[str, list[int]]:
    """What is missing, and for which years (none: altogether). Of yearly registers one is enough for each year; of
    registers of events, all that reach into the years looked back on."""
    tables = [TABLES[name] for name in alternatives]
    if tables[0].span == YEARLY:
        lacking = [year for year in years if not any(year in files.get(name, {}) for name in alternatives)]
        return {" / ".join(alternatives): lacking} if lacking else {}
    return {table.name: [] for table in tables if not files.get(table.name) and reaches(table, years)}


def reaches(table: Table, years: Iterable[int]) -> bool:
    """Whether a register of events has something of the years looked back on, from any of `years`."""
    return table.span != SPELLS or any(table.covers(year - YEARS_BACK + 1, year) for year in years)


def _columns(path: Path) -> set[str]:
    try:
        return set(pq.read_schema(path).names)
    except (OSError, pa.ArrowException):
        text = ("Filen kan ikke læses som Parquet.", "The file can't be read as Parquet.")
        raise Refused({str(path): text}) from None


def _list(years: list[int]) -> str:
    return ", ".join(map(str, years))
