"""Register files as people have them become Parquet files that the engine can read: checked against registers.TABLES,
with what is wrong said by register, column and row, never with a value.

Parquet whose columns are named and typed as the table's is read where it lies. All else (CSV, other names or types) is
converted a batch at a time; memory doesn't grow with the file.
"""

from collections.abc import Iterable
from pathlib import Path

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.parquet as pq

from . import reading
from .registers import DAY, INTEGER, NUMBER, TABLES, TEXT, YEARLY, Column, Table
from .repeated import refuse_repeated
from .texts import Refused, Text

ARROW = {TEXT: pa.string(), INTEGER: pa.int64(), NUMBER: pa.float64(), DAY: pa.date32()}
_WRONG: dict[str, Text] = {
    INTEGER: ("værdien skal være et helt tal.", "the value must be a whole number."),
    NUMBER: ("værdien skal være et tal.", "the value must be a number."),
    DAY: ("datoen skal skrives ÅÅÅÅ-MM-DD og findes.", "the date must be written YYYY-MM-DD and exist."),
}
_MISSING: Text = ("værdien mangler.", "the value is missing.")


def prepared(given: Iterable[tuple[str, int | None, Path]], folder: Path) -> dict[str, dict[int, Path]]:
    """Table -> year -> Parquet file; a table that isn't yearly has its files under running numbers.

    given: name of the table, year or None, file. folder: where converted files go. Raises Refused.
    """
    found: dict[str, dict[int, Path]] = {}
    problems: dict[str, Text] = {}
    for name, year, path in given:
        place = name if year is None else f"{name}:{year}"
        table = TABLES.get(name)
        if table is None or name in ("STARTER", "OMRAADER"):
            known = ", ".join(each for each in TABLES if each not in ("STARTER", "OMRAADER"))
            problems[place] = (f"Registret kendes ikke. De hedder {known}.", f"No such register. They are {known}.")
            continue
        files = found.setdefault(name, {})
        if table.span == YEARLY and year is None:
            problems[place] = (
                f"Registret har en fil for hvert år: skriv {name}:ÅR=FIL.",
                f"The register has a file for each year: write {name}:YEAR=FILE.",
            )
        elif table.span == YEARLY and year in files:
            problems[place] = ("Registret er givet to gange for det år.", "The register is given twice for that year.")
        else:
            number = year if table.span == YEARLY and year is not None else len(files)
            try:
                files[number] = _prepared(table, path, folder / f"{name}-{number}.parquet")
            except Refused as refused:
                problems |= {f"{place} {where}": text for where, text in refused.problems.items()}
    if problems:
        raise Refused(problems)
    return found


def _prepared(table: Table, path: Path, target: Path) -> Path:
    names = {name.strip().upper(): name for name in reading.columns_of(path)}
    if lacking := [each.name for each in table.columns if each.needed and each.name not in names]:
        listed = ", ".join(lacking)
        raise Refused({str(path): (f"Kolonnen mangler: {listed}.", f"There is no such column: {listed}.")})
    columns = [each for each in table.columns if each.name in names]
    if reading.is_parquet(path) and all(names[each.name] == each.name for each in columns):
        schema = reading.schema_of(path)
        if all(_fits(each, schema.field(each.name).type) for each in columns):
            _check_stored(table, path)
            refuse_repeated(table, path, 1, str(path))
            return path
    first = 1 if reading.is_parquet(path) else 2
    schema = pa.schema([(each.name, ARROW[each.kind]) for each in columns])
    needed = set(table.key) | {each.name for each in columns if each.needed and table.name == "BEF"}
    with pq.ParquetWriter(target, schema) as writer:
        for batch in reading.batches(path, [names[each.name] for each in columns]):
            arrays = [
                _converted(path, each, batch.column(names[each.name]), first, each.name in needed) for each in columns
            ]
            writer.write_batch(pa.RecordBatch.from_arrays(arrays, schema=schema))
            first += batch.num_rows
    refuse_repeated(table, target, 1 if reading.is_parquet(path) else 2, str(path))
    return target


def _fits(column: Column, kind: pa.DataType) -> bool:
    """Whether the engine's cast takes every value as it is."""
    if column.kind == TEXT:
        return pa.types.is_string(kind) or pa.types.is_large_string(kind) or pa.types.is_integer(kind)
    if column.kind == DAY:
        return pa.types.is_date(kind)
    if column.kind == NUMBER and (pa.types.is_floating(kind) or pa.types.is_decimal(kind)):
        return True
    return pa.types.is_integer(kind)


