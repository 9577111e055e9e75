"""Plain records to coded columns, a chunk at a time. Each variable has one coder: a column in, a column of codes out.

Columns, not rows: a million records pass through a dozen list comprehensions instead of a million calls.
"""

from calendar import monthrange
from collections.abc import Callable, Iterable, Iterator, Sequence
from datetime import date
from itertools import islice
from typing import Any, NamedTuple

import pyarrow as pa

from collection.municipalities import MUNICIPALITIES
from exports.linkage.codes import AGE_BANDS, DURATIONS, IDENTIFICATIONS, METHODS, ROLES, THEMES
from exports.linkage.schema import OLDEST, Layout, TypeOfActivity

CHUNK = 65_536  # rows that are written or read at once
FEW_AT_ONCE = 512  # records that are alive as tuples
RECORDS_AT_ONCE = 8_192  # records: as Python objects they are large, and few of them stay in the processor's cache


class UncodedValue(ValueError):
    """A record holds a value that has no code. The message names the variable, never the value."""


class Record(NamedTuple):
    """One participation of one participant with a valid consent, as the gate gave it. Codes as in our own data."""

    pseudonym: str
    participant: bytes  # 16 bytes, the id of the participant row (one per plan)
    decision: int  # the id of the decision relied on
    identification: str  # "cpr" | "name_address": of this participant row
    birth_year: int | None
    municipality: str  # of the plan, three digits
    plan: str  # LBF number
    activity_type: str  # code of the type
    start: date
    start_precision: str  # "day" | "month" | "year"
    end: date | None  # None where it has not ended or nobody knows
    role: str
    method: str  # how the consent was given
    version: int  # codes.version_code of the text consented to


# A chunk of records turned on its side: the fields of Record, each a sequence over the chunk.
Columns = Any
Coder = Callable[[Columns], list]


def age_band(birth_year: int | None, year: int) -> int | None:
    """The number of the band of somebody's age at the end of `year`; None when unknown or not yet born."""
    return None if birth_year is None else _BAND_OF_AGE.get(year - birth_year)


_BAND_OF_AGE = {
    age: number
    for first, last, (number, _, _) in zip(AGE_BANDS, [*list(AGE_BANDS)[1:], 131], AGE_BANDS.values(), strict=True)
    for age in range(first, last)
}


def duration_band(start: date, precision: str, end: date | None) -> int | None:
    """The number of the band of whole months from start to end.

    A start known by month or year may have been any day of it up to the end: None unless every such day gives the
    same band.
    """
    if end is None:
        return DURATIONS[None][0]
    longest = _BAND_OF_MONTHS[_months(start, end)]
    if precision == "day":
        return longest
    month = start.month if precision == "month" else 12
    last_start = min(date(start.year, month, monthrange(start.year, month)[1]), end)
    return longest if _BAND_OF_MONTHS[_months(last_start, end)] == longest else None


def _months(start: date, end: date) -> int:
    """Whole months from one day to the other, 12 for more."""
    return min((end.year - start.year) * 12 + end.month - start.month - (end.day < start.day), 12)


_BAND_OF_MONTHS = [
    max((first, row[0]) for first, row in DURATIONS.items() if first is not None and first <= months)[1]
    for months in range(13)
]


def coders(types: Iterable[TypeOfActivity]) -> dict[str, Coder]:
    """For each variable that is coded from a record, the function that codes its column."""
    types = list(types)
    region = {item.code: int(item.region) for item in MUNICIPALITIES.values()}
    municipality = {code: int(code) for code in MUNICIPALITIES}
    number = {item.code: item.number for item in types}
    theme = {item.code: THEMES[item.theme][0] for item in types}
    role, method = ({code: row[0] for code, row in table.items()} for table in (ROLES, METHODS))
    band = _BAND_OF_AGE.get
    return {
        "REGION": lambda c: [region[code] for code in c.municipality],
        "KOMMUNE": lambda c: [municipality[code] for code in c.municipality],
        "PLAN_NR": lambda c: list(c.plan),
        "START_AAR": lambda c: [day.year for day in c.start],
        "START_MAANED": lambda c: [
            None if precision == "year" else day.month
            for day, precision in zip(c.start, c.start_precision, strict=True)
        ],
        "VARIGHED": lambda c: list(map(duration_band, c.start, c.start_precision, c.end)),
        "ALDERSGRP": lambda c: [
            None if born is None else band(day.year - born) for day, born in zip(c.start, c.birth_year, strict=True)
        ],
        "FOEDSELSAAR": lambda c: [
            None if born is None or not 0 <= day.year - born <= OLDEST else born
            for day, born in zip(c.start, c.birth_year, strict=True)
        ],
        "AKT_TYPE": lambda c: [number[code] for code in c.activity_type],
        "AKT_TEMA": lambda c: [theme[code] for code in c.activity_type],
        "ROLLE": lambda c: [role[code] for code in c.role],
        "SAMTYKKE_MAADE": lambda c: [method[code] for code in c.method],
        "SAMTYKKE_UDG": lambda c: list(c.version),
    }


