"""Who has asked that their data be only stored is in nothing that leaves, until that is lifted."""

import json
from datetime import date

import pytest

from collection.models import Participant
from consent import gate
from consent.actions.restrict import RestrictionRefused, lift_restriction, restrict
from consent.actions.withdraw import withdraw
from consent.models import Purpose, Restriction
from consent.models.restrictions import Ground
from consent.queries import EVALUATION
from exports.actions.merge import merge
from exports.models import DeliveryPerson, Reader
from tests.factories.cast import make_activity, make_identity, make_name_identity, make_participant
from tests.factories.deliveries import approve_and_build, make_delivery, members, run_jobs, say_yes

pytestmark = pytest.mark.django_db


def usable(person: Participant) -> bool:
    return gate.is_usable(person.pk, EVALUATION, on=date.today())


def test_a_restricted_person_is_left_out_counted_and_comes_back_when_it_is_lifted(
    project, evaluator, controller, activity
):
    people = [make_participant(activity) for _ in range(6)]
    restrict(by=controller, participant=people[0], ground=Ground.ACCURACY)
    first = approve_and_build(make_delivery(project, by=evaluator), by=controller)
    manifest = json.loads(members(first.archives.get(reader=Reader.EVALUATOR))["manifest.json"])
    assert {each["code"]: each["persons"] for each in manifest["left_out"]} == {
        "withdrawn": "0",
        "lapsed": "0",
        "restricted": "<3",
    }
    assert DeliveryPerson.objects.filter(delivery=first).count() == 5
    lift_restriction(by=controller, participant=people[0])
    again = approve_and_build(make_delivery(project, by=evaluator), by=controller)
    assert DeliveryPerson.objects.filter(delivery=again).count() == 6


def test_a_restriction_between_approval_and_building_is_honoured(project, evaluator, controller, activity):
    people = [make_participant(activity) for _ in range(6)]
    delivery = make_delivery(project, by=evaluator)
    say_yes(delivery, by=controller)
    restrict(by=controller, participant=people[0], ground=Ground.OBJECTION)
    run_jobs()
    left = DeliveryPerson.objects.filter(delivery=delivery, taken_out_at__isnull=False)
    assert [row.participant_id for row in left] == [people[0].pk]


def test_a_restriction_is_the_persons_in_all_plans_and_follows_a_merged_row(controller, activity):
    identity = make_identity()
    here, there = make_participant(activity, identity), make_participant(make_activity(), identity)
    restrict(by=controller, participant=here, ground=Ground.CLAIM)
    assert not usable(here)
    assert not usable(there)
    unnamed = make_participant(activity, make_name_identity())
    other = make_participant(activity)
    restrict(by=controller, participant=unnamed, ground=Ground.ACCURACY)
    merge(by=activity.responsible, kept=other, other=unnamed)
    assert not usable(other)


def test_a_restriction_is_made_once_and_lifted_once_and_ends_nothing(controller, activity):
    person = make_participant(activity)
    restrict(by=controller, participant=person, ground=Ground.UNLAWFUL)
    with pytest.raises(RestrictionRefused, match="restricted"):
        restrict(by=controller, participant=person, ground=Ground.UNLAWFUL)
    assert gate.had_consent(person.pk, EVALUATION, on=date.today())
    lift_restriction(by=controller, participant=person)
    with pytest.raises(RestrictionRefused, match="not_restricted"):
        lift_restriction(by=controller, participant=person)
    assert usable(person)
    assert Restriction.objects.get().lifted_by == controller


def test_of_somebody_who_has_withdrawn_nothing_is_left_to_restrict(controller, activity):
    person = make_participant(activity)
    purpose = Purpose.objects.get(pk=EVALUATION)
    withdraw(by=controller, participant=person, purpose=purpose, withdrawn_on=date.today())
    with pytest.raises(RestrictionRefused, match="gone"):
        restrict(by=controller, participant=person, ground=Ground.CLAIM)