def _check_stored(table: Table, path: Path) -> None:
    """What the file's own statistics say of missing keys."""
    with reading.speaking(path):
        stored = pq.read_metadata(path)
    for group in map(stored.row_group, range(stored.num_row_groups)):
        for place in range(group.num_columns):
            column = group.column(place)
            missing = column.statistics.null_count if column.is_stats_set and column.statistics.has_null_count else 0
            if missing and column.path_in_schema in table.key:
                name = column.path_in_schema
                raise Refused({str(path): (f"{name}: {_MISSING[0]}", f"{name}: {_MISSING[1]}")})


def _converted(path: Path, column: Column, values: pa.Array, first: int, needed: bool) -> pa.Array:
    if pa.types.is_dictionary(values.type):
        values = values.dictionary_decode()
    if _fits(column, values.type):
        result = values.cast(ARROW[column.kind])
    elif pa.types.is_timestamp(values.type) and column.kind == DAY:
        result = values.cast(pa.date32(), safe=False)
    else:
        texts = pc.utf8_trim_whitespace(_as_text(values))
        texts = pc.if_else(pc.equal(texts, ""), None, texts)
        result, right = _OF_TEXT[column.kind](texts)
        _refuse(path, column, pc.invert(pc.fill_null(right, True)), first, _WRONG.get(column.kind, _MISSING))
    if needed:
        _refuse(path, column, pc.is_null(result), first, _MISSING)
    return result


def _refuse(path: Path, column: Column, faulty: pa.Array, first: int, text: Text) -> None:
    rows = np.flatnonzero(faulty.to_numpy(zero_copy_only=False))
    if len(rows):
        row = first + int(rows[0])
        raise Refused({str(path): (f"{column.name}, række {row}: {text[0]}", f"{column.name}, row {row}: {text[1]}")})


def _as_text(values: pa.Array) -> pa.Array:
    if pa.types.is_floating(values.type):  # 17.0 of a program that has no whole numbers
        whole = pc.all(pc.equal(pc.floor(values), values), min_count=0).as_py() is not False
        values = values.cast(pa.int64()) if whole else values
    return values.cast(pa.string())


def _text(texts: pa.Array) -> tuple[pa.Array, pa.Array]:
    return texts, pc.is_valid(texts)


def _integer(texts: pa.Array) -> tuple[pa.Array, pa.Array]:
    plain = pc.replace_substring_regex(texts, r"[.,]0{1,2}$", "")  # not three: 1.000 may be a thousand
    right = pc.match_substring_regex(plain, r"^[+-]?[0-9]{1,18}$")
    kept = pc.if_else(right, pc.replace_substring_regex(plain, r"^\+", ""), None)
    return kept.cast(pa.int64()), right


def _number(texts: pa.Array) -> tuple[pa.Array, pa.Array]:
    plain = pc.replace_substring(texts, ",", ".")
    right = pc.match_substring_regex(plain, r"^[+-]?([0-9]+([.][0-9]*)?|[.][0-9]+)([eE][+-]?[0-9]{1,2})?$")
    thousands = pc.fill_null(pc.match_substring_regex(texts, r"^[+-]?[1-9][0-9]{0,2}[.][0-9]{3}$"), False)
    if pc.all(pc.or_(thousands, pc.invert(pc.fill_null(pc.match_substring(texts, "."), False)))).as_py():
        right = pc.and_not(right, thousands)  # every point stands where one of thousands would: 250.000 is not 250
    return pc.if_else(right, pc.replace_substring_regex(plain, r"^\+", ""), None).cast(pa.float64()), right


def _day(texts: pa.Array) -> tuple[pa.Array, pa.Array]:
    """YYYY-MM-DD, with a time or not; DD-MM-YYYY; YYYYMMDD."""
    plain = pc.replace_substring_regex(texts, r"[T ][0-9:.]+$", "")
    plain = pc.replace_substring_regex(plain, r"^([0-9]{2})-([0-9]{2})-([0-9]{4})$", r"\3-\2-\1")
    plain = pc.replace_substring_regex(plain, r"^([0-9]{4})([0-9]{2})([0-9]{2})$", r"\1-\2-\3")
    shaped = pc.match_substring_regex(plain, r"^[0-9]{4}-[0-9]{2}-[0-9]{2}$")
    days = pc.strptime(pc.if_else(shaped, plain, None), format="%Y-%m-%d", unit="s", error_is_null=True)
    days = days.cast(pa.date32())
    real = pc.equal(days.cast(pa.string()), plain)  # 31 February would become 3 March
    right = pc.and_(shaped, pc.fill_null(real, False))
    return pc.if_else(right, days, None), right


_OF_TEXT = {TEXT: _text, INTEGER: _integer, NUMBER: _number, DAY: _day}
