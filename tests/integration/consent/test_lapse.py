"""Consents whose time is over: on record from the next day's run, and the identity gone after six months."""

from datetime import UTC, date, datetime, timedelta

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from hypothesis import given
from hypothesis import strategies as st

from audit.models import Event
from collection.models import Participant
from consent import gate
from consent.actions import lapse
from consent.actions.given import GivenConsent, write_given
from consent.actions.lapse import erase_on, lapse_due
from consent.models import Audience, Decision, Kind, Method, Purpose, Version
from consent.queries import EVALUATION
from tests.factories.cast import make_activity, make_identity, make_participant, make_text

pytestmark = pytest.mark.django_db
BORN = date(2007, 5, 5)
COMES_OF_AGE = date(2025, 5, 5)
GONE_ON = date(2025, 11, 5)


@pytest.fixture
def child():
    return make_participant(make_activity(), make_identity(born=BORN), role="child")


def kinds(person) -> list[str]:
    return list(Decision.objects.filter(participant=person).order_by("pk").values_list("kind", flat=True))


def let_lapse(decision: Decision, on: date) -> None:
    known = datetime(2016, 1, 1, tzinfo=UTC)
    Version.objects.filter(texts=decision.text_id).update(consents_lapse_on=on, lapse_known_at=known)


def test_a_lapse_is_recorded_on_the_day_it_happened_and_once(child):
    assert lapse_due(today=COMES_OF_AGE - timedelta(days=1)) == (0, 0)
    assert lapse_due(today=COMES_OF_AGE + timedelta(days=9)) == (1, 0)
    assert lapse_due(today=COMES_OF_AGE + timedelta(days=9)) == (0, 0)
    record = Decision.objects.get(participant=child, kind=Kind.LAPSED)
    assert (record.decided_on, record.recorded_by) == (COMES_OF_AGE, None)
    event = Event.objects.get(action="consent.lapsed")
    assert [one.subject for one in event.subjects.all()] == [child.pk]


def test_an_identity_is_held_for_asking_again_and_erased_after_six_months(child):
    lapse_due(today=GONE_ON - timedelta(days=1))
    assert Participant.ungated.get(pk=child.pk).erased_at is None
    assert lapse_due(today=GONE_ON) == (0, 1)
    row = Participant.ungated.get(pk=child.pk)
    assert row.erased_at
    assert row.cpr is None
    assert row.cpr_index is None
    assert kinds(child) == ["given", "lapsed"]
    event = Event.objects.get(action="identity.erased")
    assert [one.subject for one in event.subjects.all()] == [child.pk]
    assert lapse_due(today=GONE_ON) == (0, 0)


def test_one_run_long_after_both_records_and_erases(child):
    assert lapse_due(today=GONE_ON + timedelta(days=400)) == (1, 1)


def test_the_texts_own_end_lapses_its_consents_too():
    person = make_participant()
    let_lapse(Decision.objects.get(participant=person), date(2026, 1, 31))
    assert lapse_due(today=date(2026, 1, 30)) == (0, 0)
    assert lapse_due(today=date(2026, 7, 30)) == (1, 0)
    assert Decision.objects.get(participant=person, kind=Kind.LAPSED).decided_on == date(2026, 1, 31)
    assert lapse_due(today=date(2026, 7, 31)) == (0, 1)


def test_of_two_ends_the_earlier_one_counts_and_is_recorded_once(child):
    let_lapse(Decision.objects.get(participant=child), COMES_OF_AGE + timedelta(days=5))
    assert lapse_due(today=COMES_OF_AGE + timedelta(days=1)) == (1, 0)
    assert lapse_due(today=COMES_OF_AGE + timedelta(days=9)) == (0, 0)
    assert Decision.objects.get(participant=child, kind=Kind.LAPSED).decided_on == COMES_OF_AGE


def test_a_consent_that_came_in_late_has_its_own_lapse_on_record(child):
    """Signed before the first one lapsed, registered after that was on record, and its text ends later."""
    lapse_due(today=COMES_OF_AGE)
    own = GivenConsent(
        make_text(Audience.YOUTH), Method.PAPER, COMES_OF_AGE - timedelta(days=9), Decision.objects.first().obtained_by
    )
    let_lapse(write_given(child, own, BORN, by=None), date(2025, 10, 1))
    assert lapse_due(today=date(2025, 9, 30)) == (0, 0)
    assert lapse_due(today=date(2025, 10, 1)) == (1, 0)
    assert lapse_due(today=date(2025, 10, 2)) == (0, 0)
    assert kinds(child) == ["given", "lapsed", "given", "lapsed"]


def test_who_said_yes_again_keeps_their_identity(child):
    lapse_due(today=COMES_OF_AGE)
    yes = GivenConsent(
        make_text(), Method.PAPER, COMES_OF_AGE + timedelta(days=30), Decision.objects.first().obtained_by
    )
    write_given(child, yes, BORN, by=None)
    assert lapse_due(today=GONE_ON + timedelta(days=30)) == (0, 0)


def test_a_consent_for_another_purpose_keeps_the_identity(child):
    given = Decision.objects.get(participant=child)
    given.pk, given.purpose, given.lapses_on = None, Purpose.objects.create(code="other"), None
    given.save(force_insert=True)
    assert lapse_due(today=GONE_ON) == (1, 0)


def test_it_makes_no_difference_to_the_gate_whether_the_task_has_run(child):
    def answers():
        return [
            gate.had_consent(child.pk, EVALUATION, on=COMES_OF_AGE + timedelta(days=day)) for day in (-1, 0, 1, 400)
        ]

    before = answers()
    lapse_due(today=GONE_ON)
    assert answers() == before == [True, False, False, False]


def test_many_are_taken_page_by_page(monkeypatch):
    monkeypatch.setattr(lapse, "AT_ONCE", 3)
    monkeypatch.setattr(lapse, "LOOKED_UP", 7)
    activity = make_activity()
    people = [make_participant(activity, make_identity(born=BORN)) for _ in range(10)]
    with CaptureQueriesContext(connection) as captured:
        assert lapse_due(today=GONE_ON) == (10, 10)
    assert all(kinds(person) == ["given", "lapsed"] for person in people)
    assert len(captured) < 130
    assert Event.objects.filter(action="identity.erased").count() == 4


@given(st.dates(date(2000, 1, 1), date(2090, 1, 1)), st.integers(0, 400))
def test_six_months_are_never_shortened_and_go_with_the_calendar(day, later):
    assert 181 <= (erase_on(day) - day).days <= 184
    assert erase_on(day) <= erase_on(day + timedelta(days=later))
    assert erase_on(date(2025, 8, 31)) == date(2026, 2, 28)
