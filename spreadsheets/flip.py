"""The last step of writing: what was prepared becomes part of the register in one transaction, or nothing does."""

from collections.abc import Callable
from typing import Any

from django.db import IntegrityError, connection, transaction
from django.db.models import Exists, Model, OuterRef, Q
from django.utils import timezone

from accounts.models import User
from accounts.permissions import Permission
from audit.recording import Recorder, audited
from collection.models import Activity, Membership, Participant, Participation, Plan
from consent import gate
from consent.models import Decision, Kind
from consent.queries import EVALUATION, texts_in_use
from crypto.blind import made_before
from exports import jobs
from exports.models import Job
from spreadsheets import gone, report
from spreadsheets.comparing import SUBJECTS
from spreadsheets.layouts import Layout
from spreadsheets.models import Finding, Gone, Prepared, Row, Spreadsheet

Confirm = Callable[[], None]


class Changed(Exception):
    """Something is no longer as it was when the rows were looked through; `code` says what."""

    def __init__(self, code: str):
        super().__init__(code)
        self.code = code


def flip(spreadsheet: Spreadsheet, layout: Layout, *, by: User, confirm: Confirm) -> None:
    """Inserts everything that was prepared. Raises Changed, and then nothing was written."""
    with audited(by=by) as log:
        Plan.objects.select_for_update(no_key=True).get(pk=spreadsheet.plan_id)
        look_again(spreadsheet, by)
        try:
            with transaction.atomic():
                people, participations = _insert(spreadsheet, by)
        except IntegrityError:  # somebody was registered in this very moment
            raise Changed("registered_since") from None
        spreadsheet.refresh_from_db()
        spreadsheet.report = report.packed(spreadsheet, layout)
        spreadsheet.state, spreadsheet.ended_at = Spreadsheet.State.WRITTEN, timezone.now()
        spreadsheet.people, spreadsheet.participations = people, participations
        spreadsheet.layout, spreadsheet.problem = None, ""
        spreadsheet.save()
        _record(log, spreadsheet)
        confirm()


def look_again(spreadsheet: Spreadsheet, by: User) -> None:
    """Raises Changed where what was prepared may not be written as things are now."""
    prepared = Prepared.objects.filter(spreadsheet=spreadsheet)
    if not by.can(Permission.IMPORT_ROWS) or not Membership.objects.filter(plan=spreadsheet.plan_id, user=by).exists():
        raise Changed("no_access")
    running = Activity.objects.filter(pk=OuterRef("activity"), plan=spreadsheet.plan_id)
    ended = running.filter(Q(end__lt=OuterRef("start")) | Q(end__lt=OuterRef("end")))
    if prepared.filter(~Exists(running) | Exists(ended)).exists():
        raise Changed("activity_changed")
    texts = set(prepared.values_list("text", flat=True).distinct())
    if texts - set(texts_in_use(asking_again=True).values_list("pk", flat=True)):
        raise Changed("text_ended")
    if _keys_changed(spreadsheet, prepared):
        raise Changed("keys_changed")
    if gone.some_ready(spreadsheet):
        raise Changed("withdrawn_since")
    held = gate.registered(Plan.objects.filter(pk=spreadsheet.plan_id))
    new = prepared.filter(new=True)
    known = prepared.exclude(participant__in=new.values("participant"))
    by_number = held.filter(cpr_index=OuterRef("cpr_index"))
    if new.filter(cpr_index__isnull=False).filter(Exists(by_number)).exists():
        raise Changed("registered_since")
    if _namesakes_since(spreadsheet, new, held):
        raise Changed("registered_since")
    # who withdraws now waits
    here = held.select_for_update().filter(pk__in=known.values("participant")).order_by("pk")
    if len(here.values_list("pk")) < known.values("participant").distinct().count():
        raise Changed("withdrawn_since")
    valid = gate.valid_decisions(EVALUATION, on=timezone.localdate()).filter(participant=OuterRef("participant"))
    deciding = known.filter(decides=True)
    without = known.exclude(participant__in=deciding.values("participant")).exclude(Exists(valid))
    later = gate.standing(EVALUATION, on=timezone.localdate()).filter(
        participant=OuterRef("participant"), decided_on__gte=OuterRef("decided_on")
    )
    if without.exists() or deciding.filter(Exists(later)).exists():
        raise Changed("withdrawn_since")
    there = Participation.ungated.filter(
        participant=OuterRef("participant"), activity=OuterRef("activity"), start=OuterRef("start")
    )
    known.filter(Exists(there)).update(joins=False)  # told before as there already: it stays as it is


def _keys_changed(spreadsheet: Spreadsheet, prepared: Any) -> bool:
    """Whether an index key has been changed since the rows were judged or prepared: they would find nobody now."""
    ready = Row.objects.filter(spreadsheet=spreadsheet, state=Row.State.READY)
    return (
        made_before(ready, "person", "participant.cpr", "participant.name_birth")
        or made_before(prepared, "cpr_index", "participant.cpr")
        or made_before(prepared, "name_birth_index", "participant.name_birth")
    )


