"""The gate against a slow, obvious reading of 10,000 random histories."""

from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from random import Random
from uuid import UUID

import pytest
from django.db import connection

from collection.models import Activity, Participant, Participation
from consent import gate
from consent.models import Audience, Decision, Document, Kind, Method, Purpose, Restriction, Text, Version
from consent.models.restrictions import Ground
from consent.queries import EVALUATION, consent_status, latest_decisions
from crypto.secret import Secret
from tests.factories.cast import cpr_text, make_activity, make_text

pytestmark = [pytest.mark.django_db, pytest.mark.slow_on_postgres]
FIRST_DAY = date(2016, 1, 1)
START = datetime(2016, 1, 1, 12, tzinfo=UTC)
DAYS = 14  # few, so that much falls on one day
PURPOSES = (EVALUATION, "other")
HISTORIES = 10_000
# of each text: the day on which consents to it lapse, and the day on which that became known
TEXTS: list[tuple[int, int] | None] = [None, None, (5, 9), (8, 3), (12, 12)]


@dataclass(frozen=True)
class Fact:
    """A decision, its days counted from FIRST_DAY and START."""

    purpose: str
    kind: Kind
    held: int
    known: int
    text: int
    lapses: int | None


# --- The oracle: a person reading the file from the top -------------------------------------------------------


def reading(history: list[Fact], purpose: str, day: int, known: int) -> tuple[int, Kind] | None:
    """The place of the fact that the person stands on, and what it means on `day`, as far as known on day `known`."""
    stands = None
    for place, fact in enumerate(history):  # in the order of recording
        if fact.purpose != purpose or fact.held > day or fact.known > known:
            continue
        if fact.kind == Kind.LAPSED:  # a note that time ran out; it decides nothing
            continue
        if stands is None or fact.held >= history[stands].held:  # of one day's decisions the later recorded one counts
            stands = place
    if stands is None:
        return None
    fact = history[stands]
    if fact.kind != Kind.GIVEN:
        return stands, fact.kind
    if fact.lapses is not None and fact.lapses <= day:
        return stands, Kind.LAPSED
    ends = TEXTS[fact.text]
    if ends is not None and ends[0] <= day and ends[1] <= known:
        return stands, Kind.LAPSED
    return stands, Kind.GIVEN


def is_restricted(span: tuple[int, int | None] | None, known: int) -> bool:
    """Whether a person's data were only stored, as far as known on day `known`. `span`: first day, and the day on which
    it was lifted, if it was."""
    return span is not None and span[0] <= known and (span[1] is None or span[1] > known)


# --- Random histories, loaded at once -------------------------------------------------------------------------


def random_history(random: Random) -> list[Fact]:
    facts = []
    for _ in range(random.choices(range(7), (1, 3, 4, 3, 2, 1, 1))[0]):
        held = random.randrange(DAYS)
        facts.append(
            Fact(
                purpose=random.choices(PURPOSES, (4, 1))[0],
                kind=random.choices(list(Kind), (6, 1, 2, 1))[0],
                held=held,
                known=held + random.choice((0, 0, 0, 1, 2, 5)),
                text=random.randrange(len(TEXTS)),
                lapses=random.choice((None, None, held + random.randrange(1, 8))),
            )
        )
    return sorted(facts, key=lambda fact: fact.known)


@dataclass
class World:
    histories: dict[UUID, list[Fact]]
    decisions: dict[UUID, list[int]]
    held: set[UUID]
    restricted: dict[UUID, tuple[int, int | None]]


