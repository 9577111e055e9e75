"""The activity's list, the list of participants, one person's page, the full number, withdrawal."""

import json
from datetime import date

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from accounts.permissions import Role
from audit.models import Event
from collection.models import Participant
from consent.models import Decision, Kind
from tests.factories.cast import (
    make_activity,
    make_estimate,
    make_identity,
    make_name_identity,
    make_participant,
    make_participation,
    make_plan,
    make_user,
)

pytestmark = [pytest.mark.django_db, pytest.mark.slow_on_postgres]
QUERIES = 15


@pytest.fixture
def activity():
    return make_activity(make_plan(), start=date(2014, 2, 1), end=date(2016, 12, 31))


@pytest.fixture
def get(client, activity):
    client.force_login(activity.responsible)

    def fetch(name, *arguments, **query):
        return client.get(reverse(f"consent:{name}", args=arguments), query)

    return fetch


# --- Lists ------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("page", ["activity", "participants"])
def test_a_list_reads_its_names_in_one_event_and_few_queries(get, activity, page):
    for day in range(1, 29):
        make_participation(activity, start=date(2015, 3, day))
    make_estimate(activity, 2015, 40)
    arguments = [activity.pk] if page == "activity" else []
    get(page, *arguments)
    before = Event.objects.count()
    with CaptureQueriesContext(connection) as captured:
        response = get(page, *arguments)
    assert len([query for query in captured if "SAVEPOINT" not in query["sql"]]) <= QUERIES
    assert len(response.context["rows"]) == 25
    listed = list(Event.objects.order_by("sequence")[before:])
    assert [event.action for event in listed] == ["identity.listed"]
    assert listed[0].subjects.count() == 25
    assert len(get(page, *arguments, page=2).context["rows"]) == 3


def test_a_start_is_shown_as_exactly_as_it_is_known(get, activity):
    for precision in ("day", "month", "year"):
        make_participation(activity, start=date(2015, 3, 3), precision=precision)
    text = get("activity", activity.pk).text
    for shown in (">3. marts 2015<", ">marts 2015<", ">2015<"):
        assert shown in text


def test_the_activity_counts_year_by_year(get, activity):
    make_participation(activity, start=date(2015, 3, 3))
    make_estimate(activity, 2015, 40)
    years = dict(get("activity", activity.pk).context["years"])
    assert (years[2015].estimate, years[2015].consented) == (40, 1)
    assert not years[2014].estimated


def test_who_has_no_name_is_listed_by_the_masked_number(get, activity):
    identity = make_identity(working_name="")
    make_participation(activity, identity)
    text = get("activity", activity.pk).text
    assert f"{identity.cpr.digits[:6]}-••••" in text
    assert identity.cpr.digits[6:] not in text


def test_the_list_of_participants_is_of_my_plans_and_can_be_of_one_activity(get, activity):
    mine = make_participant(activity)
    other_activity = make_participant(make_activity(activity.plan, start=date(2014, 2, 1)))
    make_participant(make_activity(make_plan()))
    assert {row["person"].pk for row in get("participants").context["rows"]} == {mine.pk, other_activity.pk}
    filtered = get("participants", aktivitet=activity.pk)
    assert [row["person"].pk for row in filtered.context["rows"]] == [mine.pk]


def test_a_lapsed_consent_is_shown_as_lapsed(get, activity):
    make_participant(activity, make_identity(born=date(2007, 5, 5)))
    assert get("activity", activity.pk).context["rows"][0]["status"] == Kind.LAPSED


# --- One person ------------------------------------------------------------------------------------------


def test_the_page_shows_what_is_held_and_says_so_once_in_the_log(get, activity):
    person = make_participant(activity, make_name_identity(born=date(1980, 5, 6)))
    response = get("participant", person.pk)
    assert "no-store" in response["Cache-Control"]
    for shown in ("6. maj 1980", "Birkevænget", "1. juni 2012", "Samtykke givet", "udgave 1"):
        assert shown in response.text
    assert Event.objects.filter(action="identity.shown").count() == 1


def test_titles_carry_no_identity(get, activity):
    identity = make_name_identity()
    person = make_participant(activity, identity)
    for name, *arguments in (["participant", person.pk], ["withdraw", person.pk], ["activity", activity.pk]):
        title = get(name, *arguments).text.partition("<title>")[2].partition("</title>")[0]
        assert identity.name not in title


