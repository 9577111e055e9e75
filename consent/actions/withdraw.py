"""Withdrawal: from that moment on, in all plans' rows of the person, the identity erased."""

from datetime import UTC, date, datetime
from typing import Any

from audit.recording import audited
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
    if withdrawn_on > date.today():
        raise WithdrawalRefused("in_future")
    with audited(by=by) as log:
        rows = list(_rows_of_person(participant))
        first = (
            Decision.objects.filter(participant=participant, purpose=purpose, kind=Kind.GIVEN)
            .order_by("decided_on")
            .values_list("decided_on", flat=True)
            .first()
        )
        if first is None or withdrawn_on < first:
            raise WithdrawalRefused("before_consent")
        now = datetime.now(UTC)
        for row in rows:
            # effective from the latest decision at the earliest, or a consent given later would outlive it
            latest = Decision.objects.filter(participant=row, purpose=purpose).order_by("-decided_on").first()
            day = max(withdrawn_on, latest.decided_on) if latest else withdrawn_on
            Decision.objects.create(
                participant=row, purpose=purpose, kind=Kind.WITHDRAWN, decided_on=day, recorded_by=by, recorded_at=now
            )
            erase_identity(row, at=now)
            log("consent.withdrawn", row, plan=row.plan_id, subjects=[row.pk], purpose=purpose.pk)
    return len(rows)


def erase_identity(row: Participant, *, at: datetime) -> None:
    """Empties the identity columns and indexes of a row; what stays says only that somebody took part."""
    Participant.ungated.filter(pk=row.pk).update(
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


def _rows_of_person(participant: Participant):
    rows = Participant.ungated.select_for_update().filter(erased_at__isnull=True).order_by("pk")
    if participant.cpr_index is not None:
        return rows.filter(cpr_index=participant.cpr_index)
    return rows.filter(pk=participant.pk)
