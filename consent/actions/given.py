"""A given consent: what makes it one, and its decision. Enrolment and asking again write it the same way."""

from dataclasses import dataclass
from datetime import date
from typing import Any

from django.utils import timezone

from accounts.models import User
from collection.cpr import age_on
from collection.models import Participant
from consent.models import Audience, Decision, Kind, Method, Text


class EnrolmentRefused(Exception):
    """An enrolment or a consent that may not be written; `code` says why."""

    def __init__(self, code: str):
        super().__init__(code)
        self.code = code


@dataclass(frozen=True)
class GivenConsent:
    """The facts of a consent. `guardian_relation` for a child under 15 only."""

    text: Text
    method: Method
    decided_on: date
    obtained_by: User
    guardian_relation: str = ""


def eighteenth_birthday(birth_date: date) -> date:
    """Somebody born on 29 February comes of age on 1 March."""
    try:
        return birth_date.replace(year=birth_date.year + 18)
    except ValueError:
        return date(birth_date.year + 18, 3, 1)


def check_given(consent: GivenConsent, birth_date: date, *, today: date | None = None) -> None:
    """Refuses a consent that nobody may be registered on. `today`: asked once by who checks many.

    Raises EnrolmentRefused: text_not_published, decided_in_future, decided_before_birth, text_does_not_fit_age,
    guardian_relation_missing, guardian_relation_not_needed, consent_lapsed (its time is over already).
    """
    version, today = consent.text.version, today or timezone.localdate()
    if version.published_at is None or version.ended_at is not None:
        raise EnrolmentRefused("text_not_published")
    if consent.decided_on > today:
        raise EnrolmentRefused("decided_in_future")
    if consent.decided_on < birth_date:
        raise EnrolmentRefused("decided_before_birth")
    audience = _audience(consent, birth_date)
    if version.document.audience != audience:
        raise EnrolmentRefused("text_does_not_fit_age")
    if audience == Audience.GUARDIAN and not consent.guardian_relation:
        raise EnrolmentRefused("guardian_relation_missing")
    if audience != Audience.GUARDIAN and consent.guardian_relation:
        raise EnrolmentRefused("guardian_relation_not_needed")
    ends = [_lapses_on(consent, birth_date), version.consents_lapse_on]
    if any(day and day <= today for day in ends):
        raise EnrolmentRefused("consent_lapsed")


def write_given(participant: Participant, consent: GivenConsent, birth_date: date, *, by: Any) -> Decision:
    """The decision of a checked consent."""
    return Decision.objects.create(
        participant=participant,
        purpose=consent.text.version.document.purpose,
        text=consent.text,
        kind=Kind.GIVEN,
        decided_on=consent.decided_on,
        method=consent.method,
        obtained_by=consent.obtained_by,
        guardian_relation=consent.guardian_relation,
        lapses_on=_lapses_on(consent, birth_date),
        recorded_by=by,
        recorded_at=timezone.now(),
    )


def _audience(consent: GivenConsent, birth_date: date) -> Audience:
    return Audience.for_age(age_on(birth_date, consent.decided_on))


def _lapses_on(consent: GivenConsent, birth_date: date) -> date | None:
    """A guardian's consent lasts until the child comes of age."""
    return eighteenth_birthday(birth_date) if _audience(consent, birth_date) == Audience.GUARDIAN else None
