"""Withdrawal: from that moment on, in all plans' rows of the person, the identity erased."""

from collections.abc import Iterable
from datetime import date, datetime
from typing import Any
from uuid import UUID

from django.utils import timezone

from audit.recording import Recorder, audited
from collection.models import Participant
from consent.models import Decision, Kind, Purpose


class WithdrawalRefused(Exception):
    """`code`: before_consent | in_future."""

    def __init__(self, code: str):
        super().__init__(code)
        self.code = code


def withdraw(*, by: Any, participant: Participant, purpose: Purpose, withdrawn_on: date) -> int:
    """Withdraws the consent of the person behind `participant` for `purpose`; returns how many rows were erased.

    The rows of the same person in other plans are found by the keyed index and erased too; the caller is not
    told whether there were any. Raises WithdrawalRefused.
    """
    if withdrawn_on > timezone.localdate():
        raise WithdrawalRefused("in_future")
    with audited(by=by) as log:
        rows = list(rows_of_person(participant))
        first = (
            Decision.objects.filter(participant=participant, purpose=purpose, kind=Kind.GIVEN)
            .order_by("decided_on")
            .values_list("decided_on", flat=True)
            .first()
        )
        if first is None or withdrawn_on < first:
            raise WithdrawalRefused("before_consent")
        return end_consent(log, rows, by=by, purpose=purpose, kind=Kind.WITHDRAWN, on=withdrawn_on)


def end_consent(
    log: Recorder, rows: list[Participant], *, by: Any, purpose: Purpose, kind: Kind, on: date, **facts: Any
) -> int:
    """The person's no: a decision in each of their rows, and the identity erased. In the transaction of its verb.

    `rows`: of one person, locked (`rows_of_person`). `facts`: more columns of the decisions. Returns how many rows.
    """
    now = timezone.now()
    for row in rows:
        # effective from the latest decision at the earliest, or a consent given later would outlive it
        latest = Decision.objects.filter(participant=row, purpose=purpose).order_by("-decided_on").first()
        Decision.objects.create(
            participant=row,
            purpose=purpose,
            kind=kind,
            decided_on=max(on, latest.decided_on) if latest else on,
            recorded_by=by,
            recorded_at=now,
            **facts,
        )
        log(f"consent.{kind.value}", row, plan=row.plan_id, subjects=[row.pk], purpose=purpose.pk)
    erase_identities([row.pk for row in rows], at=now)
    return len(rows)


def erase_identities(participants: Iterable[UUID], *, at: datetime) -> None:
    """Empties the identity columns and indexes of rows; what stays says only that somebody took part."""
    Participant.ungated.filter(pk__in=list(participants)).update(
        cpr=None,
        name=None,
        birth_date=None,
        address=None,
        residence_date=None,
        cpr_index=None,
        name_birth_index=None,
        check_digit_confirmed=False,
        erased_at=at,
    )


def rows_of_person(participant: Participant):
    rows = Participant.ungated.select_for_update().filter(erased_at__isnull=True).order_by("pk")
    if participant.cpr_index is not None:
        return rows.filter(cpr_index=participant.cpr_index)
    return rows.filter(pk=participant.pk)
