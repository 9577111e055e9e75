"""Recipients delete what they fetched by a day, are reminded of it, and say when it is done."""

from datetime import date, timedelta

import pytest
from django.urls import reverse

from accounts.permissions import Role
from audit.models import Event
from exports import deletions
from exports.actions.deletions import report_deletion
from exports.actions.deliveries import record_fetch
from exports.actions.projects import change_project
from exports.models import DeletionReport, Delivery, Reader, State
from exports.policies import NotAllowed
from exports.worklists import export_tasks
from tests.factories.cast import make_user
from tests.factories.deliveries import make_project
from tests.factories.delivery_states import delivery_in

pytestmark = pytest.mark.django_db
TODAY = date.today()


@pytest.fixture
def project(evaluator):
    return make_project(evaluator, ends_on=TODAY + timedelta(days=20))


@pytest.fixture
def delivery(project, evaluator, controller) -> Delivery:
    return delivery_in(State.BUILT, project, by=evaluator, decider=controller)


def fetch(delivery: Delivery, reader: Reader, by) -> None:
    record_fetch(by=by, archive=delivery.archives.get(reader=reader))


def ends_on(project, day: date | None, by) -> None:
    project.ends_on = day
    change_project(by=by, project=project, evaluators=project.evaluators.all())


def due(user) -> list[tuple]:
    return [(row.delivery.pk, row.reader, row.own, row.is_late) for row in deletions.due(user, TODAY)]


def reminded(user) -> int:
    return sum(task.count for task in export_tasks(user) if task.url == reverse("exports:deletions"))


def test_a_delivery_gets_the_projects_day_and_follows_it(project, delivery, controller):
    assert delivery.delete_by == project.ends_on
    for day in (TODAY + timedelta(days=400), None):
        ends_on(project, day, controller)
        delivery.refresh_from_db()
        assert delivery.delete_by == day


def test_the_reader_who_fetched_is_reminded_from_thirty_days_before(project, delivery, evaluator, controller):
    assert due(evaluator) == []  # has nothing
    fetch(delivery, Reader.EVALUATOR, evaluator)
    assert due(evaluator) == [(delivery.pk, Reader.EVALUATOR, True, False)]
    assert reminded(evaluator) == 1
    assert due(controller) == []
    ends_on(project, TODAY + timedelta(days=31), controller)
    assert due(evaluator) == []
    ends_on(project, None, controller)
    assert due(evaluator) == []


def test_of_what_is_late_the_controller_is_told_too(project, delivery, evaluator, controller):
    fetch(delivery, Reader.EVALUATOR, evaluator)
    fetch(delivery, Reader.OFFICER, controller)
    ends_on(project, TODAY - timedelta(days=1), controller)
    assert due(evaluator) == [(delivery.pk, Reader.EVALUATOR, True, True)]
    assert due(controller) == [
        (delivery.pk, Reader.OFFICER, True, True),
        (delivery.pk, Reader.EVALUATOR, False, True),
    ]


def test_also_when_the_sites_own_files_have_expired(project, delivery, evaluator):
    fetch(delivery, Reader.EVALUATOR, evaluator)
    Delivery.objects.filter(pk=delivery.pk).update(state=State.EXPIRED)
    assert len(due(evaluator)) == 1


def test_who_has_reported_is_reminded_no_more_until_they_fetch_again(delivery, evaluator, controller):
    fetch(delivery, Reader.EVALUATOR, evaluator)
    fetch(delivery, Reader.OFFICER, controller)
    report_deletion(by=evaluator, delivery=delivery)
    assert due(evaluator) == []
    assert len(due(controller)) == 1  # the key files are another matter
    fetch(delivery, Reader.EVALUATOR, evaluator)
    assert len(due(evaluator)) == 1
    report_deletion(by=evaluator, delivery=delivery)
    assert DeletionReport.objects.filter(reader=Reader.EVALUATOR).count() == 1
    assert Event.objects.filter(action="delivery.deletion_reported").count() == 2  # the log has both


def test_nothing_is_reported_of_what_nobody_fetched_or_by_somebody_else(delivery, evaluator):
    with pytest.raises(NotAllowed):
        report_deletion(by=evaluator, delivery=delivery)
    fetch(delivery, Reader.EVALUATOR, evaluator)
    for other in (make_user(Role.EVALUATOR), make_user(Role.CONTROLLER), make_user(Role.COORDINATOR)):
        with pytest.raises(NotAllowed):
            report_deletion(by=other, delivery=delivery)
    assert not DeletionReport.objects.exists()


def test_the_evaluator_reports_from_the_list_and_the_delivery_says_who_did(client, delivery, evaluator, controller):
    fetch(delivery, Reader.EVALUATOR, evaluator)
    client.force_login(evaluator)
    there = reverse("exports:deletion_report", args=[delivery.pk])
    assert there in client.get(reverse("exports:deletions")).text
    assert reverse("exports:deletions") in client.get(reverse("exports:tasks")).text
    assert "Filerne er slettet" in client.get(there).text
    assert not DeletionReport.objects.exists()  # a look at the page reports nothing
    said = client.post(there, follow=True)
    assert f"af {evaluator}" in said.text
    assert "er slettet hos modtageren" in said.text  # in the history too
    assert "Ingen filer skal slettes nu" in client.get(reverse("exports:deletions")).text
    client.force_login(controller)
    assert f"af {evaluator}" in client.get(reverse("exports:delivery", args=[delivery.pk])).text
