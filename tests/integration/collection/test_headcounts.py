"""Estimates of how many took part in all."""

from datetime import date

import pytest
from django.urls import reverse

from accounts.permissions import Role
from audit.models import Event
from collection.models import Headcount
from tests.factories.cast import make_activity, make_estimate, make_user

pytestmark = pytest.mark.django_db


@pytest.fixture
def activity():
    return make_activity(start=date(2014, 2, 1), end=date(2016, 5, 1))


@pytest.fixture
def page(activity, client):
    client.force_login(make_user(Role.COORDINATOR, activity.plan))
    return reverse("collection:headcounts", args=[activity.pk])


def test_an_estimate_is_added_and_the_earlier_one_stays(client, page, activity):
    make_estimate(activity, 2015, 12)
    response = client.post(page, {"year": "2015", "estimate": "20", "basis": "list"}, follow=True)
    text = response.content.decode()
    assert "Skønnet for 2015 er gemt." in text
    assert list(activity.headcounts.order_by("pk").values_list("estimate", flat=True)) == [12, 20]
    row = response.context["rows"][0]
    assert (row["latest"].estimate, [one.estimate for one in row["earlier"]]) == (20, [12])
    event = Event.objects.filter(action="headcount.estimated").last()
    assert event.plan == str(activity.plan_id)


def test_the_years_without_an_estimate_are_named(client, page, activity):
    make_estimate(activity, 2015, 12)
    response = client.get(page)
    assert response.context["lacking"] == [2014, 2016]
    assert "Der mangler skøn for 2014, 2016." in response.content.decode()


@pytest.mark.parametrize(
    "field, typed, message",
    [
        ("year", "2013", "Vælg et år, hvor aktiviteten var i gang."),
        ("estimate", "", "Skriv et antal."),
        ("estimate", "omkring 20", "Skriv antallet som et helt tal."),
        ("estimate", "-1", "Tallet skal være mindst 0."),
        ("estimate", "100001", "Tallet må højst være 100000."),
        ("basis", "", "Vælg, hvad skønnet bygger på."),
    ],
)
def test_a_wrong_estimate_is_told_in_danish(client, page, field, typed, message):
    response = client.post(page, {"year": "2015", "estimate": "20", "basis": "list", field: typed})
    assert response.context["form"].errors == {field: [message]}
    assert not Headcount.objects.exists()


def test_staff_read_the_estimates_but_do_not_make_them(client, activity, page):
    make_estimate(activity, 2015, 12)
    client.force_login(activity.responsible)
    assert "Nyt skøn" not in client.get(page).content.decode()
    assert client.post(page, {"year": "2015", "estimate": "20", "basis": "list"}).status_code == 403


def test_an_activity_that_has_not_begun_has_nothing_to_estimate(client):
    activity = make_activity(start=date(2090, 1, 1))
    client.force_login(make_user(Role.COORDINATOR, activity.plan))
    page = client.get(reverse("collection:headcounts", args=[activity.pk])).content.decode()
    assert "Aktiviteten er ikke begyndt" in page
