"""Enrolment: participant, identity and decision are written together or not at all."""

from dataclasses import dataclass, field
from datetime import date
from uuid import UUID, uuid5

from django.db import IntegrityError, transaction
from django.db.models import Q
from django.utils import timezone

from accounts.models import User
from audit.recording import audited
from collection.cpr import Cpr
from collection.models import Activity, Identification, Participant, Participation, Plan
from collection.names import name_birth_key
from collection.texts import has_cpr_shape, one_line, says_nothing
from consent import gate
from consent.actions.given import EnrolmentRefused, GivenConsent, check_given, write_given
from consent.actions.screen import use_answer
from consent.models import Outcome, ScreenAnswer, Tally
from consent.queries import tally_sum
from crypto.blind import blind_index, lookup_values
from crypto.secret import Secret


class AlreadyRegistered(EnrolmentRefused):
    """The person has a row in this plan, or people of the same name and birth date have; it takes an answer."""

    def __init__(self, participants: list[Participant]):
        super().__init__("already_registered")
        self.participants = participants


@dataclass(frozen=True, repr=False)
class CprIdentity:
    cpr: Cpr
    working_name: str = ""
    check_digit_confirmed: bool = False

    @property
    def birth_date(self) -> date:
        return self.cpr.birth_date


@dataclass(frozen=True, repr=False)
class NameIdentity:
    name: str
    birth_date: date
    address: str
    residence_date: date


@dataclass(frozen=True)
class Start:
    """When somebody began, how exactly that is known, and as what in the family."""

    day: date
    precision: str
    role: str
    end: date | None = field(default=None)


def find_registered(
    activity: Activity, identity: CprIdentity | NameIdentity, *, lock: bool = False
) -> list[Participant]:
    """Rows of the activity's plan that are this person, or by name and birth date may be.

    `lock`: in a transaction, until its end; who is being erased meanwhile is waited for and then not found.

    By CPR number there is one at most. An oracle: only after an authorised save, limited and audited
    (`consent.actions.tell`).
    """
    if isinstance(identity, CprIdentity):
        same = Q(cpr_index__in=lookup_values("participant.cpr", identity.cpr.digits))
    else:
        key = name_birth_key(identity.name, identity.birth_date)
        same = Q(name_birth_index__in=lookup_values("participant.name_birth", key))
    rows = Participant.ungated.filter(same, plan=activity.plan_id).order_by("pk")  # the order of locks, as everywhere
    found = rows.select_for_update() if lock else rows
    return sorted(found, key=lambda row: row.registered_at)


def enrol(
    *,
    by: User,
    activity: Activity,
    consent: GivenConsent,
    identity: CprIdentity | NameIdentity,
    start: Start,
    add_to_registered: bool = False,
    chosen: UUID | None = None,
    another_person: bool = False,
    was_counted_as: str = "",
    counted_year: int | None = None,
    answer: ScreenAnswer | None = None,
    form_id: UUID | None = None,
) -> Participation:
    """Writes participant, decision and participation in one transaction.

    `form_id`: of the form that was filled in. Sent again as it was, because its answer was lost on the way, it
    registers nobody a second time: what was registered is returned.

    `add_to_registered`: the person is known in this plan; the participation and decision go to that row. Where
    several people share name and birth date, `chosen` is the id of theirs. `another_person`: somebody else than
    those of the same name and birth date (never of the same CPR number).
    `was_counted_as`: an Outcome under which the person had been counted without consent; that count falls by one,
    in `counted_year` or else the year of the start.
    `answer`: the yes from the screen that `consent` is of; it is used up, its signature kept as the proof.
    Raises AlreadyRegistered, or EnrolmentRefused with a code: those of `check_given`, text_unfit,
    already_in_activity, decided_before_latest (the person's later decision has lapsed: they are to be asked again),
    answer_unusable.
    """
    if isinstance(identity, NameIdentity):
        check_named(identity)
    check_given(consent, identity.birth_date)
    with audited(by=by) as log:
        if isinstance(identity, NameIdentity):  # namesakes may share an index, so no constraint stops a second row
            Plan.objects.select_for_update(no_key=True).get(pk=activity.plan_id)
        registered = find_registered(activity, identity, lock=True)
        if form_id and (sent := _sent_before(form_id, by, activity, identity, start)):
            return sent
        if another_person and isinstance(identity, NameIdentity):
            registered = []
        if registered and not add_to_registered:
            raise AlreadyRegistered(registered)
        participant = next((row for row in registered if chosen in (None, row.pk)), None)
        if registered and participant is None:
            raise AlreadyRegistered(registered)
        known = participant is not None
        if participant is None:
            participant = _new_participant(activity, identity)
            try:
                with transaction.atomic():
                    participant.save(force_insert=True)
            except IntegrityError:  # somebody saved the same person a moment ago
                if form_id and (sent := _sent_before(form_id, by, activity, identity, start)):
                    return sent
                registered = find_registered(activity, identity)
                if not registered:
                    raise
                raise AlreadyRegistered(registered) from None
        decision = write_given(participant, consent, identity.birth_date, by=by)
        if known and not gate.had_consent(participant.pk, decision.purpose_id, on=timezone.localdate()):
            raise EnrolmentRefused("decided_before_latest")
        participation = Participation(
            participant=participant,
            activity=activity,
            start=start.day,
            start_precision=start.precision,
            end=start.end,
            role=start.role,
        )
        if form_id:
            participation.pk = _ids_of(form_id, by, activity, identity, start)[-1]
        try:
            with transaction.atomic():
                participation.save(force_insert=True)
        except IntegrityError:
            raise EnrolmentRefused("already_in_activity") from None
        if answer is not None:
            use_answer(by=by, answer=answer, decision=decision)
        if was_counted_as:
            _lower_count(by, activity, counted_year or start.day.year, was_counted_as)
        log(
            "participant.joined" if known else "participant.enrolled",
            participant,
            plan=activity.plan_id,
            subjects=[participant.pk],
            activity=activity.pk,
            text=consent.text.pk,
            method=consent.method,
            identification=participant.identification,
            **({"answer": answer.pk} if answer is not None else {}),
        )
    return participation


