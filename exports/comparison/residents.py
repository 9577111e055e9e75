"""Loading a resident list: read in chunks, checked row by row, numbers replaced by keys, written encrypted.

A number is in clear only in memory, one chunk at a time, and never in a message. One fault refuses the whole list.
"""

import codecs
import csv
import io
from collections import Counter
from collections.abc import Callable, Collection, Iterator
from dataclasses import dataclass
from itertools import islice
from pathlib import Path
from typing import BinaryIO, cast

import numpy as np
import pandas as pd
import pyarrow as pa
import pyarrow.parquet as pq
from django.utils.translation import gettext_lazy as _

from collection.tables import csv_reader
from exports.comparison import row_checks
from exports.comparison.extract_file import SCHEMA, new_extract
from exports.comparison.keys import KEY_BYTES, family_keys, person_keys
from exports.comparison.row_checks import Fault, Faults, ListRefused

CHUNK_ROWS = 20_000
LONGEST_HEADING = 1 << 20  # characters; a file without line ends would be read whole
_KEY = np.dtype([("a", "u8"), ("b", "u8")])


@dataclass(frozen=True)
class Loaded:
    """What was loaded: the list's years, rows kept, and by year the residents read and those who live elsewhere."""

    years: list[int]
    rows: int
    read: dict[int, int]
    elsewhere: dict[int, int]


def load_residents(
    source: BinaryIO,
    target: Path,
    *,
    run_key: bytes,
    departments: Collection[str],
    addresses: pd.DataFrame | None = None,
    progress: Callable[[int], None] | None = None,
    chunk_rows: int = CHUNK_ROWS,
) -> Loaded:
    """Load the list in `source` into an encrypted extract at `target`.

    source       anything with read(): CSV (; or , with a heading; UTF-8 with or without BOM, or Windows-1252), or
                 Parquet, told apart by its first bytes. Parquet that can't seek is held in memory.
    run_key      32 random bytes that the caller keeps
    departments  codes (departments.department_code) that the site knows, for lists with ORG_NR and AFD_NR
    addresses    frame of row_checks.by_address, for lists with KOM, VEJKODE and HUSNR; residents of none of its
                 departments are counted and not kept
    progress     is told the number of rows read so far

    Raises ListRefused, with nothing left at `target`. Memory: one chunk, and 26 bytes a row to find numbers that stand
    twice in a year.
    """
    columns, chunks = _open(source, chunk_rows)
    faults = Faults()
    if wrong := row_checks.missing_columns(columns) + row_checks.columns_not_held_here(columns):
        raise ListRefused(wrong, len(wrong))
    if row_checks.place_columns(columns) == row_checks.BY_DEPARTMENT:
        place = row_checks.by_department(departments)
    elif addresses is not None:
        place = row_checks.by_address(addresses)
    else:
        text = _("Listen har adressekoder, men her er ingen liste over boligafdelingernes adresser.")
        raise ListRefused([Fault(1, ", ".join(row_checks.BY_ADDRESS), text)], 1)

    read: Counter[int] = Counter()
    elsewhere: Counter[int] = Counter()
    seen: list[tuple[np.ndarray, np.ndarray, np.ndarray]] = []
    with new_extract(target, run_key) as extract:
        for chunk, rows in chunks(faults):
            persons = row_checks.check_persons(chunk, rows, faults)
            department = place(chunk, rows, faults).to_numpy(dtype=object)
            faults.end_of_chunk()
            if not faults.count:
                year = persons["year"].to_numpy()
                keys = person_keys(run_key, persons["pnr"])
                seen.append((np.frombuffer(b"".join(keys), dtype=_KEY), year, rows))
                here = ~pd.isna(department)
                read.update(year.tolist())
                elsewhere.update(year[~here].tolist())
                extract.write(_table(persons, keys, department, run_key).filter(pa.array(here)))
            if progress is not None:
                progress(int(rows[-1]))
        if not faults.count and not read:
            faults.listed, faults.count = [Fault(2, "", _("Listen har ingen beboere."))], 1
        if not faults.count:
            twice = row_checks.repeated(*(np.concatenate(part) for part in zip(*seen, strict=True)))
            faults.add(twice, "PNR", _("Det samme nummer står i en tidligere række for samme år."))
            faults.end_of_chunk()
        if faults.count:
            raise ListRefused(faults.listed, faults.count)
        loaded = Loaded(sorted(read), sum(read.values()) - sum(elsewhere.values()), dict(read), dict(elsewhere))
        extract.facts(read=_by_year(read), elsewhere=_by_year(elsewhere))
    return loaded


def _table(persons: pd.DataFrame, keys: list[bytes], department: np.ndarray, run_key: bytes) -> pa.Table:
    codes, families = pd.factorize(persons["family"])  # a family stands in several rows: one key for all of them
    family = np.array(family_keys(run_key, families), dtype=object)[codes]
    columns = [
        pa.FixedSizeBinaryArray.from_buffers(pa.binary(KEY_BYTES), len(keys), [None, pa.py_buffer(b"".join(keys))]),
        pa.array(family, type=SCHEMA.field("family").type),
        pa.array(persons["birth"].to_numpy().astype("datetime64[D]"), type=pa.date32()),
        pa.array(persons["year"].to_numpy(), type=pa.int16()),
        pa.array(department, type=pa.string(), from_pandas=True),
    ]
    for name in SCHEMA.names[len(columns) :]:
        columns.append(pa.array(persons[name], type=SCHEMA.field(name).type, from_pandas=True))
    return pa.Table.from_arrays(columns, schema=SCHEMA)


