"""The log of a plan and of a person: whom it tells what."""

import csv
from io import StringIO

import pytest
from django.urls import reverse
from django.utils.timezone import localdate

from accounts.permissions import Role
from audit.models import Event
from audit.recording import audited
from collection import identities
from consent import gate
from consent.actions.withdraw import withdraw
from consent.models import Purpose
from consent.queries import EVALUATION
from tests.factories.cast import make_activity, make_identity, make_participant, make_plan, make_user

pytestmark = pytest.mark.django_db


@pytest.fixture
def plan():
    return make_plan("Helhedsplan Solbakken")


@pytest.fixture
def coordinator(client, plan):
    user = make_user(Role.COORDINATOR, plan, name="Karen Bruun")
    client.force_login(user)
    return user


def log_of(about) -> str:
    return reverse("consent:plan_log" if hasattr(about, "lbf_number") else "consent:participant_log", args=[about.pk])


def held(person):
    return gate.registered([person.plan]).get(pk=person.pk)


def actions(response) -> list[str]:
    return [row.event.action for row in response.context["rows"]]


def test_a_coordinator_sees_what_was_done_in_the_plan_and_nothing_else(client, plan, coordinator):
    make_participant(make_activity(plan))
    make_participant(make_activity())
    with audited(by=coordinator) as log:
        log("sign_in.done", coordinator)
    response = client.get(log_of(plan))
    assert "participant.enrolled" in actions(response)
    assert {row.event.plan for row in response.context["rows"]} == {str(plan.pk)}
    assert "Registrerede en deltager med samtykke" in response.content.decode()


def test_who_has_one_plan_goes_straight_to_its_log_and_others_choose(client, plan, coordinator):
    assert client.get(reverse("consent:plan_logs"))["Location"] == log_of(plan)
    client.force_login(make_user(Role.COORDINATOR, [plan, other := make_plan("Helhedsplan Lunden")]))
    page = client.get(reverse("consent:plan_logs")).content.decode()
    assert log_of(plan) in page
    assert log_of(other) in page


def test_a_plans_log_is_narrowed_to_a_colleague_also_one_who_has_left(client, plan, coordinator):
    activity = make_activity(plan)
    leaver = make_user(Role.STAFF, plan, name="Lars Holt")
    with audited(by=None) as log:
        log("member.added", leaver, plan=plan.pk, role="staff")
    make_participant(activity, by=leaver)
    plan.memberships.filter(user=leaver).delete()
    response = client.get(log_of(plan), {"who": str(leaver.pk)})
    assert set(actions(response)) >= {"participant.enrolled"}
    assert {row.who for row in response.context["rows"]} == {"Lars Holt"}
    assert set(actions(client.get(log_of(plan), {"who": "system"}))) == {"member.added"}


def test_nobody_learns_from_the_log_that_somebody_takes_part_elsewhere(client, plan, coordinator):
    """Somebody withdraws in another plan: here it is told that the consent ended, not where or by whom."""
    identity = make_identity()
    elsewhere = make_plan("Helhedsplan Lunden")
    stranger = make_user(Role.STAFF, elsewhere, name="Fremmed Medarbejder")
    here = make_participant(make_activity(plan), identity=identity)
    there = make_participant(make_activity(elsewhere), identity=identity, by=stranger)
    withdraw(by=stranger, participant=there, purpose=Purpose.objects.get(pk=EVALUATION), withdrawn_on=localdate())
    with audited(by=stranger) as log:
        log("namesake.asked", plan=plan.pk, subjects=[here.pk])
        log("pseudonym.looked_up", subjects=[here.pk, there.pk], reason="question")
    for address in (log_of(plan), log_of(here)):
        response = client.get(address)
        page = response.content.decode()
        assert "consent.withdrawn" in actions(response)
        assert not {"namesake.asked", "pseudonym.looked_up"} & set(actions(response))
        assert "en uden for planen" in page
        assert "Fremmed" not in page
        assert "Lunden" not in page
        assert str(there.pk) not in page
        file = b"".join(client.get(address, {"format": "csv"}).streaming_content).decode()
        assert "en uden for planen" in file
        assert not [word for word in ("Fremmed", "Lunden", str(stranger.pk)) if word in file]
    client.force_login(make_user(Role.CONTROLLER))
    assert {"namesake.asked", "pseudonym.looked_up"} <= set(actions(client.get(log_of(here))))
    assert "Fremmed Medarbejder" in client.get(log_of(here)).content.decode()


