"""Asking again: a registered person says yes once more, or no.

A yes renews the plan's own row: other plans ask for theirs. A no ends the consent in all of them, as a withdrawal does.
"""

from datetime import date
from typing import Any

from django.db.models import Max
from django.utils import timezone

from audit.recording import audited
from collection import identities
from collection.models import Participant
from consent import gate
from consent.actions.given import EnrolmentRefused, GivenConsent, check_given, write_given
from consent.actions.withdraw import end_consent, rows_of_person
from consent.models import Decision, Kind, Purpose, Text


def renew(*, by: Any, participant: Participant, consent: GivenConsent) -> Decision:
    """Writes a new consent of somebody registered, of whatever age they are now. Unlocks a lapsed identity.

    Raises EnrolmentRefused: those of `check_given` (a text that asks again is no longer offered either), erased
    (withdrawn or erased meanwhile), decided_before_latest.
    """
    with audited(by=by) as log:
        row = gate.registered([participant.plan]).select_for_update(of=("self",)).filter(pk=participant.pk).first()
        if row is None:
            raise EnrolmentRefused("erased")
        born = identities.birth_date_of(row, by=by)
        check_given(consent, born)
        version = consent.text.version
        if version.consents_lapse_on is not None:
            raise EnrolmentRefused("text_not_published")
        _check_order(row, version.document.purpose, consent.decided_on)
        decision = write_given(row, consent, born, by=by)
        log(
            "consent.renewed",
            row,
            plan=row.plan_id,
            subjects=[row.pk],
            text=consent.text.pk,
            method=consent.method,
        )
    return decision


def refuse_again(
    *, by: Any, participant: Participant, purpose: Purpose, refused_on: date, text: Text | None = None
) -> Decision:
    """Writes a no, and erases the identity at once in all plans' rows of the person. `text`: what was said no to.

    Raises EnrolmentRefused: decided_in_future, erased, decided_before_latest.
    """
    if refused_on > timezone.localdate():
        raise EnrolmentRefused("decided_in_future")
    with audited(by=by) as log:
        rows = rows_of_person(participant)
        if participant.pk not in {row.pk for row in rows}:
            raise EnrolmentRefused("erased")
        _check_order(participant, purpose, refused_on)
        decisions = end_consent(log, rows, by=by, purpose=purpose, kind=Kind.REFUSED, on=refused_on, text=text)
    return next(decision for decision in decisions if decision.participant_id == participant.pk)


def _check_order(participant: Participant, purpose: Purpose, day: date) -> None:
    """The record of a lapse is no answer: what was said before it may come in after it."""
    said = Decision.objects.filter(participant=participant, purpose=purpose).exclude(kind=Kind.LAPSED)
    latest = said.aggregate(day=Max("decided_on"))["day"]
    if latest is not None and day < latest:
        raise EnrolmentRefused("decided_before_latest")
