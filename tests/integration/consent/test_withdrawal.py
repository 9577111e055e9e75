"""Finding somebody who wants out when only the person is there, and who else may be the same person."""

import json
from datetime import date

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from accounts.permissions import Role
from audit.models import Event
from collection.models import Participant
from consent.actions import find
from consent.actions.proofs import add_proof
from consent.actions.withdraw import withdraw
from consent.models import Decision, Kind, PossiblySame, Proof, Purpose
from consent.namesakes import open_questions
from consent.queries import EVALUATION
from tests.factories.cast import (
    make_activity,
    make_identity,
    make_name_identity,
    make_participant,
    make_participation,
    make_plan,
    make_user,
)
from tests.factories.forms import date_parts

pytestmark = pytest.mark.django_db
FIND = "consent:find"


@pytest.fixture
def activity():
    return make_activity(make_plan())


@pytest.fixture
def search(client, activity):
    """`search(user=…, cpr=…)` or `search(identity)` by name and birth date."""

    def post(identity=None, *, user=None, cpr=""):
        client.force_login(user or activity.responsible)
        data = {"identification": "cpr", "cpr": cpr}
        if identity:
            data = {"identification": "name_address", "name": identity.name}
            data |= date_parts("birth_date", identity.birth_date)
        return client.post(reverse(FIND), data)

    return post


def leave(person: Participant, *, by=None, also=()) -> Decision:
    purpose = Purpose.objects.get(pk=EVALUATION)
    return withdraw(by=by or make_user(), participant=person, purpose=purpose, withdrawn_on=date.today(), also=also)


def is_erased(person: Participant) -> bool:
    return Participant.ungated.get(pk=person.pk).erased_at is not None


# --- Finding ------------------------------------------------------------------------------------------------


def test_a_number_leads_straight_to_the_persons_withdrawal(search, activity):
    identity = make_identity()
    person = make_participant(activity, identity)
    answer = search(cpr=identity.cpr.digits)
    assert answer["Location"] == reverse("consent:withdraw", args=[person.pk])
    event = Event.objects.get(action="person.found")
    assert [row.subject for row in event.subjects.all()] == [person.pk]
    assert identity.cpr.digits not in event.details


def test_name_and_birth_date_lead_there_however_the_name_is_written(search, activity):
    identity = make_name_identity()
    person = make_participant(activity, identity)
    shouted = type(identity)(identity.name.upper(), identity.birth_date, identity.address, identity.residence_date)
    assert search(shouted)["Location"] == reverse("consent:withdraw", args=[person.pk])


def test_of_several_namesakes_one_is_chosen_by_what_they_take_part_in(search, activity):
    identity = make_name_identity()
    first = make_participant(activity, identity)
    second = make_participation(make_activity(activity.plan), identity, another_person=True).participant
    answer = search(identity)
    assert {row["person"].pk for row in answer.context["people"]} == {first.pk, second.pk}
    assert identity.name not in answer.text.partition("<form")[0]


def test_a_person_of_two_plans_is_found_once_by_the_controller(search):
    identity = make_identity()
    rows = [make_participant(make_activity(make_plan()), identity) for _ in range(2)]
    answer = search(user=make_user(Role.CONTROLLER), cpr=identity.cpr.digits)
    assert answer["Location"] == reverse("consent:withdraw", args=[rows[0].pk])


def test_staff_find_nobody_of_another_plan_and_the_search_is_in_the_log(search):
    identity = make_identity()
    make_participant(make_activity(make_plan()), identity)
    answer = search(cpr=identity.cpr.digits)
    assert answer.status_code == 200
    assert "Ingen er registreret med det" in answer.text
    assert json.loads(Event.objects.get(action="person.not_found").details) == {"identification": "cpr"}


def test_searches_are_limited_in_an_hour_whatever_they_find(search, monkeypatch):
    monkeypatch.setattr(find, "LIMIT", 2)
    for _ in range(2):
        assert search(cpr=make_identity().cpr.digits).status_code == 200
    events = Event.objects.count()
    refused = search(cpr=make_identity().cpr.digits)
    assert refused.status_code == 429
    assert not Event.objects.filter(action__startswith="person.").count() > 2
    assert Event.objects.count() >= events


