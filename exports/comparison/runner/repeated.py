"""Rows of a register that stand twice: a person's income counted twice would make nobody poor."""

from collections.abc import Sequence
from pathlib import Path

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.parquet as pq

from .engine import engine
from .registers import Table
from .texts import Refused, Text


def refuse_repeated(table: Table, path: Path, first: int, place: str, memory_limit: str = "1GB") -> None:
    """Raises Refused when two rows of a Parquet file have the same key, with the row of the second.

    first: the number of the first row for whoever reads the message. place: the file that they gave.
    """
    if not table.key:
        return
    columns = [table.column(name) for name in table.key]
    listed = ", ".join(table.key)
    with engine(memory_limit=memory_limit, files=[path]) as database:
        database.read(table.name, path, columns)
        found = database.fetch(
            f"SELECT {listed} FROM {table.name} GROUP BY {listed} HAVING COUNT(*) > 1 ORDER BY {listed} LIMIT 1"  # noqa: S608
        )
    if found.num_rows:
        row = first + _second(path, table.key, found)
        text: Text = (
            f"{listed}, række {row}: den samme nøgle står i en tidligere række.",
            f"{listed}, row {row}: the same key stands in an earlier row.",
        )
        raise Refused({place: text})


def _second(path: Path, key: Sequence[str], wanted: pa.Table) -> int:
    """The place of the second row with this key, from 0."""
    seen = before = 0
    with pq.ParquetFile(path) as file:
        for batch in file.iter_batches(columns=list(key)):
            same = np.ones(batch.num_rows, dtype=bool)
            for name in key:
                column = batch.column(name)
                equal = pc.equal(column.cast(wanted[name].type), wanted[name][0])
                same &= pc.fill_null(equal, False).to_numpy(zero_copy_only=False)
            hits = np.flatnonzero(same)
            if seen + len(hits) >= 2:
                return before + int(hits[1 - seen])
            seen += len(hits)
            before += batch.num_rows
    raise AssertionError("The engine found two.")
