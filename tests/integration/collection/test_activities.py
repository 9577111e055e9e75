"""The list of activities and setting one up."""

from datetime import date

import pytest
from django.urls import reverse

from accounts.permissions import Role
from audit.models import Event
from collection.models import Activity
from tests.factories.cast import make_activity, make_plan, make_user

pytestmark = pytest.mark.django_db
LIST, NEW = reverse("collection:activities"), reverse("collection:activity_new")


@pytest.fixture
def plan():
    return make_plan("Helhedsplan Solbakken")


@pytest.fixture
def coordinator(plan, client):
    user = make_user(Role.COORDINATOR, plan)
    client.force_login(user)
    return user


def answers(worker, **changed) -> dict:
    return {
        "name": "Mødregruppe om tirsdagen",
        "type": "mothers_groups",
        "start": "01.02.2016",
        "end": "",
        "responsible": worker.pk,
        "age_from": "",
        "age_to": "",
    } | changed


def names(response) -> list[str]:
    return [activity.name for activity in response.context["page"]]


def test_running_activities_come_first_and_other_plans_do_not_show(client, coordinator, plan):
    make_activity(plan, name="A ended", end=date(2016, 1, 1))
    make_activity(plan, name="B runs")
    make_activity(name="Elsewhere")
    assert names(client.get(LIST)) == ["B runs", "A ended"]


def test_the_list_is_searched_by_name_and_state(client, coordinator, plan):
    make_activity(plan, name="Mødregruppe", end=date(2016, 1, 1))
    make_activity(plan, name="Brandkadetter")
    make_activity(plan, name="Åben rådgivning")
    assert names(client.get(LIST, {"q": "gruppe"})) == ["Mødregruppe"]
    assert names(client.get(LIST, {"q": "åben RÅD"})) == ["Åben rådgivning"]
    assert names(client.get(LIST, {"state": "running"})) == ["Brandkadetter", "Åben rådgivning"]
    assert names(client.get(LIST, {"state": "ended"})) == ["Mødregruppe"]
    assert "Ingen aktiviteter passer" in client.get(LIST, {"q": "xyz"}).content.decode()


def test_an_unknown_state_is_told_and_shows_everything(client, coordinator, plan):
    make_activity(plan, name="Brandkadetter")
    assert names(client.get(LIST, {"state": "x"})) == ["Brandkadetter"]


def test_the_list_groups_by_plan_when_there_are_several(client, plan):
    other = make_plan("Helhedsplan Aaparken")
    client.force_login(make_user(Role.STAFF, [plan, other]))
    make_activity(plan)
    make_activity(other)
    page = client.get(LIST).content.decode()
    assert page.count("<caption>") == 2
    assert "Ny aktivitet" not in page


@pytest.mark.parametrize("size", [1, 60])
def test_the_list_takes_few_queries_whatever_its_size(client, coordinator, plan, size, django_assert_max_num_queries):
    for _ in range(size):
        make_activity(plan, responsible=coordinator)
    with django_assert_max_num_queries(8):
        client.get(LIST)


def test_a_coordinator_sets_up_an_activity(client, coordinator, plan):
    worker = make_user(Role.STAFF, plan)
    response = client.post(NEW, answers(worker, age_from="0", age_to="6", end="31-12-2016"))
    activity = Activity.objects.get()
    assert response.url == reverse("consent:activity", args=[activity.pk])
    assert (activity.plan, activity.start, activity.end) == (plan, date(2016, 2, 1), date(2016, 12, 31))
    assert (activity.responsible, activity.age_from, activity.age_to) == (worker, 0, 6)
    event = Event.objects.filter(action="activity.created").get()
    assert (event.actor, event.plan) == (str(coordinator.pk), str(plan.pk))


def test_with_several_plans_the_plan_is_chosen_first(client, plan):
    other = make_plan("Helhedsplan Aaparken")
    user = make_user(Role.COORDINATOR, [plan, other])
    client.force_login(user)
    assert "Hvilken helhedsplan" in client.get(NEW).content.decode()
    client.post(f"{NEW}?plan={other.pk}", answers(user))
    assert Activity.objects.get().plan == other


@pytest.mark.parametrize(
    "field, typed, message",
    [
        ("name", "", "Skriv aktivitetens navn."),
        ("name", "Gruppe 070761-4286", "Skriv ikke CPR-numre her."),
        ("type", "", "Vælg en type."),
        ("start", "", "Skriv, hvornår aktiviteten begyndte."),
        ("start", "1. feb", "Skriv datoen som dag.måned.år, for eksempel 01.02.2016."),
        ("start", "31.02.2016", "Skriv datoen som dag.måned.år, for eksempel 01.02.2016."),
        ("start", "01.02.0216", "Se efter, om årstallet er rigtigt."),
        ("end", "31.01.2016", "Slut skal være efter start."),
        ("responsible", "", "Vælg, hvem der er ansvarlig."),
        ("age_to", "3", "Den højeste alder kan ikke være under den laveste."),
    ],
)
def test_what_is_wrong_is_said_at_the_field_and_on_top(client, coordinator, plan, field, typed, message):
    response = client.post(NEW, answers(coordinator, **{"age_from": "5", "age_to": "", field: typed}))
    assert response.context["form"].errors == {field: [message]}
    assert response.content.decode().count(message) == 2
    assert not Activity.objects.exists()


def test_only_colleagues_of_the_plan_can_be_responsible(client, coordinator, plan):
    stranger = make_user(Role.STAFF, make_plan())
    response = client.post(NEW, answers(stranger))
    assert list(response.context["form"].errors) == ["responsible"]


def test_an_activity_is_handed_over(client, coordinator, plan):
    activity = make_activity(plan, start=date(2016, 2, 1))
    colleague = make_user(Role.STAFF, plan)
    page = reverse("collection:activity_edit", args=[activity.pk])
    assert 'value="01.02.2016"' in client.get(page).content.decode()
    client.post(page, answers(colleague))
    activity.refresh_from_db()
    assert activity.responsible == colleague
    assert Event.objects.filter(action="activity.changed", object_id=str(activity.pk)).count() == 1
