"""Withdrawal: from that moment on, in all plans' rows of the person, the identity erased."""

from collections.abc import Collection, Iterable
from datetime import date, datetime
from typing import Any
from uuid import UUID

from django.db import transaction
from django.db.models import Min, Q
from django.utils import timezone

from audit.recording import Recorder, audited
from collection.models import Participant
from consent import erasures, namesakes
from consent.actions.proofs import lock_proofs
from consent.models import Decision, Kind, Purpose
from consent.signals import consent_ended


class WithdrawalRefused(Exception):
    """`code`: before_consent | in_future | already_ended (somebody else ended it meanwhile)."""

    def __init__(self, code: str):
        super().__init__(code)
        self.code = code


def withdraw(
    *,
    by: Any,
    participant: Participant,
    purpose: Purpose,
    withdrawn_on: date,
    reason: str = "",
    also: Collection[Participant] = (),
) -> Decision:
    """Withdraws the consent of the person behind `participant` for `purpose`; returns the decision for the receipt.

    The rows of the same person in other plans are found by the keyed index and erased too; the caller is not
    told whether there were any. `also`: rows of the same plan that are known by the same name and birth date, and were
    said to be this person; the plan's other namesakes were said not to be. Raises WithdrawalRefused.
    """
    if withdrawn_on > timezone.localdate():
        raise WithdrawalRefused("in_future")
    with audited(by=by) as log:
        rows = rows_of_person(participant, *also)
        own = [row for row in rows if row.plan_id == participant.plan_id]
        if not own:
            raise WithdrawalRefused("already_ended")
        given = Decision.objects.filter(participant__in=own, purpose=purpose, kind=Kind.GIVEN)
        first = given.aggregate(day=Min("decided_on"))["day"]
        if first is None or withdrawn_on < first:
            raise WithdrawalRefused("before_consent")
        ended = {row.pk for row in rows}
        others = [row for row in namesakes.in_plan(participant) if row.pk not in ended]
        decisions = end_consent(
            log,
            rows,
            by=by,
            purpose=purpose,
            kind=Kind.WITHDRAWN,
            on=withdrawn_on,
            reason=reason,
            asked=[row.pk for row in others],
        )
        decision = next((each for each in decisions if each.participant_id == participant.pk), decisions[0])
        namesakes.keep_answer(decision, others, by=by)
        return decision


def end_consent(
    log: Recorder,
    rows: list[Participant],
    *,
    by: Any,
    purpose: Purpose,
    kind: Kind,
    on: date,
    asked: Collection[UUID] = (),
    **facts: Any,
) -> list[Decision]:
    """The person's no: a decision in each of their rows, proofs locked, the identity erased. In its verb's transaction.

    `rows`: of one person, locked (`rows_of_person`). `facts`: more columns of the decisions, all of which have one
    `recorded_at`. Who else may be the same person becomes a question for the controller, unless somebody was `asked`
    about them already.
    """
    now = timezone.now()
    decisions = []
    for row in rows:
        # effective from the latest decision at the earliest, or a consent given later would outlive it
        latest = Decision.objects.filter(participant=row, purpose=purpose).order_by("-decided_on").first()
        decisions.append(
            Decision.objects.create(
                participant=row,
                purpose=purpose,
                kind=kind,
                decided_on=max(on, latest.decided_on) if latest else on,
                recorded_by=by,
                recorded_at=now,
                **facts,
            )
        )
        log(
            "consent.refused" if kind == Kind.REFUSED else "consent.withdrawn",
            row,
            plan=row.plan_id,
            subjects=[row.pk],
            purpose=purpose.pk,
        )
    namesakes.ask(log, decisions, asked=asked)
    consent_ended.send(None, rows=rows)
    ended = [row.pk for row in rows]
    lock_proofs(ended, at=now)
    erase_identities(ended, at=now)
    return decisions


def erase_identities(participants: Iterable[UUID], *, at: datetime) -> None:
    """Empties the identity columns and indexes of rows; what stays says only that somebody took part.

    Written down outside the database too, so that no backup brings them back (`consent.erasures`). In a transaction.
    """
    ids = list(participants)
    erasures.keep(ids)
    Participant.ungated.filter(pk__in=ids).update(
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


def rows_of_person(*people: Participant) -> list[Participant]:
    """The rows of the persons behind `people` in all plans whose identity is held, locked. In a transaction.

    Who was merged into another row meanwhile is found there, and who was given another number by that one.
    """
    wanted = {person.pk for person in people}
    indexes = {bytes(person.cpr_index) for person in people if person.cpr_index is not None}
    while True:
        with transaction.atomic():
            same = Q(pk__in=wanted) | Q(cpr_index__in=indexes)
            held = Participant.ungated.filter(same, erased_at__isnull=True).order_by("pk")
            rows = list(held.select_for_update(no_key=True))  # a namesake's question may refer to a row of these
            gone = Participant.ungated.filter(pk__in=wanted - {row.pk for row in rows})
            followed = {row.merged_into_id for row in gone if row.merged_into_id is not None} - wanted
            found = {bytes(row.cpr_index) for row in rows if row.pk in wanted and row.cpr_index is not None} - indexes
            if not followed and not found:
                return rows
            # Lets the rows go and takes all of them in the next round: everybody locks in the order of ids, in one
            # statement, or two withdrawals would wait for each other.
            transaction.set_rollback(True)
        wanted |= followed
        indexes |= found
