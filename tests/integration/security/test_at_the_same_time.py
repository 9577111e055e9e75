"""Two colleagues at the same moment: nobody is registered twice, and nobody's consent outlives their withdrawal."""

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from datetime import date
from threading import Barrier
from threading import Event as Signal

import pytest
from django.db import connection, connections
from django.utils.timezone import localdate

from audit.recording import audited
from collection.models import Participant
from consent.actions import correct, enrol, find, merge, screen, withdraw
from consent.actions.enrol import AlreadyRegistered
from consent.actions.given import EnrolmentRefused, GivenConsent
from consent.models import Decision, Kind, Method, Proof, Purpose
from consent.queries import EVALUATION, tally_sum
from tests.factories.cast import (
    make_activity,
    make_identity,
    make_name_identity,
    make_participant,
    make_participation,
    make_plan,
    make_text,
    make_user,
)
from tests.factories.screen import make_answer

pytestmark = pytest.mark.django_db(transaction=True)
WAIT = 1.5  # seconds in which a second writer would get through if nothing held it


def elsewhere(pool: ThreadPoolExecutor, work: Callable):
    def done():
        try:
            return work()
        finally:
            connections.close_all()

    return pool.submit(done)


def paused(monkeypatch, module, name: str, reached: Signal) -> None:
    """`module.name` says that it was reached, and gives others the time to overtake."""
    original = getattr(module, name)

    def slow(*args, **kwargs):
        result = original(*args, **kwargs)
        if not reached.is_set():
            reached.set()
            Signal().wait(WAIT)
        return result

    monkeypatch.setattr(module, name, slow)


def test_who_has_no_number_is_registered_once_by_two_who_save_at_the_same_time(monkeypatch):
    activity, identity, reached = make_activity(), make_name_identity(), Signal()
    make_text()
    paused(monkeypatch, enrol, "find_registered", reached)

    def save():
        make_participation(activity, identity, add_to_registered=False)

    with ThreadPoolExecutor(2) as pool:
        first = elsewhere(pool, save)
        assert reached.wait(10)
        second = elsewhere(pool, save)
        first.result()
        with pytest.raises(AlreadyRegistered):
            second.result()
    assert Participant.ungated.count() == 1


def test_a_consent_that_is_recorded_while_the_person_withdraws_is_not_given_to_the_erased_row(monkeypatch):
    activity, identity, reached = make_activity(), make_identity(), Signal()
    person = make_participant(activity, identity)
    paused(monkeypatch, withdraw, "erase_identities", reached)
    purpose = Purpose.objects.get(pk=EVALUATION)

    def take_back():
        row = Participant.ungated.get(pk=person.pk)
        withdraw.withdraw(by=activity.responsible, participant=row, purpose=purpose, withdrawn_on=date.today())

    with ThreadPoolExecutor(2) as pool:
        first = elsewhere(pool, take_back)
        assert reached.wait(10)
        second = elsewhere(pool, lambda: make_participation(activity, identity, start=date(2016, 5, 2)))
        first.result()
        joined = second.result()
    assert joined.participant_id != person.pk  # a new consent, on a row of its own
    latest = Decision.objects.filter(participant=person).order_by("pk").last()
    assert latest.kind == Kind.WITHDRAWN, connection.vendor


def test_a_withdrawal_reaches_a_person_whose_rows_are_merged_at_the_same_moment(monkeypatch):
    activity, reached = make_activity(), Signal()
    kept, other = make_participant(activity), make_participant(activity, make_name_identity())
    paused(monkeypatch, merge, "erase_identities", reached)
    purpose = Purpose.objects.get(pk=EVALUATION)

    def join():
        with audited(by=activity.responsible) as log:
            merge.merge_rows(log, by=activity.responsible, kept=kept, other=other)

    def take_back():
        withdraw.withdraw(by=activity.responsible, participant=other, purpose=purpose, withdrawn_on=date.today())

    with ThreadPoolExecutor(2) as pool:
        first = elsewhere(pool, join)
        assert reached.wait(10)
        second = elsewhere(pool, take_back)
        first.result()
        second.result()
    assert not Participant.ungated.filter(erased_at__isnull=True).exists()
    assert Decision.objects.filter(kind=Kind.WITHDRAWN).values_list("participant", flat=True).get() == kept.pk


def test_a_withdrawal_reaches_the_other_plans_of_a_number_that_is_corrected_at_the_same_moment(monkeypatch):
    activity, right, reached = make_activity(), make_identity(), Signal()
    person, elsewhere_too = make_participant(activity), make_participant(make_activity(), right)
    paused(monkeypatch, correct, "refit_consent", reached)
    purpose = Purpose.objects.get(pk=EVALUATION)

    def give_number():
        correct.set_number(by=activity.responsible, participant=person, number=right.cpr)

    def take_back():
        withdraw.withdraw(by=activity.responsible, participant=person, purpose=purpose, withdrawn_on=date.today())

    with ThreadPoolExecutor(2) as pool:
        first = elsewhere(pool, give_number)
        assert reached.wait(10)
        second = elsewhere(pool, take_back)
        first.result()
        second.result()
    assert Participant.ungated.get(pk=elsewhere_too.pk).erased_at


