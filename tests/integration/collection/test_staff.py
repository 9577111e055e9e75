"""Colleagues: invited by a link that is shown once; the accounts that there are."""

import re

import pytest
from django.contrib.sessions.models import Session
from django.core.management import call_command
from django.core.management.base import CommandError
from django.urls import reverse

from accounts.actions.closing import close_account
from accounts.actions.invitations import hash_of
from accounts.models import User
from accounts.permissions import Role
from audit.models import Event
from tests.factories.cast import make_activity, make_plan, make_user

pytestmark = pytest.mark.django_db
STAFF = reverse("collection:staff")


def secret_in(text: str) -> str:
    return re.search(r"/invitation/([\w-]{43})/", text)[1]


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


def test_a_new_colleague_gets_an_account_without_a_password_and_a_link_that_is_shown_once(client, coordinator, plan):
    page = reverse("collection:member_new", args=[plan.pk])
    response = client.post(page, {"full_name": "Ny Kollega", "username": "ny@plan.example", "role": "staff"})
    secret = secret_in(response.content.decode())
    user = User.objects.get(username="ny@plan.example")
    assert not user.has_usable_password()
    assert (user.role, list(user.plans.all())) == (Role.STAFF, [plan])
    assert (user.invitation.invited_by, user.invitation.secret_hash) == (coordinator, hash_of(secret))
    assert "no-store" in response["Cache-Control"]
    assert secret not in client.get(STAFF).content.decode()
    assert not any(secret in str(session.get_decoded()) for session in Session.objects.all())
    assert not Event.objects.filter(details__contains=secret).exists()


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
        ("full_name", "", "Skriv kollegaens navn."),
        ("username", "", "Skriv et brugernavn."),
        ("username", "optaget", "Brugernavnet er optaget. Vælg et andet."),
    ],
)
def test_a_wrong_form_says_what_to_do(client, coordinator, plan, field, typed, message):
    make_user(username="optaget")
    form = {"full_name": "Ny", "username": "ny", "role": "staff", field: typed}
    response = client.post(reverse("collection:member_new", args=[plan.pk]), form)
    assert response.context["form"].errors == {field: [message]}


def test_the_shell_makes_accounts_and_shows_the_link_once(capsys, plan):
    call_command(
        "createuser", "kim", "--name", "Kim Ko", "--role", "coordinator", "--plan", plan.lbf_number,
        "--site", "https://data.example/",
    )  # fmt: skip
    told = capsys.readouterr().out
    user = User.objects.get(username="kim")
    assert f"https://data.example{reverse('accounts:invitation', args=[secret_in(told)])}\n" in told
    assert user.invitation.secret_hash == hash_of(secret_in(told))
    assert not user.has_usable_password()
    assert list(user.plans.all()) == [plan]
    call_command("createuser", "eva", "--name", "Eva", "--role", "evaluator")
    assert User.objects.get(username="eva").role == Role.EVALUATOR
    for wrong in (["kim", "--role", "staff", "--plan", plan.lbf_number], ["ib", "--role", "staff"]):
        with pytest.raises(CommandError):
            call_command("createuser", *wrong, "--name", "x")
    with pytest.raises(CommandError, match="no plan 9999"):
        call_command("createuser", "ib", "--name", "x", "--role", "staff", "--plan", "9999")


def test_the_first_data_controller_is_made_on_the_shell_and_chooses_a_password_by_a_link(capsys):
    call_command("createcontroller", "dorthe", "--name", "Dorthe Holm")
    user = User.objects.get(username="dorthe")
    assert user.role == Role.CONTROLLER
    assert user.invitation.secret_hash == hash_of(secret_in(capsys.readouterr().out))
    with pytest.raises(CommandError, match="called dorthe already"):
        call_command("createcontroller", "dorthe", "--name", "x")


def test_the_shell_gives_the_only_data_controller_who_lost_their_telephone_a_new_link(capsys):
    user = make_user(Role.CONTROLLER, username="dorthe")
    call_command("createcontroller", "dorthe", "--again")
    user.refresh_from_db()
    assert user.invitation.secret_hash == hash_of(secret_in(capsys.readouterr().out))
    assert not user.has_usable_password()
    make_user(Role.STAFF, make_plan(), username="kim")
    for wrong in ("kim", "nobody"):
        with pytest.raises(CommandError, match="No data controller"):
            call_command("createcontroller", wrong, "--again")
    with pytest.raises(CommandError, match="one of the arguments"):
        call_command("createcontroller", "ny")


