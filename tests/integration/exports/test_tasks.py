"""Opgaver: each item appears when something waits, leads to its remedy, and is gone when that is done."""

from datetime import date, timedelta

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from django.utils import timezone

from accounts.permissions import Role
from collection.models import Headcount, Plan
from consent import gate
from consent.actions.count import count_without_consent
from consent.actions.namesakes import settle_namesake
from consent.actions.settle import settle_doubt
from consent.actions.withdraw import withdraw
from consent.models import Outcome, Purpose, ScreenAnswer
from consent.namesakes import open_questions
from exports.actions.deliveries import cancel, mark_failed, record_fetch
from exports.actions.recalls import acknowledge
from exports.models import Reader, RegisterExtract
from exports.recalls import recall_list
from tests.factories.cast import (
    make_activity,
    make_estimate,
    make_identity,
    make_name_identity,
    make_participant,
    make_plan,
    make_text,
    make_user,
)
from tests.factories.deliveries import approve_and_build, fetch, make_delivery, make_project, say_no

pytestmark = pytest.mark.django_db
TASKS = reverse("exports:tasks")
EMPTY = "Der er ikke noget, der venter"


@pytest.fixture
def plan():
    return make_plan()


@pytest.fixture
def staff(plan, client):
    user = make_user(Role.STAFF, plan)
    client.force_login(user)
    return user


@pytest.fixture
def coordinator(plan, client):
    user = make_user(Role.COORDINATOR, plan)
    client.force_login(user)
    return user


def settled(plan, **fields):
    """An activity in which nothing waits."""
    activity = make_activity(plan, start=date(2016, 2, 1), end=date(2016, 12, 16), **fields)
    settle_doubt(by=activity.responsible, participant=make_participant(activity))
    make_estimate(activity, 2016, 9)
    return activity


def tasks(client, **filters) -> dict[str, int]:
    """What waits, by its label."""
    return {str(task.label): task.count for task in client.get(TASKS, filters).context["tasks"]}


def lacking(client, **filters) -> list:
    return [row.activity for row in client.get(TASKS, filters).context["page"]]


@pytest.mark.parametrize("role", Role.values)
def test_it_is_everybodys_first_page_and_friendly_when_nothing_waits(client, plan, role):
    settled(plan)
    in_plan = role in (Role.STAFF, Role.COORDINATOR)
    client.force_login(make_user(Role(role), [plan] if in_plan else ()))
    page = client.get(reverse("home"), follow=True)
    assert page.redirect_chain[-1][0] == TASKS
    assert EMPTY in page.content.decode()


# --- In a plan ----------------------------------------------------------------------------------------------


def test_an_activity_that_nobody_is_in_waits_until_somebody_is_registered_or_counted(client, staff, plan):
    today = timezone.localdate()
    registered, counted, empty, young = (
        make_activity(plan, start=today - timedelta(days=days)) for days in (31, 31, 31, 30)
    )
    assert set(lacking(client)) == {registered, counted, empty}
    assert reverse("consent:enrol", args=[empty.pk]) in client.get(TASKS).content.decode()
    make_participant(registered)
    count_without_consent(by=staff, activity=counted, year=today.year, outcome=Outcome.REFUSED)
    assert lacking(client) == [empty]
    count_without_consent(by=staff, activity=counted, year=today.year, outcome=Outcome.REFUSED, change=-1)
    assert set(lacking(client)) == {counted, empty}
    make_estimate(empty, today.year, 0)  # nobody came
    assert lacking(client) == [counted]


def test_missing_and_old_estimates_wait_for_the_coordinator_and_not_for_staff(client, staff, plan):
    activity = settled(plan, name="Åben rådgivning")
    Headcount.objects.all().delete()
    assert lacking(client) == []
    client.force_login(make_user(Role.COORDINATOR, plan))
    page = client.get(TASKS).content.decode()
    assert f"{reverse('collection:headcounts', args=[activity.pk])}?year=2016" in page
    make_estimate(activity, 2016, 9)
    assert lacking(client) == []
    Headcount.objects.update(made_at=timezone.now().replace(year=2016, month=3, day=1))
    assert "Skønnet for 2016 er gammelt:" in client.get(TASKS).content.decode()
    make_estimate(activity, 2016, 9)
    assert lacking(client) == []


