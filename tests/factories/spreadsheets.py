"""Spreadsheets as people make them, taken in by the same actions and jobs as on the site."""

import csv
import io
from collections.abc import Iterable, Sequence
from datetime import date
from typing import Any
from uuid import uuid4

from openpyxl import Workbook

from accounts.models import User
from collection.models import Activity, Plan
from consent.models import Audience
from crypto.agefile import AgeWriter, recipient_of
from exports.vault import archive_identity
from spreadsheets import vault
from spreadsheets.actions.files import match_columns, take_in, write
from spreadsheets.layouts import Layout
from spreadsheets.models import Spreadsheet
from tests.factories.cast import cpr_text, make_text
from tests.factories.deliveries import run_jobs

HEADINGS = ("Aktivitet", "CPR-nummer", "Navn", "Rolle", "Begyndte", "Dato for samtykke")


def csv_file(rows: Iterable[Sequence], *, separator: str = ";", encoding: str = "utf-8") -> bytes:
    written = io.StringIO()
    csv.writer(written, delimiter=separator).writerows(rows)
    return written.getvalue().encode(encoding)


def workbook(rows: Iterable[Sequence], *, sheet: str = "Ark1") -> bytes:
    book = Workbook()
    assert book.active is not None
    book.active.title = sheet
    for row in rows:
        book.active.append(list(row))
    return saved(book)


def saved(book: Workbook) -> bytes:
    content = io.BytesIO()
    book.save(content)
    return content.getvalue()


def upload(content: bytes, *, by: User, plan: Plan, run: bool = True) -> Spreadsheet:
    """Sealed as the upload handler does, and read."""
    for audience in Audience:
        make_text(audience)
    pk = uuid4()
    with AgeWriter(vault.upload_path(pk), [recipient_of(archive_identity())]) as file:
        file.write(content)
    spreadsheet = take_in(by=by, pk=pk, plan=plan)
    if run:
        run_jobs()
        spreadsheet.refresh_from_db()
    return spreadsheet


def defaults(by: User, **changes: Any) -> dict[str, str]:
    chosen = {"method": "paper", "wording": "da", "obtained_by": str(by.pk), "role": "mother"} | changes
    return {key: str(value) for key, value in chosen.items() if value}


def checked(content: bytes, *, by: User, plan: Plan, **changes: Any) -> Spreadsheet:
    """Uploaded, its columns matched as guessed, and checked; `changes` to what holds for the whole file."""
    spreadsheet = upload(content, by=by, plan=plan)
    layout = Layout.of(spreadsheet)
    match_columns(
        by=by, spreadsheet=spreadsheet, header=layout.header, columns=layout.columns, defaults=defaults(by, **changes)
    )
    run_jobs()
    spreadsheet.refresh_from_db()
    return spreadsheet


def written(spreadsheet: Spreadsheet, *, by: User, leave_rest: bool = True) -> Spreadsheet:
    write(by=by, spreadsheet=spreadsheet, leave_rest=leave_rest)
    run_jobs()
    spreadsheet.refresh_from_db()
    return spreadsheet


def row(activity: Activity, n: int = 0, **changes: Any) -> list:
    """A row under HEADINGS: the nth person born on one day. The number fails the check digit, as all of the cast do."""
    values = {
        "activity": activity.name,
        "cpr": cpr_text(date(1980, 3, 3), n),
        "name": f"Opdigtet {n}",
        "role": "mor",
        "start": "03-04-2016",
        "decided_on": "2016-04-01",
    }
    return list((values | changes).values())
