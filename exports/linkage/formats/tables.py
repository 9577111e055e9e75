"""The members of an archive that hold or describe the rows of its CSV file in other formats."""

from collections.abc import Callable
from dataclasses import replace
from pathlib import PurePath

import pyarrow as pa

from exports.linkage.files import Archive
from exports.linkage.formats import datapackage, sas
from exports.linkage.formats.parquet import write_parquet
from exports.linkage.formats.readstat import frame_of, write_dta, write_sav, write_xpt
from exports.linkage.manifest import DeliveryFacts
from exports.linkage.schema import Layout


def write_formats(
    archive: Archive,
    layout: Layout,
    table: pa.Table,
    facts: DeliveryFacts,
    dataset: str,
    tick: Callable[[str, int], None] = lambda member, rows: None,
) -> dict[str, tuple[Layout, int]]:
    """.sas, .parquet, .xpt, .dta and .sav beside `layout.member`, and datapackage.json.

    `table`: the rows of the CSV file, which is in the archive already, in `layout.arrow()`; `dataset`: what SAS calls
    them. Returns member -> (layout, rows) of each table, the CSV file too, for the manifest.
    """
    stem, rows = PurePath(layout.member).stem, table.num_rows
    archive.text(f"{stem}.sas", sas.program(layout, dataset))
    with archive.member(f"{stem}.parquet") as stream:
        write_parquet(stream, layout, table)
    frame = frame_of(table)
    title = f"Leverance {facts.delivery_id}"
    with archive.member(f"{stem}.xpt") as stream:
        write_xpt(stream, layout, frame, title=title, day=facts.frozen_on, dataset=dataset)
    tick(f"{stem}.xpt", rows)
    with archive.member(f"{stem}.dta") as stream:
        write_dta(stream, layout, frame, title=title, day=facts.frozen_on)
    tick(f"{stem}.dta", rows)
    with archive.member(f"{stem}.sav") as stream:
        write_sav(stream, layout, frame, title=title, day=facts.frozen_on)
    tick(f"{stem}.sav", rows)
    names = [layout.member, *(f"{stem}.{kind}" for kind in ("parquet", "xpt", "dta", "sav"))]
    members = [member for member in archive.members if member.name in names]
    archive.text(datapackage.NAME, datapackage.text(layout, facts, members))
    return {name: (replace(layout, member=name), rows) for name in names}
