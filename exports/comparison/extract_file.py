"""A loaded resident list at rest: one Parquet file, AES-256-GCM in every part, footer and column names included.

pyarrow writes and reads it (OpenSSL underneath). DuckDB's own encryption is not used: see docs/adr/0006.
"""

import json
import os
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.parquet as pq
import pyarrow.parquet.encryption as pe

from exports.comparison.keys import file_key
from exports.comparison.runner.inputs import RESIDENTS

SCHEMA = RESIDENTS
_FACTS = "residents"  # name of the entry in the (encrypted) footer


class UnreadableExtract(Exception):
    """The extract is missing, cut short, changed, or was written under another key. Says nothing about its content."""


class ExtractWriter:
    def __init__(self, writer: pq.ParquetWriter) -> None:
        self._writer = writer

    def write(self, table: pa.Table) -> None:
        """Append rows of SCHEMA."""
        self._writer.write_table(table)

    def facts(self, **facts: Any) -> None:
        """Keep plain JSON values beside the rows (counts of what was read); once, before the end."""
        self._writer.add_key_value_metadata({_FACTS: json.dumps(facts)})


@contextmanager
def new_extract(path: Path, run_key: bytes) -> Iterator[ExtractWriter]:
    """Write an extract to `path`: mode 0600, under a temporary name, synced and renamed. An error leaves none."""
    part = path.with_name(path.name + ".part")
    properties = pe.create_encryption_properties(footer_key=file_key(run_key))
    try:
        with os.fdopen(os.open(part, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600), "wb") as file:
            with pq.ParquetWriter(file, SCHEMA, encryption_properties=properties, compression="zstd") as writer:
                yield ExtractWriter(writer)
            file.flush()
            os.fsync(file.fileno())
        part.replace(path)
    finally:
        part.unlink(missing_ok=True)


def facts_of(path: Path, run_key: bytes) -> dict[str, Any]:
    """The plain values that were kept beside the rows. Raises UnreadableExtract."""
    with _opened(path, run_key) as file:
        return json.loads(file.metadata.metadata[_FACTS.encode()])


def rows_of(paths: Sequence[Path], run_key: bytes, batch_rows: int = 122_880) -> Iterator[pa.RecordBatch]:
    """Batches of SCHEMA from each extract in turn. Raises UnreadableExtract, also in the middle."""
    for path in paths:
        with _opened(path, run_key) as file:
            for batch in file.iter_batches(batch_size=batch_rows):
                yield batch.cast(SCHEMA) if batch.schema.names == SCHEMA.names else batch


@contextmanager
def _opened(path: Path, run_key: bytes) -> Iterator[pq.ParquetFile]:
    try:
        properties = pe.create_decryption_properties(footer_key=file_key(run_key))
        with pq.ParquetFile(path, decryption_properties=properties) as file:
            yield file
    except (OSError, pa.ArrowException) as error:
        raise UnreadableExtract("The extract can't be read with this key.") from error