@pytest.fixture
def several_writers():
    if connection.vendor == "sqlite":
        pytest.skip("SQLite lets one writer in at a time, so nobody holds what another waits for.")


def take_back(person: Participant, by) -> None:
    purpose = Purpose.objects.get(pk=EVALUATION)
    withdraw.withdraw(by=by, participant=person, purpose=purpose, withdrawn_on=date.today())


def test_two_withdrawals_of_one_person_in_two_plans_end_both_where_one_finds_the_rows_by_a_merge(several_writers):
    identity, here, there, seen, overtaken = make_identity(), make_activity(), make_activity(), Signal(), Signal()
    rows = [make_participant(activity, identity) for activity in (here, there)]
    last = max(rows, key=lambda row: row.pk)
    activity = here if last is rows[0] else there
    merged = make_participant(activity, make_name_identity())  # as a page had it, before
    with audited(by=None) as log:
        merge.merge_rows(log, by=activity.responsible, kept=last, other=Participant.ungated.get(pk=merged.pk))

    def hold_the_last_row(execute, sql, params, many, context):
        result = execute(sql, params, many, context)
        if sql.endswith(("FOR NO KEY UPDATE", "FOR UPDATE")):
            rounds.append(sql)
            if len(rounds) == 2:  # the row that is kept; the next round is of the number's rows
                seen.set()
                overtaken.wait(WAIT)
        return result

    rounds: list[str] = []

    def by_the_merged_row():
        with connection.execute_wrapper(hold_the_last_row):
            take_back(merged, activity.responsible)

    with ThreadPoolExecutor(2) as pool:
        first = elsewhere(pool, by_the_merged_row)
        assert seen.wait(10)
        second = elsewhere(pool, lambda: take_back(rows[0], here.responsible))
        failed = [error for error in (first.exception(), second.exception()) if error]
    assert [str(error) for error in failed] == ["already_ended"]  # for one of the two
    assert not Participant.ungated.filter(erased_at__isnull=True).exists()
    assert Decision.objects.filter(kind=Kind.WITHDRAWN).count() == 2


def test_two_namesakes_who_withdraw_at_the_same_moment_both_get_out(several_writers, monkeypatch):
    identity, both = make_name_identity(), Barrier(2)
    people = [make_participant(make_activity(), identity) for _ in range(2)]
    ask = withdraw.namesakes.ask

    def ask_at_the_same_moment(*args, **kwargs):
        both.wait(10)
        ask(*args, **kwargs)

    monkeypatch.setattr(withdraw.namesakes, "ask", ask_at_the_same_moment)
    with ThreadPoolExecutor(2) as pool:
        for done in [elsewhere(pool, lambda person=person: take_back(person, make_user())) for person in people]:
            done.result()
    assert not Participant.ungated.filter(erased_at__isnull=True).exists()


def test_a_yes_from_the_screen_registers_one_person_when_two_are_saved_with_it_at_the_same_moment(
    monkeypatch, settings, tmp_path
):
    settings.DATA_DIR = tmp_path
    activity, reached = make_activity(), Signal()
    answer = make_answer(activity)
    consent = GivenConsent(answer.text, Method.DIGITAL, localdate(answer.answered_at), activity.responsible)
    paused(monkeypatch, screen, "add_signature", reached)

    def save():
        start = enrol.Start(activity.start, "day", "mother")
        identity = make_identity()
        enrol.enrol(
            by=activity.responsible, activity=activity, consent=consent, identity=identity, start=start, answer=answer
        )

    with ThreadPoolExecutor(2) as pool:
        first = elsewhere(pool, save)
        assert reached.wait(10)
        second = elsewhere(pool, save)
        first.result()
        with pytest.raises(EnrolmentRefused, match="answer_unusable"):
            second.result()
    assert Participant.ungated.count() == Proof.objects.count() == 1


def test_a_no_pressed_twice_at_the_same_moment_is_counted_once(monkeypatch):
    make_text()
    activity, reached = make_activity(make_plan(end=localdate())), Signal()
    sitting = make_answer(activity, answer="")
    paused(monkeypatch, screen, "count_without_consent", reached)

    def press():
        screen.answer_sitting(by=activity.responsible, sitting=sitting, answer="no")

    with ThreadPoolExecutor(2) as pool:
        first = elsewhere(pool, press)
        assert reached.wait(10)
        elsewhere(pool, press).result()
        first.result()
    assert tally_sum(activity, localdate().year, "refused") == 1


def test_searches_at_the_same_time_are_counted_one_after_the_other(monkeypatch):
    monkeypatch.setattr(find, "LIMIT", 2)
    user, digits = make_user(plans=make_plan()), make_identity().cpr.digits

    def search() -> bool:
        try:
            find.find_by_number(by=user, digits=digits)
        except find.TooManySearches:
            return False
        return True

    with ThreadPoolExecutor(6) as pool:
        asked = [elsewhere(pool, search) for _ in range(6)]
        assert [each.result() for each in asked].count(True) == 2
