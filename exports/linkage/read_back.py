"""Tables read back from the formats in which they were written, by readers that did not write them.

CSV as text, whatever it means: what stands there is judged, not what a reader would make of it. The others are
compared with the CSV file: `fingerprint` is the same for the same rows in the same order, in every format.
"""

import csv
import hashlib
import io
from collections.abc import Callable, Iterable, Iterator, Sequence
from pathlib import PurePath
from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.csv
import pyarrow.parquet
import pyreadstat

_BLOCK_BYTES = 1 << 22
_ROWS = 100_000  # read at once

Opens = Callable[[], io.BufferedIOBase]  # opens the file anew (seekable)
_STATISTICAL: dict[str, Callable[..., Any]] = {
    ".dta": pyreadstat.read_dta,
    ".sav": pyreadstat.read_sav,
    ".xpt": pyreadstat.read_xport,
}
TABLES = {".parquet", *_STATISTICAL}  # beside the CSV file


class Unreadable(Exception):
    """The file is not what its name says, or not in the form that our files have. Holds nothing of it."""


def csv_batches(open_file: Opens) -> Iterator[pa.RecordBatch]:
    """Every column as text, null where nothing stands. Raises Unreadable."""
    try:
        with open_file() as file:
            first = file.readline().decode("utf-8")
        if first.startswith("\ufeff") or not first.endswith("\n") or first.endswith("\r\n"):
            raise Unreadable
        names = next(csv.reader([first], delimiter=";"))
        as_text = pa.csv.ConvertOptions(
            column_types=dict.fromkeys(names, pa.string()),
            strings_can_be_null=True,
            null_values=[""],
            quoted_strings_can_be_null=False,
        )
        with (
            open_file() as file,
            pa.csv.open_csv(
                file,
                read_options=pa.csv.ReadOptions(block_size=_BLOCK_BYTES),
                parse_options=pa.csv.ParseOptions(delimiter=";", newlines_in_values=True),
                convert_options=as_text,
            ) as reader,
        ):
            yield _no_rows(reader.schema)  # a file without rows has columns too
            yield from reader
    except (pa.ArrowInvalid, UnicodeDecodeError):
        raise Unreadable from None


def table_batches(open_file: Opens, member: str) -> Iterator[pa.RecordBatch]:
    """Of a file in one of TABLES, in that format's own types. Raises Unreadable."""
    suffix = PurePath(member).suffix
    try:
        if suffix == ".parquet":
            with open_file() as file:
                parquet = pa.parquet.ParquetFile(file)
                yield _no_rows(parquet.schema_arrow)
                yield from parquet.iter_batches()
        else:
            yield from _statistical(open_file, _STATISTICAL[suffix])
    except (pa.ArrowInvalid, pyreadstat.ReadstatError, pyreadstat.PyreadstatError):
        raise Unreadable from None


class Fingerprint:
    """A hash of a table's columns and rows as text, whatever batches and types they come in."""

    def __init__(self) -> None:
        self.rows = 0
        self.names: list[str] = []
        self._sha256 = hashlib.sha256()

    def add(self, batch: pa.RecordBatch) -> None:
        self.names = batch.schema.names
        if batch.num_rows:
            self.rows += batch.num_rows
            lines = pc.binary_join_element_wise(*(_as_text(column) for column in batch.columns), "\x1f")
            self._sha256.update(("\n".join(lines.to_pylist()) + "\n").encode())

    def digest(self) -> tuple[tuple[str, ...], int, str]:
        return tuple(self.names), self.rows, self._sha256.hexdigest()


def fingerprint(batches: Iterable[pa.RecordBatch]) -> tuple[tuple[str, ...], int, str]:
    whole = Fingerprint()
    for batch in batches:
        whole.add(batch)
    return whole.digest()


def _no_rows(schema: pa.Schema) -> pa.RecordBatch:
    return pa.record_batch([pa.array([], field.type) for field in schema], names=schema.names)


def _statistical(open_file: Opens, read: Callable[..., Any]) -> Iterator[pa.RecordBatch]:
    start, more = 0, True
    while more:
        with open_file() as file:
            columns, about = read(file, row_offset=start, row_limit=_ROWS, output_format="dict")
        arrays = [_array(columns[name]) for name in about.column_names]
        yield pa.record_batch(arrays, names=about.column_names)
        more = bool(arrays) and len(arrays[0]) == _ROWS
        start += _ROWS


def _array(values: Sequence | np.ndarray) -> pa.Array:
    """A column as its reader gives it; whole numbers, which these formats hold as floating point, as such again."""
    column = pa.array(values, from_pandas=True)
    if pa.types.is_floating(column.type):
        whole = pc.all(pc.equal(column, pc.floor(column))).as_py()
        return column.cast(pa.int64()) if whole is not False else column
    return column


def _as_text(column: pa.Array) -> pa.Array:
    return pc.fill_null(column.cast(pa.string()), "")
