"""What goes into the database before the texts run: the population, the areas, the starts and the rule."""

import datetime
from collections.abc import Iterable, Iterator

import pandas as pd
import pyarrow as pa
import pyarrow.compute as pc

from . import rules
from .definition import Definition
from .engine import Engine

REFERENCE_DAY = (12, 31)
KEY = pa.binary(16)  # of a person or family on the site; where the registers are, Statistics Denmark's own, as text
RESIDENTS = pa.schema(
    [
        ("person", KEY), ("family", KEY), ("birth", pa.date32()), ("year", pa.int16()), ("department", pa.string()),
        ("sex", pa.int8()), ("ie_type", pa.int8()), ("country", pa.int16()), ("place", pa.int8()),
    ]
)  # fmt: skip
_COLUMNS = {  # of a resident list, as the population register calls them
    "person": "PNR", "family": "FAMILIE_ID", "birth": "FOED_DAG", "year": "year", "department": "AFDELING",
    "sex": "KOEN", "ie_type": "IE_TYPE", "country": "OPR_LAND", "place": "PLADS",
}  # fmt: skip


def tokens_of(definition: Definition) -> dict[str, object]:
    """What stands for the words in braces of the texts of sql/."""
    limits = definition.dwellings
    kept = (
        f"b.ANTAL_PERSONER <= {int(limits.most_residents)} AND e.ENH_ANTALVAERELSER BETWEEN 1 AND "
        f"{int(limits.most_rooms)} AND e.ENH_BEBOELSESAREAL > 0"
        if limits
        else "e.ENH_BEBOELSESAREAL IS NOT NULL"
    )
    return rules.tokens() | {
        "unit": definition.unit,
        "areas": definition.areas,
        "first_year": definition.first_year,
        "last_year": definition.last_year,
        "comparison_year": definition.comparison_year,
        "excluded_from": definition.excluded_years[0],
        "excluded_to": definition.excluded_years[-1],
        "dwellings_kept": kept,
    }


def put_rule(
    database: Engine, definition: Definition, departments: pd.DataFrame, starts: pd.DataFrame, key: pa.DataType
) -> None:
    """The tables that say who is asked for."""
    text = pa.string()
    selected, excluding = set(definition.activity_types), set(definition.excluding_types)
    types = sorted(selected | excluding)
    patterns = [(kind, f"{code}%") for kind, codes in rules.DIAGNOSES.items() for code in codes]
    places = pa.schema([(name, text) for name in ("department", "plan", "municipality_code", "region")])
    started = pa.schema([("person", key), ("activity_type", text), ("year", pa.int64()), ("plan", text)])
    tables = {
        "years": _years(definition),
        "departments": pa.Table.from_pandas(departments[places.names], schema=places, preserve_index=False),
        "chosen_departments": pa.table({"department": pa.array(definition.chosen_departments, text)}),
        "starts": pa.Table.from_pandas(starts[started.names], schema=started, preserve_index=False),
        "activity_types": pa.table(
            {
                "activity_type": pa.array(types, text),
                "selected": pa.array([int(code in selected) for code in types], pa.int64()),
                "excluding": pa.array([int(code in excluding) for code in types], pa.int64()),
            }
        ),
        "diagnosis_codes": pa.table(dict(zip(("kind", "pattern"), zip(*patterns, strict=True), strict=True))),
    }
    for name, table in tables.items():
        database.put(name, table.schema, table.to_batches())


def born_by(age: int, year: int) -> datetime.date:
    """The last day of birth with which somebody has completed `age` years on the reference day of `year`."""
    return datetime.date(year - age, *REFERENCE_DAY)


def _years(definition: Definition) -> pa.Table:
    """The bounds of each reference year as days, so that the SQL needs no arithmetic of dates."""
    years = definition.years
    return pa.table(
        {
            "year": pa.array(years, pa.int64()),
            "too_old_for_range": [born_by(definition.oldest + 1, year) for year in years],
            "in_range_by": [born_by(definition.youngest, year) for year in years],
            "fifteen_by": [born_by(15, year) for year in years],
            "twenty_five_by": [born_by(25, year) for year in years],
            "first_day": [datetime.date(year, 1, 1) for year in years],
            "reference_day": [datetime.date(year, *REFERENCE_DAY) for year in years],
            "years_back": [datetime.date(year - rules.YEARS_BACK, *REFERENCE_DAY) for year in years],
        }
    )


def as_register(
    definition: Definition, residents: Iterable[pa.RecordBatch], schema: pa.Schema
) -> Iterator[pa.RecordBatch]:
    """The batches of a resident list as the population register, of the years that matter."""
    years = pa.array(definition.years, pa.int16())
    sources = {register: name for name, register in _COLUMNS.items()}
    for whole in residents:
        batch = whole.filter(pc.is_in(whole["year"], value_set=years))
        names = set(batch.schema.names)
        columns = [
            batch[sources[field.name]].cast(field.type)
            if sources.get(field.name) in names
            else pa.nulls(batch.num_rows, field.type)
            for field in schema
        ]
        yield pa.RecordBatch.from_arrays(columns, schema=schema)
