"""A number that is corrected while a delivery is under way, or after it: nobody is linked as somebody else."""

from datetime import UTC, date, datetime

import pytest
from django.urls import reverse

from consent.actions.correct import set_number
from consent.actions.withdraw import withdraw
from exports.actions.deliveries import build_again
from exports.models import EvaluationProject, Job, Reader, State
from exports.pseudonymise import ProjectCodes
from exports.worklists import export_tasks
from tests.factories.cast import make_activity, make_identity, make_name_identity, make_participant
from tests.factories.deliveries import approve_and_build, make_delivery, members, run_jobs, say_yes

pytestmark = pytest.mark.django_db
BORN = date(1987, 6, 4)


def codes_of(project, *people) -> list[str]:
    known = ProjectCodes(project).known(person.pk for person in people)
    return [known[person.pk] for person in people]


def correct(person) -> str:
    identity = make_identity(born=BORN)
    set_number(by=person.plan.activities.first().responsible, participant=person, number=identity.cpr)
    return identity.cpr.digits


@pytest.fixture
def pair(activity):
    """Two rows with one number, typed for both by mistake; and others."""
    identity = make_identity(born=BORN)
    for _ in range(3):
        make_participant(activity)
    return make_participant(activity, identity), make_participant(make_activity(), identity)


def test_two_whom_a_mistake_made_one_get_codes_of_their_own_and_keep_the_old_one_for_recalls(
    project, pair, evaluator, controller
):
    mother, child = pair
    make_delivery(project, by=evaluator)
    [shared, same] = codes_of(project, mother, child)
    assert shared == same
    number = correct(child)
    delivery = approve_and_build(make_delivery(project, by=evaluator), by=controller)
    own = codes_of(project, mother, child)
    assert len({shared, *own}) == 3
    keys = members(delivery.archives.get(reader=Reader.OFFICER))["noegle.csv"].decode()
    assert f'"{number}";"{own[1]}"' in keys
    assert shared not in keys
    codes = ProjectCodes(project)
    for person, code in zip(pair, own, strict=True):
        assert codes.ever([person.pk]) == {shared, code}
    assert set(codes.whose(shared)) == {mother.pk, child.pk}
    assert not codes.mixed()
    make_delivery(project, by=evaluator)
    assert codes_of(project, mother, child) == own


def test_a_correction_that_tells_two_apart_after_the_approval_asks_for_a_new_one(project, pair, evaluator, controller):
    delivery = make_delivery(project, by=evaluator)
    correct(pair[1])
    delivery = approve_and_build(delivery, by=controller)
    assert delivery.state == State.PREPARED
    assert approve_and_build(delivery, by=controller).state == State.BUILT


def test_who_gets_a_number_after_the_approval_is_approved_anew_and_not_lost(project, activity, evaluator, controller):
    for _ in range(5):
        make_participant(activity)
    person = make_participant(activity, make_name_identity(born=BORN))
    delivery = make_delivery(project, by=evaluator)
    say_yes(delivery, by=controller)
    number = correct(person)
    run_jobs()
    delivery.refresh_from_db()
    assert delivery.state == State.PREPARED
    delivery = approve_and_build(delivery, by=controller)
    assert number in members(delivery.archives.get(reader=Reader.OFFICER))["noegle.csv"].decode()


def test_files_that_were_given_out_are_not_built_again_with_somebody_who_is_identified_otherwise(
    project, activity, evaluator, controller
):
    person = make_participant(activity, make_name_identity(born=BORN))
    for _ in range(5):
        make_participant(activity)
    delivery = approve_and_build(make_delivery(project, by=evaluator), by=controller)
    delivery.fetches.create(reader=Reader.EVALUATOR, at=delivery.built_at)
    correct(person)
    build_again(by=evaluator, delivery=delivery)
    run_jobs()
    delivery.refresh_from_db()
    assert (delivery.state, delivery.reason) == (State.FAILED, "identity_changed")


def test_who_was_left_out_is_counted_once_however_often_files_are_built(project, activity, evaluator, controller):
    people = [make_participant(activity) for _ in range(20)]
    delivery = approve_and_build(make_delivery(project, by=evaluator), by=controller)
    for person in people[:3]:
        withdraw(by=activity.responsible, participant=person, purpose=project.purpose, withdrawn_on=date.today())
        build_again(by=evaluator, delivery=delivery)
        run_jobs()
        delivery.refresh_from_db()
        assert delivery.state == State.BUILT
    for person in people[3:9]:
        withdraw(by=activity.responsible, participant=person, purpose=project.purpose, withdrawn_on=date.today())
    build_again(by=evaluator, delivery=delivery)
    run_jobs()
    delivery.refresh_from_db()
    assert dict(delivery.report["left_out"])["withdrawn"] == "9"


def test_a_name_of_the_register_in_what_people_wrote_is_found_before_anybody_says_yes(project, activity, evaluator):
    person = make_name_identity()
    make_participant(activity, person)
    project.name = f"Evaluering efter {person.name}"
    project.save()
    delivery = make_delivery(project, by=evaluator)
    assert delivery.report["blocked"]
    assert ["block", "LAES_MIG.txt", "person_name", ""] in delivery.report["findings"]


def test_a_job_that_was_killed_after_building_does_not_build_over_the_next_one(
    project, activity, evaluator, controller
):
    for _ in range(5):
        make_participant(activity)
    delivery = approve_and_build(make_delivery(project, by=evaluator), by=controller)
    killed = delivery.jobs.get(kind=Job.Kind.BUILD)
    Job.objects.filter(pk=killed.pk).update(state=Job.State.RUNNING, finished_at=None)
    build_again(by=evaluator, delivery=delivery)
    killed.refresh_from_db()
    assert killed.state == Job.State.CANCELLED


def test_a_failed_delivery_of_an_ended_project_is_not_offered_to_be_tried_again(client, project, evaluator):
    delivery = make_delivery(project, by=evaluator)
    assert delivery.state == State.FAILED
    client.force_login(evaluator)
    page = reverse("exports:delivery", args=[delivery.pk])
    assert client.get(page).context["may_retry"]
    EvaluationProject.objects.update(ended_at=datetime.now(UTC))
    assert not client.get(page).context["may_retry"]
    answer = client.post(reverse("exports:retry", args=[delivery.pk]), follow=True)
    assert "kommet videre imens" in answer.content.decode()
    assert all(task.count == 0 for task in export_tasks(evaluator) if task.label == "Leverancer, der mislykkedes")
