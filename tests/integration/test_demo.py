"""`manage.py demo`: fills an empty demo site, and nothing else."""

from datetime import date
from io import StringIO

import pytest
from django.core.management import CommandError, call_command

from accounts.models import User
from accounts.permissions import Role
from audit.models import Event, Subject
from collection.models import (
    Activity,
    AddressKey,
    Department,
    Headcount,
    Identification,
    Participant,
    Participation,
    Plan,
)
from config.demo_password import demo_password
from consent import gate
from consent.models import Decision, Kind, Tally, Text, Version
from consent.queries import EVALUATION
from exports.demo.registrations import WRITTEN_ON
from exports.demo.world import World
from exports.models import EvaluationProject, Job, RegisterExtract
from exports.uploads import upload_path

PARTICIPANTS = 400


@pytest.fixture
def demo_site(settings):
    settings.DEMO = True


@pytest.fixture
def filled(demo_site, db):
    call_command("demo", participants=PARTICIPANTS, no_residents=True, stdout=StringIO())


def test_fills_the_site_at_the_evaluations_scale(filled):
    assert (Plan.objects.count(), Department.objects.count(), Activity.objects.count()) == (89, 395, 2000)
    assert Participant.ungated.count() == PARTICIPANTS
    assert Participation.ungated.count() >= PARTICIPANTS
    assert AddressKey.objects.exists()
    assert Headcount.objects.exists()
    assert Tally.objects.exists()


def test_the_four_users_sign_in_with_the_demo_password_and_nobody_else_does(filled, client):
    able = {user.username: user for user in User.objects.all() if user.has_usable_password()}
    assert {name: user.role for name, user in able.items()} == {
        "medarbejder": Role.STAFF,
        "koordinator": Role.COORDINATOR,
        "evaluator": Role.EVALUATOR,
        "dataansvarlig": Role.CONTROLLER,
    }
    assert all(user.check_password(demo_password()) for user in able.values())
    assert User.objects.count() > 300


def test_the_sign_in_page_of_a_demo_names_its_users(demo_site, client, db):
    page = client.get("/log-ind/").text
    assert "Demonstration." in page
    assert all(f"<code>{name}</code>" in page for name in ("medarbejder", "koordinator", "evaluator", "dataansvarlig"))


def test_the_first_plans_are_those_of_staff_and_coordinator(filled):
    own = [set(User.objects.get(username=name).plans.all()) for name in ("medarbejder", "koordinator")]
    assert own[0] == own[1]
    assert {plan.lbf_number[-3:] for plan in own[0]} == {"001", "002", "003"}
    assert Activity.objects.filter(responsible__username="medarbejder").exists()
    assert all(plan.members.exists() for plan in Plan.objects.all())


def test_the_evaluator_has_one_project(filled):
    project = EvaluationProject.objects.get()
    assert [user.username for user in project.evaluators.all()] == ["evaluator"]
    assert (project.first_year, project.last_year, project.purpose_id) == (2014, 2016, EVALUATION)


def test_identities_are_sealed_and_erased_ones_are_gone(filled):
    erased = Participant.ungated.filter(erased_at__isnull=False)
    held = Participant.ungated.filter(erased_at__isnull=True)
    assert erased.exists()
    assert all(bytes(each.cpr.record)[0] == 1 for each in held.filter(identification=Identification.CPR))
    assert not erased.filter(cpr__isnull=False).exists()
    assert held.filter(identification=Identification.NAME_ADDRESS).exists()


def test_the_gate_lets_those_through_whose_consent_is_valid(filled):
    valid = [
        each.id
        for registrations in World(2016, PARTICIPANTS).registrations()
        for _, registered in registrations
        for each in registered
        if each.consent_is_valid
    ]
    usable = gate.usable(EVALUATION, on=WRITTEN_ON)
    assert set(usable.values_list("pk", flat=True)) == set(valid)
    assert 0 < len(valid) < PARTICIPANTS


def test_consent_before_the_first_text_is_nowhere(filled):
    first = Version.objects.order_by("published_at").first()
    assert first is not None
    assert first.is_example
    assert not Decision.objects.filter(kind=Kind.GIVEN, decided_on__lt=first.published_at.date()).exists()
    assert Text.objects.count() == 27


def test_each_plan_is_one_event_and_no_event_of_a_person_is_invented(filled):
    assert Event.objects.filter(action="demo.filled").count() == 89
    assert not Subject.objects.exists()
    call_command("verify_audit", stdout=StringIO())


def test_refuses_a_site_that_is_no_demo(db, settings):
    settings.DEMO = False
    with pytest.raises(CommandError, match="no demo site"):
        call_command("demo")
    assert not User.objects.exists()


def test_refuses_a_database_that_has_plans(demo_site, db):
    Plan.objects.create(
        lbf_number="1", name="Plan", municipality_code="751", start=date(2014, 1, 1), end=date(2018, 1, 1)
    )
    with pytest.raises(CommandError, match="has plans already"):
        call_command("demo")
    assert not User.objects.exists()


def test_refuses_more_people_than_it_is_made_for(demo_site, db):
    with pytest.raises(CommandError, match="from 1 to"):
        call_command("demo", participants=1_000_001)


def test_hands_the_resident_list_in_sealed_for_the_worker_to_load(demo_site, db, monkeypatch):
    monkeypatch.setattr("exports.demo.residents.RESIDENTS", 2000)
    call_command("demo", participants=50, stdout=StringIO())
    extract = RegisterExtract.objects.get()
    assert extract.loaded_by.username == "dataansvarlig"
    assert Job.objects.get(extract=extract).kind == Job.Kind.LOAD
    sealed = upload_path(extract.pk).read_bytes()
    assert sealed.startswith(b"age-encryption.org/v1")
    assert b"FAMILIE_ID" not in sealed


def test_writes_the_resident_list_on_request_and_leaves_the_database_alone(demo_site, db, tmp_path, monkeypatch):
    monkeypatch.setattr("exports.demo.residents.RESIDENTS", 2000)
    call_command("demo", residents=tmp_path / "list.csv", participants=50, stdout=StringIO())
    lines = (tmp_path / "list.csv").read_text().splitlines()
    assert lines[0] == "PNR;FAMILIE_ID;FOED_DAG;KOM;VEJKODE;HUSNR;AAR"
    assert len(lines) > 5000
    assert not Plan.objects.exists()