@pytest.mark.parametrize(
    ("data", "field"),
    [
        ({"identification": "cpr", "cpr": "12"}, "cpr"),
        ({"identification": "name_address", "name": "-"}, "name"),
        ({"identification": "name_address", "name": "Bo"}, "birth_date"),
        ({"identification": "x"}, "identification"),
    ],
)
def test_what_can_not_be_searched_for_is_said_at_its_field(client, activity, data, field):
    client.force_login(activity.responsible)
    answer = client.post(reverse(FIND), data)
    assert field in answer.context["form"].errors
    assert not Event.objects.filter(action__startswith="person.").exists()


def test_nothing_is_searched_for_by_address(client, activity):
    identity = make_identity()
    make_participant(activity, identity)
    client.force_login(activity.responsible)
    answer = client.get(reverse(FIND), {"identification": "cpr", "cpr": identity.cpr.digits})
    assert "people" not in answer.context
    assert not Event.objects.filter(action__startswith="person.").exists()


def test_the_controller_sees_no_name_on_the_way_to_a_withdrawal(client, activity):
    identity = make_name_identity()
    person = make_participant(activity, identity)
    client.force_login(make_user(Role.CONTROLLER))
    address = reverse("consent:withdraw", args=[person.pk])
    answer = client.get(address)
    assert identity.name not in answer.text
    assert activity.name in answer.text
    assert client.post(address, date_parts("withdrawn_on", date.today())).status_code == 302
    assert is_erased(person)


# --- Withdrawing ---------------------------------------------------------------------------------------------


def test_a_reason_is_kept_as_a_code_and_never_needed(client, activity):
    client.force_login(activity.responsible)
    for reason in ("", "uneasy"):
        person = make_participant(activity)
        data = date_parts("withdrawn_on", date.today()) | {"reason": reason}
        assert client.post(reverse("consent:withdraw", args=[person.pk]), data).status_code == 302
        assert Decision.objects.get(participant=person, kind=Kind.WITHDRAWN).reason == reason


def test_what_was_signed_is_locked_as_proof(activity):
    person = make_participant(activity)
    decision = Decision.objects.get(participant=person)
    add_proof(by=activity.responsible, decision=decision, content=b"x", media_type="image/png")
    leave(person)
    proof = Proof.objects.get()
    assert proof.locked_at
    assert proof.delete_on > date.today()


def test_all_rows_of_the_number_are_ended_at_one_moment(activity):
    identity = make_identity()
    rows = [make_participant(each, identity) for each in (activity, make_activity(make_plan()))]
    leave(rows[0])
    assert all(map(is_erased, rows))
    assert Decision.objects.filter(kind=Kind.WITHDRAWN).values("recorded_at").distinct().count() == 1


def test_who_has_withdrawn_already_is_shown_the_receipt(client, activity):
    person = make_participant(activity)
    client.force_login(activity.responsible)
    leave(person, by=activity.responsible)
    page, receipt = (reverse(name, args=[person.pk]) for name in ("consent:withdraw", "exports:receipt"))
    assert "en uden for planen" not in client.get(receipt).text
    assert client.get(page)["Location"] == receipt
    again = client.post(page, date_parts("withdrawn_on", date.today()))  # an answer was lost, or a page left open
    assert again["Location"] == receipt
    assert Decision.objects.filter(participant=person, kind=Kind.WITHDRAWN).count() == 1
    client.force_login(make_activity(make_plan()).responsible)
    assert client.get(page).status_code == 404  # theirs of another plan