def test_a_coordinator_invites_somebody_back_with_the_form(client, coordinator, plan):
    back = make_user(Role.STAFF, username="kim", name="Kim Ko")
    close_account(by=coordinator, user=back)
    form = {"full_name": "Kim Ko", "username": "kim", "role": "staff"}
    page = client.post(reverse("collection:member_new", args=[plan.pk]), form)
    assert secret_in(page.content.decode())
    back.refresh_from_db()
    assert back.is_active
    assert list(back.plans.all()) == [plan]


def test_a_coordinator_opens_and_closes_accounts_of_those_only_who_work_in_no_other_plan(client, coordinator, plan):
    own, shared = make_user(Role.STAFF, plan), make_user(Role.STAFF, [plan, make_plan()])
    promoted = make_user(Role.CONTROLLER, plan)  # who was a colleague once
    page = client.get(STAFF).content.decode()
    for address in ("collection:colleague", "collection:invite_anew", "exports:leave"):
        assert client.get(reverse(address, args=[own.pk])).status_code == 200
        for other in (shared, coordinator, promoted, make_user(Role.STAFF, make_plan()), make_user(Role.EVALUATOR)):
            assert client.get(reverse(address, args=[other.pk])).status_code == 404
            assert client.post(reverse(address, args=[other.pk])).status_code in (404, 405)  # a page that only reads
    assert reverse("collection:colleague", args=[own.pk]) in page
    assert reverse("collection:colleague", args=[shared.pk]) not in page
    assert shared.full_name in page


def test_activities_of_somebody_who_left_are_named_until_they_are_handed_over(client, coordinator, plan):
    leaver = make_user(Role.STAFF, plan, name="Lene Gået")
    make_activity(plan, responsible=leaver)
    User.objects.filter(pk=leaver.pk).update(is_active=False)
    link = reverse("consent:hand_over", args=[plan.pk, leaver.pk])
    assert link in client.get(STAFF).content.decode()
    client.post(link, {"successor": coordinator.pk, "asked": "on"})
    assert link not in client.get(STAFF).content.decode()


@pytest.fixture
def controller(client):
    user = make_user(Role.CONTROLLER)
    client.force_login(user)
    return user


def test_a_data_controller_invites_their_like_evaluators_and_the_coordinator_of_a_plan(client, controller, plan):
    page = reverse("collection:account_new")
    for role, chosen in (("controller", ""), ("evaluator", ""), ("coordinator", plan.pk)):
        form = {"full_name": f"Ny {role}", "username": f"ny-{role}", "role": role, "plan": chosen}
        secret = secret_in(client.post(page, form).content.decode())
        user = User.objects.get(username=f"ny-{role}")
        assert (user.role, list(user.plans.all())) == (role, [plan] if chosen else [])
        assert user.invitation.secret_hash == hash_of(secret)


@pytest.mark.parametrize("role, chosen, field", [("coordinator", False, "plan"), ("evaluator", True, "plan"),
                                                ("staff", True, "role")])  # fmt: skip
def test_a_role_goes_with_a_plan_or_without(client, controller, plan, role, chosen, field):
    form = {"full_name": "Ny", "username": "ny", "role": role, "plan": plan.pk if chosen else ""}
    assert field in client.post(reverse("collection:account_new"), form).context["form"].errors
    assert not User.objects.filter(username="ny").exists()


def test_the_list_of_accounts_tells_who_can_get_in(client, controller, plan):
    make_user(Role.STAFF, plan, name="Sofie Åben")
    make_user(Role.EVALUATOR, name="Eva Lund")
    User.objects.filter(pk=make_user(Role.STAFF, plan, name="Lene Gået").pk).update(is_active=False)
    page = reverse("collection:accounts")

    def shown(**wanted):
        return {row.full_name for row in client.get(page, wanted).context["page"]} - {controller.full_name}

    assert shown() == {"Sofie Åben", "Eva Lund"}
    assert shown(q="åben") == {"Sofie Åben"}
    assert shown(role="evaluator") == {"Eva Lund"}
    assert shown(state="closed") == {"Lene Gået"}
    assert shown(state="invited") == set()


@pytest.mark.parametrize("size", [1, 12])
def test_the_list_of_accounts_takes_few_queries(client, controller, size, django_assert_max_num_queries):
    for _ in range(size):
        make_user(Role.STAFF, make_plan())
    with django_assert_max_num_queries(8):
        client.get(reverse("collection:accounts"))
