"""A data controller learns whose one code is: with a reason, in the log, some times in an hour, never in bulk."""

from concurrent.futures import ThreadPoolExecutor
from datetime import date

import pytest
from django.db import connections, transaction
from django.urls import reverse

from audit.models import Event, Subject
from collection.models import Participant
from consent.actions.withdraw import withdraw
from consent.models import Purpose
from consent.queries import EVALUATION
from exports.actions import pseudonyms as actions
from exports.actions.deletions import report_deletion
from exports.actions.deliveries import record_fetch
from exports.actions.merge import merge
from exports.actions.pseudonyms import LookUpReason, TooManyLookUps, look_up
from exports.models import Reader
from exports.policies import NotAllowed
from exports.pseudonymise import ProjectCodes
from exports.pseudonyms import new_code
from tests.factories.cast import make_activity, make_identity, make_name_identity, make_participant, make_user
from tests.factories.deliveries import approve_and_build, make_delivery, make_project

pytestmark = pytest.mark.django_db


@pytest.fixture
def person() -> Participant:
    return make_participant(make_activity(), make_name_identity(born=date(1987, 6, 4)))


@pytest.fixture
def code(project, person) -> str:
    return code_for(project, person)


def code_for(project, *rows: Participant) -> str:
    with transaction.atomic():
        return ProjectCodes(project).codes_for([[row.pk for row in rows]])[0]


def leave(person: Participant) -> None:
    purpose = Purpose.objects.get(pk=EVALUATION)
    withdraw(by=make_user(), participant=person, purpose=purpose, withdrawn_on=date.today())


def page(client, project, controller, **typed):
    client.force_login(controller)
    return client.post(reverse("exports:look_up", args=[project.pk]), {"reason": "question"} | typed)


# --- The answer -----------------------------------------------------------------------------------------------


def test_the_page_shows_the_person_and_the_consent_as_a_controller_sees_them(client, project, person, code, controller):
    typed = f" {code[:5].lower()}-{code[5:]}"
    answer = page(client, project, controller, code=typed)
    assert "Gyldigt" in answer.text
    assert "4. juni 1987" in answer.text
    assert str(person.plan) in answer.text
    assert "Birkevænget" not in answer.text  # where the person lives answers no question of quality
    assert "no-store" in answer["Cache-Control"]
    assert code not in str(answer.request)
    assert code not in answer.text.partition("</title>")[0]


def test_a_number_is_shown_masked(client, project, controller):
    identity = make_identity()
    code = code_for(project, make_participant(make_activity(), identity))
    answer = page(client, project, controller, code=code)
    assert f"{identity.cpr.digits[:6]}-••••" in answer.text
    assert identity.cpr.digits not in answer.text


def test_it_is_in_the_log_before_it_is_shown_with_the_persons_and_without_the_code(project, person, code, controller):
    look_up(by=controller, project=project, code=code, reason=LookUpReason.QUESTION)
    look_up(by=controller, project=project, code=new_code(), reason=LookUpReason.NOT_LINKED)
    found, nobody = Event.objects.filter(action__startswith="pseudonym.").order_by("sequence")
    assert (found.action, nobody.action) == ("pseudonym.looked_up", "pseudonym.not_found")
    assert (found.actor, found.object_id) == (str(controller.pk), str(project.pk))
    assert '"question"' in found.details
    assert [row.subject for row in Subject.objects.filter(event=found)] == [person.pk]
    assert code not in found.details + nobody.details


def test_the_code_of_a_row_that_was_merged_leads_to_the_row_that_was_kept(client, project, controller):
    activity = make_activity()
    kept, other = make_participant(activity), make_participant(activity, make_name_identity())
    code_for(project, kept)
    earlier = code_for(project, other)
    merge(by=activity.responsible, kept=kept, other=other)
    answer = page(client, project, controller, code=earlier)
    assert [each["row"].pk for each in answer.context["registrations"]] == [kept.pk]


