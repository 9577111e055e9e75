"""From a definition, a loaded list and the starts of participants to two groups of families.

Ages are completed years at the end of the reference year, 31 December, for everybody: a family measured in the year in
which it started is described as it was then, and a child born in that year (often the reason for taking part) counts
as 0 years old; DST dates the population register of a year (BEF) by its last day too. So with ages 0-6, who was born
on 31 December seven years earlier is 7 and no longer counts, who was born on 1 January after that does.
"""

import datetime
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass

import pandas as pd
import pyarrow as pa
import pyarrow.compute as pc

from .definition import Definition
from .engine import DUCKDB, Engine, Progress, Spill, engine, run_stages
from .flow import Flow, flow

REFERENCE_DAY = (12, 31)
FAMILY_COLUMNS = [
    "family", "family_group", "reference_year", "person", "children_in_range", "children", "children_group", "adults",
    "family_type", "plan", "municipality_code", "region",
]  # fmt: skip
KEY = pa.binary(16)  # of a person or family: keyed by the site, of Statistics Denmark's numbers by the runner
RESIDENTS = pa.schema(
    [("person", KEY), ("family", KEY), ("birth", pa.date32()), ("year", pa.int16()), ("department", pa.string())]
)
_STARTS = pa.schema([("person", KEY), ("activity_type", pa.string()), ("year", pa.int32()), ("plan", pa.string())])
_DEPARTMENTS = pa.schema([(name, pa.string()) for name in ("department", "plan", "municipality_code", "region")])


class RegisterUnfit(Exception):
    """The lists can't be used together: a person stands twice in one year."""


@dataclass(frozen=True)
class Selection:
    """families: FAMILY_COLUMNS, a row per family, sorted by family key; `person` (participants only) is the key of
    the adult by whom the family was found. counts: family_group, reference_year, family_type, families. Frames have
    whole numbers as int64 and texts as str."""

    families: pd.DataFrame
    counts: pd.DataFrame
    flow: Flow


def select(
    definition: Definition,
    residents: Iterable[pa.RecordBatch],
    *,
    departments: pd.DataFrame,
    starts: pd.DataFrame,
    spill: Spill | None = None,
    elsewhere: int = 0,
    unseen: int | None = None,
    minimum: int = 5,
    kind: str = DUCKDB,
    memory_limit: str = "1GB",
    threads: int = 2,
    progress: Progress | None = None,
) -> Selection:
    """Draw the two groups. The same input gives the same frames.

    residents    batches of RESIDENTS; together they hold the years
    departments  department, plan, municipality_code, region: a row for each plan of a department. A department may
                 stand under several plans
    starts       person, activity_type, year, plan: a row for each participation that may be used, of any type and year
    spill, kind  where what doesn't fit in memory goes; the engine (see there)
    elsewhere    residents of the comparison year who were counted and not kept: they live in no department
    unseen       how many participants nobody can recognise in the list: estimated number minus those whose number is
                 in `starts` (so those who didn't consent, and those who consented without a CPR number)
    minimum      counts of people left out are hidden below it

    Raises RegisterUnfit, duckdb.Error, and what `residents` raises.
    """
    with engine(spill, kind=kind, memory_limit=memory_limit, threads=threads) as database:
        types = pa.table({"activity_type": list(definition.activity_types)})
        tables = {"years": _years(definition), "activity_types": types}
        tables |= {"starts": _arrow(starts, _STARTS), "departments": _arrow(departments, _DEPARTMENTS)}
        for name, table in tables.items():
            database.put(name, table.schema, table.to_batches())
        database.put("residents", RESIDENTS, _of_years(definition, residents))
        _refuse_repeated(database)
        numbers = {
            "first_year": definition.first_year,
            "last_year": definition.last_year,
            "comparison_year": definition.comparison_year,
            "excluded_from": definition.excluded_years[0],
            "excluded_to": definition.excluded_years[-1],
        }
        run_stages(database, numbers, progress)
        families = database.fetch("SELECT * FROM family_frame ORDER BY family")
        counts = _flow_counts(database, definition.comparison_year)
    counts["sizes"]["residents"] += elsewhere
    frame = _family_frame(families)
    return Selection(frame, count_table(frame), flow(counts, unseen, minimum))