def _by_year(counts: Counter[int]) -> dict[str, int]:
    return {str(year): counts[year] for year in sorted(counts)}


# --- Reading: chunks of text columns without missing values, and their row numbers --------------------

Chunks = Callable[[Faults], Iterator[tuple[pd.DataFrame, np.ndarray]]]


def _open(source: BinaryIO, chunk_rows: int) -> tuple[list[str], Chunks]:
    buffered = io.BufferedReader(_Raw(source), buffer_size=1 << 20)
    if buffered.peek(4)[:4] != b"PAR1":
        return _open_csv(cast(BinaryIO, buffered), chunk_rows)
    if not source.seekable():
        source = io.BytesIO(buffered.read())
    else:
        source.seek(0)
    return _open_parquet(source, chunk_rows)


class _Raw(io.RawIOBase):
    """Makes a buffered reader of anything that has read()."""

    def __init__(self, source: BinaryIO) -> None:
        self._source = source

    def readable(self) -> bool:
        return True

    def readinto(self, buffer: memoryview) -> int:  # type: ignore[override]
        data = self._source.read(len(buffer))
        buffer[: len(data)] = data
        return len(data)


def _open_csv(buffered: BinaryIO, chunk_rows: int) -> tuple[list[str], Chunks]:
    # Only text columns that are not read can hold anything beyond ASCII. So a byte that is no UTF-8 is taken as
    # Windows-1252 (Excel) where it stands, and a file that changes its mind half-way is read too.
    text = io.TextIOWrapper(buffered, encoding="utf-8-sig", errors=_WINDOWS_1252, newline="")
    heading = text.readline(LONGEST_HEADING)
    delimiter = ";" if heading.count(";") >= heading.count(",") else ","
    try:
        columns = [name.strip().upper() for name in next(csv.reader([heading], delimiter=delimiter), [])]
    except csv.Error:
        unreadable = _("Filen kan ikke læses som CSV fra denne række eller kort efter.")
        raise ListRefused([Fault(1, "", unreadable)], 1) from None
    needed = _needed(columns)
    places = [columns.index(name) for name in needed]

    def chunks(faults: Faults) -> Iterator[tuple[pd.DataFrame, np.ndarray]]:
        reader = csv_reader(text, delimiter)
        first = 2
        while True:
            try:
                records = list(islice(reader, chunk_rows))
            except csv.Error:
                faults.add(np.array([first]), "", _("Filen kan ikke læses som CSV fra denne række eller kort efter."))
                faults.end_of_chunk()
                return
            if not records:
                return
            rows = np.arange(first, first + len(records))
            first += len(records)
            widths = np.fromiter(map(len, records), dtype="int64", count=len(records))
            if (whole := widths == len(columns)).all():
                cells = list(zip(*records, strict=True))
            else:
                faults.add(rows[~whole & (widths > 0)], "", _("Rækken har ikke lige så mange felter som overskriften."))
                faults.end_of_chunk()
                rows = rows[whole]
                cells = list(zip(*(values for values in records if len(values) == len(columns)), strict=True))
            if len(rows):
                frame = pd.DataFrame(
                    {name: cells[place] for name, place in zip(needed, places, strict=True)}, dtype="str"
                )
                if (frame["PNR"] == "").any():  # lines of nothing but delimiters, as spreadsheets leave them
                    filled = (frame != "").any(axis=1).to_numpy()
                    frame, rows = frame[filled].reset_index(drop=True), rows[filled]
            if len(rows):
                yield frame, rows

    return columns, chunks


def _open_parquet(source: BinaryIO, chunk_rows: int) -> tuple[list[str], Chunks]:
    try:
        file = pq.ParquetFile(source)
    except (OSError, pa.ArrowException):
        raise ListRefused([Fault(1, "", _("Filen kan ikke læses som Parquet."))], 1) from None
    names = {name.strip().upper(): name for name in file.schema_arrow.names}
    needed = _needed(list(names))

    def chunks(faults: Faults) -> Iterator[tuple[pd.DataFrame, np.ndarray]]:
        first = 1
        try:
            for batch in file.iter_batches(batch_size=chunk_rows, columns=[names[name] for name in needed]):
                frame = {name: _as_text(batch.column(names[name])) for name in needed}
                yield pd.DataFrame(frame), np.arange(first, first + batch.num_rows)
                first += batch.num_rows
        except (OSError, pa.ArrowException):
            faults.add(np.array([first]), "", _("Filen kan ikke læses herfra: den er beskadiget eller krypteret."))
            faults.end_of_chunk()

    return list(names), chunks


def _as_text(column: pa.Array) -> pd.Series:
    if pa.types.is_timestamp(column.type):
        column = column.cast(pa.date32(), safe=False)
    return column.cast(pa.string()).fill_null("").to_pandas().astype("str")


def _needed(columns: list[str]) -> list[str]:
    wanted = (*row_checks.PERSON, *(row_checks.place_columns(columns) or ()), *row_checks.CODES)
    return [name for name in wanted if name in columns]


_WINDOWS_1252 = "residents.windows-1252"


def _windows_1252(error: UnicodeError) -> tuple[str, int]:
    if not isinstance(error, UnicodeDecodeError):
        raise error
    return error.object[error.start : error.end].decode("cp1252", errors="replace"), error.end


codecs.register_error(_WINDOWS_1252, _windows_1252)
