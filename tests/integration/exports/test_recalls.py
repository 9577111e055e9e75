"""Who was in files that were fetched and has withdrawn since is called back, from each reader, until it is done."""

from datetime import date

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from django.utils import timezone

from audit.models import Event
from audit.recording import audited
from collection.models import Participant
from consent.actions.withdraw import end_consent, erase_identities, rows_of_person, withdraw
from consent.models import Decision, Kind, Purpose
from consent.queries import EVALUATION
from exports import project_keys
from exports.actions.deliveries import SomebodyLeft, build_again, cancel, record_fetch, try_again
from exports.actions.recalls import acknowledge
from exports.linkage.lint import LintBlocked
from exports.models import Delivery, DeliveryPerson, Fetch, Reader, RecallAcknowledgement, State
from exports.policies import NotAllowed
from exports.pseudonymise import ProjectCodes
from exports.recalls import open_recalls, recall_list
from exports.states import WrongState
from tests.factories.cast import make_activity, make_identity, make_participant, make_user
from tests.factories.deliveries import approve_and_build, make_delivery, make_project, members, run_jobs, say_yes

pytestmark = pytest.mark.django_db


@pytest.fixture
def people():
    activity = make_activity()
    return [make_participant(activity) for _ in range(6)]


@pytest.fixture
def delivery(project, people, evaluator, controller):
    return approve_and_build(make_delivery(project, by=evaluator), by=controller)


def fetch(delivery: Delivery, reader: Reader, by) -> None:
    record_fetch(by=by, archive=delivery.archives.get(reader=reader))


def leave(person: Participant) -> Decision:
    purpose = Purpose.objects.get(pk=EVALUATION)
    return withdraw(by=make_user(), participant=person, purpose=purpose, withdrawn_on=date.today())


def code_of(project, person) -> str:
    return ProjectCodes(project).known([person.pk])[person.pk]


# --- Who is on the list ------------------------------------------------------------------------------------


def test_the_list_has_the_codes_of_those_who_left_after_the_reader_fetched(
    project, people, delivery, evaluator, controller
):
    fetch(delivery, Reader.EVALUATOR, evaluator)
    assert recall_list(project, Reader.EVALUATOR).codes == []
    leave(people[0])
    leave(people[1])
    assert recall_list(project, Reader.EVALUATOR).codes == sorted(code_of(project, row) for row in people[:2])
    assert recall_list(project, Reader.OFFICER).codes == []  # the officer has not fetched anything
    assert open_recalls(evaluator) == [project]
    assert open_recalls(controller) == []


def test_who_left_before_anybody_fetched_is_on_no_list(project, people, delivery, evaluator):
    leave(people[0])
    with CaptureQueriesContext(connection) as captured:
        assert open_recalls(evaluator) == []
    assert not any("consent_decision" in query["sql"] for query in captured)  # nor is everybody who left looked up
    with pytest.raises(SomebodyLeft):
        fetch(delivery, Reader.EVALUATOR, evaluator)
    build_again(by=evaluator, delivery=delivery)
    run_jobs()
    delivery.refresh_from_db()
    fetch(delivery, Reader.EVALUATOR, evaluator)
    assert recall_list(project, Reader.EVALUATOR).codes == []


def test_who_was_in_files_that_were_fetched_stays_on_the_list_when_they_are_built_again(
    project, people, delivery, evaluator
):
    fetch(delivery, Reader.EVALUATOR, evaluator)
    leave(people[0])
    build_again(by=evaluator, delivery=delivery)
    run_jobs()
    delivery.refresh_from_db()
    assert not delivery.archives.filter(fetched_at__isnull=False).exists()
    assert recall_list(project, Reader.EVALUATOR).codes == [code_of(project, people[0])]


def test_a_no_when_asked_again_is_called_back_too(project, people, delivery, evaluator):
    fetch(delivery, Reader.EVALUATOR, evaluator)
    with audited(by=None) as log:
        rows = rows_of_person(people[0])
        end_consent(log, rows, by=None, purpose=project.purpose, kind=Kind.REFUSED, on=date.today())
    assert len(recall_list(project, Reader.EVALUATOR).codes) == 1


