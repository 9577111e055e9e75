"""The demo site as `manage.py demo` fills it."""

from io import StringIO

import pytest
from django.core.management import call_command
from django.test import override_settings

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
from exports.models import EvaluationProject

PARTICIPANTS = 400


@pytest.fixture(scope="module")
def filled(module_db):
    with override_settings(DEMO=True):
        call_command("demo", participants=PARTICIPANTS, no_residents=True, stdout=StringIO())


@pytest.fixture(autouse=True)
def each_test(filled, db):
    """Undoes what it writes."""


def test_fills_the_site_at_the_evaluations_scale():
    assert (Plan.objects.count(), Department.objects.count(), Activity.objects.count()) == (89, 395, 2000)
    assert Participant.ungated.count() == PARTICIPANTS
    assert Participation.ungated.count() >= PARTICIPANTS
    assert AddressKey.objects.exists()
    assert Headcount.objects.exists()
    assert Tally.objects.exists()


def test_the_four_users_sign_in_with_the_demo_password_and_nobody_else_does(client):
    able = {user.username: user for user in User.objects.all() if user.has_usable_password()}
    assert {name: user.role for name, user in able.items()} == {
        "medarbejder": Role.STAFF,
        "koordinator": Role.COORDINATOR,
        "evaluator": Role.EVALUATOR,
        "dataansvarlig": Role.CONTROLLER,
    }
    assert all(user.check_password(demo_password()) for user in able.values())
    assert User.objects.count() > 300


def test_the_first_plans_are_those_of_staff_and_coordinator():
    own = [set(User.objects.get(username=name).plans.all()) for name in ("medarbejder", "koordinator")]
    assert own[0] == own[1]
    assert {plan.lbf_number[-3:] for plan in own[0]} == {"001", "002", "003"}
    assert Activity.objects.filter(responsible__username="medarbejder").exists()
    assert all(plan.members.exists() for plan in Plan.objects.all())


def test_the_evaluator_has_one_project():
    project = EvaluationProject.objects.get()
    assert [user.username for user in project.evaluators.all()] == ["evaluator"]
    assert (project.first_year, project.last_year, project.purpose_id) == (2014, 2016, EVALUATION)


def test_identities_are_sealed_and_erased_ones_are_gone():
    erased = Participant.ungated.filter(erased_at__isnull=False)
    held = Participant.ungated.filter(erased_at__isnull=True)
    assert erased.exists()
    assert all(bytes(each.cpr.record)[0] == 1 for each in held.filter(identification=Identification.CPR))
    assert not erased.filter(cpr__isnull=False).exists()
    assert held.filter(identification=Identification.NAME_ADDRESS).exists()


def test_the_gate_lets_those_through_whose_consent_is_valid():
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


def test_consent_before_the_first_text_is_nowhere():
    first = Version.objects.order_by("published_at").first()
    assert first is not None
    assert first.is_example
    assert not Decision.objects.filter(kind=Kind.GIVEN, decided_on__lt=first.published_at.date()).exists()
    assert Text.objects.count() == 27


def test_each_plan_is_one_event_and_no_event_of_a_person_is_invented():
    assert Event.objects.filter(action="demo.filled").count() == 89
    assert not Subject.objects.exists()
    call_command("verify_audit", stdout=StringIO())