def test_a_doubt_waits_until_somebody_looked(client, staff, plan):
    person = make_participant(settled(plan), make_identity())
    assert tasks(client) == {"Deltagere at se efter": 1}
    assert reverse("consent:doubts") in client.get(TASKS).content.decode()
    settle_doubt(by=staff, participant=person)
    assert tasks(client) == {}


def test_a_consent_about_to_lapse_waits_until_there_is_an_answer(client, staff, plan):
    activity = settled(plan)
    today = timezone.localdate()
    birthday = today + timedelta(days=30)  # may be next year's
    soon = birthday.replace(year=birthday.year - 18)  # comes of age in a month
    asked_at_14 = soon.replace(year=soon.year + 14)
    child = make_participant(activity, make_name_identity(born=soon), start=asked_at_14, role="child")
    assert tasks(client) == {"Deltagere at spørge igen": 1}
    listed = client.get(reverse("consent:to_ask")).content.decode()
    assert reverse("consent:ask_again", args=[child.pk]) in listed
    withdraw(by=staff, participant=child, purpose=Purpose.objects.get(), withdrawn_on=today)
    assert tasks(client) == {}
    assert "Der er ingen at spørge igen" in client.get(reverse("consent:to_ask")).content.decode()


def test_a_yes_on_screen_waits_until_somebody_is_registered_with_it(client, staff, plan):
    activity = settled(plan, name="Åben rådgivning")
    now = timezone.now()
    facts = {"activity": activity, "text": make_text(), "started_by": staff, "answered_at": now}
    answer = ScreenAnswer.objects.create(answer="yes", **facts)
    ScreenAnswer.objects.create(answer="no", **facts)
    assert list(tasks(client).values()) == [1]
    assert reverse("consent:activity", args=[activity.pk]) in client.get(TASKS).content.decode()
    ScreenAnswer.objects.filter(pk=answer.pk).update(used_at=now)
    assert tasks(client) == {}


def test_another_plans_work_is_never_shown(client, coordinator, plan):
    settled(plan)
    elsewhere = make_activity(name="Fremmed aktivitet")
    make_participant(elsewhere, make_identity())
    now = timezone.now()
    ScreenAnswer.objects.create(
        activity=elsewhere, text=make_text(), started_by=elsewhere.responsible, answer="yes", answered_at=now
    )
    page = client.get(TASKS)
    assert EMPTY in page.content.decode()
    assert "Fremmed" not in page.content.decode()


def test_ones_own_come_first_and_alone_under_mine(client, coordinator, plan):
    other = make_activity(plan, name="Aktivitet A")
    own = make_activity(plan, name="Aktivitet B", responsible=coordinator)
    make_participant(other, make_identity())
    make_participant(own, make_identity())
    assert lacking(client) == [own, other]
    assert lacking(client, vis="mine") == [own]
    (everybody,) = client.get(TASKS).context["tasks"]
    assert (everybody.count, everybody.own) == (2, 1)
    assert tasks(client, vis="mine") == {"Deltagere at se efter": 1}
    assert 'aria-current="page">Mine</a>' in client.get(TASKS, {"vis": "mine"}).content.decode()


def test_a_page_of_tasks_opens_no_identity(client, coordinator, plan, monkeypatch):
    make_participant(make_activity(plan), make_identity())
    monkeypatch.setattr("collection.identities._open_all", lambda *_: pytest.fail("a name was opened"))
    monkeypatch.setattr("collection.identities._open", lambda *_: pytest.fail("an identity was opened"))
    assert client.get(TASKS).status_code == 200


@pytest.mark.parametrize("size", [1, 30])
def test_it_takes_few_queries_whatever_its_size(client, plan, size):
    plans = [plan, make_plan()]
    user = make_user(Role.COORDINATOR, plans)
    for number in range(size):
        make_participant(make_activity(plans[number % 2], responsible=user if number % 3 else None))
    client.force_login(user)
    with CaptureQueriesContext(
        connection,
    ) as queries:
        client.get(TASKS)
    assert len(queries) <= 15


