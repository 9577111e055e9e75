"""A second look: at numbers whose check digit fails, and at people of one name and birth date."""

from datetime import date

import pytest
from django.urls import reverse

from accounts.permissions import Role
from audit.models import Event, Subject
from collection import cpr as cpr_rules
from collection.models import Participant
from consent.actions.enrol import CprIdentity, NameIdentity
from consent.actions.settle import settle_doubt
from consent.actions.withdraw import withdraw
from consent.models import Purpose
from consent.worklists import in_doubt
from tests.factories.cast import cpr_text, make_activity, make_participant, make_user

pytestmark = pytest.mark.django_db
LIST = reverse("consent:doubts")
BORN = date(1980, 5, 6)


@pytest.fixture
def activity():
    return make_activity()


@pytest.fixture
def clerk(activity, client):
    client.force_login(activity.responsible)
    return activity.responsible


def by_number(n: int = 0, *, name: str = "Bodil Ærenlund", confirmed: bool = False) -> CprIdentity:
    return CprIdentity(cpr_rules.parse(cpr_text(BORN, n), date.today()), name, check_digit_confirmed=confirmed)


def by_name(name: str = "Bodil Ærenlund") -> NameIdentity:
    return NameIdentity(name, BORN, "Birkevænget 7, 8000 Aarhus C", date(2012, 6, 1))


def doubtful(activity) -> set[Participant]:
    return set(in_doubt([activity.plan]))


def page_of(person) -> str:
    return reverse("consent:doubt", args=[person.pk])


def test_a_failing_check_digit_is_in_doubt_until_somebody_looked(client, clerk, activity):
    make_participant(activity, by_number(1, name="Anna Ny"))
    person = make_participant(activity, by_number(2, confirmed=True))
    assert doubtful(activity) == {person}
    listed = client.get(LIST).content.decode()
    assert "Kontrolcifret i CPR-nummeret passer ikke." in listed
    assert page_of(person) in listed
    assert "Anna Ny" not in listed
    assert "Nummeret er rigtigt" in client.get(page_of(person)).content.decode()
    assert "Det er noteret" in client.post(page_of(person), follow=True).content.decode()
    assert not doubtful(activity)
    event = Event.objects.get(action="doubt.settled")
    assert (event.actor, event.object_id, event.plan) == (str(clerk.pk), str(person.pk), str(activity.plan_id))
    assert "Der er ingen at se efter" in client.get(LIST).content.decode()


def test_namesakes_are_shown_side_by_side_and_settled_together(client, clerk, activity):
    one = make_participant(activity, by_number())
    other = make_participant(activity, by_name("bodil  ærenlund"), another_person=True)
    assert doubtful(activity) == {one, other}
    page = client.get(page_of(one)).content.decode()
    assert "Det er forskellige personer" in page
    assert "Birkevænget 7" in page
    assert f"{cpr_text(BORN)[:6]}-••••" in page
    client.post(page_of(one), {"shown": [str(other.pk)]})
    assert not doubtful(activity)
    third = make_participant(activity, by_name(), another_person=True)
    assert doubtful(activity) == {third}, (
        "who comes later is looked at, those who were settled are not asked about again"
    )


def test_a_namesake_who_was_not_on_the_page_stays_in_doubt(client, clerk, activity):
    one, other = make_participant(activity, by_number()), make_participant(activity, by_name(), another_person=True)
    late = make_participant(activity, by_name(), another_person=True)
    client.post(page_of(one), {"shown": [str(other.pk)]})
    assert doubtful(activity) == {late}


def test_a_namesakes_own_number_stays_in_doubt(clerk, activity):
    number = make_participant(activity, by_number(3, confirmed=True))
    other = make_participant(activity, by_name(), another_person=True)
    settle_doubt(by=clerk, participant=other, namesakes=[number])
    assert doubtful(activity) == {number}
    settle_doubt(by=clerk, participant=number)
    assert not doubtful(activity)


def test_people_of_another_plan_are_no_namesakes_and_not_shown(client, clerk, activity):
    elsewhere = make_activity()
    make_participant(activity, by_number())
    stranger = make_participant(elsewhere, by_name())
    theirs = make_participant(elsewhere, by_number(4, confirmed=True))
    assert not doubtful(activity)
    assert "Bodil" not in client.get(LIST).content.decode()
    for person in (stranger, theirs):
        assert client.get(page_of(person)).status_code == 404
        assert client.post(page_of(person)).status_code == 404
    assert doubtful(elsewhere) == {stranger, theirs}


def test_who_works_in_two_plans_is_not_told_that_somebody_is_in_both(activity):
    elsewhere = make_activity()
    make_participant(activity, by_number())
    make_participant(elsewhere, by_name())
    assert not set(in_doubt([activity.plan, elsewhere.plan]))


def test_who_withdrew_is_in_no_doubt(clerk, activity):
    person = make_participant(activity, by_number(confirmed=True))
    withdraw(by=clerk, participant=person, purpose=Purpose.objects.get(), withdrawn_on=date.today())
    assert not doubtful(activity)


def test_a_colleague_who_was_faster_is_told_of(client, clerk, activity):
    person = make_participant(activity, by_number(confirmed=True))
    settle_doubt(by=clerk, participant=person)
    for answer in (client.get(page_of(person), follow=True), client.post(page_of(person), follow=True)):
        assert "Der er allerede set efter." in answer.content.decode()
    assert Event.objects.filter(action="doubt.settled").count() == 1


def test_mine_shows_the_own_activities_only(client, activity):
    colleague = make_user(Role.STAFF, activity.plan)
    own = make_activity(activity.plan, responsible=colleague)
    make_participant(activity, by_number(5, name="Anna Anden", confirmed=True))
    make_participant(own, by_number(6, name="Ea Egen", confirmed=True))
    client.force_login(colleague)
    page = client.get(LIST, {"vis": "mine"}).content.decode()
    assert "Ea Egen" in page
    assert "Anna Anden" not in page
    assert "Anna Anden" in client.get(LIST).content.decode()


def test_the_list_is_one_reading_and_few_queries(client, clerk, activity, django_assert_max_num_queries):
    people = [make_participant(activity, by_number(n, name=f"Person {n}", confirmed=True)) for n in range(30)]
    with django_assert_max_num_queries(15):
        client.get(LIST)
    read = Event.objects.filter(action="identity.listed")
    assert read.count() == 1
    assert Subject.objects.filter(event=read.get()).count() == 25 < len(people)


def test_a_person_beside_namesakes_takes_few_queries(client, clerk, activity, django_assert_max_num_queries):
    people = [make_participant(activity, by_name(), another_person=True) for _ in range(4)]
    with django_assert_max_num_queries(15):
        client.get(page_of(people[0]))
    shown = Event.objects.filter(action="identity.shown").values_list("object_id", flat=True)
    assert sorted(shown) == sorted(str(person.pk) for person in people)


def test_no_name_and_no_number_is_in_a_title_or_an_address(client, clerk, activity):
    person = make_participant(activity, by_number(confirmed=True))
    for address in (LIST, page_of(person)):
        title = client.get(address).content.decode().split("<title>")[1].split("</title>")[0]
        assert "Bodil" not in title
        assert cpr_text(BORN)[:6] not in title
