"""Checking all rows of a file, or one again after it was corrected."""

from collections import Counter
from uuid import UUID

from django.db import transaction
from django.db.models import QuerySet
from django.utils.timezone import localdate

from accounts.models import User
from audit.recording import audited
from collection.models import Activity
from collection.names import name_birth_key, normalise
from collection.queries import staff_of
from consent.actions.enrol import CprIdentity, NameIdentity
from consent.forms.texts import texts_by_audience_and_wording
from crypto import keys
from crypto.blind import blind_index, index_purpose, lookup_values
from exports import bulk
from exports.jobs import Progress
from exports.models import Job
from spreadsheets import cells, comparing, vault
from spreadsheets.checks import ActivityFacts, Checked, Rules, check
from spreadsheets.findings import keep, settle
from spreadsheets.layouts import Layout
from spreadsheets.models import Finding, Level, Row, Spreadsheet

AT_ONCE = 2000
MOST_UNKNOWN = 50  # names of activities that are offered to be mapped
ALIKE = "spreadsheet.alike"
keys.register_purpose(index_purpose(ALIKE))

_JUDGED = {"id": "uuid", "no_consent": "bool", "person": "bytea", "person_before": "bytea", "by_number": "bool"}
_JUDGED |= {"alike": "bytea", "activity": "uuid", "start": "date", "decided_on": "date", "participant": "uuid"}
_JUDGED |= {"covered": "bool", "state": "text"}


def check_all(job: Job, progress: Progress) -> None:
    """Judges every row below the headings by itself, then against the others and the register."""
    spreadsheet = Spreadsheet.objects.select_related("plan").get(pk=str(job.subject))
    if spreadsheet.state != Spreadsheet.State.CHECKING:
        return
    layout = Layout.of(spreadsheet)
    rules = rules_of(spreadsheet, layout)
    rows = data_rows(spreadsheet, layout)
    total = rows.count()
    progress.step("check_rows", total)
    findings = Finding.objects.filter(spreadsheet=spreadsheet)
    findings._raw_delete(findings.db)  # nothing hangs on them
    unknown: Counter[str] = Counter()
    done, last = 0, layout.header
    while batch := list(
        rows.filter(number__gt=last)
        .order_by("number")
        .values_list("pk", "record", "confirmed", "left_out", "number")[:AT_ONCE]
    ):
        _check_batch(spreadsheet, layout, rules, batch, unknown)
        done, last = done + len(batch), batch[-1][4]
        progress.advance(done)
    progress.step("compare_rows", total)
    found = comparing.compare(spreadsheet, layout, advance=progress.advance)
    layout.unknown = dict(unknown.most_common(MOST_UNKNOWN))
    layout.keep(spreadsheet)
    progress.step("settle_rows", at_once=comparing.long_step(total))
    with audited(by=job.requested_by) as log:
        settle(rows.filter(pk__in=findings.filter(beyond=True).exclude(level=Level.NOTE).values("row")))
        progress.confirm()
        spreadsheet.state, spreadsheet.rows = Spreadsheet.State.PREVIEW, total
        spreadsheet.save(update_fields=["state", "rows", "layout"])
        comparing.tell(log, spreadsheet, rows=total, found=found)


def check_again(spreadsheet: Spreadsheet, layout: Layout, row: Row, record: vault.Record) -> set[UUID]:
    """Judges one row whose record, or whose place among the others, has changed. In the transaction of the change.

    Returns the rows of the register that it was told to be.
    """
    before = row.person
    Finding.objects.filter(row=row, beyond=False).delete()
    _check_batch(
        spreadsheet, layout, rules_of(spreadsheet, layout), [(row.pk, record, row.confirmed, row.left_out, row.number)]
    )
    row.refresh_from_db()
    persons = {bytes(index) for index in (before, row.person) if index}
    comparing.forget(Row.objects.filter(pk=row.pk))
    found = comparing.compare(spreadsheet, layout, persons=persons) if persons else set()
    settle(Row.objects.filter(spreadsheet=spreadsheet, person__in=persons))
    settle(Row.objects.filter(pk=row.pk))
    return found


