"""No sequence of what staff, participants and time can do leaves an identity without a consent, or loses a decision.

The site's own verbs in random order, with a clock that moves on; after each step the whole register is looked through.
A failure shows the sequence, and its seed repeats it.
"""

from contextlib import suppress
from datetime import date, timedelta
from random import Random
from uuid import UUID

import pytest

from collection.cpr import age_on, parse
from collection.models import Participant
from consent import gate
from consent.actions.count import NothingToLower, count_without_consent
from consent.actions.enrol import AlreadyRegistered, CprIdentity, NameIdentity, Start, enrol
from consent.actions.given import EnrolmentRefused, GivenConsent
from consent.actions.lapse import erase_on, lapse_due
from consent.actions.renew import refuse_again, renew
from consent.actions.texts import Earlier, create_draft, publish_version
from consent.actions.withdraw import WithdrawalRefused, withdraw
from consent.models import Audience, Decision, Kind, Method, Outcome, Purpose, Text
from consent.queries import EVALUATION
from consent.worklists import to_ask_again
from tests.factories.cast import cpr_text, make_activity, make_plan, make_text
from tests.factories.clock import Clock, today_is

pytestmark = [pytest.mark.django_db, pytest.mark.slow_on_postgres]
BEGINS = date(2015, 3, 2)
ADULT, NEARLY_15, CHILD = date(1980, 5, 5), date(2000, 4, 20), date(2001, 2, 28)
IDENTITIES: list[CprIdentity | NameIdentity] = [
    *(CprIdentity(parse(cpr_text(born), date.today()), "", check_digit_confirmed=True) for born in (ADULT, NEARLY_15)),
    *(NameIdentity("Bodil Ærenlund", born, "Birkevænget 7, Aarhus", date(2012, 6, 1)) for born in (ADULT, CHILD)),
]
SEALED = ("cpr", "name", "birth_date", "address", "residence_date", "cpr_index", "name_birth_index")
REFUSED = (EnrolmentRefused, AlreadyRegistered, WithdrawalRefused)