def test_a_no_when_asked_again_between_approval_and_building_is_honoured(project, people, evaluator, controller):
    delivery = make_delivery(project, by=evaluator)
    say_yes(delivery, by=controller)
    with audited(by=None) as log:
        rows = rows_of_person(people[0])
        end_consent(log, rows, by=None, purpose=project.purpose, kind=Kind.REFUSED, on=date.today())
    run_jobs()
    delivery.refresh_from_db()
    gone = code_of(project, people[0])
    assert all(gone not in content.decode(errors="ignore") for content in everything(delivery))


def everything(delivery) -> list[bytes]:
    return [content for archive in delivery.archives.all() for content in members(archive).values()]


def test_an_identity_erased_after_a_lapse_is_no_recall(project, people, delivery, evaluator):
    fetch(delivery, Reader.EVALUATOR, evaluator)
    erase_identities([people[0].pk], at=timezone.now())
    assert recall_list(project, Reader.EVALUATOR).persons == 0


def test_a_person_of_two_plans_is_one_code_on_the_list(project, people, evaluator, controller):
    same = make_identity()
    row = make_participant(make_activity(), same)
    make_participant(make_activity(), same)
    delivery = approve_and_build(make_delivery(project, by=evaluator), by=controller)
    fetch(delivery, Reader.OFFICER, controller)
    leave(row)
    found = recall_list(project, Reader.OFFICER)
    assert (len(found.codes), found.persons) == (1, 2)


def test_another_projects_codes_are_on_its_own_list(project, people, delivery, evaluator, controller):
    other = make_project(evaluator)
    again = approve_and_build(make_delivery(other, by=evaluator), by=controller)
    fetch(delivery, Reader.EVALUATOR, evaluator)
    fetch(again, Reader.EVALUATOR, evaluator)
    leave(people[0])
    lists = [recall_list(each, Reader.EVALUATOR).codes for each in (project, other)]
    assert lists == [[code_of(project, people[0])], [code_of(other, people[0])]]
    assert lists[0] != lists[1]


# --- What was given out is never forgotten -----------------------------------------------------------------


def test_a_delivery_that_was_given_out_keeps_its_ledger_whatever_becomes_of_it(
    project, people, delivery, evaluator, monkeypatch
):
    fetch(delivery, Reader.EVALUATOR, evaluator)
    for person in people[:4]:
        leave(person)

    def blocked(*args):
        raise LintBlocked([])

    monkeypatch.setattr("exports.linkage_delivery.build_files", blocked)
    build_again(by=evaluator, delivery=delivery)
    run_jobs()
    delivery.refresh_from_db()
    assert (delivery.state, delivery.reason) == (State.FAILED, "blocked")
    with pytest.raises(WrongState):
        try_again(by=evaluator, delivery=delivery)
    cancel(by=evaluator, delivery=delivery)
    assert DeliveryPerson.objects.filter(delivery=delivery).count() == len(people)
    assert len(recall_list(project, Reader.EVALUATOR).codes) == 4


def test_each_fetch_is_kept(delivery, evaluator):
    fetch(delivery, Reader.EVALUATOR, evaluator)
    fetch(delivery, Reader.EVALUATOR, evaluator)
    assert Fetch.objects.filter(delivery=delivery, reader=Reader.EVALUATOR).count() == 2


# --- Acknowledging ----------------------------------------------------------------------------------------


def test_acknowledging_covers_the_list_that_was_shown_and_no_later_withdrawal(project, people, delivery, evaluator):
    fetch(delivery, Reader.EVALUATOR, evaluator)
    leave(people[0])
    shown = recall_list(project, Reader.EVALUATOR)
    leave(people[1])
    acknowledge(by=evaluator, project=project, reader=Reader.EVALUATOR, persons=shown.persons, up_to=shown.up_to)
    now = recall_list(project, Reader.EVALUATOR)
    assert (len(now.codes), now.new, now.is_open) == (2, 1, True)
    acknowledge(by=evaluator, project=project, reader=Reader.EVALUATOR, persons=now.persons, up_to=now.up_to)
    assert not recall_list(project, Reader.EVALUATOR).is_open
    assert open_recalls(evaluator) == []
    assert [row.persons for row in RecallAcknowledgement.objects.order_by("pk")] == [1, 2]


def test_a_withdrawal_that_was_committed_late_with_an_earlier_number_stays_open(project, people, delivery, evaluator):
    fetch(delivery, Reader.EVALUATOR, evaluator)
    early = leave(people[0])
    late = leave(people[1])
    # only the later number was there to be seen
    acknowledge(by=evaluator, project=project, reader=Reader.EVALUATOR, persons=1, up_to=late.pk)
    assert early.pk < late.pk
    assert open_recalls(evaluator) == [project]


