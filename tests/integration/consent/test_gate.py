"""The gate against a slow, obvious reading of the same histories."""

from datetime import UTC, date, datetime, timedelta
from random import Random

import pytest

from collection.models import Participant
from consent import gate
from consent.models import Decision, Kind, Method, Purpose
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


def _oracle(history, day, known):
    """The last of the decisions that were known and held by then, in plain words."""
    last = None
    for kind, held, at, lapses in history:  # in the order of recording: of one day's decisions the later one counts
        if held <= day and at <= known and (last is None or held >= last[0]):
            last = held, kind, lapses
    if last is None:
        return False
    _, kind, lapses = last
    return kind == Kind.GIVEN and (lapses is None or lapses > day)


@pytest.mark.parametrize("seed", range(8))
def test_the_gate_answers_as_the_oracle_on_random_histories(plan, decide, seed):
    random = Random(seed)
    histories = {}
    for n in range(40):
        someone = person(plan, n)
        history = []
        for _ in range(random.randrange(6)):
            held = random.randrange(12)
            lapses = random.choice([None, None, held + random.randrange(1, 8)])
            history.append((random.choice(list(Kind)), held, held + random.randrange(4), lapses))
        for kind, held, known, lapses in history:
            decide(someone, kind, held, known, lapses=lapses)
        histories[someone.pk] = history
    for _ in range(20):
        day, known = random.randrange(16), random.randrange(16)
        on, at = FIRST_DAY + timedelta(days=day), START + timedelta(days=known)
        found = set(gate.usable(EVALUATION, on=on, known_at=at).values_list("pk", flat=True))
        assert found == {pk for pk, history in histories.items() if _oracle(history, day, known)}
        streamed = set(gate.valid_decisions(EVALUATION, on=on, known_at=at).values_list("participant", flat=True))
        assert streamed == found