class Register:
    """Two plans with two activities each, a text for each age, and a clock."""

    def __init__(self, clock: Clock, seed: int):
        self.clock, self.random = clock, Random(seed)
        plans = [make_plan(), make_plan()]
        self.activities = [make_activity(plan, start=date(2010, 1, 1)) for plan in plans for _ in range(2)]
        for audience in Audience:
            make_text(audience)
        self.purpose = Purpose.objects.get(pk=EVALUATION)
        self.whose: dict[UUID, int] = {}  # participant row -> place in IDENTITIES
        self.decisions: dict[int, dict] = {}  # all that were ever seen, as they were seen
        self.said: list[tuple[UUID, Kind]] = []  # what the verbs took
        self.ends: dict[int, date | None] = {}  # by text: the day on which consents to it lapse
        self.ran_on: date | None = None  # when the night's task ran last
        self.story: list[str] = []

    def live(self, steps: int) -> None:
        verbs = {
            self.enrols: 5,
            self.says_yes_again: 3,
            self.says_no: 1,
            self.withdraws: 1,
            self.a_new_text_is_published: 1,
            self.time_goes_by: 3,
            self.somebody_without_consent_is_counted: 1,
        }
        for verb in self.random.choices(list(verbs), list(verbs.values()), k=steps):
            self.story.append(f"{self.clock.today} {verb.__name__}")
            try:
                verb()
                self.story[-1] += ": done"
            except REFUSED as refusal:
                self.story[-1] += f": {refusal}"
            self.every_decision_is_still_there_as_it_was()
            self.no_identity_is_stored_without_a_consent_at_its_time()
            self.every_consent_was_given_by_whom_it_must_be()

    # --- What can happen --------------------------------------------------------------------------------

    def enrols(self) -> None:
        who, place = self.random.randrange(len(IDENTITIES)), self.random.randrange(4)
        consent = self.consent(who, place)
        answer = self.random.choice(["same", "same", "another", "not asked"])
        person = enrol(
            by=consent.obtained_by,
            activity=self.activities[place],
            consent=consent,
            identity=IDENTITIES[who],
            start=Start(self.clock.today - timedelta(days=self.random.randrange(500)), "day", "other"),
            add_to_registered=answer == "same",
            another_person=answer == "another",
        ).participant
        self.whose[person.pk] = who
        self.said.append((person.pk, Kind.GIVEN))
        assert gate.is_usable(person.pk, EVALUATION, on=self.clock.today)  # nobody is stored on less

    def says_yes_again(self) -> None:
        person = self.somebody()
        place = next(place for place, each in enumerate(self.activities) if each.plan_id == person.plan_id)
        consent = self.consent(self.whose[person.pk], place)
        decision = renew(by=consent.obtained_by, participant=person, consent=consent)
        self.said.append((person.pk, Kind.GIVEN))
        assert gate.valid_decisions(EVALUATION, on=self.clock.today).get(participant=person) == decision

    def says_no(self) -> None:
        person = self.somebody()
        rows = self.rows_of(person)
        refuse_again(by=None, participant=person, purpose=self.purpose, refused_on=self.day())
        self.are_erased(rows, Kind.REFUSED)

    def withdraws(self) -> None:
        person = self.somebody()
        rows = self.rows_of(person)
        withdraw(by=None, participant=person, purpose=self.purpose, withdrawn_on=self.day())
        self.are_erased(rows, Kind.WITHDRAWN)

    def a_new_text_is_published(self) -> None:
        draft = create_draft(by=None, purpose=EVALUATION, audience=self.random.choice(list(Audience)))
        until = self.clock.today + timedelta(days=self.random.randrange(90))
        earlier = self.random.choice(list(Earlier))
        publish_version(by=None, version=draft, earlier=earlier, until=until if earlier == Earlier.ASK_AGAIN else None)

    def time_goes_by(self) -> None:
        self.clock.today += timedelta(days=self.random.choice([1, 20, 60, 182, 184, 400, 900]))
        if self.random.random() < 0.6:
            lapse_due()
            self.ran_on = self.clock.today

    def somebody_without_consent_is_counted(self) -> None:
        before, activity = Participant.ungated.count(), self.random.choice(self.activities)
        outcome, change = self.random.choice(list(Outcome)), self.random.choice([1, 1, -1])
        with suppress(NothingToLower):
            count_without_consent(by=activity.responsible, activity=activity, year=2015, outcome=outcome, change=change)
        assert Participant.ungated.count() == before

    # --- What must be so after each ---------------------------------------------------------------------------

    def every_decision_is_still_there_as_it_was(self) -> None:
        now = {row["id"]: row for row in Decision.objects.values()}
        assert {pk: now.get(pk) for pk in self.decisions} == self.decisions
        self.decisions = now
        answers = [row for row in now.values() if row["kind"] != Kind.LAPSED]
        assert sorted((row["participant_id"], row["kind"]) for row in answers) == sorted(self.said), self.story

    def no_identity_is_stored_without_a_consent_at_its_time(self) -> None:
        today = self.clock.today
        self.ends = dict(Text.objects.values_list("pk", "version__consents_lapse_on"))
        usable = set(gate.usable(EVALUATION, on=today).values_list("pk", flat=True))
        asked = set(to_ask_again({each.plan for each in self.activities}, today).values_list("pk", flat=True))
        for row in Participant.ungated.all():
            kind, lapse = self.stands(row)
            lapsed = lapse is not None and lapse <= today
            if row.erased_at is None:
                assert kind == Kind.GIVEN, self.story
                assert (row.pk in usable) == (not lapsed), self.story  # locked from the day of the lapse
                assert row.pk in asked or not lapsed, self.story
                over = self.ran_on == today and lapse is not None and erase_on(lapse) <= today
                assert not over, self.story  # gone after six months
            else:
                assert row.pk not in usable, self.story
                assert all(getattr(row, column) is None for column in SEALED), self.story
                in_time = kind == Kind.GIVEN and lapse is not None and erase_on(lapse) <= row.erased_at.date()
                assert in_time or kind in (Kind.WITHDRAWN, Kind.REFUSED), self.story

    def every_consent_was_given_by_whom_it_must_be(self) -> None:
        for row in Decision.objects.filter(kind=Kind.GIVEN).select_related("text__version__document"):
            age = age_on(IDENTITIES[self.whose[row.participant_id]].birth_date, row.decided_on)
            assert row.text.version.document.audience == Audience.for_age(age), self.story
            assert bool(row.guardian_relation) == bool(row.lapses_on) == (age < 15), self.story

    def are_erased(self, rows: list[Participant], kind: Kind) -> None:
        """At once, in all plans."""
        self.said += [(row.pk, kind) for row in rows]
        assert not Participant.ungated.filter(pk__in=[row.pk for row in rows], erased_at__isnull=True), self.story

    # --- Words of the above ---------------------------------------------------------------------------------------

    def day(self) -> date:
        return self.clock.today - timedelta(days=self.random.choice([0, 0, 1, 30, 200, 1200]))

    def consent(self, who: int, place: int) -> GivenConsent:
        """Mostly the newest text that fits the age."""
        day, born = self.day(), IDENTITIES[who].birth_date
        fitting = Audience.for_age(age_on(born, max(day, born)))
        audience = self.random.choice([fitting] * 5 + list(Audience))
        texts = Text.objects.filter(version__document__audience=audience, language="da")
        newest = texts.select_related("version__document").order_by("-version__number")[:2]
        text = newest[0] if len(newest) == 1 else self.random.choices(newest, (3, 1))[0]
        relation = "mother" if audience == Audience.GUARDIAN else ""
        return GivenConsent(text, Method.PAPER, day, self.activities[place].responsible, relation)

    def somebody(self) -> Participant:
        """Mostly one whose identity is held; of an erased one a page may still be open."""
        if not self.whose:
            self.enrols()
        rows = list(Participant.ungated.order_by("-registered_at", "pk"))
        held = [row for row in rows if row.erased_at is None]
        return self.random.choice(held if held and self.random.random() < 0.9 else rows)

    def rows_of(self, person: Participant) -> list[Participant]:
        """The rows of one person in all plans; by name nobody is joined."""
        if person.cpr_index is None:
            return [person]
        held = Participant.ungated.filter(erased_at__isnull=True)
        return [row for row in held if self.whose[row.pk] == self.whose[person.pk]]

    def stands(self, row: Participant) -> tuple[Kind, date | None]:
        """The answer that a row stands in, and the day on which it lapses."""
        answers = [one for one in self.decisions.values() if one["participant_id"] == row.pk]
        stands = max(
            (one for one in answers if one["kind"] != Kind.LAPSED), key=lambda one: (one["decided_on"], one["id"])
        )
        days = [stands["lapses_on"], self.ends.get(stands["text_id"])]
        return Kind(stands["kind"]), min(filter(None, days), default=None)


@pytest.mark.parametrize("seed", range(5))
def test_no_sequence_leaves_an_identity_without_consent_or_loses_a_decision(seed):
    with today_is(BEGINS) as clock:
        Register(clock, seed).live(60)


@pytest.mark.slow
@pytest.mark.parametrize("seed", range(100, 112))
def test_no_sequence_among_many_more(seed):
    with today_is(BEGINS) as clock:
        Register(clock, seed).live(120)