def test_a_list_that_nobody_was_shown_is_not_acknowledged(project, people, delivery, evaluator):
    fetch(delivery, Reader.EVALUATOR, evaluator)
    decision = leave(people[0])
    for persons, up_to in ((2, decision.pk), (1, decision.pk + 1), (0, decision.pk)):
        with pytest.raises(NotAllowed):
            acknowledge(by=evaluator, project=project, reader=Reader.EVALUATOR, persons=persons, up_to=up_to)


# --- The pages --------------------------------------------------------------------------------------------


def test_the_evaluator_sees_takes_and_acknowledges_the_list(client, project, people, delivery, evaluator):
    fetch(delivery, Reader.EVALUATOR, evaluator)
    leave(people[0])
    client.force_login(evaluator)
    page, project_page = (reverse(f"exports:{name}", args=[project.pk]) for name in ("recalls", "project"))
    for address in (project_page, reverse("exports:deliveries")):
        assert page in client.get(address).text
    shown = client.get(page).context["list"]
    answer = client.post(reverse("exports:recall_list", args=[project.pk]))
    assert answer.content.decode() == f'PSEUDONYM\n"{code_of(project, people[0])}"\n'
    assert answer["Content-Disposition"].startswith("attachment")
    assert "no-store" in answer["Cache-Control"]
    done = {"persons": shown.persons, "up_to": shown.up_to}
    said = client.post(reverse("exports:recalls_acknowledge", args=[project.pk]), done, follow=True)
    assert "slettet" in said.text
    assert not client.get(project_page).context["recalled"]
    recorded = Event.objects.filter(action__startswith="recalls.").order_by("sequence").values_list("action", flat=True)
    assert list(recorded) == ["recalls.fetched", "recalls.acknowledged"]


def test_without_the_projects_key_a_sentence_stands_instead_of_a_list(client, project, people, delivery, evaluator):
    fetch(delivery, Reader.EVALUATOR, evaluator)
    leave(people[0])
    project_keys._path(project.pk).unlink()
    client.force_login(evaluator)
    assert "Projektets nøgle er slettet" in client.get(reverse("exports:recalls", args=[project.pk])).text
    assert client.post(reverse("exports:recall_list", args=[project.pk])).status_code == 302
    assert open_recalls(evaluator) == []


def test_what_was_not_shown_is_answered_with_the_list_as_it_is(client, project, people, delivery, evaluator):
    client.force_login(evaluator)
    address = reverse("exports:recalls_acknowledge", args=[project.pk])
    assert "Listen er ændret" in client.post(address, {"persons": "x"}, follow=True).text
    assert not RecallAcknowledgement.objects.exists()


def test_many_projects_take_few_queries(client, people, evaluator, controller):
    for _ in range(3):
        project = make_project(evaluator)
        fetch(approve_and_build(make_delivery(project, by=evaluator), by=controller), Reader.EVALUATOR, evaluator)
    leave(people[0])
    client.force_login(evaluator)
    client.get(reverse("exports:deliveries"))
    with CaptureQueriesContext(connection) as captured:
        assert len(client.get(reverse("exports:deliveries")).context["recalled"]) == 3
    assert len(captured) <= 15


# --- The receipt --------------------------------------------------------------------------------------------


def test_the_receipt_names_deliveries_to_the_controller_and_counts_the_plans_own_for_staff(
    client, project, people, evaluator, controller
):
    same = make_identity()
    here, elsewhere = make_activity(), make_activity()
    mine = make_participant(here, same, start=date(2019, 3, 1))  # after the project's years
    make_participant(elsewhere, same)
    delivery = approve_and_build(make_delivery(project, by=evaluator), by=controller)
    fetch(delivery, Reader.EVALUATOR, evaluator)
    leave(mine)
    address = reverse("exports:receipt", args=[mine.pk])
    client.force_login(here.responsible)
    answer = client.get(address)
    assert (answer.context["count"], answer.context["holdings"]) == (0, [])
    client.force_login(controller)
    assert [each.delivery for each in client.get(address).context["holdings"]] == [delivery]
    client.force_login(elsewhere.responsible)
    assert client.get(address).status_code == 404