def test_a_person_of_two_plans_is_shown_with_both(client, project, controller):
    identity = make_identity()
    rows = [make_participant(make_activity(), identity) for _ in range(2)]
    answer = page(client, project, controller, code=code_for(project, *rows))
    assert len(answer.context["registrations"]) == 2


def test_who_withdrew_is_shown_without_identity_and_with_the_deliveries(client, project, person, evaluator, controller):
    activity = make_activity()
    for _ in range(4):
        make_participant(activity)
    delivery = approve_and_build(make_delivery(project, by=evaluator), by=controller)
    record_fetch(by=evaluator, archive=delivery.archives.get(reader=Reader.EVALUATOR))
    code = code_for(project, person)
    leave(person)
    answer = page(client, project, controller, code=code)
    assert "Oplysningerne om, hvem personen er, er slettet." in answer.text
    [held] = answer.context["holdings"]
    assert (held.delivery, held.fetched_by, held.deleted_by) == (delivery, [Reader.EVALUATOR], [])
    report_deletion(by=evaluator, delivery=delivery)
    assert page(client, project, controller, code=code).context["holdings"][0].deleted_by == [Reader.EVALUATOR]


# --- What is refused ------------------------------------------------------------------------------------------


def test_another_projects_code_is_nobodys(client, project, person, code, evaluator, controller):
    answer = page(client, make_project(evaluator), controller, code=code)
    assert answer.context["registrations"] == []
    assert "Ingen i projektet har eller har haft den kode" in answer.text


@pytest.mark.parametrize("typed, sentence", [("", "Skriv koden"), ("3467", "13 tegn"), ("O" * 13, "ikke bruges")])
def test_says_what_is_wrong_with_a_code_and_looks_nothing_up(client, project, controller, typed, sentence):
    answer = page(client, project, controller, code=typed)
    assert sentence in answer.text
    assert not Event.objects.filter(action__startswith="pseudonym.").exists()


def test_without_a_reason_nothing_is_looked_up(client, project, code, controller):
    answer = page(client, project, controller, code=code, reason="")
    assert "Vælg, hvorfor du slår koden op." in answer.text
    assert code in answer.text  # what was typed stays
    assert not Event.objects.filter(action__startswith="pseudonym.").exists()


def test_a_get_never_answers(client, project, code, controller):
    client.force_login(controller)
    answer = client.get(reverse("exports:look_up", args=[project.pk]), {"code": code, "reason": "question"})
    assert "registrations" not in answer.context


def test_evaluators_learn_nothing(project, code, evaluator):
    with pytest.raises(NotAllowed):
        look_up(by=evaluator, project=project, code=code, reason=LookUpReason.QUESTION)


def test_only_so_many_in_an_hour_misses_counted_too(client, project, code, controller, monkeypatch):
    monkeypatch.setattr(actions, "LIMIT", 3)
    for each in (code, new_code(), new_code()):
        assert page(client, project, controller, code=each).status_code == 200
    answer = page(client, project, controller, code=code)
    assert answer.status_code == 429
    assert "Vent en time" in answer.text
    assert "registrations" not in answer.context
    assert page(client, project, make_user("controller"), code=code).status_code == 200  # somebody else's count


@pytest.mark.django_db(transaction=True)
def test_several_at_the_same_time_are_counted_one_after_the_other(evaluator, controller, monkeypatch):
    monkeypatch.setattr(actions, "LIMIT", 2)
    project = make_project(evaluator)

    def ask() -> bool:
        try:
            look_up(by=controller, project=project, code=new_code(), reason=LookUpReason.QUESTION)
        except TooManyLookUps:
            return False
        finally:
            connections.close_all()
        return True

    with ThreadPoolExecutor(6) as pool:
        answers = [each.result() for each in [pool.submit(ask) for _ in range(6)]]
    assert answers.count(True) == 2
