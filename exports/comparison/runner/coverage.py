"""Whether the registers know the people of the groups: a key that matches nobody must not be read as a no.

A register is refused when none of its keys is known to the population, when keys are the same but for zeros in front,
or when it has nothing from the years that the rule looks at. What it does say of the groups is counted and told. Each
register is gone through once more for it, against few keys: that costs little beside what is formed of it.
"""

from collections.abc import Collection, Mapping
from dataclasses import dataclass, replace

from .engine import Engine
from .needs import reaches
from .registers import SPELLS, TABLES, YEARLY
from .rules import YEARS_BACK
from .texts import Refused, Text

ADULTS, CHILDREN = "adults", "children"
_OF_CHILDREN = ("BUFO", "DAGI", "BOERNFB")
_DAYS = {
    "PSYK_ADM": "D_INDDTO", "LPR_ADM": "D_INDDTO", "LPR_A_KONTAKT": "KONT_STARTTIDSPUNKT", "KRAF": "AFG_AFGOEDTO",
    "SIB": "INDSKRIVNINGDATO", "NAB": "INDSKRIVNINGDATO",
}  # fmt: skip
# Diagnoses are reached by the key of a contact. (What dwellings and educations don't match is missing, not a no.)
_CONTACTS = {
    "PSYK_DIAG": ("PSYK_ADM", "RECNUM"), "LPR_DIAG": ("LPR_ADM", "RECNUM"),
    "LPR_A_DIAGNOSE": ("LPR_A_KONTAKT", "DW_EK_KONTAKT"),
}  # fmt: skip
_REACHED = {"BEF", "AFDELINGER", "AUDD", "BOLIG", "BBRENHED", *_CONTACTS}  # without a person's key, or BEF itself
_MANY, _FEW = 1000, 20  # contacts that are looked at; of fewer it may be that none has a diagnosis


@dataclass(frozen=True)
class Coverage:
    """Of so many adults or children of both groups, taken together (in each of their years where the register has one),
    the register has a row of `found`. lacking: years that the rule looks back on, and of which it has nothing."""

    register: str
    who: str
    persons: int
    found: int
    lacking: tuple[int, ...] = ()


def covered(database: Engine, given: Mapping[str, Collection[int]]) -> tuple[Coverage, ...]:
    """Of each register that was read, in their order; `people` and `starts` are there. Raises Refused.

    given: register -> its years (of a yearly one); those of BEF are the years in which families are measured.
    """
    database.make("wanted", _variants("SELECT DISTINCT person, year, adult FROM people", "person"))
    database.make("wanted_starts", _variants("SELECT DISTINCT person FROM starts", "person"))
    problems: dict[str, Text] = {}
    if _any(database, "SELECT 1 AS one FROM BEF r JOIN wanted_starts w ON w.written = r.PNR WHERE w.own = 0"):
        problems["STARTER"] = _unlike("PNR")
    told = []
    for name in sorted(given, key=list(TABLES).index):
        if name in _CONTACTS and _CONTACTS[name][0] in given:
            problems |= _diagnoses(database, name)
        if name not in _REACHED:
            count, faults = _people(database, name, given[name])
            count, window = _years(database, count, given["BEF"])
            problems |= faults | window
            told.append(count)
    if problems:
        raise Refused(problems)
    return tuple(told)


def _variants(keys: str, key: str) -> str:
    """Each key as it is (own: 1) and with fewer or more zeros in front."""
    bare = f"TRIM(LEADING '0' FROM k.{key})"
    written = f"CASE n.zeros WHEN 0 THEN {bare} WHEN 1 THEN CONCAT('0', {bare}) WHEN 2 THEN CONCAT('00', {bare}) "
    written += f"ELSE k.{key} END"
    return (
        f"SELECT * FROM (SELECT k.*, {written} AS written, CASE WHEN n.zeros = 3 THEN 1 ELSE 0 END AS own "  # noqa: S608
        f"FROM ({keys}) k CROSS JOIN (SELECT 0 AS zeros UNION ALL SELECT 1 UNION ALL SELECT 2 UNION ALL SELECT 3) n) v "
        f"WHERE v.own = 1 OR v.written <> v.{key}"
    )


