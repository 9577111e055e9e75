"""From a definition, a population and the starts of participants to two groups, and what is known of them.

Ages are completed years at the end of the reference year, 31 December, for everybody: a family measured in the year in
which it started is described as it was then, and a child born in that year (often the reason for taking part) counts
as 0 years old; DST dates the population register of a year (BEF) by its last day too. So with ages 0-6, who was born
on 31 December seven years earlier is 7 and no longer counts, who was born on 1 January after that does.
"""

from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field

import pandas as pd
import pyarrow as pa

from .characteristics import FAMILY
from .coverage import Coverage, covered
from .definition import Chosen, Definition
from .engine import DUCKDB, Engine, Progress, Spill, engine
from .flow import Flow, flow, person_flow
from .frames import families_and_members, flow_counts, known, only_persons
from .inputs import KEY, as_register, put_rule, tokens_of
from .needs import Files, check_needs
from .registers import TABLES, YEARLY
from .stages import DESCRIPTION, MEDIAN, PARTS, SELECTION, Stages, empty_part, parts_of, schema_of


class RegisterUnfit(Exception):
    """The lists can't be used together: a person stands twice in one year."""


@dataclass(frozen=True)
class Selection:
    """The two groups. Frames have whole numbers as int64 (Int64 where a value may be missing) and texts as str.

    families  unit family: FAMILY_COLUMNS and a column for each chosen characteristic of families; a row per family,
              sorted by its key. `person` (participants only) is the key of the adult by whom the family was found.
              Unit person: no rows
    persons   unit family: everybody in these families, MEMBER_COLUMNS and the chosen characteristics of persons, sorted
              by family and person (somebody who moved may stand in a participant and a comparison family). Unit
              person: FAMILY_COLUMNS (of the person's family) and all chosen characteristics; a row per person, sorted
    counts    units by family_group, reference_year and family_type, in the column `families`, or `persons`
    medians   the median income of each year that was used, in whole kroner (described/median.sql)
    median_persons  of how many persons it is the median, where it was computed here
    coverage  what the registers say of the people in the groups (coverage.covered)
    """

    families: pd.DataFrame
    persons: pd.DataFrame
    counts: pd.DataFrame
    flow: Flow
    medians: Mapping[int, int] = field(default_factory=dict)
    median_persons: Mapping[int, int] = field(default_factory=dict)
    coverage: tuple[Coverage, ...] = ()


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
    """Draw the two groups from a resident list. The same input gives the same frames. Of the chosen characteristics,
    those that a list can give (Characteristic.demographic) become columns.

    residents    batches of RESIDENTS (the columns after `department` may be left out); together they hold the years
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
        schema = schema_of("BEF", KEY)
        database.put("BEF", schema, as_register(definition, residents, schema))
        return _draw(
            database, definition, [choice for choice in definition.characteristics if known(choice).demographic], KEY,
            given={"BEF": definition.years}, departments=departments, starts=starts, elsewhere=elsewhere,
            unseen=unseen, minimum=minimum, medians={}, progress=progress,
        )  # fmt: skip


def select_from_registers(
    definition: Definition,
    files: Files,
    *,
    departments: pd.DataFrame,
    starts: pd.DataFrame,
    medians: Mapping[int, int] | None = None,
    spill: Spill | None = None,
    unseen: int | None = None,
    minimum: int = 5,
    kind: str = DUCKDB,
    memory_limit: str = "1GB",
    threads: int = 2,
    progress: Progress | None = None,
) -> Selection:
    """Draw the two groups from registers, with all characteristics of the definition. See `select`.

    files    Parquet files with the columns and kinds of registers.TABLES (register_files.prepared makes them of what
             there is): table -> year -> file. A table that isn't yearly has its files under any numbers
    starts   `person` as the registers have it (PNR)
    medians  the median income of a year, where it is known; else it is computed from BEF and IND

    Raises Refused where a file is missing or knows nobody (coverage), RegisterUnfit, and the engine's errors.
    """
    check_needs(definition, [known(choice) for choice in definition.characteristics], files)
    given_medians = {year: int(median) for year, median in (medians or {}).items()}
    paths = [path for by_year in files.values() for path in by_year.values()]
    with engine(spill, kind=kind, memory_limit=memory_limit, threads=threads, files=paths) as database:
        wanted = _tables_of(definition.characteristics) | {"BEF", "AFDELINGER"}
        given: dict[str, list[int]] = {}
        for name in sorted(wanted & set(files)):
            yearly = TABLES[name].span == YEARLY
            by_year = {year: path for year, path in files[name].items() if not yearly or year in definition.years}
            if by_year:
                database.read(name, by_year, TABLES[name].columns)
                given[name] = list(by_year)
        return _draw(
            database, definition, definition.characteristics, pa.string(), given=given, departments=departments,
            starts=starts, elsewhere=0, unseen=unseen, minimum=minimum, medians=given_medians, progress=progress,
        )  # fmt: skip


def _draw(
    database: Engine,
    definition: Definition,
    chosen: Sequence[Chosen],
    key: pa.DataType,
    *,
    given: Mapping[str, Collection[int]],
    departments: pd.DataFrame,
    starts: pd.DataFrame,
    elsewhere: int,
    unseen: int | None,
    minimum: int,
    medians: Mapping[int, int],
    progress: Progress | None,
) -> Selection:
    by_family = definition.unit == FAMILY
    parts = parts_of(_tables_of(chosen))
    steps = len(SELECTION) + len(parts) + (len(DESCRIPTION) if chosen else 0)
    stages = Stages(database, tokens_of(definition), steps, progress)
    put_rule(database, definition, departments, starts, key)
    if "AFDELINGER" not in given:
        database.put("AFDELINGER", schema_of("AFDELINGER"), [])
    for path in SELECTION:
        stages.run(path)
    _refuse_repeated(database)
    register_coverage = covered(database, given) if key == pa.string() else ()
    found = dict(medians) if "incomes" in parts else {}
    counted: dict[int, int] = {}
    if chosen:
        for part, (registers, _columns) in PARTS.items():
            if part not in parts:
                database.put(part, empty_part(part, key), [])
                continue
            for name in set(registers) - set(given):
                database.put(name, schema_of(name), [])
            if part == "incomes":
                stages.tell("medians")
                for year, median, people in _medians(stages, [year for year in definition.years if year not in found]):
                    found[year], counted[year] = median, people
            stages.run(f"described/{part}")
        years = pa.table({"year": pa.array(found, pa.int64()), "median": pa.array(found.values(), pa.int64())})
        database.put("medians", years.schema, years.to_batches())
        for path in DESCRIPTION:
            stages.run(path)
    families, persons = (families_and_members if by_family else only_persons)(database, chosen)
    sizes = flow_counts(database, definition)
    sizes["sizes"]["residents"] += elsewhere
    stages.tell("")
    drawn = (flow if by_family else person_flow)(sizes, unseen, minimum)
    counts = count_table(families) if by_family else count_table(persons, "persons")
    return Selection(families, persons, counts, drawn, found, counted, register_coverage)


def count_table(units: pd.DataFrame, name: str = "families") -> pd.DataFrame:
    """How many by family_group, reference_year and family_type, in the column `name`; participants first."""
    keys = ["family_group", "reference_year", "family_type"]
    table = units.groupby(keys, observed=True).size().rename(name).reset_index()
    return table.sort_values(keys, ascending=[False, True, True], ignore_index=True)


def _refuse_repeated(database: Engine) -> None:
    text = "SELECT 1 AS found FROM members GROUP BY person, year HAVING COUNT(*) > 1 LIMIT 1"
    if database.fetch(text).num_rows:
        raise RegisterUnfit("A person stands twice in the lists of one year.")


def _tables_of(chosen: Iterable[Chosen]) -> set[str]:
    return {name for choice in chosen for alternatives in known(choice).registers for name in alternatives}


def _medians(stages: Stages, years: Iterable[int]) -> Iterator[tuple[int, int, int]]:
    """Year, median, and how many persons it is the median of."""
    for year in years:
        for row in stages.database.fetch(stages.text(MEDIAN, year=year)).to_pylist():
            yield year, row["median"], row["persons"]
