"""Writing a file that was looked through into the register: prepared out of sight, then shown all at once.

Preparing seals each person under the id that they will have, chunk by chunk, in a table that no page reads. The last
step is one transaction: it looks again at what may have changed meanwhile, inserts everything, and records it. A
worker killed before its end leaves a register that knows nothing of the file, and the job begins again.
"""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from itertools import chain, groupby
from typing import Any
from uuid import UUID, uuid4

from django.db import transaction

from collection.models import Identification
from collection.names import name_birth_key
from consent.actions.enrol import CprIdentity, NameIdentity
from consent.actions.given import eighteenth_birthday
from consent.models import Audience
from crypto.blind import blind_index
from crypto.box import seal
from exports import bulk
from exports.jobs import Progress
from exports.models import Job
from spreadsheets import comparing, flip, vault
from spreadsheets.checking import data_rows, rules_of
from spreadsheets.checks import Facts, check
from spreadsheets.flip import Changed
from spreadsheets.layouts import Layout
from spreadsheets.models import Prepared, Row, Spreadsheet

CHUNK = 500
_COLUMNS = {
    "id": "uuid", "spreadsheet_id": "uuid", "number": "int4", "participant": "uuid", "new": "bool", "decides": "bool",
    "joins": "bool",
    "identification": "text", "cpr": "bytea", "name": "bytea", "birth_date": "bytea", "address": "bytea",
    "residence_date": "bytea", "cpr_index": "bytea", "name_birth_index": "bytea", "check_digit_confirmed": "bool",
    "text": "int8", "decided_on": "date", "method": "text", "obtained_by": "uuid", "guardian_relation": "text",
    "lapses_on": "date", "activity": "uuid", "start": "date", "start_precision": "text", "end": "date", "role": "text",
}  # fmt: skip
_NOBODY = ("", None, None, None, None, None, None, None, False)  # the person's columns where somebody is known
_FIELDS = ("cpr", "name", "birth_date", "address", "residence_date")


def write(job: Job, progress: Progress) -> None:
    """Ends with the file written, or sent back to be looked at because something has changed."""
    spreadsheet = Spreadsheet.objects.select_related("plan").get(pk=str(job.subject))
    if spreadsheet.state == Spreadsheet.State.WRITING:
        assert job.requested_by is not None
        layout = Layout.of(spreadsheet)
        total = data_rows(spreadsheet, layout).filter(state=Row.State.READY).count()
        try:
            prepare(spreadsheet, layout, progress, total)
            progress.step("flip_rows", at_once=comparing.long_step(total))
            flip.flip(spreadsheet, layout, by=job.requested_by, confirm=progress.confirm)
        except Changed as changed:
            flip.send_back(spreadsheet, code=changed.code, by=job.requested_by, confirm=progress.confirm)
    flip.clear(spreadsheet)


@dataclass(repr=False)
class _Member:
    """One row of a person: what the register knows of them, and what the row says."""

    row: dict
    facts: Facts


def prepare(spreadsheet: Spreadsheet, layout: Layout, progress: Progress, total: int) -> None:
    """Replaces what an interrupted run prepared. Raises Changed when a row is no longer without fault."""
    old = Prepared.objects.filter(spreadsheet=spreadsheet)
    old._raw_delete(old.db)
    progress.step("prepare_rows", total)
    done = 0
    chunk: list[tuple] = []
    for people in _people(spreadsheet, layout):
        done += len(people)
        chunk += _prepared(spreadsheet.pk, people)
        if len(chunk) >= CHUNK:
            _insert(chunk)
            progress.advance(done)
    _insert(chunk)


def _insert(chunk: list[tuple]) -> None:
    with transaction.atomic():
        bulk.insert(Prepared, _COLUMNS, chunk)
    chunk.clear()


def _people(spreadsheet: Spreadsheet, layout: Layout) -> Iterator[list[_Member]]:
    """The rows to be written, person by person."""
    rules = rules_of(spreadsheet, layout)
    rows = data_rows(spreadsheet, layout).filter(state=Row.State.READY)
    pages = comparing.by_person(rows, "record", "participant", "covered", "another", "by_number")
    for _, group in groupby(_judged(chain.from_iterable(_opened(pages, layout)), rules), key=_who):
        yield list(group)


def _opened(pages: Iterable[list[dict]], layout: Layout) -> Iterator[Iterator[tuple[dict, dict[str, str]]]]:
    for page in pages:
        records = vault.records((row["pk"], row["record"]) for row in page)
        yield zip(page, map(layout.texts, records), strict=True)


def _judged(rows: Iterable[tuple[dict, dict[str, str]]], rules: Any) -> Iterator[_Member]:
    for row, texts in rows:
        facts = check(rules, texts).facts
        if facts is None:  # an activity, a text or a colleague's account has changed, or a day has passed
            raise Changed("rules_changed")
        yield _Member(row, facts)


def _who(member: _Member) -> tuple:
    """Rows of one person; somebody marked as another than their namesake is a person of their own."""
    row = member.row
    return bytes(row["person"]), row["pk"] if row["another"] and not row["by_number"] else None


def _prepared(spreadsheet: UUID, people: list[_Member]) -> Iterator[tuple]:
    """The rows of one person: they bring the person once, each consent once, each participation once."""
    known = people[0].row["participant"]
    covered = known is not None and people[0].row["covered"]
    participant = known or uuid4()
    person = _NOBODY if known else _sealed(participant, [member.facts.identity for member in people])
    consents: set[tuple] = set()
    starts: set[tuple] = set()
    for member in people:
        facts = member.facts
        start = (facts.activity.pk, facts.start.day)
        given = facts.consent
        consent = (given.text.pk, given.decided_on, given.method.value, given.obtained_by.pk, given.guardian_relation)
        if start in starts:  # told before, and confirmed
            continue
        new = known is None and not starts
        starts.add(start)
        decides = not covered and consent not in consents
        consents.add(consent)
        child = given.text.version.document.audience == Audience.GUARDIAN
        yield (
            *(uuid4(), spreadsheet, member.row["number"], participant, new, decides, True),
            *(person if new else _NOBODY),
            *consent,
            eighteenth_birthday(facts.identity.birth_date) if child else None,
            *(*start, facts.start.precision, facts.start.end, facts.start.role),
        )


def _sealed(participant: UUID, identities: list[CprIdentity | NameIdentity]) -> tuple:
    """The columns of a new person, from their first row; a working name from the first that has one."""
    first = identities[0]
    values: dict[str, str] = {}
    name_key, cpr_index, confirmed = None, None, False
    if isinstance(first, CprIdentity):
        values["cpr"] = first.cpr.digits
        cpr_index = blind_index("participant.cpr", first.cpr.digits)
        confirmed = any(isinstance(one, CprIdentity) and one.check_digit_confirmed for one in identities)
        names = [one.working_name for one in identities if isinstance(one, CprIdentity) and one.working_name]
        values |= {"name": names[0]} if names else {}
    else:
        values = {"name": first.name, "address": first.address}
        values |= {"birth_date": first.birth_date.isoformat(), "residence_date": first.residence_date.isoformat()}
    if "name" in values:
        name_key = blind_index("participant.name_birth", name_birth_key(values["name"], first.birth_date))
    kind = Identification.CPR if "cpr" in values else Identification.NAME_ADDRESS
    sealed = {field: seal(f"participant.{field}", participant, text) for field, text in values.items()}
    return (kind.value, *(sealed.get(field) for field in _FIELDS), cpr_index, name_key, confirmed)
