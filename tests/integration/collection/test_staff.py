"""Colleagues: added with a password that is shown once."""

import re

import pytest
from django.contrib.sessions.models import Session
from django.core.management import call_command
from django.core.management.base import CommandError
from django.urls import reverse

from accounts.models import User
from accounts.permissions import Role
from audit.models import Event
from tests.factories.cast import make_activity, make_plan, make_user

pytestmark = pytest.mark.django_db
STAFF = reverse("collection:staff")


@pytest.fixture
def plan():
    return make_plan()


@pytest.fixture
def coordinator(plan, client):
    user = make_user(Role.COORDINATOR, plan)
    client.force_login(user)
    return user


def test_the_page_shows_who_is_responsible_for_what(client, coordinator, plan):
    worker = make_user(Role.STAFF, plan, name="Sofie Bruun")
    make_activity(plan, responsible=worker, name="Åben rådgivning")
    make_user(Role.STAFF, make_plan(), name="Fremmed Person")
    page = client.get(STAFF).content.decode()
    assert "Sofie Bruun" in page
    assert "Åben rådgivning" in page
    assert "Fremmed" not in page


@pytest.mark.parametrize("size", [1, 20])
def test_the_page_takes_few_queries_whatever_its_size(client, plan, size, django_assert_max_num_queries):
    plans = [plan, make_plan()]
    client.force_login(make_user(Role.COORDINATOR, plans))
    for _ in range(size):
        make_activity(plans[0])
    with django_assert_max_num_queries(8):
        client.get(STAFF)


def test_a_new_colleague_gets_a_password_that_is_shown_once(client, coordinator, plan):
    page = reverse("collection:member_new", args=[plan.pk])
    response = client.post(page, {"full_name": "Ny Kollega", "username": "ny@plan.example", "role": "staff"})
    password = re.search(r'class="password">([a-z0-9-]+)<', response.content.decode())[1]
    user = User.objects.get(username="ny@plan.example")
    assert user.check_password(password)
    assert len(password) == 19
    assert (user.role, list(user.plans.all())) == (Role.STAFF, [plan])
    assert "no-store" in response["Cache-Control"]
    assert password not in client.get(STAFF).content.decode()
    assert not any(password in str(session.get_decoded()) for session in Session.objects.all())
    assert not Event.objects.filter(details__contains=password).exists()
    client.logout()
    assert client.login(username="ny@plan.example", password=password)


def test_a_colleague_may_become_coordinator_but_nothing_higher(client, coordinator, plan):
    page = reverse("collection:member_new", args=[plan.pk])
    form = {"full_name": "Ny", "username": "ny"}
    for role in ("controller", "evaluator", "", "x"):
        assert "role" in client.post(page, form | {"role": role}).context["form"].errors
    client.post(page, form | {"role": "coordinator"})
    assert User.objects.get(username="ny").role == Role.COORDINATOR


@pytest.mark.parametrize(
    "field, typed, message",
    [
        ("full_name", "", "Skriv medarbejderens navn."),
        ("username", "", "Skriv et brugernavn."),
        ("username", "optaget", "Brugernavnet er optaget. Vælg et andet."),
    ],
)
def test_a_wrong_form_says_what_to_do(client, coordinator, plan, field, typed, message):
    make_user(username="optaget")
    form = {"full_name": "Ny", "username": "ny", "role": "staff", field: typed}
    response = client.post(reverse("collection:member_new", args=[plan.pk]), form)
    assert response.context["form"].errors == {field: [message]}


def test_the_shell_makes_accounts_and_shows_the_password_once(capsys, plan):
    call_command("createuser", "kim", "--name", "Kim Ko", "--role", "coordinator", "--plan", plan.lbf_number)
    password = re.search(r"password (\S+)", capsys.readouterr().out)[1]
    user = User.objects.get(username="kim")
    assert user.check_password(password)
    assert list(user.plans.all()) == [plan]
    call_command("createuser", "eva", "--name", "Eva", "--role", "evaluator")
    assert User.objects.get(username="eva").role == Role.EVALUATOR
    for wrong in (["kim", "--role", "staff", "--plan", plan.lbf_number], ["ib", "--role", "staff"]):
        with pytest.raises(CommandError):
            call_command("createuser", *wrong, "--name", "x")
    with pytest.raises(CommandError, match="no plan 9999"):
        call_command("createuser", "ib", "--name", "x", "--role", "staff", "--plan", "9999")
