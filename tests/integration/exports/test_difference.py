"""What is told of the difference between a delivery and the last one, and when it could point at a person."""

from datetime import date

import pytest
from django.utils.timezone import now

from accounts.permissions import Role
from collection.models import Participation
from consent.actions.withdraw import withdraw
from exports import difference
from exports.models import Delivery, DeliveryPerson, Fetch, Job, Reader, State
from tests.factories.cast import make_activity, make_identity, make_participant, make_user
from tests.factories.deliveries import make_delivery, make_project, say_no, say_yes

pytestmark = [pytest.mark.django_db, pytest.mark.slow_on_postgres]


class Scene:
    """Eight people, and k is 3."""

    def __init__(self):
        self.evaluator, self.controller = make_user(Role.EVALUATOR), make_user(Role.CONTROLLER)
        self.project = make_project(self.evaluator, by=self.controller, k=3)
        self.activity = make_activity()
        self.people = [make_participant(self.activity) for _ in range(8)]

    def prepared(self, project=None) -> Delivery:
        return make_delivery(project or self.project, by=self.evaluator)

    def given(self, project=None) -> Delivery:
        """Approved; its files are as good as made."""
        delivery = self.prepared(project)
        say_yes(delivery, by=self.controller)
        delivery.jobs.update(state=Job.State.DONE)
        return delivery

    def withdraw(self, *people) -> None:
        for person in people:
            by, purpose = self.activity.responsible, self.project.purpose
            withdraw(by=by, participant=person, purpose=purpose, withdrawn_on=date.today())


@pytest.fixture
def scene():
    return Scene()


def told(delivery) -> dict[str, str]:
    return dict(delivery.report["difference"]["counts"])


def few(delivery) -> list[str]:
    return delivery.report["difference"]["few"]


def test_the_first_delivery_is_compared_with_nothing(scene):
    assert scene.prepared().report["difference"] == {"delivery": None, "number": None, "k": 3, "counts": [], "few": []}


def test_the_same_people_and_rows_are_unchanged(scene):
    last = scene.given()
    again = scene.prepared()
    assert again.report["difference"]["delivery"] == str(last.pk)
    assert again.report["difference"]["number"] == last.number
    assert told(again) == {"added": "0", "ended": "0", "left": "0", "changed": "0", "unchanged": "8"}
    assert few(again) == []


def test_who_came_went_and_changed_is_counted_apart(scene):
    scene.given()
    rows = list(Participation.ungated.filter(participant__in=[person.pk for person in scene.people]))
    ended, left, changed = rows[:3], rows[3:6], rows[6:8]
    scene.withdraw(*(row.participant for row in ended))
    for row in left:
        row.start = date(2019, 1, 1)
        row.save()
    for row in changed:
        row.role = "father" if row.role != "father" else "mother"
        row.save()
    for _ in range(4):
        make_participant(scene.activity)
    delivery = scene.prepared()
    assert told(delivery) == {"added": "4", "ended": "*", "left": "3", "changed": "<3", "unchanged": "0"}
    assert few(delivery) == ["changed"]


@pytest.mark.parametrize("leave, come, points_at", [(1, 0, ["gone"]), (2, 3, ["gone"]), (3, 2, ["added"]), (3, 3, [])])
def test_a_difference_of_fewer_than_k_persons_is_said_to_point_at_somebody(scene, leave, come, points_at):
    scene.given()
    scene.withdraw(*scene.people[:leave])
    for _ in range(come):
        make_participant(scene.activity)
    delivery = scene.prepared()
    assert few(delivery) == points_at
    for count in told(delivery).values():
        assert count not in ("1", "2")


def test_few_are_persons_although_their_registrations_are_many(scene):
    scene.given()
    for _ in range(2):
        same = make_identity()
        for _ in range(2):
            make_participant(make_activity(), same)
    delivery = scene.prepared()
    assert told(delivery)["added"] == "4"
    assert few(delivery) == ["added"]


def test_a_small_count_does_not_follow_from_the_others(scene):
    scene.given()
    scene.withdraw(scene.people[0])
    delivery = scene.prepared()
    assert told(delivery) == {"added": "0", "ended": "<3", "left": "0", "changed": "0", "unchanged": "*"}


def test_with_other_variables_what_changed_is_not_told_but_who_came_and_went_is(scene):
    scene.given()
    scene.project.variables = [*scene.project.variables, "KOMMUNE"]
    scene.project.save()
    make_participant(scene.activity)
    delivery = scene.prepared()
    assert set(told(delivery)) == {"added", "ended", "left", "kept"}
    assert few(delivery) == ["added"]


def test_compared_is_with_what_somebody_has_or_is_to_get_and_with_nothing_else(scene):
    other = make_project(scene.evaluator, by=scene.controller)
    scene.given(other)
    say_no(scene.prepared(), by=scene.controller)
    waiting, delivery = scene.prepared(), scene.prepared()
    assert difference.last_before(delivery) is None
    say_yes(waiting, by=scene.controller)
    assert difference.last_before(delivery) == waiting
    Delivery.objects.filter(pk=waiting.pk).update(state=State.EXPIRED)
    assert difference.last_before(delivery) is None
    Fetch.objects.create(delivery=waiting, reader=Reader.EVALUATOR, at=now())
    assert difference.last_before(delivery) == waiting


@pytest.mark.parametrize("fetched_first, gone", [(True, "<3"), (False, "0")])
def test_who_was_taken_out_after_a_fetch_is_still_in_what_was_fetched(scene, fetched_first, gone):
    last = scene.given()
    scene.withdraw(scene.people[0])
    if fetched_first:
        Fetch.objects.create(delivery=last, reader=Reader.EVALUATOR, at=now())
    DeliveryPerson.objects.filter(delivery=last, participant=scene.people[0].pk).update(taken_out_at=now())
    assert told(scene.prepared())["ended"] == gone
