"""Before an identity is read, a delivery approved or a code looked up, one proves who one is, and loses nothing."""

from datetime import timedelta

import pytest
from django.conf import settings as site
from django.db import transaction
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from accounts.models import User
from accounts.permissions import Role
from audit.models import Event
from collection.models import Participant
from consent.actions.proofs import add_signature
from consent.models import Decision
from exports.models import Delivery, State
from exports.pseudonymise import ProjectCodes
from tests.factories.cast import PASSWORD, make_activity, make_participant, make_plan, make_user
from tests.factories.deliveries import make_project
from tests.factories.delivery_states import delivery_in
from tests.factories.second_factor import code_of, give_app, sign_in
from tests.integration.accounts.test_second_factor import an_hour_ago

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def step_up(settings):
    settings.STEP_UP = True


@pytest.fixture
def person():
    return make_participant(make_activity(make_plan()))


@pytest.fixture
def staff(person):
    return make_user(Role.STAFF, person.plan)


def reveal(client, person: Participant, htmx: bool = False, **given):
    headers = {"HX-Request": "true"} if htmx else {}
    return client.post(reverse("consent:reveal", args=[person.pk]), {"reason": "correct"} | given, headers=headers)


def shows_number(answer) -> bool:
    return 'class="figure-number"' in answer.text


def test_who_signed_in_a_moment_ago_sees_the_number_at_once(client, person, staff):
    sign_in(client, staff)
    assert shows_number(reveal(client, person))


def test_later_the_password_is_asked_for_and_the_reason_is_still_chosen(client, person, staff):
    sign_in(client, staff)
    an_hour_ago(client)
    asked = reveal(client, person)
    assert "Bekræft, at det er dig" in asked.text
    assert '<option value="correct" selected>' in asked.text
    assert "error-summary" not in asked.text  # nothing was wrong yet
    wrong = reveal(client, person, password="forkert")
    assert "Adgangskoden er forkert. Prøv igen." in wrong.text
    assert not shows_number(wrong)
    assert shows_number(reveal(client, person, password=PASSWORD))
    assert shows_number(reveal(client, person))  # for some minutes


def test_with_scripts_the_question_takes_the_place_of_the_form_and_goes_with_the_answer(client, person, staff):
    client.force_login(staff)
    asked = reveal(client, person, htmx=True)
    assert (asked["HX-Retarget"], asked["HX-Reswap"]) == ("#reveal", "outerHTML")
    assert 'type="password"' in asked.text
    answer = reveal(client, person, htmx=True, password=PASSWORD)
    assert "HX-Retarget" not in answer
    assert 'hx-swap-oob="true"' in answer.text
    assert 'type="password"' not in answer.text
    assert PASSWORD not in asked.text + answer.text


def test_a_one_time_code_confirms_too_and_once(client, person, staff, monkeypatch):
    secret = give_app(staff)
    client.force_login(staff)
    code = code_of(secret)
    assert "Adgangskode eller engangskode" in reveal(client, person).text
    assert shows_number(reveal(client, person, password=f"{code[:3]} {code[3:]}"))
    monkeypatch.setattr("django.core.cache.backends.db.tz_now", lambda: timezone.now() + timedelta(seconds=85))
    other = Client()
    other.force_login(staff)
    assert "Koden er forkert eller brugt." in reveal(other, person, password=code).text


@pytest.mark.parametrize("typed", ["forkert", "000000"])
def test_guesses_are_limited_as_at_sign_in(client, person, staff, typed):
    secret = give_app(staff)
    client.force_login(staff)
    for _ in range(int(site.GUESSES.partition("/")[0])):
        reveal(client, person, password=typed)
    right = PASSWORD if typed == "forkert" else code_of(secret)
    answer = reveal(client, person, password=right)
    assert "Der har været for mange forsøg." in answer.text
    assert not shows_number(answer)


def test_anothers_password_confirms_nothing(client, person, staff):
    other = make_user(Role.STAFF, person.plan)
    other.set_password("en helt anden adgangskode")
    other.save()
    client.force_login(staff)
    assert not shows_number(reveal(client, person, password="en helt anden adgangskode"))


@pytest.mark.parametrize("credential", ["{}", "null", "[]", '"x"', "x", '{"id": 1, "response": {}}', "[" * 9999])
def test_what_is_no_answer_of_a_passkey_confirms_nothing(client, person, staff, credential):
    client.force_login(staff)
    assert not shows_number(reveal(client, person, credential=credential))


