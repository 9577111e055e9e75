"""Taking in a request of a registered person, and answering it. What is granted is carried out in the same step."""

from collections.abc import Collection
from datetime import date
from typing import Any

from django.utils import timezone

from audit.recording import Recorder, audited
from collection.models import Participant
from consent.actions.restrict import RestrictionRefused, lift_restriction, restrict
from consent.actions.withdraw import WithdrawalRefused, rows_of_person, withdraw
from consent.models import Purpose
from consent.models.restrictions import Ground
from rights.deadlines import due_on
from rights.models import Extension, IdentityProof, Kind, Outcome, RefusalGround, Request
from rights.policies import check_answer, check_extendable, check_lift, check_open

RESTRICTS = {Kind.OBJECTION: Ground.OBJECTION, Kind.RECTIFICATION: Ground.ACCURACY}


def take_in(
    *,
    by: Any,
    kind: Kind,
    people: Collection[Participant],
    received_on: date,
    identity_proof: IdentityProof | str = "",
    restricted: bool = False,
) -> Request:
    """`people`: rows of the person as they were found, or none. `restricted`: the data are only stored until a
    rectification or an objection is answered (article 18(1)(a) and (d))."""
    with audited(by=by) as log:
        rows = rows_of_person(*people) if people else []
        request = Request.objects.create(
            kind=kind,
            received_on=received_on,
            due_on=due_on(received_on),
            identity_proof=identity_proof,
            recorded_by=by,
        )
        request.people.set(rows)
        _record(log, "request.taken_in", request, rows, kind=Kind(kind).value)
        if restricted and kind in RESTRICTS:
            _restrict(rows, RESTRICTS[Kind(kind)], by)
    return request


def prove(*, by: Any, request: Request, identity_proof: IdentityProof) -> None:
    """The person has proved who they are. Raises NotAllowed."""
    with audited(by=by) as log:
        _lock(request)
        check_open(request)
        request.identity_proof = identity_proof
        request.save(update_fields=["identity_proof"])
        _record(log, "request.proved", request, request.people.all(), way=IdentityProof(identity_proof).value)


def extend(*, by: Any, request: Request, why: Extension) -> None:
    """Two more months; the person is to be told, and why. Raises NotAllowed."""
    with audited(by=by) as log:
        _lock(request)
        check_extendable(request, timezone.localdate())
        request.extension, request.due_on = why, due_on(request.received_on, extended=True)
        request.save(update_fields=["extension", "due_on"])
        _record(log, "request.extended", request, request.people.all(), why=Extension(why).value)


def answer(
    *,
    by: Any,
    request: Request,
    outcome: Outcome,
    refusal: RefusalGround | str = "",
    ground: Ground = Ground.UNLAWFUL,
) -> None:
    """Closes the request and does what is granted: erases, restricts on `ground`, or ends the use objected to.

    A restriction that an objection or a rectification brought ends with its answer. Raises NotAllowed, and
    WithdrawalRefused when an erasure can't be carried out.
    """
    with audited(by=by) as log:
        _lock(request)
        check_answer(request, outcome)
        people = list(request.people.all())
        request.outcome, request.refusal = outcome, refusal
        request.answered_on, request.answered_by = timezone.localdate(), by
        request.save(update_fields=["outcome", "refusal", "answered_on", "answered_by"])
        if outcome in (Outcome.GRANTED, Outcome.PARTLY):
            _carry_out(request, people, ground, by)
        elif request.kind in RESTRICTS:
            _lift(people, {RESTRICTS[Kind(request.kind)]}, by)
        _record(log, "request.answered", request, people, outcome=Outcome(outcome).value)


def lift(*, by: Any, request: Request) -> None:
    """The restriction that was granted is over; the person was told beforehand (article 18(3)). Raises NotAllowed."""
    with audited(by=by):
        _lock(request)
        check_lift(request)
        _lift(list(request.people.all()), set(Ground), by)


def _carry_out(request: Request, people: list[Participant], ground: Ground, by: Any) -> None:
    if request.kind == Kind.RESTRICTION:
        _restrict(people, ground, by)
    elif request.kind == Kind.RECTIFICATION:
        _lift(people, {Ground.ACCURACY}, by)
    elif request.kind in (Kind.ERASURE, Kind.OBJECTION):
        _erase(people, by)


def _erase(people: list[Participant], by: Any) -> None:
    """The use rests on consent alone: without it nothing may be kept but that somebody took part."""
    for person in people:
        person.refresh_from_db()
        for purpose in Purpose.objects.all():
            try:
                withdraw(by=by, participant=person, purpose=purpose, withdrawn_on=timezone.localdate())
            except WithdrawalRefused as refusal:
                # ended with another row of the person, or consent was never given for that purpose
                if refusal.code not in ("already_ended", "before_consent"):
                    raise


def _restrict(people: Collection[Participant], ground: Ground, by: Any) -> None:
    for person in people:
        try:
            restrict(by=by, participant=person, ground=ground)
        except RestrictionRefused:  # with another row of the person, or erased
            continue


def _lift(people: Collection[Participant], grounds: set[Ground], by: Any) -> None:
    """But for the grounds of what the person still waits to have answered."""
    rows = rows_of_person(*people)  # locked: of two answers at the same moment the later one sees the other
    waiting = Request.objects.filter(people__in=rows, outcome="", kind__in=RESTRICTS).values_list("kind", flat=True)
    over = grounds - {RESTRICTS[Kind(kind)] for kind in waiting}
    for person in rows:
        try:
            lift_restriction(by=by, participant=person, grounds=over)
        except RestrictionRefused:  # with another row of the person
            continue


def _lock(request: Request) -> None:
    """The request as it is now, until the end of the transaction."""
    request.refresh_from_db(from_queryset=Request.objects.select_for_update())


def _record(log: Recorder, action: str, request: Request, people: Any, **details: Any) -> None:
    log(action, request, subjects=[row.pk for row in people], **details)