# Beside the coded variables, what a prepared set keeps of a row so that it can be built, checked and taken out again.
KEPT = [
    ("pseudonym", pa.string()),
    ("participant", pa.binary(16)),
    ("decision", pa.int64()),
    ("identification", pa.int16()),  # number of IDENTIFICATIONS
]


def frozen_schema(layout: Layout) -> pa.Schema:
    """The columns of a prepared set: KEPT and those variables of the layout that are coded from a record."""
    made_when_written = {"PSEUDONYM", "FORLOEB_NR", "ANTAL_FORLOEB", "IDENT_ART"}
    coded = [field for field in layout.arrow() if field.name not in made_when_written]
    return pa.schema([*(pa.field(name, type_) for name, type_ in KEPT), *coded])


def coded_schema(layout: Layout) -> pa.Schema:
    """`frozen_schema`, and beside it what puts the rows in order: for a file of persons the day of the start."""
    schema = frozen_schema(layout)
    return schema.append(pa.field("start", pa.date32())) if layout.per_person else schema


def coded_batches(
    records: Iterable[Record], layout: Layout, types: Iterable[TypeOfActivity]
) -> Iterator[pa.RecordBatch]:
    """Batches of at most RECORDS_AT_ONCE rows in `coded_schema(layout)`, in the order of the records.

    Raises UncodedValue.
    """
    schema = coded_schema(layout)
    all_coders = coders(types) | {"start": lambda c: c.start}
    identification = {code: row[0] for code, row in IDENTIFICATIONS.items()}
    chosen = {name: all_coders[name] for name in schema.names[len(KEPT) :]}
    chosen = {"identification": lambda c: [identification[code] for code in c.identification], **chosen}
    for fields in turned(records):
        columns: Columns = Record._make(fields)  # each field a column
        arrays: dict[str, Any] = {name: getattr(columns, name) for name in ("pseudonym", "participant", "decision")}
        for name, coder in chosen.items():
            try:
                arrays[name] = coder(columns)
            except KeyError:
                raise UncodedValue(f"A record has a value without a code in {name}.") from None
        yield typed_batch((arrays[name] for name in schema.names), schema)


def turned(rows: Iterable[tuple]) -> Iterator[list[list]]:
    """Rows as columns, RECORDS_AT_ONCE at a time: a list per field.

    Rows are taken FEW_AT_ONCE: 700 tuples alive at once would set off Python's cycle collector, which takes as long as
    all the rest.
    """
    iterator = iter(rows)
    columns: list[list] = []
    while few := list(islice(iterator, FEW_AT_ONCE)):
        pieces = zip(*few, strict=True)
        if columns:
            for column, piece in zip(columns, pieces, strict=True):
                column.extend(piece)
        else:
            columns = [list(piece) for piece in pieces]
        few.clear()
        if len(columns[0]) >= RECORDS_AT_ONCE:
            yield columns
            columns = []
    if columns:
        yield columns


def typed_batch(columns: Iterable[Sequence], schema: pa.Schema) -> pa.RecordBatch:
    """The columns as a batch. Raises UncodedValue; pyarrow's own message would quote the value."""
    try:
        arrays = [pa.array(column, field.type) for column, field in zip(columns, schema, strict=True)]
    except (pa.ArrowException, TypeError, ValueError, OverflowError):
        raise UncodedValue("A record has a value of a wrong type.") from None
    return pa.record_batch(arrays, schema=schema)
