"""The gate, promise by promise. Against an oracle over many histories: test_gate_oracle.py."""

from datetime import UTC, date, datetime, timedelta

import pytest

from collection.models import Participant
from consent import gate
from consent.actions.withdraw import erase_identities
from consent.models import Decision, Kind, Method, Purpose, Version
from consent.queries import EVALUATION
from crypto.secret import Secret
from tests.factories.cast import cpr_text, make_plan, make_text, make_user

pytestmark = pytest.mark.django_db
FIRST_DAY = date(2016, 1, 1)
START = datetime(2016, 1, 1, 12, tzinfo=UTC)


@pytest.fixture
def plan():
    return make_plan()


@pytest.fixture
def decide(plan):
    """`decide(participant, kind, day, known)`: a decision held from day number `day`, recorded on day `known`."""
    text, user = make_text(), make_user()

    def record(participant, kind, day, known=None, purpose=EVALUATION, lapses=None):
        return Decision.objects.create(
            participant=participant,
            purpose_id=purpose,
            kind=kind,
            text=text,
            method=Method.PAPER,
            obtained_by=user,
            recorded_by=user,
            decided_on=FIRST_DAY + timedelta(days=day),
            recorded_at=START + timedelta(days=day if known is None else known),
            lapses_on=None if lapses is None else FIRST_DAY + timedelta(days=lapses),
        )

    return record


def person(plan, n=0):
    return Participant.ungated.create(plan=plan, identification="cpr", cpr=Secret(cpr_text(date(1970, 3, 3), n)))


def usable(participant, day, known=None):
    known_at = None if known is None else START + timedelta(days=known)
    return gate.is_usable(participant.pk, EVALUATION, on=FIRST_DAY + timedelta(days=day), known_at=known_at)


def test_nobody_without_a_decision_is_usable(plan):
    assert not usable(person(plan), 10)


def test_a_withdrawal_closes_the_gate_from_its_day_on(plan, decide):
    someone = person(plan)
    decide(someone, Kind.GIVEN, 1)
    decide(someone, Kind.WITHDRAWN, 5)
    assert [usable(someone, day) for day in (0, 1, 4, 5, 9)] == [False, True, True, False, False]


def test_of_two_decisions_on_one_day_the_later_recorded_holds(plan, decide):
    someone = person(plan)
    decide(someone, Kind.WITHDRAWN, 3)
    decide(someone, Kind.GIVEN, 3)
    assert usable(someone, 3)


def test_what_was_not_known_yet_does_not_count(plan, decide):
    someone = person(plan)
    decide(someone, Kind.GIVEN, 1)
    decide(someone, Kind.WITHDRAWN, 3, known=8)
    assert usable(someone, 5, known=6)
    assert not usable(someone, 5, known=8)


def test_a_consent_lapses_on_its_day(plan, decide):
    someone = person(plan)
    decide(someone, Kind.GIVEN, 1, lapses=6)
    assert usable(someone, 5)
    assert not usable(someone, 6)


def test_consent_for_another_purpose_is_none(plan, decide):
    Purpose.objects.create(code="other", name_da="Andet", name_en="Other")
    someone = person(plan)
    decide(someone, Kind.GIVEN, 1, purpose="other")
    assert not usable(someone, 5)


def test_the_record_of_a_lapse_does_not_close_the_gate_for_a_consent_that_came_in_later(plan, decide):
    """Signed on day 4, while the first consent held; the lapse of that was recorded before the paper came in."""
    someone = person(plan)
    decide(someone, Kind.GIVEN, 1, lapses=5)
    decide(someone, Kind.LAPSED, 5)
    assert not usable(someone, 6)
    decide(someone, Kind.GIVEN, 4, known=9)
    assert usable(someone, 6)
    assert not usable(someone, 6, known=8)


def test_a_text_ends_its_consents_once_that_is_known(plan, decide):
    someone = person(plan)
    given = decide(someone, Kind.GIVEN, 1)
    version = Version.objects.filter(pk=given.text.version_id)
    version.update(consents_lapse_on=FIRST_DAY + timedelta(days=6), lapse_known_at=START + timedelta(days=8))
    assert usable(someone, 5)
    assert not usable(someone, 6)
    assert usable(someone, 6, known=7)


def test_what_we_knew_is_told_of_people_who_are_erased_too(plan, decide):
    someone = person(plan)
    decide(someone, Kind.GIVEN, 1)
    decide(someone, Kind.WITHDRAWN, 5)
    erase_identities([someone.pk], at=START)
    delivered = {"on": FIRST_DAY + timedelta(days=3), "known_at": START + timedelta(days=3)}
    assert gate.had_consent(someone.pk, EVALUATION, **delivered)
    assert not gate.had_consent(someone.pk, EVALUATION, on=FIRST_DAY + timedelta(days=5))
    assert not gate.is_usable(someone.pk, EVALUATION, **delivered)
