"""Two rows of one person become one: nothing is lost, nobody who left comes back, codes and recalls follow."""

from datetime import date, timedelta
from random import Random

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from accounts.permissions import Role
from audit.models import Event
from collection import cpr as cpr_rules
from collection import identities
from collection.models import Identification, Participant, Participation
from consent import gate
from consent.actions.correct import set_number
from consent.actions.merge import MergeRefused
from consent.actions.proofs import add_proof
from consent.actions.withdraw import withdraw
from consent.models import Decision, Kind, PossiblySame, Purpose
from consent.queries import EVALUATION
from exports import project_keys
from exports.actions.deliveries import record_fetch
from exports.actions.merge import merge
from exports.models import DeliveryPerson, Reader, State
from exports.pseudonymise import ProjectCodes
from exports.recalls import recall_list
from tests.factories.cast import (
    cpr_text,
    make_activity,
    make_identity,
    make_name_identity,
    make_participant,
    make_participation,
    make_plan,
    make_user,
)
from tests.factories.deliveries import approve_and_build, make_delivery, run_jobs, say_yes

pytestmark = pytest.mark.django_db


@pytest.fixture
def plan():
    return make_plan()


@pytest.fixture
def activity(plan):
    return make_activity(plan)


@pytest.fixture
def staff(client, activity):
    client.force_login(activity.responsible)
    return activity.responsible


@pytest.fixture
def pair(activity):
    """Somebody known by number, and the same person by name and address."""
    return make_participant(activity), make_participant(activity, make_name_identity())


def row(person: Participant) -> Participant:
    return Participant.ungated.get(pk=person.pk)


def leave(person: Participant) -> Decision:
    purpose = Purpose.objects.get(pk=EVALUATION)
    return withdraw(by=make_user(), participant=person, purpose=purpose, withdrawn_on=date.today())


def usable(person: Participant) -> bool:
    return gate.is_usable(person.pk, EVALUATION, on=date.today())


def codes(project, *people) -> list[str | None]:
    known = ProjectCodes(project).known(person.pk for person in people)
    return [known.get(person.pk) for person in people]


# --- The rows -----------------------------------------------------------------------------------------------


def test_participations_decisions_and_proofs_are_the_kept_rows_and_the_other_identity_is_erased(
    staff, activity, plan, pair
):
    kept, other = pair
    elsewhere = make_activity(plan)
    make_participation(elsewhere, make_name_identity())
    Participation.ungated.filter(participant=other).update(activity=elsewhere)
    decision = Decision.objects.get(participant=other)
    proof = add_proof(by=staff, decision=decision, content=b"x", media_type="image/png")
    merge(by=staff, kept=kept, other=other)
    assert {each.activity for each in gate.of_participants([kept])} == {activity, elsewhere}
    assert Decision.objects.filter(participant=kept).count() == 2
    proof.refresh_from_db()
    assert (proof.decision.participant, proof.locked_at) == (kept, None)
    gone = row(other)
    assert gone.erased_at
    assert gone.merged_into == kept
    assert usable(kept)
    event = Event.objects.get(action="participant.merged")
    assert {each.subject for each in event.subjects.all()} == {kept.pk, other.pk}


def test_the_same_activity_twice_is_told_once_from_the_earlier_start_to_the_later_end(staff, activity, pair):
    kept, other = pair
    Participation.ungated.filter(participant=kept).update(start=date(2015, 3, 1), end=date(2015, 9, 1), role="mother")
    Participation.ungated.filter(participant=other).update(start=date(2015, 2, 1), end=date(2015, 6, 1), role="child")
    merge(by=staff, kept=kept, other=other)
    [one] = gate.of_participants([kept])
    assert (one.start, one.end, one.role) == (date(2015, 2, 1), date(2015, 9, 1), "mother")


def test_who_is_known_by_number_alone_gets_the_name_as_working_name(staff, activity):
    named = make_name_identity()
    kept = make_participant(activity, make_identity(working_name=""))
    merge(by=staff, kept=kept, other=make_participant(activity, named))
    name = identities.read(row(kept), "name", by=None, reason=identities.Reason.CORRECT)
    assert name.reveal() == named.name
    assert row(kept).identification == Identification.CPR


def test_a_number_is_not_merged_away(staff, pair):
    with pytest.raises(MergeRefused) as refused:
        merge(by=staff, kept=pair[1], other=pair[0])
    assert refused.value.code == "loses_number"


def test_rows_of_two_plans_are_not_merged(client, staff, activity):
    mine, theirs = make_participant(activity), make_participant(make_activity(make_plan()))
    with pytest.raises(MergeRefused):
        merge(by=staff, kept=mine, other=theirs)
    assert client.get(reverse("exports:merge", args=[mine.pk, theirs.pk])).status_code == 404