def test_the_receipt_of_a_withdrawal_in_another_plan_does_not_name_who_took_it_there(client, activity):
    identity = make_identity()
    elsewhere = make_activity(make_plan(), responsible=make_user(Role.STAFF, name="Kollega fra en anden plan"))
    person, there = make_participant(activity, identity), make_participant(elsewhere, identity)
    leave(there, by=elsewhere.responsible)
    client.force_login(activity.responsible)
    receipt = client.get(reverse("exports:receipt", args=[person.pk]))
    assert "en uden for planen" in receipt.text
    assert elsewhere.responsible.full_name not in receipt.text


# --- Who may be the same --------------------------------------------------------------------------------------


def test_namesakes_of_the_plan_are_asked_about_on_the_page_and_erased_when_ticked(client, activity):
    identity = make_name_identity()
    person = make_participant(activity, identity)
    same, other = (
        make_participation(make_activity(activity.plan), identity, another_person=True).participant for _ in range(2)
    )
    client.force_login(activity.responsible)
    address = reverse("consent:withdraw", args=[person.pk])
    assert "Er det også denne?" in client.get(address).text
    client.post(address, date_parts("withdrawn_on", date.today()) | {"also": [str(same.pk)]})
    assert [is_erased(row) for row in (person, same, other)] == [True, True, False]
    answer = PossiblySame.objects.get()
    assert (answer.participant, answer.same, answer.settled_by) == (other, False, activity.responsible)
    assert not open_questions()


def test_who_has_another_number_is_nobodys_question(client, activity):
    first = make_identity(born=date(1980, 5, 6), working_name="Bodil Ærenlund")
    second = make_identity(born=date(1980, 5, 6), working_name="Bodil Ærenlund")
    person = make_participant(activity, first)
    make_participant(activity, second)
    make_participant(make_activity(make_plan()), make_identity(born=date(1980, 5, 6), working_name="Bodil Ærenlund"))
    client.force_login(activity.responsible)
    assert "Er det også denne?" not in client.get(reverse("consent:withdraw", args=[person.pk])).text
    leave(person)
    assert not PossiblySame.objects.exists()


def test_a_namesake_of_another_plan_is_the_controllers_question_and_stays_until_it_is_settled(activity):
    identity = make_name_identity()
    person = make_participant(activity, identity)
    elsewhere = make_participant(make_activity(make_plan()), identity)
    decision = leave(person)
    [question] = open_questions()
    assert (question.decision, question.participant) == (decision, elsewhere)
    assert not is_erased(elsewhere)


@pytest.mark.parametrize("same", [True, False])
def test_the_controller_settles_who_is_the_same(client, activity, same):
    identity = make_name_identity()
    person = make_participant(activity, identity)
    elsewhere, third = (make_participant(make_activity(make_plan()), identity) for _ in range(2))
    leave(person)
    controller = make_user(Role.CONTROLLER)
    client.force_login(controller)
    assert "2 registreringer" in client.get(reverse(FIND)).text
    question = PossiblySame.objects.get(participant=elsewhere)
    page = reverse("consent:namesake", args=[question.pk])
    with CaptureQueriesContext(connection) as captured:
        assert identity.address in client.get(page).text  # what the controller can ask the person about
    assert len([each for each in captured if "SAVEPOINT" not in each["sql"]]) <= 15
    assert Event.objects.filter(action="identity.shown", actor=str(controller.pk)).count() == 1
    client.post(page, {"answer": "yes" if same else "no"})
    question.refresh_from_db()
    assert (question.same, question.settled_by) == (same, controller)
    assert is_erased(elsewhere) is same
    assert not is_erased(third)
    assert PossiblySame.objects.filter(participant=third).count() == 1  # not asked about twice
    assert client.get(page).status_code == 404


def test_no_plan_is_told_of_a_namesake_elsewhere(client, activity):
    identity = make_name_identity()
    person = make_participant(activity, identity)
    make_participant(make_activity(make_plan()), identity)
    client.force_login(activity.responsible)
    address = reverse("consent:withdraw", args=[person.pk])
    assert "Er det også denne?" not in client.get(address).text
    answer = client.post(address, date_parts("withdrawn_on", date.today()), follow=True)
    assert "måske" not in answer.text
    assert client.get(reverse("consent:namesakes")).status_code == 403
