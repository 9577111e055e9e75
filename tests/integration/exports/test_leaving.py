"""Leaving a job ends, in one press, all that somebody could get at, and passes on what they worked on."""

from datetime import date

import pytest
from django.contrib.sessions.models import Session
from django.db import transaction
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from accounts.actions.invitations import invite
from accounts.models import Invitation, User
from accounts.permissions import Role
from audit.models import Event
from collection.models import Membership
from consent.actions.handover import NotInPlan
from consent.models import ScreenAnswer
from exports import jobs
from exports.actions.deliveries import request_delivery
from exports.actions.leaving import leave
from exports.actions.links import LinkUsed, issue_link, use_link
from exports.models import Delivery, FetchLink, Job, Reader, RegisterExtract, State
from spreadsheets import flip
from tests.factories.cast import PASSWORD, cpr_text, make_activity, make_plan, make_text, make_user
from tests.factories.deliveries import make_project, run_jobs
from tests.factories.delivery_states import delivery_in
from tests.factories.spreadsheets import HEADINGS, checked, csv_file

pytestmark = pytest.mark.django_db
NOBODY: dict = {}


@pytest.fixture
def plan():
    return make_plan()


@pytest.fixture
def coordinator(plan, client):
    user = make_user(Role.COORDINATOR, plan, name="Karen Leder")
    client.force_login(user)
    return user


@pytest.fixture
def leaver(plan):
    return make_user(Role.STAFF, plan, name="Lene Går")


def page_of(user: User) -> str:
    return reverse("exports:leave", args=[user.pk])


# --- Ways in --------------------------------------------------------------------------------------


def test_they_are_signed_out_everywhere_and_can_not_sign_in_again(coordinator, leaver):
    devices = [Client(), Client()]
    for device in devices:
        device.force_login(leaver)
        assert device.get(reverse("collection:activities")).status_code == 200
    kept = Session.objects.filter(session_key__in=[device.session.session_key for device in devices])
    assert kept.count() == 2
    leave(by=coordinator, user=leaver, successors=NOBODY)
    assert not kept.exists()
    assert all(device.get(reverse("collection:activities")).status_code == 302 for device in devices)
    assert not Client().login(username=leaver.username, password=PASSWORD)
    leaver.refresh_from_db()
    assert (leaver.is_active, leaver.has_usable_password()) == (False, False)
    assert not Membership.objects.filter(user=leaver).exists()


def test_sessions_of_others_go_on(client, coordinator, leaver):
    leave(by=coordinator, user=leaver, successors=NOBODY)
    assert client.get(reverse("collection:staff")).status_code == 200


def test_invitations_to_them_and_by_them_end(client, coordinator, plan):
    colleague = make_user(Role.COORDINATOR, plan)
    _, theirs = invite(by=colleague, username="en", full_name="En", role=Role.STAFF)
    _, others = invite(by=coordinator, username="to", full_name="To", role=Role.STAFF)
    leave(by=coordinator, user=colleague, successors=NOBODY)
    assert Client().get(reverse("accounts:invitation", args=[theirs])).status_code == 404
    assert Client().get(reverse("accounts:invitation", args=[others])).status_code == 302
    invited = User.objects.get(username="to")
    leave(by=coordinator, user=invited, successors=NOBODY)
    assert Client().get(reverse("accounts:invitation", args=[others])).status_code == 404
    assert not Invitation.objects.exists()


# --- Work in plans --------------------------------------------------------------------------------


def test_their_open_work_is_named_and_goes_to_the_successor(client, coordinator, leaver, plan):
    activity = make_activity(plan, responsible=leaver, name="Mødregruppe Øst")
    ScreenAnswer.objects.create(
        activity=activity, text=make_text(), started_by=leaver, answer="yes", answered_at=timezone.now()
    )
    page = client.get(page_of(leaver))
    assert "Mødregruppe Øst" in page.content.decode()
    assert "et ja på skærmen" in page.content.decode()
    field = f"successor-{plan.pk}"
    assert page.context["form"].fields[field].initial == coordinator
    answer = client.post(page_of(leaver), {field: coordinator.pk}, follow=True)
    assert "Lene Går er fratrådt. Kontoen er lukket." in answer.content.decode()
    activity.refresh_from_db()
    assert activity.responsible == coordinator


def test_without_a_successor_nothing_happens(client, coordinator, leaver, plan):
    make_activity(plan, responsible=leaver)
    for chosen in ("", leaver.pk, make_user(Role.STAFF, make_plan()).pk):
        answer = client.post(page_of(leaver), {f"successor-{plan.pk}": chosen})
        assert answer.context["form"].errors
    leaver.refresh_from_db()
    assert leaver.is_active
    assert not Event.objects.filter(action="user.left").exists()


def test_all_or_nothing_when_the_successor_has_just_left_the_plan(coordinator, leaver, plan):
    other = make_plan()
    Membership.objects.create(user=leaver, plan=other)
    for each in (plan, other):
        make_activity(each, responsible=leaver)
    stranger = make_user(Role.STAFF, make_plan())
    with pytest.raises(NotInPlan), transaction.atomic():
        leave(by=coordinator, user=leaver, successors={plan.pk: coordinator, other.pk: stranger})
    leaver.refresh_from_db()
    assert leaver.is_active
    assert Membership.objects.filter(user=leaver).count() == 2
    assert not Event.objects.filter(action__in=("user.left", "activity.handed_over")).exists()