def _people(database: Engine, name: str, years: Collection[int]) -> tuple[Coverage, dict[str, Text]]:
    who = CHILDREN if name in _OF_CHILDREN else ADULTS
    yearly = TABLES[name].span == YEARLY
    persons = found = 0
    problems: dict[str, Text] = {}
    for year in sorted(years) if yearly else [None]:
        of_year = ("", "") if year is None else (f" AND w.year = {int(year)}", f" AND r.year = {int(year)}")
        of_whom = f"w.adult = {int(who == ADULTS)}{of_year[0]}"
        place = name if year is None else f"{name}:{year}"
        [all_] = database.fetch(
            f"SELECT COUNT(DISTINCT w.person) AS persons FROM wanted w WHERE {of_whom}"  # noqa: S608 - our own names
        ).to_pylist()
        [met] = database.fetch(
            "SELECT COUNT(DISTINCT CASE WHEN w.own = 1 THEN w.person END) AS found, MIN(w.own) AS own "  # noqa: S608
            f"FROM {name} r JOIN wanted w ON w.written = r.PNR WHERE {of_whom}{of_year[1]}"
        ).to_pylist()
        persons, found = persons + all_["persons"], found + met["found"]
        keys = f"SELECT 1 AS one FROM {name} r WHERE r.PNR IS NOT NULL{of_year[1]}"  # noqa: S608
        if met["own"] == 0:
            problems[place] = _unlike("PNR")
        elif not met["found"] and _any(database, keys) and not _any(database, keys + _KNOWN):
            problems[place] = _strange("PNR", "BEF")
    return Coverage(name, who, persons, found), problems


_KNOWN = " AND EXISTS (SELECT 1 FROM BEF b WHERE b.PNR = r.PNR)"


def _diagnoses(database: Engine, name: str) -> dict[str, Text]:
    """What is wrong with the keys of a register of diagnoses."""
    contacts, key = _CONTACTS[name]
    database.make(
        f"wanted_{name}",
        _variants(
            f"SELECT DISTINCT c.{key} FROM {contacts} c JOIN people p ON p.person = c.PNR "  # noqa: S608
            f"ORDER BY c.{key} LIMIT {_MANY}",
            key,
        ),
    )
    [met] = database.fetch(
        f"SELECT COUNT(*) AS rows_met, MIN(w.own) AS own FROM {name} r JOIN wanted_{name} w ON w.written = r.{key}"  # noqa: S608
    ).to_pylist()
    [looked] = database.fetch(f"SELECT SUM(own) AS contacts FROM wanted_{name}").to_pylist()  # noqa: S608
    if met["own"] == 0:
        return {name: _unlike(key, contacts)}
    return {} if met["rows_met"] or (looked["contacts"] or 0) < _FEW else {name: _strange(key, contacts)}


def _years(database: Engine, count: Coverage, years: Collection[int]) -> tuple[Coverage, dict[str, Text]]:
    """Which of the years looked back on a register of events has nothing of."""
    table = TABLES[count.register]
    if table.span != SPELLS or table.name not in _DAYS or not reaches(table, years):
        return count, {}
    wanted = [year for year in range(min(years) - YEARS_BACK + 1, max(years) + 1) if table.covers(year, year)]
    day = _DAYS[table.name]
    rows = database.fetch(
        f"SELECT DISTINCT CAST(EXTRACT(YEAR FROM {day}) AS BIGINT) AS year FROM {table.name} WHERE {day} IS NOT NULL"  # noqa: S608
    )
    has = set(rows["year"].to_pylist())
    lacking = tuple(year for year in wanted if year not in has)
    if not has or len(lacking) < len(wanted):
        return replace(count, lacking=lacking), {}
    period = f"{wanted[0]}-{wanted[-1]}"
    text = (
        f"Registret har ingen rækker fra {period}, som reglen ser på.",
        f"The register has no rows from {period}, which the rule looks at.",
    )
    return count, {table.name: text}


def _any(database: Engine, text: str) -> bool:
    return database.fetch(f"{text} LIMIT 1").num_rows > 0


def _unlike(column: str, other: str = "BEF") -> Text:
    return (
        f"{column}: nogle nøgler er de samme som i {other} på nær nuller foran. Skriv dem ens i alle filer, som tekst "
        "med alle nuller.",
        f"{column}: some keys are those of {other} but for zeros in front. Write them alike in all files, as text with "
        "all their zeros.",
    )


def _strange(column: str, other: str) -> Text:
    return (
        f"{column}: ingen af nøglerne findes i {other}. Se efter, om det er den rigtige kolonne, og om nøglerne er "
        "skrevet på samme måde.",
        f"{column}: none of the keys is in {other}. Check that it is the right column, and that keys are written the "
        "same way.",
    )
