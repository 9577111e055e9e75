"""Consents whose time is over: put on record, and half a year later the identity erased.

The gate reads the days itself and waits for none of this.
"""

import calendar
from collections import defaultdict
from collections.abc import Iterable, Iterator
from datetime import date, timedelta
from typing import Any
from uuid import UUID

from django.db.models import Case, F, OuterRef, Q, QuerySet, Subquery, When
from django.utils import timezone

from audit.recording import Recorder, audited
from collection.models import Participant
from consent import gate
from consent.actions.proofs import lock_proofs
from consent.actions.withdraw import erase_identities
from consent.models import Decision, Kind
from consent.queries import lapses_on

HELD_FOR_MONTHS = 6
AT_ONCE = 500  # in one transaction
LOOKED_UP = 50_000


def erase_on(lapsed_on: date) -> date:
    """The day on which an identity is erased if nobody has said yes again: six months after the lapse."""
    year, month = divmod(lapsed_on.year * 12 + lapsed_on.month - 1 + HELD_FOR_MONTHS, 12)
    last = calendar.monthrange(year, month + 1)[1]
    return date(year, month + 1, min(lapsed_on.day, last))


def lapse_due(*, by: Any = None, today: date | None = None) -> tuple[int, int]:
    """Records the consents that have lapsed by `today`, erases identities whose time to be asked again is over.

    Returns how many of each. May run as often as one likes, and at the same time as itself.
    """
    today = today or timezone.localdate()
    return _record(by, today), _erase(by, today)


def _record(by: Any, today: date) -> int:
    done = 0
    for page in _pages(_unrecorded(today)):
        with audited(by=by) as log:
            people = _locked(participant for _, participant in page)
            lapsed = list(_unrecorded(today).filter(pk__in=[pk for pk, _ in page]).select_related("text__version"))
            Decision.objects.bulk_create(_record_of(each, by) for each in lapsed)
            _tell(log, "consent.lapsed", [people[each.participant_id] for each in lapsed])
            done += len(lapsed)
    return done


def _pages(decisions: QuerySet[Decision]) -> Iterator[list[tuple[int, UUID]]]:
    """(decision, participant), some hundreds at a time; looked up for very many at once, for that takes as long."""
    last = 0
    while rows := list(decisions.filter(pk__gt=last).order_by("pk").values_list("pk", "participant")[:LOOKED_UP]):
        last = rows[-1][0]
        yield from (rows[start : start + AT_ONCE] for start in range(0, len(rows), AT_ONCE))


def _record_of(consent: Decision, by: Any) -> Decision:
    day = lapses_on(consent)
    assert day
    return Decision(
        participant_id=consent.participant_id,
        purpose_id=consent.purpose_id,
        text_id=consent.text_id,
        kind=Kind.LAPSED,
        decided_on=day,
        recorded_by=by,
        recorded_at=timezone.now(),
    )


def _unrecorded(today: date) -> QuerySet[Decision]:
    """The consents that people stand in and that have lapsed, without a record of it.

    One look-up in an index per consent: a database without statistics may join two long lists pair by pair.
    """
    latest = Decision.objects.filter(participant=OuterRef("participant"), purpose=OuterRef("purpose"))
    record = latest.order_by("-decided_on", "-pk").annotate(day=Case(When(kind=Kind.LAPSED, then=F("decided_on"))))
    consents = gate.standing(on=today).filter(gate.lapsed_by(today), kind=Kind.GIVEN)
    recorded = consents.annotate(recorded_on=Subquery(record.values("day")[:1]), day=gate.LAPSES_ON)
    return recorded.filter(Q(recorded_on__isnull=True) | Q(recorded_on__lt=F("day")))


def _erase(by: Any, today: date) -> int:
    done = 0
    longest_ago = today - timedelta(days=28 * HELD_FOR_MONTHS)  # no earlier than that for anybody; `erase_on` says
    lapsed = gate.standing(on=today).filter(
        gate.lapsed_by(longest_ago), kind=Kind.GIVEN, participant__erased_at__isnull=True
    )
    for page in _pages(lapsed):
        with audited(by=by) as log:
            rows = _locked(participant for _, participant in page)
            people = {pk: person for pk, person in rows.items() if person.erased_at is None}
            due = [people[pk] for pk in _time_is_over(people, today)]
            now, ids = timezone.now(), [person.pk for person in due]
            lock_proofs(ids, at=now)
            erase_identities(ids, at=now)
            _tell(log, "identity.erased", due)
            done += len(due)
    return done


def _time_is_over(participants: Iterable[UUID], today: date) -> list[UUID]:
    """Those of whom no consent, for whatever purpose, holds or lapsed less than six months ago."""
    held: dict[UUID, bool] = {}
    standing = gate.standing(on=today).filter(participant__in=list(participants), kind=Kind.GIVEN)
    for decision in standing.select_related("text__version"):
        day = lapses_on(decision)
        holds = day is None or erase_on(day) > today
        held[decision.participant_id] = held.get(decision.participant_id, False) or holds
    return [participant for participant, holds in held.items() if not holds]


def _locked(participants: Iterable[UUID]) -> dict[UUID, Participant]:
    """The rows, until the end of the transaction: who decides meanwhile waits, or was here first and is found."""
    rows = Participant.ungated.select_for_update().filter(pk__in=set(participants)).order_by("pk")
    return {row.pk: row for row in rows.only("pk", "plan_id", "erased_at")}


def _tell(log: Recorder, action: str, people: list[Participant]) -> None:
    by_plan = defaultdict(set)
    for person in people:
        by_plan[person.plan_id].add(person.pk)
    for plan, subjects in by_plan.items():
        log(action, plan=plan, subjects=subjects, count=len(subjects))
