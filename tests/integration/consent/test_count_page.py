"""Counting those without consent."""

from datetime import date

import pytest
from django.db import connection
from django.urls import reverse

from consent.models import Outcome, Tally
from consent.queries import tally_sum
from tests.factories.cast import make_activity, make_plan

pytestmark = pytest.mark.django_db


@pytest.fixture
def activity():
    return make_activity(make_plan(), start=date(2014, 2, 1), end=date(2016, 12, 31))


@pytest.fixture
def press(client, activity):
    client.force_login(activity.responsible)
    url = reverse("consent:count", args=[activity.pk])

    def post(change, outcome="refused", year=2015, **headers):
        return client.post(url, {"change": change, "outcome": outcome, "year": year}, headers=headers)

    return post


def test_one_press_counts_one(press, client, activity):
    response = press(1)
    assert response["Location"].endswith("?aar=2015")
    press(1)
    press(-1)
    assert tally_sum(activity, 2015, Outcome.REFUSED) == 1
    assert tally_sum(activity, 2016, Outcome.REFUSED) == 0
    assert dict(client.get(response["Location"]).context["counts"])[Outcome.REFUSED] == 1


def test_a_count_never_goes_below_nought(press, activity):
    assert press(-1).status_code == 302
    assert not Tally.objects.exists()


def test_htmx_gets_the_counts_alone(press):
    response = press(1, "not_asked", HX_Request="true")
    assert response.status_code == 200
    assert response.text.startswith('<div id="counts"')


@pytest.mark.parametrize(
    "wrong", [{"change": 5}, {"change": 1, "outcome": "tired"}, {"change": 1, "year": 2013}, {"change": 1, "year": "x"}]
)
def test_refuses_what_the_page_does_not_offer(press, wrong):
    assert press(**wrong).status_code == 400
    assert not Tally.objects.exists()


def test_the_latest_year_comes_first_and_others_can_be_chosen(press, client, activity):
    url = reverse("consent:count", args=[activity.pk])
    assert client.get(url).context["year"] == 2016
    assert client.get(url, {"aar": "2014"}).context["year"] == 2014
    assert client.get(url, {"aar": "1999"}).context["year"] == 2016
    assert client.get(url, {"aar": "²"}).context["year"] == 2016


def test_a_count_keeps_nothing_about_the_person(press):
    press(1)
    with connection.cursor() as cursor:
        columns = {
            column.name for column in connection.introspection.get_table_description(cursor, Tally._meta.db_table)
        }
    assert columns == {"id", "activity_id", "year", "outcome", "change", "recorded_by_id", "recorded_at"}
