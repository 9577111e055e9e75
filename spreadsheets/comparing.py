"""Holding rows against each other and against the register of the same plan.

What the register answers is an oracle on who takes part. It is asked once for a whole file, by somebody who works in
the plan, and recorded with the people it told of; `may_compare` limits how often.
"""

from collections import defaultdict
from collections.abc import Callable, Iterable, Iterator
from datetime import UTC, date, datetime, timedelta
from itertools import chain, groupby
from typing import Any
from uuid import UUID

from django.db import transaction
from django.db.models import Count, Q, QuerySet
from django.utils.timezone import localdate

from accounts.models import User
from audit.models import Event
from audit.recording import Recorder
from collection.models import Plan
from consent import gate
from consent.queries import EVALUATION
from exports import bulk
from spreadsheets.checks import Found
from spreadsheets.findings import keep
from spreadsheets.gone import GoneSince, indexes_of
from spreadsheets.layouts import Layout
from spreadsheets.models import Finding, Level, Row, Spreadsheet

AT_ONCE = 2000
LIMIT = 20  # whole files compared by one user
WINDOW = timedelta(hours=1)
SUBJECTS = 5000  # of an event
_MATCHED = {"id": "uuid", "participant": "uuid", "covered": "bool"}
Advance = Callable[[int], None]


def may_compare(user: User) -> bool:
    """Whether `user` had fewer than LIMIT files compared with the register in the last hour."""
    since = datetime.now(UTC) - WINDOW
    return Event.objects.filter(actor=str(user.pk), action="import.compared", at__gte=since).count() < LIMIT


def tell(log: Recorder, spreadsheet: Spreadsheet, *, rows: int, found: Iterable[UUID]) -> None:
    """Records that the register was asked, and of whom it told."""
    ordered = sorted(found)
    for start in range(0, max(len(ordered), 1), SUBJECTS):
        part = ordered[start : start + SUBJECTS]
        log(
            "import.compared" if start == 0 else "import.compared_more",
            spreadsheet,
            plan=spreadsheet.plan_id,
            subjects=part,
            rows=rows,
            count=len(ordered),
        )


def long_step(rows: int) -> timedelta:
    """How long one statement over so many rows may take on a slow machine."""
    return timedelta(seconds=10 + rows / 500)


def forget(rows: QuerySet[Row]) -> None:
    """What comparing found before."""
    Finding.objects.filter(row__in=rows, beyond=True).delete()
    rows.update(participant=None, covered=False)


def compare(
    spreadsheet: Spreadsheet, layout: Layout, *, persons: set[bytes] | None = None, advance: Advance | None = None
) -> set[UUID]:
    """Writes what is found, for the whole file (just checked) or for a few persons; returns those in the register."""
    rows = Row.objects.filter(spreadsheet=spreadsheet, person__isnull=False)
    if persons is not None:
        rows = rows.filter(person__in=persons)
        forget(rows)
    rows = rows.filter(left_out=False, no_consent=False)
    _among_themselves(spreadsheet, layout, rows)
    return _with_the_register(spreadsheet, layout, rows, advance)


# --- Among themselves ------------------------------------------------------------------------------------


def _among_themselves(spreadsheet: Spreadsheet, layout: Layout, rows: QuerySet[Row]) -> None:
    several = rows.order_by().values("person").annotate(times=Count("pk")).filter(times__gt=1).values("person")
    pages = by_person(rows.filter(person__in=several), "activity", "start", "by_number", "alike", "confirmed")
    for _, group in groupby(chain.from_iterable(pages), key=lambda row: bytes(row["person"])):
        keep(spreadsheet, layout, _within(list(group)), beyond=True)


def by_person(rows: QuerySet[Row], *names: str) -> Iterator[list[dict]]:
    """Pages of rows, those of one person after each other; pages, because what is found is written meanwhile."""
    names = ("person", "number", "pk", *names)
    rows = rows.order_by("person", "number")
    page = list(rows.values(*names)[:AT_ONCE])
    while page:
        yield page
        person, number = bytes(page[-1]["person"]), page[-1]["number"]
        after = rows.filter(person__gte=person).filter(Q(person__gt=person) | Q(number__gt=number))
        page = list(after.values(*names)[:AT_ONCE])