def test_the_full_number_needs_a_reason_and_leaves_a_trace(get, client, activity):
    identity = make_identity()
    person = make_participant(activity, identity)
    url = reverse("consent:reveal", args=[person.pk])
    looked = client.get(url)
    assert looked.status_code == 405
    assert "Gå til forsiden" in looked.text
    assert client.post(url).status_code == 400
    assert client.post(url, {"reason": "nysgerrig"}).status_code == 400
    assert not Event.objects.filter(action="identity.read").exists()
    response = client.post(url, {"reason": "contact"})
    assert f"{identity.cpr.digits[:6]}-{identity.cpr.digits[6:]}" in response.text
    assert "no-store" in response["Cache-Control"]
    event = Event.objects.get(action="identity.read")
    assert json.loads(event.details) == {"field": "cpr", "reason": "contact"}


def test_who_has_no_number_has_none_to_show(get, client, activity):
    person = make_participant(activity, make_name_identity())
    assert client.post(reverse("consent:reveal", args=[person.pk]), {"reason": "contact"}).status_code == 404


# --- Withdrawal --------------------------------------------------------------------------------------------


def withdrawal(day: date) -> dict:
    return {f"withdrawn_on_{part}": getattr(day, part) for part in ("day", "month", "year")}


def test_withdrawing_takes_one_page_erases_the_person_and_gives_a_receipt(get, client, activity):
    person = make_participant(activity)
    url = reverse("consent:withdraw", args=[person.pk])
    assert "slettes med det samme" in client.get(url).text
    response = client.post(url, withdrawal(date(2026, 1, 5)), follow=True)
    assert response.status_code == 200
    assert "5. januar 2026" in response.text
    assert response.request["PATH_INFO"] == reverse("exports:receipt", args=[person.pk])
    row = Participant.ungated.get()
    assert row.erased_at
    assert row.name is None
    assert get("participant", person.pk).status_code == 404
    assert get("activity", activity.pk).context["rows"] == []


@pytest.mark.parametrize("day", [date(2013, 1, 1), date(2999, 1, 1)])
def test_a_withdrawal_is_not_before_the_consent_nor_in_the_future(get, client, activity, day):
    person = make_participant(activity)
    response = client.post(reverse("consent:withdraw", args=[person.pk]), withdrawal(day))
    assert list(response.context["form"].errors) == ["withdrawn_on"]
    assert not Decision.objects.filter(kind=Kind.WITHDRAWN).exists()


# --- Doors ----------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("page", ["participant", "withdraw", "reveal"])
@pytest.mark.parametrize(
    ("role", "own", "status"),
    [
        (Role.STAFF, True, 200),
        (Role.COORDINATOR, True, 200),
        (Role.STAFF, False, 404),
        (Role.COORDINATOR, False, 404),
        (Role.EVALUATOR, False, 403),
        (Role.CONTROLLER, False, 403),
    ],
)
def test_a_person_is_seen_by_those_who_work_in_the_plan(client, activity, page, role, own, status):
    if page == "withdraw" and role == Role.CONTROLLER:
        status = 200  # who wants out may turn to the controller too
    person = make_participant(activity)
    client.force_login(make_user(role, activity.plan if own else make_plan()))
    url = reverse(f"consent:{page}", args=[person.pk])
    response = client.post(url, {"reason": "contact"}) if page == "reveal" else client.get(url)
    assert response.status_code == status
    if status != 200:
        assert not Event.objects.filter(action__startswith="identity").exists()


def test_another_plan_gets_no_receipt(get, client, activity):
    person = make_participant(activity)
    client.post(reverse("consent:withdraw", args=[person.pk]), withdrawal(date(2026, 1, 5)))
    assert client.get(reverse("exports:receipt", args=[person.pk])).status_code == 200
    client.force_login(make_user(Role.STAFF, make_plan()))
    assert client.get(reverse("exports:receipt", args=[person.pk])).status_code == 404


def test_names_are_escaped(get, activity):
    person = make_participant(activity, make_identity(working_name="<b>Bo</b>"))
    for page, *arguments in (["activity", activity.pk], ["participants"], ["participant", person.pk]):
        text = get(page, *arguments).text
        assert "<b>Bo</b>" not in text
        assert "&lt;b&gt;Bo&lt;/b&gt;" in text
