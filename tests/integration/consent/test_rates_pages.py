"""The pages of consent rates."""

import csv
import io
from datetime import date

import pytest
from django.urls import reverse

from accounts.permissions import Role
from tests.factories.cast import make_activity, make_estimate, make_participation, make_plan, make_user

pytestmark = pytest.mark.django_db
RATES = reverse("consent:rates")


@pytest.fixture
def plan():
    return make_plan("Helhedsplan Solbakken")


def ran_in_2016(plan, **fields):
    return make_activity(plan, start=date(2016, 1, 5), end=date(2016, 12, 1), **fields)


def page_of(plan) -> str:
    return reverse("consent:rates_plan", args=[plan.pk])


def rows(response) -> dict:
    return {row["plan"].name: row["rate"] for row in response.context["page"]}


def test_a_coordinator_of_one_plan_comes_straight_to_it(client, plan):
    make_plan()
    client.force_login(make_user(Role.COORDINATOR, plan))
    assert client.get(RATES).url == page_of(plan)


def test_a_coordinator_of_two_plans_sees_those_two(client, plan):
    other = make_plan("Helhedsplan Aaparken")
    make_plan("Helhedsplan Fremmed")
    client.force_login(make_user(Role.COORDINATOR, [plan, other]))
    assert list(rows(client.get(RATES))) == ["Helhedsplan Aaparken", "Helhedsplan Solbakken"]


def test_the_controller_sees_all_plans_searches_and_sorts_them(client, plan):
    other = make_plan("Helhedsplan Aaparken")
    for place, consents in ((plan, 1), (other, 3)):
        activity = ran_in_2016(place)
        make_estimate(activity, 2016, 4)
        for _ in range(consents):
            make_participation(activity)
    make_plan("Helhedsplan Uden")
    client.force_login(make_user(Role.CONTROLLER))
    found = rows(client.get(RATES))
    assert {name: rate and rate.share for name, rate in found.items()} == {
        "Helhedsplan Aaparken": 0.75,
        "Helhedsplan Solbakken": 0.25,
        "Helhedsplan Uden": None,
    }
    lowest = rows(client.get(RATES, {"order": "rate", "year": "2016"}))
    assert list(lowest) == ["Helhedsplan Solbakken", "Helhedsplan Aaparken", "Helhedsplan Uden"]
    assert list(rows(client.get(RATES, {"q": "sol"}))) == ["Helhedsplan Solbakken"]
    assert client.get(RATES).context["total"].share == 0.5


def test_the_latest_year_with_an_estimate_is_shown_first(client, plan):
    activity = make_activity(plan, start=date(2014, 1, 5))
    make_estimate(activity, 2015, 4)
    client.force_login(make_user(Role.COORDINATOR, plan))
    assert client.get(page_of(plan)).context["year"] == 2015
    for wrong in ("1999", "x", "2090", ""):
        assert client.get(page_of(plan), {"year": wrong}).context["year"] == 2015
    assert client.get(page_of(plan), {"year": "2014"}).context["year"] == 2014


def test_no_estimate_is_said_instead_of_a_rate(client, plan):
    make_participation(ran_in_2016(plan))
    client.force_login(make_user(Role.COORDINATOR, plan))
    text = client.get(page_of(plan), {"year": "2016"}).content.decode()
    assert "intet skøn" in text
    assert "bar-share" not in text


def test_more_consents_than_the_estimate_is_said_in_a_sentence_with_the_way_to_mend_it(client, plan):
    activity = ran_in_2016(plan, name="Mødregruppe")
    make_estimate(activity, 2016, 1)
    for _ in range(2):
        make_participation(activity)
    client.force_login(make_user(Role.COORDINATOR, plan))
    text = client.get(page_of(plan), {"year": "2016"}).content.decode()
    assert "I Mødregruppe har flere givet samtykke (2), end der efter skønnet har deltaget (1)." in text
    assert reverse("collection:headcounts", args=[activity.pk]) + "?year=2016" in text
    client.force_login(make_user(Role.CONTROLLER))
    assert reverse("collection:headcounts", args=[activity.pk]) not in client.get(page_of(plan)).content.decode()


def test_the_table_has_the_numbers_that_the_bars_draw(client, plan):
    activity = ran_in_2016(plan)
    make_estimate(activity, 2016, 3)
    make_participation(activity)
    client.force_login(make_user(Role.COORDINATOR, plan))
    text = client.get(page_of(plan)).content.decode()
    assert '<span class="bar-text">33\xa0%</span>' in text
    assert 'width="33.33%"' in text


def test_the_download_opens_in_a_danish_spreadsheet_and_runs_no_formula(client, plan):
    activity = ran_in_2016(plan, name="=HYPERLINK(1)")
    make_estimate(activity, 2016, 3)
    make_participation(activity)
    client.force_login(make_user(Role.COORDINATOR, plan))
    response = client.get(page_of(plan), {"format": "csv"})
    assert response["Content-Type"] == "text/csv; charset=utf-8"
    assert "attachment" in response["Content-Disposition"]
    text = response.content.decode()
    assert text.startswith("\ufeff")
    table = list(csv.DictReader(io.StringIO(text[1:]), delimiter=";"))
    assert table == [
        {
            "Aktivitet": "'=HYPERLINK(1)",
            "År": "2016",
            "Med samtykke": "1",
            "Skøn": "3",
            "Trukket tilbage": "0",
            "Sagde nej": "0",
            "Ikke spurgt": "0",
            "Ikke truffet": "0",
        }
    ]


@pytest.mark.parametrize("size", [1, 30])
def test_the_overview_takes_few_queries_whatever_its_size(client, size, django_assert_max_num_queries):
    for _ in range(size):
        make_participation(ran_in_2016(make_plan()))
    client.force_login(make_user(Role.CONTROLLER))
    with django_assert_max_num_queries(15):
        client.get(RATES)


@pytest.mark.parametrize("size", [1, 30])
def test_the_page_of_a_plan_takes_few_queries_whatever_its_size(client, plan, size, django_assert_max_num_queries):
    coordinator = make_user(Role.COORDINATOR, plan)
    for _ in range(size):
        make_participation(make_activity(plan, responsible=coordinator))
    client.force_login(coordinator)
    with django_assert_max_num_queries(15):
        client.get(page_of(plan))


def test_pages_without_anything_say_what_will_come(client, plan):
    client.force_login(make_user(Role.COORDINATOR, plan))
    assert "Der er ingen aktiviteter endnu" in client.get(page_of(plan)).content.decode()
    client.force_login(make_user(Role.CONTROLLER))