def data_rows(spreadsheet: Spreadsheet, layout: Layout) -> QuerySet[Row]:
    """The rows below the headings."""
    return Row.objects.filter(spreadsheet=spreadsheet, number__gt=layout.header)


def rules_of(spreadsheet: Spreadsheet, layout: Layout) -> Rules:
    """The rules of today: the plan's activities and staff, and the texts in use."""
    facts: dict[str, ActivityFacts] = {}
    names: Counter[str] = Counter()
    for activity in Activity.objects.filter(plan=spreadsheet.plan_id):
        known = ActivityFacts(activity.pk, activity.start, activity.end, activity.age_from, activity.age_to)
        name = cells.word(cells.clean(activity.name))
        facts[str(activity.pk)] = facts[name] = known
        names[name] += 1
    ambiguous = frozenset(name for name, count in names.items() if count > 1)
    for name in ambiguous:
        del facts[name]
    facts |= {cells.word(name): facts[pk] for name, pk in layout.activities.items() if pk in facts}
    return Rules(
        today=localdate(),
        activities=facts,
        ambiguous=ambiguous,
        texts=texts_by_audience_and_wording(),
        staff=_staff(spreadsheet),
        defaults=layout.defaults,
        date1904=layout.date1904,
        restore_zeros=layout.restore_zeros,
    )


def _staff(spreadsheet: Spreadsheet) -> dict[str, User]:
    found: dict[str, User] = {}
    for user in staff_of(spreadsheet.plan):
        found |= {user.full_name.casefold(): user, user.username.casefold(): user, str(user.pk): user}
    return found


def _check_batch(
    spreadsheet: Spreadsheet, layout: Layout, rules: Rules, batch: list[tuple], unknown: Counter[str] | None = None
) -> None:
    """`batch`: (id, sealed or open record, codes confirmed on the row, whether it is left out, number)."""
    opened = [record for _, record, *_ in batch]
    if not isinstance(opened[0], dict):
        opened = list(vault.records((pk, record) for pk, record, *_ in batch))
    judged, found = [], []
    for (pk, _, confirmed, left_out, _), record in zip(batch, opened, strict=True):
        checked = check(rules, layout.texts(record))
        if unknown is not None and checked.unknown_activity:
            unknown[checked.unknown_activity[:150]] += 1
        settled = {*layout.confirmed, *confirmed.split()}
        judged.append((*_judged(pk, checked), _state(checked, settled, left_out)))
        found += [(pk, each, confirmed) for each in checked.findings]
    with transaction.atomic():
        bulk.update(Row, _JUDGED, judged)
        keep(spreadsheet, layout, found, beyond=False)


def _judged(pk: UUID, checked: Checked) -> tuple:
    person, before, alike = _person(checked.identity)
    return (
        pk,
        checked.no_consent,
        person,
        before,
        not isinstance(checked.identity, NameIdentity),
        alike,
        checked.activity.pk if checked.activity else None,
        checked.start,
        checked.decided_on,
        None,
        False,
    )


def _state(checked: Checked, settled: set[str], left_out: bool) -> str:
    """By itself; `findings.settle` judges again those of which comparing has something to say."""
    if left_out:
        return Row.State.LEFT_OUT.value
    if checked.no_consent:
        return Row.State.NO_CONSENT.value
    levels = {found.level for found in checked.findings if found.code not in settled}
    if Level.ERROR in {found.level for found in checked.findings}:
        return Row.State.ERROR.value
    return (Row.State.WARNING if Level.WARNING in levels else Row.State.READY).value


def _person(identity: CprIdentity | NameIdentity | None) -> tuple[bytes | None, bytes | None, bytes | None]:
    """The person's index in the register, that under older keys, and for people without a number the address's."""
    if identity is None:
        return None, None, None
    if isinstance(identity, CprIdentity):
        found, alike = lookup_values("participant.cpr", identity.cpr.digits), None
    else:
        found = lookup_values("participant.name_birth", name_birth_key(identity.name, identity.birth_date))
        alike = blind_index(ALIKE, normalise(identity.address))
    return found[0], b"".join(found[1:]) or None, alike