def _sent_before(
    form_id: UUID, by: User, activity: Activity, identity: CprIdentity | NameIdentity, start: Start
) -> Participation | None:
    """What the user has registered with this very form, filled in with the same person and start."""
    ids = _ids_of(form_id, by, activity, identity, start)
    return Participation.ungated.filter(pk__in=ids).select_related("participant").first()


def _ids_of(
    form_id: UUID, by: User, activity: Activity, identity: CprIdentity | NameIdentity, start: Start
) -> list[UUID]:
    """The participation's own id keeps a form from being taken twice; the current index key's comes last.

    The person is part of it, by the keyed index: who goes back in the browser and types somebody else over the form
    that was sent has another form.
    """
    if isinstance(identity, CprIdentity):
        indexes = lookup_values("participant.cpr", identity.cpr.digits)
        current = blind_index("participant.cpr", identity.cpr.digits)
    else:
        key = f"{name_birth_key(identity.name, identity.birth_date)}|{identity.address}|{identity.residence_date}"
        indexes, current = lookup_values("participant.name_birth", key), blind_index("participant.name_birth", key)
    rest = f"{by.pk}{activity.pk}{start}"
    return [uuid5(form_id, f"{index.hex()}{rest}") for index in (*indexes, current)]


def check_named(identity: NameIdentity) -> None:
    """Raises EnrolmentRefused: text_unfit. Such a name or address would stop every delivery."""
    texts = (one_line(identity.name), one_line(identity.address))
    if any(says_nothing(text) or has_cpr_shape(text) for text in texts):
        raise EnrolmentRefused("text_unfit")


def _new_participant(activity: Activity, identity: CprIdentity | NameIdentity) -> Participant:
    if isinstance(identity, CprIdentity):
        return Participant(
            plan_id=activity.plan_id,
            identification=Identification.CPR,
            cpr=Secret(identity.cpr.digits),
            name=Secret(identity.working_name) if identity.working_name else None,
            check_digit_confirmed=identity.check_digit_confirmed,
        )
    return Participant(
        plan_id=activity.plan_id,
        identification=Identification.NAME_ADDRESS,
        name=Secret(identity.name),
        birth_date=Secret(identity.birth_date.isoformat()),
        address=Secret(identity.address),
        residence_date=Secret(identity.residence_date.isoformat()),
    )


def _lower_count(by: User, activity: Activity, year: int, outcome: str) -> None:
    """A later yes: one fewer in the earlier count, never below nought."""
    if tally_sum(activity, year, outcome) > 0:
        Tally.objects.create(activity=activity, year=year, outcome=Outcome(outcome), change=-1, recorded_by=by)