def test_a_consent_that_does_not_fit_the_kept_birth_date_is_no_consent_of_theirs(staff, activity):
    child = make_participant(activity, make_identity(born=date(2012, 6, 4)), role="child", start=date(2016, 2, 1))
    adult = make_participant(activity, make_name_identity(), start=date(2016, 3, 1))  # the later decision
    before = Decision.objects.filter(participant=adult).count()
    with pytest.raises(MergeRefused) as refused:
        merge(by=staff, kept=child, other=adult)
    assert refused.value.code == "text_does_not_fit_age"
    assert Decision.objects.filter(participant=adult).count() == before
    assert row(adult).erased_at is None


def test_rows_merged_one_after_the_other_all_lead_to_the_last(staff, activity):
    first, second = (make_participant(activity, make_name_identity()) for _ in range(2))
    third = make_participant(activity)
    merge(by=staff, kept=second, other=first)
    merge(by=staff, kept=third, other=second)
    assert [row(each).merged_into_id for each in (first, second)] == [third.pk] * 2


def test_an_open_question_about_the_merged_row_is_asked_of_the_kept_one(staff, activity, pair):
    kept, other = pair
    decision = leave(make_participant(make_activity(make_plan())))
    question = PossiblySame.objects.create(decision=decision, participant=other)
    merge(by=staff, kept=kept, other=other)
    question.refresh_from_db()
    assert question.participant == kept


def test_who_presses_withdraw_on_a_row_that_is_merged_meanwhile_withdraws_the_person(staff, pair):
    kept, other = pair
    merge(by=staff, kept=kept, other=other)
    leave(other)  # as loaded before
    assert row(kept).erased_at
    assert not usable(kept)


@pytest.mark.parametrize("seed", range(6))
def test_merging_never_loses_a_participation_or_a_decision_and_never_brings_anybody_back(plan, staff, seed):
    random = Random(seed)
    activities = [make_activity(plan) for _ in range(3)]
    people = []
    for _ in range(5):
        identity = random.choice([make_identity, make_name_identity])()
        for activity in random.sample(activities, random.randrange(1, 4)):
            start = date(2014, 3, 1) + timedelta(days=random.randrange(900))
            end = random.choice([None, start + timedelta(days=random.randrange(300))])
            person = make_participation(activity, identity, start=start, end=end).participant
        people.append(person)
    for _ in range(8):
        kept, other = random.sample(people, 2)
        held = [person for person in people if row(person).erased_at is None]
        if held and random.random() < 0.25:
            leave(random.choice(held))
        before = {each.pk: days_of(each) for each in people}
        decisions = set(Decision.objects.values_list("pk", flat=True))
        erased = {each.pk for each in people if row(each).erased_at}
        try:
            merge(by=staff, kept=row(kept), other=row(other))
        except MergeRefused:
            assert {each.pk: days_of(each) for each in people} == before
        else:
            assert not {kept.pk, other.pk} & erased
            assert days_of(kept) == before[kept.pk] | before[other.pk]
            assert days_of(other) == set()
        assert set(Decision.objects.values_list("pk", flat=True)) >= decisions
        assert erased <= {each.pk for each in people if row(each).erased_at and not usable(each)}
        withdrawn = Decision.objects.filter(kind=Kind.WITHDRAWN).values_list("participant", flat=True)
        assert not [pk for pk in withdrawn if usable(Participant.ungated.get(pk=pk))]


def days_of(person: Participant) -> set:
    return {
        (each.activity_id, each.start + timedelta(days=n))
        for each in gate.of_participants([person])
        for n in range(((each.end or date(2018, 1, 1)) - each.start).days + 1)
    }


# --- Codes, ledger, recalls ---------------------------------------------------------------------------------


def test_a_code_that_only_the_other_row_has_goes_on_as_the_kept_rows(staff, activity, project, evaluator, controller):
    for _ in range(3):
        make_participant(activity)
    other = make_participant(activity, make_name_identity())
    make_delivery(project, by=evaluator)
    kept = make_participant(activity)
    [code] = codes(project, other)
    merge(by=staff, kept=kept, other=other)
    assert codes(project, kept) == [code]


def test_of_two_codes_the_kept_rows_goes_on_and_both_are_called_back(staff, activity, project, evaluator, pair):
    kept, other = pair
    for _ in range(3):
        make_participant(activity)
    controller = make_user(Role.CONTROLLER)
    delivery = approve_and_build(make_delivery(project, by=evaluator), by=controller)
    record_fetch(by=evaluator, archive=delivery.archives.get(reader=Reader.EVALUATOR))
    before = codes(project, kept, other)
    merge(by=staff, kept=kept, other=other)
    assert codes(project, kept) == before[:1]
    assert DeliveryPerson.objects.filter(delivery=delivery, participant=other.pk).exists()  # as it was delivered
    assert recall_list(project, Reader.EVALUATOR).codes == []
    leave(kept)
    assert recall_list(project, Reader.EVALUATOR).codes == sorted(before)


