"""What nobody types by hand is answered on the page: no error 500, and no delivery that comes to a stop."""

from dataclasses import replace
from datetime import date
from io import BytesIO

import pytest
from django.urls import reverse

from accounts.permissions import Role
from collection.models import Participant
from config.bodies import Handler, Request
from consent.actions.enrol import EnrolmentRefused
from consent.models import Audience
from exports.models import State
from tests.factories.cast import (
    make_activity,
    make_name_identity,
    make_participant,
    make_participation,
    make_plan,
    make_text,
    make_user,
)
from tests.factories.deliveries import approve_and_build, make_delivery, make_project
from tests.factories.forms import typed_name

pytestmark = pytest.mark.django_db
# an unknown address, and an honest one (block, entrance, door, post code) whose digits stand as in a CPR number
WOULD_STOP_A_DELIVERY = ["-", "?", "N/A", "Blok 12 05 14 9000 Aalborg", "Blok 12\x0105\n14 9000 Aalborg"]


@pytest.fixture
def activity():
    for audience in Audience:
        make_text(audience)
    return make_activity(make_plan())


@pytest.mark.parametrize("part", ["decided_on_day", "decided_on_month", "birth_date_day", "start_month"])
def test_a_number_pasted_into_a_part_of_a_date_is_a_mistake_of_the_form(client, activity, part):
    client.force_login(activity.responsible)
    changes = {part: "9" * 20, "start_year": "2016", "obtained_by": activity.responsible.pk}
    response = client.post(reverse("consent:enrol", args=[activity.pk]), typed_name() | changes)
    assert response.status_code == 200
    assert "Datoen findes ikke" in response.content.decode()


def test_a_number_pasted_into_the_day_of_a_withdrawal_is_a_mistake_of_the_form(client, activity):
    person = make_participant(activity)
    client.force_login(activity.responsible)
    parts = {"withdrawn_on_day": "9" * 20, "withdrawn_on_month": "1", "withdrawn_on_year": "2026"}
    assert client.post(reverse("consent:withdraw", args=[person.pk]), parts).status_code == 200


@pytest.mark.parametrize("query", ["last=31.12.9999", "first=01.01.0001"])
def test_the_log_has_a_page_for_days_at_the_ends_of_the_calendar(client, query):
    client.force_login(make_user(Role.CONTROLLER))
    assert client.get(f"{reverse('audit:events')}?{query}").status_code == 200


def test_who_is_signed_in_is_sent_home_by_a_link_to_the_sign_in_page_that_leads_to_itself(client):
    client.force_login(make_user(Role.CONTROLLER))
    here = reverse("account_login")
    assert client.get(here, {"next": here})["Location"] == reverse("home")


def test_a_user_name_that_grows_when_it_is_spelt_in_one_way_is_too_long(client):
    plan = make_plan()
    client.force_login(make_user(Role.COORDINATOR, plan))
    form = {"full_name": "Bodil", "username": "ﬃ" * 100, "role": "staff"}  # three letters each
    response = client.post(reverse("collection:member_new", args=[plan.pk]), form)
    assert response.context["form"].errors["username"]


@pytest.mark.parametrize("field", ["name", "address"])
@pytest.mark.parametrize("text", WOULD_STOP_A_DELIVERY)
def test_a_name_or_address_that_would_stop_every_delivery_is_refused_where_it_is_typed(client, activity, field, text):
    client.force_login(activity.responsible)
    form = typed_name(**{field: text}) | {"start_year": "2016", "obtained_by": activity.responsible.pk}
    response = client.post(reverse("consent:enrol", args=[activity.pk]), form)
    assert response.context["form"].errors[field]
    assert not Participant.ungated.exists()
    with pytest.raises(EnrolmentRefused, match="text_unfit"):
        make_participation(activity, replace(make_name_identity(), **{field: text}))


def test_what_the_form_takes_the_linter_lets_out():
    activity = make_activity()
    for _ in range(3):
        make_participation(activity, start=date(2015, 2, 1))
    odd = "=Vej (12), 05. th. – 14, 9000 Aalborg\n\x01"
    make_participation(activity, replace(make_name_identity(), address=odd), start=date(2015, 2, 1))
    evaluator = make_user(Role.EVALUATOR)
    delivery = make_delivery(make_project(evaluator), by=evaluator)
    assert approve_and_build(delivery, by=make_user(Role.CONTROLLER)).state == State.BUILT


@pytest.mark.parametrize("name", ["sessionid", "django_language", "csrftoken", "messages"])
def test_a_cookie_with_a_sign_that_no_database_takes_is_of_nobody(client, name, monkeypatch):
    monkeypatch.setattr("django.test.client.WSGIRequest", Request)
    answer = client.get(reverse("home"), headers={"cookie": f'{name}="\\000abcdefghijkl"'})
    assert answer["Location"].startswith(reverse("account_login"))


@pytest.mark.parametrize(
    "kind", ["text/plain; charset=hex", "a/b; charset=idna", "a/b; charset*=none''x", "a/b; c*=hex''x"]
)
def test_a_request_in_letters_that_do_not_exist_is_read_as_any_other(kind):
    """As gunicorn gives it to the site: what fails before Django's own handling of errors would end in its log."""
    said = []
    environment = {"CONTENT_TYPE": kind, "QUERY_STRING": "q=%ff", "PATH_INFO": reverse("accounts:accessibility")}
    environment |= {"REQUEST_METHOD": "GET", "SERVER_NAME": "localhost", "SERVER_PORT": "80", "wsgi.input": BytesIO()}
    environment["wsgi.url_scheme"] = "http"
    answer = Handler()(environment, lambda status, headers: said.append(status))
    answer.close()
    assert said == ["200 OK"]