def _within(group: list[dict]) -> Iterator[tuple[UUID, Found, str]]:
    """What the rows of one person, by number, say of each other."""
    first_start: dict[tuple, int] = {}
    first_activity: dict[Any, int] = {}
    first_alike: tuple[bytes, int] | None = None
    for row in group:
        number, activity, alike = row["number"], row["activity"], row["alike"]
        found = []
        if activity and row["start"]:
            earlier = first_start.setdefault((activity, row["start"]), number)
            if earlier != number:
                found.append(("cpr" if row["by_number"] else "name", "duplicate", earlier))
            elif (same := first_activity.setdefault(activity, number)) != number:
                found.append(("start", "same_activity", same))
        if alike is not None:
            first_alike = first_alike or (bytes(alike), number)
            if first_alike[0] != bytes(alike):
                found.append(("address", "address_differs", first_alike[1]))
        for field, code, other in found:
            yield row["pk"], Found(Level.WARNING, field, code, str(other)), row["confirmed"]


# --- With the register -------------------------------------------------------------------------------------


def _with_the_register(
    spreadsheet: Spreadsheet, layout: Layout, rows: QuerySet[Row], advance: Advance | None
) -> set[UUID]:
    names = ("person_before", "by_number", "activity", "start", "decided_on", "another", "confirmed")
    told: set[UUID] = set()
    gone = GoneSince(spreadsheet)
    done = 0
    for batch in by_person(rows, *names):
        register = _Register(spreadsheet.plan_id, batch)
        matched: list[tuple] = []
        found: list[tuple[UUID, Found, str]] = []
        for row in batch:
            people = [] if row["another"] and not row["by_number"] else register.people_of(row)
            told |= set(people)
            finding, participant = register.judge(row, people)
            if gone.holds(row):
                finding, participant = [Found(Level.ERROR, "decided_on", "gone")], None
            found += [(row["pk"], each, row["confirmed"]) for each in finding]
            if participant:
                matched.append((row["pk"], participant, participant in register.covered))
        with transaction.atomic():
            if matched:
                bulk.update(Row, _MATCHED, matched)
            keep(spreadsheet, layout, found, beyond=True)
        done += len(batch)
        if advance:
            advance(done)
    return told


class _Register:
    """What the register of the plan holds of the people in some rows."""

    def __init__(self, plan: UUID, batch: list[dict]):
        self.by_index: dict[tuple[bool, bytes], list[UUID]] = defaultdict(list)
        held = gate.registered(Plan.objects.filter(pk=plan))
        for by_number, column in ((True, "cpr_index"), (False, "name_birth_index")):
            wanted = [index for row in batch if row["by_number"] == by_number for index in indexes_of(row)]
            if wanted:
                people = held.filter(**{f"{column}__in": wanted}).order_by("registered_at", "pk")
                for pk, index in people.values_list("pk", column):
                    self.by_index[by_number, bytes(index)].append(pk)
        everybody = [pk for people in self.by_index.values() for pk in people]
        self.covered: set[UUID] = set()
        self.latest: dict[UUID, date] = {}
        self.taking_part: set[tuple] = set()
        if everybody:
            today = localdate()
            valid = gate.valid_decisions(EVALUATION, on=today).filter(participant__in=everybody)
            self.covered = set(valid.values_list("participant", flat=True))
            standing = gate.standing(EVALUATION, on=today).filter(participant__in=everybody)
            self.latest = dict(standing.values_list("participant", "decided_on"))
            taking_part = gate.of_participants(everybody).order_by()  # type: ignore[arg-type]
            self.taking_part = set(taking_part.values_list("participant", "activity", "start"))

    def people_of(self, row: dict) -> list[UUID]:
        return [pk for index in indexes_of(row) for pk in self.by_index.get((row["by_number"], index), ())]

    def judge(self, row: dict, people: list[UUID]) -> tuple[list[Found], UUID | None]:
        if not people:
            return [], None
        field = "cpr" if row["by_number"] else "name"
        if len(people) > 1:
            return [Found(Level.ERROR, field, "namesakes")], None
        one = people[0]
        found = [] if row["by_number"] else [Found(Level.WARNING, field, "namesake")]
        there = (one, row["activity"], row["start"]) in self.taking_part
        if there:
            found.append(Found(Level.NOTE, "activity", "already_there"))
        if one in self.covered:
            found += [] if there else [Found(Level.NOTE, field, "registered")]
        elif row["decided_on"] and one in self.latest and row["decided_on"] <= self.latest[one]:
            found.append(Found(Level.ERROR, "decided_on", "consent_ended"))
        else:
            found.append(Found(Level.NOTE, field, "registered_again"))
        return found, one
