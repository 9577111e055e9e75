"""Correcting who a registered person is. The row stays, and with it the person's pseudonyms.

The consent that the person stands in must fit the corrected birth date: a text for another age was never theirs to say
yes to. Where only the day on which a guardian's consent lapses changes, the consent is written again with that day.
"""

from datetime import date
from typing import Any

from django.db import IntegrityError, transaction
from django.db.models import QuerySet
from django.utils import timezone

from audit.recording import Recorder, audited
from collection import identities
from collection.cpr import Cpr, CprWarning, age_on
from collection.identities import Reason
from collection.models import Identification, Participant
from consent import gate
from consent.actions.enrol import NameIdentity, check_named
from consent.actions.given import GivenConsent, eighteenth_birthday, write_given
from consent.models import Audience, Decision, Kind, Method
from crypto.blind import lookup_values
from crypto.secret import Secret


class CorrectionRefused(Exception):
    """`code`: gone | text_does_not_fit_age | decided_before_birth."""

    def __init__(self, code: str):
        super().__init__(code)
        self.code = code


class NumberTaken(Exception):
    """Another row of the plan has the number: the two are to be merged, or the number is wrong."""

    def __init__(self, participant: Participant):
        super().__init__("number_taken")
        self.participant = participant


def set_number(*, by: Any, participant: Participant, number: Cpr) -> None:
    """Corrects the CPR number, or gives one to somebody who was known by name and address.

    A name stays as working name; address and dates are held no longer. Raises CorrectionRefused, NumberTaken.
    """
    with audited(by=by) as log:
        row = _locked(participant)
        others = gate.registered([row.plan]).exclude(pk=row.pk)
        same = others.filter(cpr_index__in=lookup_values("participant.cpr", number.digits))
        if taken := same.first():
            raise NumberTaken(taken)
        refit_consent(row, number.birth_date, by=by)
        added = row.identification != Identification.CPR
        row.name = _read(row, "name", by)  # its index is over the birth date too
        row.identification = Identification.CPR
        row.cpr = Secret(number.digits)
        row.birth_date = row.address = row.residence_date = None
        row.check_digit_confirmed = CprWarning.CHECK_DIGIT in number.warnings
        row.doubts_settled_at = None
        _save(row, same)
        _record(log, row, "participant.number_added" if added else "participant.corrected", "cpr")


def set_working_name(*, by: Any, participant: Participant, name: str) -> None:
    """The working name of somebody with a CPR number; "" for none. Raises CorrectionRefused."""
    with audited(by=by) as log:
        row = _locked(participant)
        row.name = Secret(name) if name else None
        row.cpr = _read(row, "cpr", by)
        row.save()
        _record(log, row, "participant.corrected", "name")


def set_named(*, by: Any, participant: Participant, identity: NameIdentity) -> None:
    """Name, birth date, address and residence date of somebody without a number. Raises CorrectionRefused."""
    check_named(identity)
    values = {
        "name": identity.name,
        "birth_date": identity.birth_date.isoformat(),
        "address": identity.address,
        "residence_date": identity.residence_date.isoformat(),
    }
    with audited(by=by) as log:
        row = _locked(participant)
        if row.identification != Identification.NAME_ADDRESS:
            raise CorrectionRefused("gone")
        changed = [field for field, text in values.items() if _read(row, field, by) != Secret(text)]
        if "birth_date" in changed:
            refit_consent(row, identity.birth_date, by=by)
        for field, text in values.items():
            setattr(row, field, Secret(text))
        row.save()
        _record(log, row, "participant.corrected", *changed)


def refit_consent(row: Participant, birth_date: date, *, by: Any) -> None:
    """Holds the consents that the person stands in against `birth_date`. Raises CorrectionRefused.

    A consent whose lapse changes is written again with the same facts: decisions are never overwritten.
    """
    standing = gate.standing(on=timezone.localdate()).filter(participant=row, kind=Kind.GIVEN)
    for decision in standing.select_related("text__version__document__purpose", "obtained_by"):
        if decision.decided_on < birth_date:
            raise CorrectionRefused("decided_before_birth")
        audience = Audience.for_age(age_on(birth_date, decision.decided_on))
        if decision.text.version.document.audience != audience:  # type: ignore[union-attr]  # a consent has its text
            raise CorrectionRefused("text_does_not_fit_age")
        lapses_on = eighteenth_birthday(birth_date) if audience == Audience.GUARDIAN else None
        if decision.lapses_on != lapses_on:
            write_given(row, _facts(decision), birth_date, by=by)


def _facts(decision: Decision) -> GivenConsent:
    assert decision.text is not None
    assert decision.obtained_by is not None
    return GivenConsent(
        text=decision.text,
        method=Method(decision.method),
        decided_on=decision.decided_on,
        obtained_by=decision.obtained_by,
        guardian_relation=decision.guardian_relation,
    )


def _locked(participant: Participant) -> Participant:
    """The row until the end of the transaction; erased meanwhile, it is gone."""
    found = gate.registered([participant.plan]).select_for_update(of=["self"]).filter(pk=participant.pk)
    row = found.select_related("plan").first()
    if row is None:
        raise CorrectionRefused("gone")
    return row


def _read(row: Participant, field: str, by: Any) -> Secret | None:
    return identities.read(row, field, by=by, reason=Reason.CORRECT)


def _save(row: Participant, same: QuerySet[Participant]) -> None:
    try:
        with transaction.atomic():
            row.save()
    except IntegrityError:  # somebody was registered with the number a moment ago
        taken = same.first()
        if taken is None:
            raise
        raise NumberTaken(taken) from None


def _record(log: Recorder, row: Participant, action: str, *fields: str) -> None:
    log(action, row, plan=row.plan_id, subjects=[row.pk], field=", ".join(fields))