def load(random: Random, count: int) -> World:
    """Half of the people are erased: of them only the decisions are left."""
    Purpose.objects.create(code="other", name_da="Andet", name_en="Other")
    activity, texts = make_activity(), [_text(ends) for ends in TEXTS]
    people = [
        Participant(plan_id=activity.plan_id, identification="cpr", erased_at=START)
        if n % 2
        else Participant(
            plan_id=activity.plan_id,
            identification="cpr",
            cpr=Secret(cpr_text(date(1970, 3, 3) + timedelta(days=n // 400), n % 400 // 2 * 2)),
        )
        for n in range(count)
    ]
    Participant.ungated.bulk_create(people, batch_size=2000)
    histories = {person.pk: random_history(random) for person in people}
    rows = [
        Decision(
            participant_id=person,
            purpose_id=fact.purpose,
            text=texts[fact.text],
            kind=fact.kind,
            decided_on=FIRST_DAY + timedelta(days=fact.held),
            method=Method.PAPER,
            obtained_by=activity.responsible,
            lapses_on=None if fact.lapses is None else FIRST_DAY + timedelta(days=fact.lapses),
            recorded_at=START + timedelta(days=fact.known),
        )
        for person, history in histories.items()
        for fact in history
    ]
    Decision.objects.bulk_create(rows, batch_size=2000)
    decisions: dict[UUID, list[int]] = {person: [] for person in histories}
    for pk, person in Decision.objects.order_by("pk").values_list("pk", "participant"):
        decisions[person].append(pk)
    Participation.ungated.bulk_create(
        [Participation(participant=person, activity=activity, start=FIRST_DAY, role="mother") for person in people],
        batch_size=2000,
    )
    spans = {
        person.pk: (first, random.choice((None, first + random.randrange(1, DAYS))))
        for person in random.sample(people, count // 20)
        for first in [random.randrange(DAYS)]
    }
    Restriction.objects.bulk_create(
        Restriction(
            participant_id=person,
            ground=random.choice(list(Ground)),
            restricted_at=START + timedelta(days=first),
            restricted_by=activity.responsible,
            lifted_at=None if lifted is None else START + timedelta(days=lifted),
            lifted_by=None if lifted is None else activity.responsible,
        )
        for person, (first, lifted) in spans.items()
    )
    if connection.vendor == "postgresql":
        with connection.cursor() as cursor:
            cursor.execute("ANALYZE")  # as the server does by itself; without it a join may go through all pairs
    return World(histories, decisions, {person.pk for person in people if person.erased_at is None}, spans)


def _text(ends: tuple[int, int] | None) -> Text:
    make_text()
    document = Document.objects.get(purpose=EVALUATION, audience=Audience.ADULT)
    version = Version.objects.create(document=document, number=Version.objects.count() + 1, published_at=START)
    if ends:
        version.consents_lapse_on = FIRST_DAY + timedelta(days=ends[0])
        version.lapse_known_at = START + timedelta(days=ends[1])
        version.save()
    return Text.objects.create(version=version, language="da", title="T", body="B", sha256=Text.hash_of("T", "B"))


# --- The same questions to both ----------------------------------------------------------------------------------


@pytest.mark.parametrize("seed", [20160101])
def test_the_gate_answers_as_the_oracle_on_random_histories(seed):
    compare(Random(seed), HISTORIES, questions=16)


@pytest.mark.slow
@pytest.mark.parametrize("seed", range(2))
def test_the_gate_answers_as_the_oracle_on_many_more(seed):
    compare(Random(seed), 2 * HISTORIES, questions=30)


def compare(random: Random, count: int, *, questions: int) -> None:
    world = load(random, count)
    for _ in range(questions):
        purpose, day = random.choice(PURPOSES), random.randrange(DAYS + 8)
        known = random.choice([None, random.randrange(DAYS + 6)])
        on = FIRST_DAY + timedelta(days=day)
        known_at = None if known is None else START + timedelta(days=known)
        read = {
            person: told
            for person, history in world.histories.items()
            if (told := reading(history, purpose, day, 999 if known is None else known))
        }
        yes = {person: world.decisions[person][place] for person, (place, kind) in read.items() if kind == Kind.GIVEN}
        valid = gate.valid_decisions(purpose, on=on, known_at=known_at)
        assert dict(valid.values_list("participant", "pk")) == yes
        usable = gate.usable(purpose, on=on, known_at=known_at)
        day_known = 999 if known is None else known
        stored = {person for person, span in world.restricted.items() if is_restricted(span, day_known)}
        assert set(usable.values_list("pk", flat=True)) == yes.keys() & world.held - stored
        someone = random.choice(list(world.histories))
        assert gate.had_consent(someone, purpose, on=on, known_at=known_at) == (someone in yes)
        if known is None:
            counted = gate.participations_by_consent(purpose, Activity.objects.all(), on=on)
            states = dict(counted.values_list("participant", "consent"))
            assert states == {person: read[person][1] if person in read else None for person in world.histories}
    the_end = FIRST_DAY + timedelta(days=99)
    people = random.sample(list(world.histories), 500)
    latest = latest_decisions(Participant.ungated.filter(pk__in=people))
    for person in people:
        told = reading(world.histories[person], EVALUATION, 99, 999)
        assert consent_status(latest.get(person), the_end) == (told and told[1])