def test_a_person_is_told_who_has_seen_their_details(client, plan, coordinator):
    person, other = make_participant(make_activity(plan)), make_participant(make_activity(plan))
    reader = make_user(Role.STAFF, plan, name="Lise Lund")
    identities.read_all(held(person), by=reader)
    identities.names([held(person), held(other)], by=reader)
    identities.read_all(held(other), by=reader)
    response = client.get(log_of(person), {"kind": "read"})
    assert actions(response)[:3] == ["log.person_read", "identity.listed", "identity.shown"]
    assert "participant.enrolled" not in actions(response)
    assert "participant.enrolled" in actions(client.get(log_of(person)))
    assert "Lise Lund" in response.content.decode()


def test_reading_a_persons_log_is_in_the_persons_log(client, plan, coordinator):
    person = make_participant(make_activity(plan))
    client.get(log_of(person))
    event = Event.objects.get(action="log.person_read")
    assert (event.actor, event.plan, event.object_id) == (str(coordinator.pk), str(plan.pk), str(person.pk))
    assert [subject.subject for subject in event.subjects.all()] == [person.pk]
    b"".join(client.get(log_of(person), {"format": "csv"}).streaming_content)
    assert Event.objects.filter(action="log.taken", subjects__subject=person.pk).exists()


def test_the_log_of_somebody_who_was_erased_is_there_still(client, plan, coordinator):
    person = make_participant(make_activity(plan))
    page = client.get(reverse("consent:participant", args=[person.pk])).content.decode()
    assert log_of(person) in page
    withdraw(by=coordinator, participant=person, purpose=Purpose.objects.get(pk=EVALUATION), withdrawn_on=localdate())
    response = client.get(log_of(person))
    assert {"participant.enrolled", "consent.withdrawn"} <= set(actions(response))
    assert "Oplysningerne er slettet den" in response.content.decode()
    client.force_login(make_user(Role.COORDINATOR, make_plan()))
    assert client.get(log_of(person)).status_code == 404


def test_staff_read_no_log(client, plan):
    person = make_participant(make_activity(plan))
    client.force_login(make_user(Role.STAFF, plan))
    assert client.get(log_of(plan)).status_code == 403
    assert client.get(log_of(person)).status_code == 403
    assert log_of(person) not in client.get(reverse("consent:participant", args=[person.pk])).content.decode()


def test_the_file_opens_in_a_danish_spreadsheet_and_runs_no_formula(client, plan):
    trap = make_user(Role.COORDINATOR, plan, name='=HYPERLINK("http://example.invalid")')
    client.force_login(trap)
    with audited(by=trap) as log:
        for year in range(2014, 2017):
            log("headcount.estimated", plan=plan.pk, year=year, estimate=12)
    response = client.get(log_of(plan), {"format": "csv", "action": "headcount.estimated"})
    content = b"".join(response.streaming_content).decode("utf-8")
    assert content.startswith("\ufeff")
    assert response["Content-Disposition"].startswith('attachment; filename="log-')
    assert "no-store" in response["Cache-Control"]
    rows = list(csv.reader(StringIO(content[1:]), delimiter=";"))
    assert rows[0] == ["Nr.", "Tidspunkt", "Hvem", "Handling", "Nærmere", "Helhedsplan"]
    assert [row[4] for row in rows[1:]] == [f"skøn: 12, år: {year}" for year in (2016, 2015, 2014)]
    assert not [cell for row in rows for cell in row if cell[:1] in ("=", "+", "-", "@")]
    assert Event.objects.filter(action="log.taken", plan=str(plan.pk)).exists()