def _namesakes_since(spreadsheet: Spreadsheet, new: Any, held: Any) -> bool:
    """Whether somebody of the name and birth date of a new person without a number has been registered since; not
    asked of those marked as somebody else than their namesake."""
    other = Row.objects.filter(spreadsheet=spreadsheet, number=OuterRef("number"), another=True)
    names = new.filter(cpr_index__isnull=True).exclude(Exists(other))
    return names.filter(Exists(held.filter(name_birth_index=OuterRef("name_birth_index")))).exists()


def _insert(spreadsheet: Spreadsheet, by: User) -> tuple[int, int]:
    """INSERT … SELECT into the three tables; returns the number of new people and of participations."""
    now = connection.ops.adapt_datetimefield_value(timezone.now())
    prepared = connection.ops.quote_name(Prepared._meta.db_table)
    with connection.cursor() as cursor:

        def insert(model: type[Model], columns: dict[str, str], where: str, *values: Any) -> int:
            names = ", ".join(f'"{name}"' for name in columns)
            cursor.execute(
                f"INSERT INTO {connection.ops.quote_name(model._meta.db_table)} ({names}) "  # noqa: S608
                f"SELECT {', '.join(columns.values())} FROM {prepared} AS p "
                f"WHERE p.spreadsheet_id = %s {where}",
                [*values, _uuid(spreadsheet.pk)],
            )
            return cursor.rowcount

        same = ["identification", "cpr", "name", "birth_date", "address", "residence_date"]
        same += ["cpr_index", "name_birth_index", "check_digit_confirmed"]
        people = insert(
            Participant,
            {"id": "p.participant", "plan_id": "%s"} | {name: f'p."{name}"' for name in same} | {"registered_at": "%s"},
            "AND p.new",
            _uuid(spreadsheet.plan_id),
            now,
        )
        insert(
            Decision,
            {
                "participant_id": "p.participant", "purpose_id": "%s", "text_id": "p.text", "kind": "%s",
                "decided_on": "p.decided_on", "method": "p.method", "obtained_by_id": "p.obtained_by",
                "guardian_relation": "p.guardian_relation", "lapses_on": "p.lapses_on", "reason": "%s",
                "recorded_by_id": "%s", "recorded_at": "%s",
            },
            "AND p.decides ORDER BY p.number",
            *(EVALUATION, Kind.GIVEN.value, "", _uuid(by.pk), now),
        )  # fmt: skip
        participations = insert(
            Participation,
            {
                "id": "p.id", "participant_id": "p.participant", "activity_id": "p.activity", "start": 'p."start"',
                "start_precision": "p.start_precision", "end": 'p."end"', "role": "p.role",
            },
            "AND p.joins",
        )  # fmt: skip
    return people, participations


def _record(log: Recorder, spreadsheet: Spreadsheet) -> None:
    """Events of so many people that each is found by who asks after them; the chain grows by a few rows only."""
    prepared = Prepared.objects.filter(spreadsheet=spreadsheet).order_by("participant")
    people = list(prepared.values_list("participant", flat=True).distinct())
    log(
        "import.written",
        spreadsheet,
        plan=spreadsheet.plan_id,
        rows=spreadsheet.rows,
        created=spreadsheet.people,
        participations=spreadsheet.participations,
    )
    for start in range(0, len(people), SUBJECTS):
        part = people[start : start + SUBJECTS]
        log("participant.imported", spreadsheet, plan=spreadsheet.plan_id, subjects=part, count=len(part))


def _uuid(value: Any) -> Any:
    return value if connection.vendor == "postgresql" else value.hex


def send_back(spreadsheet: Spreadsheet, *, code: str, by: User, confirm: Confirm) -> None:
    """Something has changed: every row is judged again, and the page says why."""
    with audited(by=by) as log:
        confirm()
        Spreadsheet.objects.filter(pk=spreadsheet.pk, state=Spreadsheet.State.WRITING).update(
            state=Spreadsheet.State.CHECKING, problem=code
        )
        jobs.enqueue(by=by, kind=Job.Kind.CHECK_ROWS, subject=spreadsheet.pk)
        log("import.sent_back", spreadsheet, plan=spreadsheet.plan_id, why=code)


def clear(spreadsheet: Spreadsheet) -> None:
    """What was prepared goes; and the rows, once the file has come to its end."""
    ended = Spreadsheet.objects.filter(pk=spreadsheet.pk, ended_at__isnull=False).exists()
    for model in (Prepared, *((Finding, Row, Gone) if ended else ())):
        rows = model.objects.filter(spreadsheet=spreadsheet)
        rows._raw_delete(rows.db)
