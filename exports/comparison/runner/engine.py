"""DuckDB, shut in: a memory limit, a folder for what spills, no extensions from outside, no files of its own choice.

The texts in sql/ are standard SQL that Spark runs too: their only tokens are whole numbers, dates come in as columns,
an interval is written as a literal. What is DuckDB's own is in this file.
"""

import re
import tempfile
from collections.abc import Callable, Iterable, Iterator, Mapping
from contextlib import AbstractContextManager, contextmanager
from itertools import chain
from pathlib import Path
from typing import Any

import duckdb
import pyarrow as pa

SQL = Path(__file__).parent / "sql"
STAGES = [path.stem.split("_", 1)[1] for path in sorted(SQL.glob("*.sql"))]

# (stage, number of stages done, number of stages)
Progress = Callable[[str, int, int], None]


# Where what doesn't fit in memory goes: a file system for DuckDB (None: the machine's own), and a folder's address.
Spill = AbstractContextManager[tuple[Any, str]]


@contextmanager
def plain_folder() -> Iterator[tuple[None, str]]:
    """A new folder (mode 0700) where files are temporary, for where the registers are; gone with all it holds at the
    end. The site passes an encrypted one."""
    with tempfile.TemporaryDirectory(prefix="spill-") as folder:
        yield None, folder


@contextmanager
def engine(
    spill: Spill | None = None, *, memory_limit: str = "1GB", threads: int = 2
) -> Iterator[duckdb.DuckDBPyConnection]:
    """An empty database in memory that spills to a folder of its own.

    memory_limit: as DuckDB writes it ("1GB", "60MB"). Raises duckdb.Error when that and the disk are not enough.
    """
    if not re.fullmatch(r"[0-9]+(\.[0-9]+)?[KMGT]i?B", memory_limit):
        raise ValueError("A memory limit is written like 1GB.")
    settings: dict[str, str | bool | int | float | list[str]] = {
        "autoinstall_known_extensions": False,
        "autoload_known_extensions": False,
        "allow_community_extensions": False,
        "memory_limit": memory_limit,
        "threads": threads,
    }
    with spill or plain_folder() as (files, address):
        connection = duckdb.connect(":memory:", config=settings)
        try:
            if files is not None:
                connection.register_filesystem(files)
            connection.execute(f"SET temp_directory = '{address}'")
            connection.execute("SET python_enable_replacements = false")
            connection.execute("SET enable_external_access = false")
            connection.execute("SET lock_configuration = true")
            yield connection
        finally:
            connection.close()


def put(connection: duckdb.DuckDBPyConnection, name: str, schema: pa.Schema, batches: Iterable[pa.RecordBatch]) -> None:
    """Make a table of Arrow data, batch by batch. What `batches` raises comes through as it is."""
    text = f"CREATE TEMP TABLE {name} AS SELECT * FROM source"  # noqa: S608 - our own names
    for data in chain([schema.empty_table()], batches):
        connection.register("source", data)
        connection.execute(text)
        connection.unregister("source")
        text = f"INSERT INTO {name} SELECT * FROM source"  # noqa: S608


def run_stages(
    connection: duckdb.DuckDBPyConnection, numbers: Mapping[str, int], progress: Progress | None = None
) -> None:
    """Run the texts of sql/ in order; each makes the table of its name. `numbers` fill their tokens."""
    tokens = {name: int(number) for name, number in numbers.items()}
    for done, stage in enumerate(STAGES):
        if progress is not None:
            progress(stage, done, len(STAGES))
        text = (SQL / f"{done + 1}_{stage}.sql").read_text(encoding="utf-8").format(**tokens)
        connection.execute(f"CREATE TEMP TABLE {stage} AS {text}")
    if progress is not None:
        progress("", len(STAGES), len(STAGES))
