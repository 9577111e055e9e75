"""Where the texts of sql/ run: DuckDB in this process, shut in, or Apache Spark (spark.py) behind the same few methods.

The texts are standard SQL that both take: their tokens are ours, dates come in as columns, an interval is
written as a literal, and an order without NULLS puts them first going up and last going down. What is DuckDB's own is
in this file, what is Spark's own in spark.py.
"""

import re
import tempfile
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from contextlib import AbstractContextManager, contextmanager
from itertools import chain
from pathlib import Path
from typing import Any, Protocol

import duckdb
import pyarrow as pa

from .registers import DAY, INTEGER, NUMBER, TEXT, Column

TYPES = {TEXT: "STRING", INTEGER: "BIGINT", NUMBER: "DOUBLE", DAY: "DATE"}  # as both engines write them
DUCKDB, SPARK = "duckdb", "spark"

# (stage, number of stages done, number of stages)
Progress = Callable[[str, int, int], None]

# Where what doesn't fit in memory goes: a file system for DuckDB (None: the machine's own), and a folder's address.
Spill = AbstractContextManager[tuple[Any, str]]


class Engine(Protocol):
    """A database of its own that is gone when it is closed. Names and texts are ours, never somebody's input."""

    def put(self, name: str, schema: pa.Schema, batches: Iterable[pa.RecordBatch]) -> None:
        """Make a table of Arrow data, batch by batch. What `batches` raises comes through as it is."""

    def read(self, name: str, files: Mapping[int, Path] | Path, columns: Sequence[Column]) -> None:
        """Make a table of Parquet files that are read where they lie, each time, and only what a text needs of them.

        files: the file of each year, which becomes the column `year` (BIGINT); or one file, without that column.
        Columns that a file doesn't have are null; others than `columns` are not seen.
        """

    def make(self, name: str, text: str) -> None:
        """Make a table of what a SELECT gives."""

    def fetch(self, text: str) -> pa.Table:
        """What a SELECT gives: whole numbers as int64, in its own order."""


@contextmanager
def plain_folder() -> Iterator[tuple[None, str]]:
    """A new folder (mode 0700) where files are temporary, for where the registers are; gone with all it holds at the
    end. The site passes an encrypted one."""
    with tempfile.TemporaryDirectory(prefix="spill-") as folder:
        yield None, folder


@contextmanager
def engine(
    spill: Spill | None = None,
    *,
    kind: str = DUCKDB,
    memory_limit: str = "1GB",
    threads: int = 2,
    files: Iterable[Path] = (),
) -> Iterator[Engine]:
    """An empty database that spills to a folder of its own.

    kind: DUCKDB or SPARK, which needs pyspark and Java. memory_limit: as DuckDB writes it ("1GB", "60MB").
    files: the only ones that `read` may be given. Raises duckdb.Error, or Refused of Spark, when memory and
    disk are not enough.
    """
    if not re.fullmatch(r"[0-9]+(\.[0-9]+)?[KMGT]i?B", memory_limit):
        raise ValueError("A memory limit is written like 1GB.")
    if kind == SPARK:
        from .spark import spark_engine

        with spark_engine(spill or plain_folder(), memory_limit=memory_limit, threads=threads) as database:
            yield database
        return
    if kind != DUCKDB:
        raise ValueError(f"An engine is {DUCKDB} or {SPARK}.")
    settings: dict[str, str | bool | int | float | list[str]] = {
        "autoinstall_known_extensions": False,
        "autoload_known_extensions": False,
        "allow_community_extensions": False,
        "default_null_order": "nulls_first_on_asc_last_on_desc",
        "memory_limit": memory_limit,
        "threads": threads,
    }
    with spill or plain_folder() as (file_system, address):
        connection = duckdb.connect(":memory:", config=settings)
        try:
            if file_system is not None:
                connection.register_filesystem(file_system)
            connection.execute(f"SET temp_directory = '{address}'")
            connection.execute(f"SET allowed_paths = [{', '.join(_quoted(path) for path in files)}]")
            connection.execute("SET python_enable_replacements = false")
            connection.execute("SET enable_external_access = false")
            connection.execute("SET lock_configuration = true")
            yield Duck(connection)
        finally:
            connection.close()


class Duck:
    """The Engine that is DuckDB in this process. Every method may raise duckdb.Error."""

    def __init__(self, connection: duckdb.DuckDBPyConnection) -> None:
        self.connection = connection

    def put(self, name: str, schema: pa.Schema, batches: Iterable[pa.RecordBatch]) -> None:
        text = f"CREATE TEMP TABLE {name} AS SELECT * FROM source"  # noqa: S608 - our own names
        for data in chain([schema.empty_table()], batches):
            self.connection.register("source", data)
            self.connection.execute(text)
            self.connection.unregister("source")
            text = f"INSERT INTO {name} SELECT * FROM source"  # noqa: S608

    def read(self, name: str, files: Mapping[int, Path] | Path, columns: Sequence[Column]) -> None:
        parts = []
        for year, path in yearly(files):
            source = f"read_parquet({_quoted(path)})"
            described = self.connection.execute(f"DESCRIBE SELECT * FROM {source}").fetchall()  # noqa: S608
            parts.append(f"SELECT {selected(columns, [row[0] for row in described], year)} FROM {source}")  # noqa: S608
        self.connection.execute(f"CREATE TEMP VIEW {name} AS {' UNION ALL '.join(parts)}")

    def make(self, name: str, text: str) -> None:
        self.connection.execute(f"CREATE TEMP TABLE {name} AS {text}")

    def fetch(self, text: str) -> pa.Table:
        return plain_numbers(self.connection.sql(text).to_arrow_table())


def yearly(files: Mapping[int, Path] | Path) -> list[tuple[int | None, Path]]:
    """Years and files, in order; one file has no year."""
    return [(None, files)] if isinstance(files, Path) else sorted(files.items())


def selected(columns: Sequence[Column], present: Iterable[str], year: int | None) -> str:
    """What to select of a file with the columns `present`, so that all files of a table have `columns` alike."""
    names = set(present)
    items = [
        f"CAST({column.name if column.name in names else 'NULL'} AS {TYPES[column.kind]}) AS {column.name}"
        for column in columns
    ]
    return ", ".join(([] if year is None else [f"CAST({int(year)} AS BIGINT) AS year"]) + items)


def plain_numbers(table: pa.Table) -> pa.Table:
    """Whole numbers of any width, and the wide sums that engines give of them, as int64."""

    def whole(kind: pa.DataType) -> bool:
        return pa.types.is_integer(kind) or (pa.types.is_decimal(kind) and kind.scale == 0)

    return table.cast(pa.schema([(f.name, pa.int64() if whole(f.type) else f.type) for f in table.schema]))


def _quoted(path: Path) -> str:
    return "'" + str(path).replace("'", "''") + "'"
