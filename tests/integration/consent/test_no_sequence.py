"""No sequence of what staff, participants and time can do leaves an identity without a consent, or loses a decision.

The site's own verbs, in any order, with a clock that moves on. After each step the whole register is looked through.
"""

from collections.abc import Callable
from contextlib import suppress
from datetime import date, timedelta
from uuid import UUID

import pytest
from django.db import transaction
from hypothesis import HealthCheck, settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, rule, run_state_machine_as_test

from collection.cpr import age_on, parse
from collection.models import Activity, Participant
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
from tests.factories.clock import today_is

pytestmark = pytest.mark.django_db
BEGINS = date(2015, 3, 2)
ADULT, NEARLY_15, CHILD = date(1980, 5, 5), date(2000, 4, 20), date(2001, 2, 28)
IDENTITIES: list[CprIdentity | NameIdentity] = [
    *(CprIdentity(parse(cpr_text(born), date.today()), "", check_digit_confirmed=True) for born in (ADULT, NEARLY_15)),
    *(
        NameIdentity("Bodil Ærenlund", born, "Birkevænget 7, 8000 Aarhus C", date(2012, 6, 1))
        for born in (ADULT, CHILD)
    ),
]
SEALED = ("cpr", "name", "birth_date", "address", "residence_date", "cpr_index", "name_birth_index")
REFUSALS = (EnrolmentRefused, AlreadyRegistered, WithdrawalRefused)

people = st.integers(0, len(IDENTITIES) - 1)
audiences = st.sampled_from([None, None, None, *Audience])  # mostly the one that fits
places = st.integers(0, 3)
answers = st.sampled_from(["same", "same", "another", None])  # whether the registered person is this one
ago = st.sampled_from([0, 0, 1, 30, 200, 1200]).map(lambda days: timedelta(days=days))
olds = st.sampled_from([0, 0, 0, 1])  # how many versions older than the newest the text is