def count_table(families: pd.DataFrame) -> pd.DataFrame:
    """Families by family_group, reference_year and family_type; participants first."""
    keys = ["family_group", "reference_year", "family_type"]
    table = families.groupby(keys, observed=True).size().rename("families").reset_index()
    return table.sort_values(keys, ascending=[False, True, True], ignore_index=True)


def pseudonymised(
    families: pd.DataFrame, new_code: Callable[[], str], code_of_person: Callable[[bytes], str | None] | None = None
) -> pd.DataFrame:
    """The family frame as it may leave: `pseudonym` instead of family and person, sorted by it.

    new_code        makes a random code (exports.pseudonyms.new_code); called in the order of the frame, again while a
                    code is taken, so that a seeded one gives the same frame again
    code_of_person  the project's pseudonym of a participant's key, or None to draw one of this export only. Without
                    it every family gets a code of this export only
    """
    codes: list[str] = []
    own = [None if code_of_person is None or pd.isna(key) else code_of_person(key) for key in families["person"]]
    taken = {code for code in own if code is not None}
    if len(taken) != sum(code is not None for code in own):
        raise ValueError("Two families have the pseudonym of one person.")
    for code in own:
        while code is None:
            drawn = new_code()
            if drawn not in taken:
                taken.add(drawn)
                code = drawn
        codes.append(code)
    frame = families.drop(columns=["family", "person"])
    frame.insert(0, "pseudonym", pd.Series(codes, index=frame.index, dtype="str"))
    return frame.sort_values("pseudonym", ignore_index=True)


def born_by(age: int, year: int) -> datetime.date:
    """The last day of birth with which somebody has completed `age` years on the reference day of `year`."""
    return datetime.date(year - age, *REFERENCE_DAY)


def _years(definition: Definition) -> pa.Table:
    """The bounds of each reference year as days of birth, so that the SQL needs no arithmetic of dates."""
    years = definition.years
    return pa.table(
        {
            "year": pa.array(years, pa.int32()),
            "too_old_for_range": [born_by(definition.oldest + 1, year) for year in years],
            "in_range_by": [born_by(definition.youngest, year) for year in years],
            "fifteen_by": [born_by(15, year) for year in years],
            "twenty_five_by": [born_by(25, year) for year in years],
        }
    )


def _of_years(definition: Definition, residents: Iterable[pa.RecordBatch]) -> Iterator[pa.RecordBatch]:
    years = pa.array(definition.years, pa.int16())
    return (batch.filter(pc.is_in(batch["year"], value_set=years)) for batch in residents)


def _arrow(frame: pd.DataFrame, schema: pa.Schema) -> pa.Table:
    return pa.Table.from_pandas(frame[schema.names], schema=schema, preserve_index=False)


def _refuse_repeated(database: Engine) -> None:
    text = "SELECT 1 AS found FROM residents GROUP BY person, year HAVING COUNT(*) > 1 LIMIT 1"
    if database.fetch(text).num_rows:
        raise RegisterUnfit("A person stands twice in the lists of one year.")


def _flow_counts(database: Engine, comparison_year: int) -> dict[str, dict[str, int]]:
    def by_status(table: str) -> dict[str, int]:
        rows = database.fetch(f"SELECT status, COUNT(*) AS size FROM {table} GROUP BY status")  # noqa: S608 - our own names
        return {row["status"]: row["size"] for row in rows.to_pylist()}

    def size(text: str) -> int:
        return int(database.fetch(text.format(year=int(comparison_year)))["size"][0].as_py())

    sizes = {
        "residents": size("SELECT COUNT(*) AS size FROM residents WHERE year = {year}"),
        "area_residents": size(
            "SELECT COUNT(*) AS size FROM members WHERE year = {year} AND department IN "
            "(SELECT d.department FROM departments d JOIN reporting a ON a.plan = d.plan)"
        ),
        "area_families": size("SELECT COUNT(DISTINCT family) AS size FROM family_areas WHERE year = {year}"),
    }
    candidates = by_status("comparison_families")
    sizes["candidates"] = sum(candidates.values())
    return {
        "persons": by_status("participant_persons"),
        "families": by_status("participant_families"),
        "candidates": candidates,
        "sizes": sizes,
    }


def _family_frame(table: pa.Table) -> pd.DataFrame:
    whole = ("reference_year", "children_in_range", "children", "adults")
    return table.select(FAMILY_COLUMNS).to_pandas().astype(dict.fromkeys(whole, "int64"))
