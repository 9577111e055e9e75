"""Parquet: nulls for what is missing; labels and value sets as JSON under `variables` in the file's own metadata."""

import json

import pyarrow as pa
import pyarrow.parquet

from exports.linkage.files import ByteSink
from exports.linkage.manifest import variable_entry
from exports.linkage.schema import Layout

ROWS_IN_GROUP = 65_536


def write_parquet(out: ByteSink, layout: Layout, table: pa.Table) -> None:
    """The table, in `layout.arrow()`. The same rows give the same bytes, whatever chunks they are in."""
    about = json.dumps([variable_entry(variable) for variable in layout.variables], ensure_ascii=False)
    pa.parquet.write_table(
        table.replace_schema_metadata({"variables": about}),
        out,
        row_group_size=ROWS_IN_GROUP,
        compression="zstd",
        version="2.6",
    )