def test_the_only_one_of_a_plan_leaves_without_a_successor_and_a_new_coordinator_finds_the_work(client, plan):
    client.force_login(make_user(Role.CONTROLLER))
    alone = make_user(Role.COORDINATOR, plan, name="Lene Alene")
    make_activity(plan, responsible=alone)
    client.post(page_of(alone))
    client.force_login(make_user(Role.COORDINATOR, plan))
    link = reverse("consent:hand_over", args=[plan.pk, alone.pk])
    assert link in client.get(reverse("collection:staff")).content.decode()
    assert client.get(link).status_code == 200


def test_a_spreadsheet_of_theirs_that_is_being_read_in_is_not_written(coordinator, plan):
    activity, colleague = make_activity(plan), make_user(Role.COORDINATOR, plan)
    rows = [HEADINGS, [activity.name, cpr_text(date(1980, 3, 3)), "", "mor", "2016", "2016-02-01"]]
    spreadsheet = checked(csv_file(rows), by=colleague, plan=plan)
    leave(by=coordinator, user=colleague, successors=NOBODY)
    colleague.refresh_from_db()
    with pytest.raises(flip.Changed, match="no_access"):
        flip.look_again(spreadsheet, colleague)


# --- Projects and files ---------------------------------------------------------------------------


@pytest.fixture
def controller(client):
    user = make_user(Role.CONTROLLER)
    client.force_login(user)
    return user


@pytest.fixture
def evaluator():
    return make_user(Role.EVALUATOR, name="Eva Går")


@pytest.fixture
def project(evaluator, controller):
    return make_project(evaluator, by=controller)


def test_a_link_to_files_works_no_more(evaluator, controller, project):
    built = delivery_in(State.BUILT, project, by=evaluator, decider=controller)
    issue_link(by=evaluator, archive=built.archives.get(reader=Reader.EVALUATOR))
    link = FetchLink.objects.get()
    leave(by=controller, user=evaluator, successors=NOBODY)
    assert not FetchLink.objects.exists()
    with pytest.raises(LinkUsed):
        use_link(by=evaluator, link=link)
    assert not project.evaluators.exists()
    built.refresh_from_db()
    assert built.state == State.BUILT  # for the project's other evaluators


@pytest.mark.parametrize("state", [State.REQUESTED, State.PREPARED, State.APPROVED, State.FAILED])
def test_what_they_asked_for_and_was_not_built_is_cancelled(
    evaluator, controller, project, state, django_capture_on_commit_callbacks
):
    delivery = delivery_in(state, project, by=evaluator, decider=controller)
    other = make_user(Role.EVALUATOR)
    others = delivery_in(State.PREPARED, make_project(other), by=other, decider=controller)
    with django_capture_on_commit_callbacks(execute=True):
        leave(by=controller, user=evaluator, successors=NOBODY)
    delivery.refresh_from_db()
    others.refresh_from_db()
    assert (delivery.state, others.state) == (State.CANCELLED, State.PREPARED)
    assert not Job.objects.filter(delivery=delivery, state__in=[Job.State.QUEUED, Job.State.RUNNING]).exists()


def test_the_page_names_requests_keys_and_projects_that_are_left_without_an_evaluator(
    client, evaluator, controller, project
):
    delivery = delivery_in(State.PREPARED, project, by=evaluator, decider=controller)
    page = client.get(page_of(evaluator))
    assert (page.context["requests"], page.context["projects"]) == ([delivery], [project])
    assert [key.reader for key in page.context["keys"]] == [Reader.EVALUATOR]
    client.post(page_of(evaluator))
    delivery.refresh_from_db()
    assert delivery.state == State.CANCELLED


def test_a_job_looks_again_at_who_asked_for_it(evaluator, controller, project):
    """As when it was claimed in the moment in which they left."""
    delivery = request_delivery(by=evaluator, project=project, kind=Delivery.Kind.LINKAGE)
    User.objects.filter(pk=evaluator.pk).update(is_active=False)
    run_jobs()
    delivery.refresh_from_db()
    assert (delivery.state, delivery.reason) == (State.FAILED, "requester_left")


def test_nothing_is_built_on_the_approval_of_somebody_who_has_left(evaluator, controller, project):
    delivery = delivery_in(State.APPROVED, project, by=evaluator, decider=controller)
    leave(by=make_user(Role.CONTROLLER), user=controller, successors=NOBODY)
    run_jobs()
    delivery.refresh_from_db()
    assert (delivery.state, delivery.reason) == (State.FAILED, "approval_void")


def test_a_resident_list_of_theirs_is_not_loaded(controller):
    extract = RegisterExtract.objects.create(name="Liste", loaded_by=controller, delete_on="2030-01-01")
    job = jobs.enqueue(by=controller, kind=Job.Kind.LOAD, extract=extract)
    leave(by=make_user(Role.CONTROLLER), user=controller, successors=NOBODY)
    run_jobs()
    job.refresh_from_db()
    assert (job.state, job.problem) == (Job.State.FAILED, "loader_left")


def test_it_is_in_the_log_as_one_event_after_the_other_by_who_pressed(controller, evaluator, project):
    delivery_in(State.PREPARED, project, by=evaluator, decider=controller)
    before = Event.objects.count()
    leave(by=controller, user=evaluator, successors=NOBODY)
    events = Event.objects.order_by("sequence")[before:]
    assert [event.action for event in events] == [
        "user.left", "project.evaluator_left", "delivery.cancelled", "user.closed"
    ]  # fmt: skip
    assert {event.actor for event in events} == {str(controller.pk)}


def test_nobody_closes_their_own_account(client, controller):
    assert client.post(page_of(controller)).status_code == 404