class Register(RuleBasedStateMachine):
    activities: list[Activity]

    def __init__(self):
        super().__init__()
        self.rolled_back = transaction.atomic()
        self.rolled_back.__enter__()
        self.moved = today_is(BEGINS)
        self.clock = self.moved.__enter__()
        self.whose: dict[UUID, int] = {}  # participant row -> place in IDENTITIES
        self.decisions: dict[int, dict] = {}  # all that were ever seen, as they were seen
        self.said: list[tuple[UUID, Kind]] = []  # what the verbs took
        self.ends: dict[int, date | None] = {}  # by text: the day on which consents to it lapse
        self.ran_on: date | None = None  # when the night's task ran last

    def teardown(self):
        self.moved.__exit__(None, None, None)
        transaction.set_rollback(True)
        self.rolled_back.__exit__(None, None, None)

    # --- What can happen --------------------------------------------------------------------------------

    @initialize(who=people, place=places)
    def somebody_is_there(self, who, place):
        self.enrols(who, place, timedelta(0), None, 0, None)

    @rule(who=people, place=places, ago=ago, audience=audiences, older=olds, answer=answers)
    def enrols(self, who, place, ago, audience, older, answer):
        identity, consent = IDENTITIES[who], self.consent(who, place, ago, audience, older)
        if consent is None:
            return
        try:
            participant = enrol(
                by=consent.obtained_by,
                activity=self.activities[place],
                consent=consent,
                identity=identity,
                start=Start(consent.decided_on, "day", "other"),
                add_to_registered=answer == "same",
                another_person=answer == "another",
            ).participant
        except REFUSALS:
            return
        self.whose[participant.pk] = who
        self.said.append((participant.pk, Kind.GIVEN))
        assert gate.is_usable(participant.pk, EVALUATION, on=self.clock.today)  # nobody is stored on less

    @rule(nth=st.integers(0, 5), ago=ago, audience=audiences, older=olds)
    def says_yes_again(self, nth, ago, audience, older):
        if (row := self.row(nth)) is None:
            return
        place = next(place for place, activity in enumerate(self.activities) if activity.plan_id == row.plan_id)
        consent = self.consent(self.whose[row.pk], place, ago, audience, older)
        if consent is not None:
            by, today = consent.obtained_by, self.clock.today

            def renewed() -> list[Participant]:
                decision = renew(by=by, participant=row, consent=consent)
                assert gate.valid_decisions(EVALUATION, on=today).get(participant=row) == decision
                return [row]

            self.attempt(row, Kind.GIVEN, renewed)

    @rule(nth=st.integers(0, 5), ago=ago)
    def says_no(self, nth, ago):
        if row := self.row(nth):
            same, day = self.rows_of(row), self.clock.today - ago
            answer = {"purpose": Purpose.objects.get(pk=EVALUATION), "refused_on": day}
            self.attempt(row, Kind.REFUSED, lambda: refuse_again(by=None, participant=row, **answer) and same)

    @rule(nth=st.integers(0, 5), ago=ago)
    def withdraws(self, nth, ago):
        if row := self.row(nth):
            same, day = self.rows_of(row), self.clock.today - ago
            answer = {"purpose": Purpose.objects.get(pk=EVALUATION), "withdrawn_on": day}
            self.attempt(row, Kind.WITHDRAWN, lambda: withdraw(by=None, participant=row, **answer) and same)

    @rule(audience=st.sampled_from(Audience), earlier=st.sampled_from(Earlier), days=st.integers(0, 90))
    def a_new_text_is_published(self, audience, earlier, days):
        draft = create_draft(by=None, purpose=EVALUATION, audience=audience)
        until = self.clock.today + timedelta(days=days) if earlier == Earlier.ASK_AGAIN else None
        publish_version(by=None, version=draft, earlier=earlier, until=until)

    @rule(days=st.sampled_from([1, 20, 60, 182, 184, 400, 1100]), night=st.booleans())
    def time_goes_by(self, days, night):
        self.clock.today += timedelta(days=days)
        if night:
            lapse_due()
            self.ran_on = self.clock.today

    @rule(place=places, outcome=st.sampled_from(Outcome), change=st.sampled_from([1, 1, -1]))
    def somebody_without_consent_is_counted(self, place, outcome, change):
        before = Participant.ungated.count()
        activity = self.activities[place]
        with suppress(NothingToLower):
            count_without_consent(by=activity.responsible, activity=activity, year=2015, outcome=outcome, change=change)
        assert Participant.ungated.count() == before

    # --- What must be so after each ---------------------------------------------------------------------------

    @invariant()
    def every_decision_is_still_there_as_it_was(self):
        now = {row["id"]: row for row in Decision.objects.values()}
        assert {pk: now.get(pk) for pk in self.decisions} == self.decisions
        self.decisions = now
        answers = [row for row in now.values() if row["kind"] != Kind.LAPSED]
        assert sorted((row["participant_id"], row["kind"]) for row in answers) == sorted(self.said)

    @invariant()
    def no_identity_is_stored_without_a_consent_at_its_time(self):
        today = self.clock.today
        self.ends = dict(Text.objects.values_list("pk", "version__consents_lapse_on"))
        usable = set(gate.usable(EVALUATION, on=today).values_list("pk", flat=True))
        asked = set(to_ask_again({one.plan for one in self.activities}, today).values_list("pk", flat=True))
        for row in Participant.ungated.all():
            stands, lapse = self.stands(row)
            lapsed = lapse is not None and lapse <= today
            if row.erased_at is None:
                assert stands["kind"] == Kind.GIVEN
                assert (row.pk in usable) == (not lapsed)  # locked from the day of the lapse
                assert row.pk in asked or not lapsed
                assert not (self.ran_on == today and lapse and erase_on(lapse) <= today)  # gone after six months
            else:
                assert row.pk not in usable
                assert all(getattr(row, column) is None for column in SEALED)
                assert stands["kind"] in (Kind.WITHDRAWN, Kind.REFUSED) or erase_on(lapse) <= row.erased_at.date()

    @invariant()
    def every_consent_was_given_by_whom_it_must_be(self):
        for row in Decision.objects.filter(kind=Kind.GIVEN).select_related("text__version__document"):
            age = age_on(IDENTITIES[self.whose[row.participant_id]].birth_date, row.decided_on)
            assert row.text.version.document.audience == Audience.for_age(age)
            assert bool(row.guardian_relation) == bool(row.lapses_on) == (age < 15)

    # --- Words of the above ---------------------------------------------------------------------------------------

    def consent(
        self, who: int, place: int, ago: timedelta, audience: Audience | None, older: int
    ) -> GivenConsent | None:
        day = self.clock.today - ago
        born = IDENTITIES[who].birth_date
        fitting = Audience.for_age(age_on(born, max(day, born)))
        texts = Text.objects.filter(version__document__audience=audience or fitting, language="da")
        text = texts.select_related("version__document").order_by("-version__number")[older : older + 1].first()
        by = self.activities[place].responsible
        relation = "mother" if fitting == Audience.GUARDIAN else ""
        return text and GivenConsent(text, Method.PAPER, day, by, relation)

    def row(self, nth: int) -> Participant | None:
        """Some row, erased ones too: a page may be open on it."""
        rows = list(Participant.ungated.order_by("registered_at", "pk"))
        return rows[nth % len(rows)] if rows else None

    def rows_of(self, row: Participant) -> list[Participant]:
        """The rows of the person behind `row`, in all plans; by name nobody is joined."""
        if row.cpr_index is None:
            return [row]
        held = Participant.ungated.filter(erased_at__isnull=True)
        return [other for other in held if self.whose[other.pk] == self.whose[row.pk]]

    def attempt(self, row: Participant, kind: Kind, verb: Callable[[], list[Participant]]) -> None:
        try:
            rows = verb()
        except REFUSALS:
            return
        self.said += [(each.pk, kind) for each in rows]
        for each in rows:
            each.refresh_from_db()
            assert (each.erased_at is None) == (kind == Kind.GIVEN)

    def stands(self, row: Participant) -> tuple[dict, date | None]:
        """The answer that a row stands in, and the day on which it lapses."""
        answers = [one for one in self.decisions.values() if one["participant_id"] == row.pk]
        stands = max(
            (one for one in answers if one["kind"] != Kind.LAPSED), key=lambda one: (one["decided_on"], one["id"])
        )
        days = [stands["lapses_on"], self.ends.get(stands["text_id"])]
        return stands, min(filter(None, days), default=None)


@pytest.fixture
def register():
    """Two plans with two activities each; a text for each age."""
    plans = [make_plan(), make_plan()]
    Register.activities = [make_activity(plan, start=date(2013, 1, 1)) for plan in plans for _ in range(2)]
    for audience in Audience:
        make_text(audience)
    return Register


def run(machine: type[Register], examples: int, steps: int) -> None:
    run_state_machine_as_test(
        machine,
        settings=settings(
            max_examples=examples,
            stateful_step_count=steps,
            deadline=None,
            suppress_health_check=list(HealthCheck),
            print_blob=True,
        ),
    )


def test_no_sequence_leaves_an_identity_without_consent_or_loses_a_decision(register):
    run(register, 6, 60)


@pytest.mark.slow
def test_no_sequence_among_many_more(register):
    run(register, 200, 80)
