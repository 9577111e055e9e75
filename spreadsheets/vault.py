"""What a spreadsheet keeps sealed until it is written or gone: its file, its rows, and what was chosen about it.

Rows hold what people wrote about residents, so opening them is reading identities: `shown` is recorded each time a
page shows some, and a job records in the transaction that ends it how many rows it read.
"""

import json
from collections.abc import Callable, Iterable, Iterator
from pathlib import Path
from typing import Any, BinaryIO
from uuid import UUID

from audit.recording import audited
from collection.models import Plan
from crypto.box import seal
from crypto.opening import open_many, open_one
from crypto.secret import Secret
from exports import storage
from exports.vault import open_sealed
from spreadsheets.models import Match, Row, Spreadsheet

ROW = "spreadsheet.row"
KIND = "imports"  # the folder's name
Record = dict[str, Any]  # {"cells": [text, …] as read, "set": {column: text typed instead}}


def upload_path(pk: UUID) -> Path:
    """The file as it was uploaded, sealed to the archive key, until it is read."""
    return storage.folder(KIND, pk) / "upload.age"


def file_of(spreadsheet: Spreadsheet) -> Callable[[], BinaryIO]:
    """Opens the uploaded file afresh at each call, deciphered as it is read."""
    return lambda: open_sealed(upload_path(spreadsheet.pk))


def seal_row(pk: UUID, record: Record) -> bytes:
    return seal(ROW, pk, json.dumps(record, ensure_ascii=False, separators=(",", ":")))


def records(rows: Iterable[tuple[UUID, Any]]) -> Iterator[Record]:
    """The records of (id, sealed) pairs, in order; for jobs."""
    for text in open_many(ROW, ((pk.bytes, sealed.record) for pk, sealed in rows)):
        yield json.loads(text)


def shown(spreadsheet: Spreadsheet, rows: list[Row], *, by: Any) -> list[Record]:
    """The records of some rows, for a page. Who of them is registered reads in their log that they were seen."""
    if not rows:
        return []
    registered = {row.participant for row in rows if row.participant}
    with audited(by=by) as log:
        log("import.rows_shown", spreadsheet, plan=spreadsheet.plan_id, subjects=registered, count=len(rows))
        return list(records((row.pk, row.record) for row in rows))


def layout_of(spreadsheet: Spreadsheet) -> dict[str, Any]:
    """What was read of and chosen about the file as a whole; empty before it was read."""
    if spreadsheet.layout is None:
        return {}
    return json.loads(open_one("spreadsheet.layout", spreadsheet.pk, spreadsheet.layout.record).reveal())  # type: ignore[union-attr]


def seal_layout(layout: dict[str, Any]) -> Secret:
    return Secret(json.dumps(layout, ensure_ascii=False))


def remembered(plan: Plan | UUID) -> dict[str, Any]:
    """What a plan chose the last time: "headings" (heading -> column) and "defaults"."""
    match = Match.objects.filter(plan=plan).first()
    if match is None:
        return {"headings": {}, "defaults": {}}
    return json.loads(open_one("spreadsheet.match", match.pk, match.choices.record).reveal())  # type: ignore[union-attr]


def remember(plan: Plan | UUID, *, headings: dict[str, str], defaults: dict[str, str]) -> None:
    match = Match.objects.filter(plan=plan).first() or Match(plan_id=getattr(plan, "pk", plan))
    match.choices = seal_layout({"headings": headings, "defaults": defaults})  # type: ignore[assignment]
    match.save()
