"""The members of an archive that hold or describe the rows of its CSV file in other formats."""

from collections.abc import Callable
from dataclasses import replace
from functools import partial
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
    package: str = datapackage.NAME,
) -> dict[str, tuple[Layout, int]]:
    """.sas, .parquet, .xpt, .dta and .sav beside `layout.member`, and the data package of that name.

    `table`: the rows of the CSV file, which is in the archive already, in `layout.arrow()`; `dataset`: what SAS calls
    them. Returns member -> (layout, rows) of each table, the CSV file too, for the manifest.
    """
    stem, rows = PurePath(layout.member).stem, table.num_rows
    archive.text(f"{stem}.sas", sas.program(layout, dataset))
    with archive.member(f"{stem}.parquet") as stream:
        write_parquet(stream, layout, table)
    frame = frame_of(table)
    title = f"Leverance {facts.delivery_id}"
    writers: dict[str, Callable[..., None]] = {
        "xpt": partial(write_xpt, dataset=dataset),
        "dta": write_dta,
        "sav": write_sav,
    }
    for kind, write in writers.items():
        with archive.member(f"{stem}.{kind}") as stream:
            write(stream, layout, frame, title=title, day=facts.frozen_on)
        tick(f"{stem}.{kind}", rows)
    names = [layout.member, *(f"{stem}.{kind}" for kind in ("parquet", *writers))]
    members = [member for member in archive.members if member.name in names]
    archive.text(package, datapackage.text(layout, facts, members))
    return {name: (replace(layout, member=name), rows) for name in names}