def test_a_decision_asks_and_keeps_what_was_written(client):
    evaluator, controller = make_user(Role.EVALUATOR), make_user(Role.CONTROLLER)
    project = make_project(evaluator, by=controller)
    delivery = delivery_in(State.PREPARED, project, by=evaluator, decider=controller)
    page = reverse("exports:decide", args=[delivery.pk])
    client.force_login(controller)
    shown = client.get(page)
    assert 'type="password"' in shown.text
    written = {
        "decision": "no",
        "reason": "Formålet er ikke beskrevet.",
        "shown": shown.context["form"]["shown"].value(),
    }
    for wrong in ({}, {"password": ""}, {"password": "forkert"}):
        answer = client.post(page, written | wrong)
        assert "Formålet er ikke beskrevet." in answer.text
        assert "forkert" not in answer.text.replace("Adgangskoden er forkert. Prøv igen.", "")
        assert Delivery.objects.get().state == State.PREPARED
    assert client.post(page, written | {"password": PASSWORD}).status_code == 302
    assert Delivery.objects.get().state == State.REJECTED
    session = client.session
    assert not any("Formålet" in str(value) for _, value in session.items())


def test_looking_a_code_up_asks_too(client, person):
    controller = make_user(Role.CONTROLLER)
    project = make_project(make_user(Role.EVALUATOR), by=controller)
    page = reverse("exports:look_up", args=[project.pk])
    client.force_login(controller)
    with transaction.atomic():
        code = ProjectCodes(project).codes_for([[person.pk]])[0]
    answer = client.post(page, {"code": code, "reason": "question"})
    assert 'type="password"' in answer.text
    assert f'value="{code}"' in answer.text
    assert not Event.objects.filter(action="pseudonym.looked_up").exists()
    client.post(page, {"code": code, "reason": "question", "password": PASSWORD})
    assert Event.objects.filter(action="pseudonym.looked_up").count() == 1


def test_who_has_nothing_to_type_confirms_where_they_sign_in(client, person, staff, settings):
    settings.OIDC_ISSUER = "https://broker.example"
    staff.set_unusable_password()
    staff.save()
    client.force_login(staff)
    answer = reveal(client, person, password="", credential="")
    assert not shows_number(answer)
    back = reverse("consent:participant", args=[person.pk])  # the address of the number can only be sent to
    assert f'{reverse("openid_connect_login")}?next={back}"' in answer.text


def _proof(user) -> tuple[str, dict]:
    person = make_participant(make_activity(user.plans.first()))
    decision = Decision.objects.get(participant=person)
    return reverse("consent:proof", args=[add_signature(decision, b"<svg/>", by=user).pk]), {}


def _colleague(user) -> User:
    return make_user(Role.STAFF, user.plans.all())


INVITED = {"full_name": "Ny Kollega", "username": "ny-kollega"}
DOORS = {  # what a session that somebody left open must not do, and the event that would tell of it
    "the signed form": (Role.STAFF, "proof.read", _proof),
    "a new key": (
        Role.CONTROLLER,
        "key.rotation_started",
        lambda user: (reverse("operations:key_change"), {"purpose": "field:participant.cpr"}),
    ),
    "an account in the plan": (
        Role.COORDINATOR,
        "invitation.issued",
        lambda user: (reverse("collection:member_new", args=[user.plans.get().pk]), INVITED | {"role": "staff"}),
    ),
    "an account of a data controller": (
        Role.CONTROLLER,
        "invitation.issued",
        lambda user: (reverse("collection:account_new"), INVITED | {"role": "controller"}),
    ),
    "a new link to an account": (
        Role.COORDINATOR,
        "invitation.issued",
        lambda user: (reverse("collection:invite_anew", args=[_colleague(user).pk]), {}),
    ),
}


@pytest.mark.parametrize("door", DOORS)
def test_what_an_open_session_could_be_misused_for_asks_first_and_goes_on_from_there(client, door):
    role, event, prepare = DOORS[door]
    user = make_user(role, [] if role == Role.CONTROLLER else make_plan())
    address, sent = prepare(user)
    client.force_login(user)
    done = Event.objects.filter(action=event)
    asked = client.post(address, sent)
    assert "Bekræft, at det er dig" in asked.text
    assert "error-summary" not in asked.text
    for name, value in sent.items():
        assert f'<input type="hidden" name="{name}" value="{value}">' in asked.text
    assert "Adgangskoden er forkert. Prøv igen." in client.post(address, sent | {"password": "forkert"}).text
    assert not done.exists()
    client.post(address, sent | {"password": PASSWORD})
    assert done.count() == 1