def test_a_frozen_set_loses_the_merged_row_when_it_is_built(staff, activity, project, evaluator, controller, pair):
    kept, other = pair
    for _ in range(4):
        make_participant(activity)
    delivery = make_delivery(project, by=evaluator)
    say_yes(delivery, by=controller)
    merge(by=staff, kept=kept, other=other)
    run_jobs()
    delivery.refresh_from_db()
    assert delivery.state == State.BUILT
    assert DeliveryPerson.objects.get(delivery=delivery, participant=other.pk).taken_out_at
    assert delivery.report["persons"] == 5
    assert sum(delivery.report["left_out_counts"].values()) == 0  # the person has neither withdrawn nor lapsed


def test_a_project_whose_key_is_destroyed_stands_in_nobodys_way(staff, activity, project, evaluator, pair):
    make_delivery(project, by=evaluator)
    project_keys._path(project.pk).unlink()
    merge(by=staff, kept=pair[0], other=pair[1])
    assert row(pair[1]).merged_into == pair[0]


def test_a_number_that_comes_later_keeps_the_code(staff, activity, project, evaluator):
    for _ in range(3):
        make_participant(activity)
    person = make_participant(activity, make_name_identity(born=date(1980, 5, 6)))
    make_delivery(project, by=evaluator)
    before = codes(project, person)
    number = cpr_rules.parse(cpr_text(date(1980, 5, 6)), date.today())
    set_number(by=staff, participant=person, number=number)
    make_delivery(project, by=evaluator)
    assert codes(project, person) == before


def test_who_turns_out_to_be_one_person_of_two_plans_has_one_code_from_then_on_and_is_called_back_by_both(
    staff, activity, project, evaluator, controller
):
    for _ in range(3):
        make_participant(activity)
    identity = make_identity(born=date(1980, 5, 6))
    here = make_participant(activity, make_name_identity(born=date(1980, 5, 6)))
    there = make_participant(make_activity(make_plan()), identity)
    first = approve_and_build(make_delivery(project, by=evaluator), by=controller)
    record_fetch(by=evaluator, archive=first.archives.get(reader=Reader.EVALUATOR))
    before = codes(project, here, there)
    set_number(by=staff, participant=here, number=identity.cpr)
    second = approve_and_build(make_delivery(project, by=evaluator), by=controller)
    after = codes(project, here, there)
    assert len(set(after)) == 1
    assert after[0] in before
    assert (first.report["persons"], second.report["persons"]) == (5, 4)
    leave(here)
    assert recall_list(project, Reader.EVALUATOR).codes == sorted(before)


# --- The pages -----------------------------------------------------------------------------------------------


def test_the_page_shows_both_and_one_press_makes_them_one(client, staff, activity, pair):
    kept, other = pair
    page = reverse("exports:merge", args=[other.pk, kept.pk])
    client.get(page)
    with CaptureQueriesContext(connection) as captured:
        shown = client.get(page)
    assert len(captured) <= 15
    assert "Registreringen med CPR-nummer beholdes" in shown.text
    assert f"Begge deltager i {activity.name}" in shown.text
    answer = client.post(page, {"kept": str(kept.pk)})
    assert answer["Location"] == reverse("consent:participant", args=[kept.pk])
    assert row(other).merged_into == kept


def test_of_two_alike_staff_say_whose_details_are_right(client, staff, activity):
    people = [make_participant(activity, make_name_identity()) for _ in range(2)]
    page = reverse("exports:merge", args=[each.pk for each in people])
    assert list(client.post(page, {"kept": ""}).context["form"].errors) == ["kept"]
    client.post(page, {"kept": str(people[1].pk)})
    assert row(people[0]).merged_into == people[1]


def test_two_numbers_are_warned_of(client, staff, activity):
    people = [make_participant(activity) for _ in range(2)]
    assert "hver sit CPR-nummer" in client.get(reverse("exports:merge", args=[each.pk for each in people])).text


def test_namesakes_come_first_among_those_to_choose(client, staff, activity):
    identity = make_name_identity()
    person = make_participant(activity, identity)
    namesake = make_participation(make_activity(activity.plan), identity, another_person=True).participant
    for _ in range(3):
        make_participant(activity)
    address = reverse("exports:merge_choose", args=[person.pk])
    client.get(address)
    with CaptureQueriesContext(connection) as captured:
        rows = client.get(address).context["rows"]
    assert rows[0]["person"] == namesake
    assert person not in [each["person"] for each in rows]
    assert len([each for each in captured if "SAVEPOINT" not in each["sql"]]) <= 15