# --- Of evaluators and controllers --------------------------------------------------------------------------


@pytest.fixture
def delivery(plan, evaluator, controller):
    for _ in range(4):
        make_participant(make_activity(plan))
    return make_delivery(make_project(evaluator, by=controller), by=evaluator)


def of(client, user) -> dict[str, int]:
    client.force_login(user)
    return tasks(client)


def test_a_prepared_delivery_waits_for_a_controller_who_did_not_ask(client, delivery, evaluator, controller):
    assert of(client, evaluator) == {}
    assert of(client, controller) == {"Leverancer, der venter på godkendelse": 1}
    own = make_delivery(delivery.project, by=controller)
    assert of(client, controller) == {"Leverancer, der venter på godkendelse": 1}
    say_no(delivery, by=controller, reason="Forkerte år")
    assert of(client, controller) == {}
    assert of(client, make_user(Role.CONTROLLER)) == {"Leverancer, der venter på godkendelse": 1}
    cancel(by=controller, delivery=own)


def test_a_possible_namesake_in_another_plan_waits_until_a_controller_has_settled_it(client, controller):
    identity = make_name_identity()
    here, there = (make_participant(make_activity(), identity) for _ in range(2))
    withdraw(by=controller, participant=here, purpose=Purpose.objects.get(), withdrawn_on=timezone.localdate())
    assert of(client, controller) == {"Måske samme person i en anden plan": 1}
    question = open_questions().get()
    assert question.participant == there
    settle_namesake(by=controller, question=question, same=False)
    assert of(client, controller) == {}


def test_each_reader_waits_for_their_own_archive(client, delivery, evaluator, controller):
    approve_and_build(delivery, by=controller)
    ready = {"Leverancer klar til hentning": 1}
    assert of(client, evaluator) == ready
    assert of(client, controller) == ready
    fetch(client, evaluator, delivery, Reader.EVALUATOR)
    assert of(client, evaluator) == {}
    assert of(client, controller) == ready
    assert of(client, make_user(Role.EVALUATOR)) == {}, "another project's evaluator"


def test_a_recall_waits_until_its_reader_has_acknowledged_it(client, delivery, evaluator, controller):
    approve_and_build(delivery, by=controller)
    record_fetch(by=evaluator, archive=delivery.archives.get(reader=Reader.EVALUATOR))
    person = gate.registered(Plan.objects.all()).first()
    withdraw(by=controller, participant=person, purpose=Purpose.objects.get(), withdrawn_on=timezone.localdate())
    label = f"Tilbagekaldelse: {delivery.project}"
    assert label in of(client, evaluator)
    assert reverse("exports:recalls", args=[delivery.project_id]) in client.get(TASKS).content.decode()
    assert label not in of(client, make_user(Role.EVALUATOR))
    told = recall_list(delivery.project, Reader.EVALUATOR)
    acknowledge(by=evaluator, project=delivery.project, reader=Reader.EVALUATOR, persons=told.persons, up_to=told.up_to)
    assert label not in of(client, evaluator)


def test_a_failed_delivery_waits_until_it_is_asked_for_again(client, delivery, evaluator, controller):
    make_delivery(delivery.project, by=evaluator)
    say_no(delivery, by=controller, reason="Forkerte år")
    failed = make_delivery(make_project(evaluator, by=controller), by=evaluator)
    failed.state = "requested"
    failed.save()
    mark_failed(failed, code="nobody")
    assert of(client, evaluator) == {"Leverancer, der mislykkedes": 1}
    client.post(reverse("exports:retry", args=[failed.pk]))
    assert of(client, evaluator) == {}


def test_a_refused_resident_list_waits_until_it_is_deleted(client, controller):
    refused = RegisterExtract.State.REFUSED
    RegisterExtract.objects.create(name="Liste", state=refused, loaded_by=controller, delete_on=date(2030, 1, 1))
    assert of(client, controller) == {"Beboerlister med fejl": 1}
    RegisterExtract.objects.update(state=RegisterExtract.State.DELETED)
    assert of(client, controller) == {}
