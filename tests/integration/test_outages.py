"""When the database or the disk can't serve, a page says so (503), and what was typed can be sent again from it."""

import errno
import html
import re
from datetime import date

import psycopg
import pytest
from django.db import IntegrityError, InternalError, OperationalError, ProgrammingError
from django.test import Client
from django.urls import reverse

from config.outages import passes
from consent.models import Audience
from tests.factories.cast import make_activity, make_text
from tests.factories.forms import typed_name


def raised(error: Exception, cause: BaseException | None = None) -> Exception:
    try:
        raise error from cause
    except type(error) as caught:
        return caught


@pytest.mark.parametrize(
    "error, passing",
    [
        (raised(OperationalError(), psycopg.OperationalError("server closed the connection")), True),
        (raised(OperationalError(), psycopg.errors.AdminShutdown()), True),
        (raised(OperationalError(), psycopg.errors.DiskFull()), True),
        (raised(OperationalError(), psycopg.errors.DeadlockDetected()), True),
        (raised(InternalError(), psycopg.errors.ReadOnlySqlTransaction()), True),
        (raised(InternalError(), psycopg.errors.IdleInTransactionSessionTimeout()), True),
        (raised(RuntimeError(), raised(OperationalError(), psycopg.errors.AdminShutdown())), True),
        (OSError(errno.ENOSPC, "full"), True),
        (OSError(errno.ENOENT, "not there"), False),
        (raised(ProgrammingError(), psycopg.errors.UndefinedTable()), False),
        (raised(IntegrityError(), psycopg.errors.UniqueViolation()), False),
        (raised(InternalError(), psycopg.errors.InFailedSqlTransaction()), False),
        (ValueError(), False),
        (None, False),
    ],
)
def test_what_passes_is_told_from_an_error_of_ours(error, passing):
    assert passes(error) is passing


@pytest.fixture
def outage(client, monkeypatch):
    """`outage(error)`: from now on saving an enrolment raises the error; the activity and a client of its colleague."""
    for audience in Audience:
        make_text(audience)
    activity = make_activity(start=date(2014, 2, 1), end=None)
    client = Client(raise_request_exception=False)
    client.force_login(activity.responsible)

    def begin(error: Exception):
        def enrol(**_):
            raise error

        monkeypatch.setattr("consent.views.enrolment.enrol", enrol)
        return activity, client

    return begin


@pytest.mark.django_db
def test_what_was_typed_stands_on_the_page_and_can_be_sent_again(outage):
    activity, client = outage(OSError(errno.ENOSPC, "full"))
    address = reverse("consent:enrol", args=[activity.pk])
    sent = typed_name('Åse "Bo" <Ærø>') | {"obtained_by": str(activity.responsible.pk), "csrfmiddlewaretoken": "mine"}
    answer = client.post(address, sent)
    assert (answer.status_code, answer["Retry-After"]) == (503, "10")
    assert "no-store" in answer["Cache-Control"]
    assert "Content-Security-Policy" in answer
    assert f'action="{address}"' in answer.text
    hidden = re.findall(r'<input type="hidden" name="([^"]*)" value="([^"]*)">', answer.text)
    assert {name: html.unescape(value) for name, value in hidden} == sent
    assert "Send igen" in answer.text


@pytest.mark.django_db
def test_it_stands_there_too_when_the_database_was_gone_before_the_address_was_looked_up(client, monkeypatch):
    def gone(*args):
        raise raised(OperationalError(), psycopg.errors.AdminShutdown())

    monkeypatch.setattr("accounts.middleware.SessionLimitMiddleware.__call__", gone)
    activity, client = make_activity(), Client(raise_request_exception=False)
    answer = client.post(reverse("consent:enrol", args=[activity.pk]), {"name": "Bodil"})
    assert answer.status_code == 503
    assert 'value="Bodil"' in answer.text
    assert client.post("/er/her/ikke/", {"name": "Bodil"}).status_code == 503


@pytest.mark.django_db
def test_a_password_is_never_shown_again(client, monkeypatch):
    def fail(*args, **kwargs):
        raise OSError(errno.ENOSPC, "full")

    client = Client(raise_request_exception=False)
    monkeypatch.setattr("accounts.forms.SignInForm.clean", fail)
    answer = client.post(reverse("account_login"), {"login": "bodil", "password": "hemmelighed"})
    assert answer.status_code == 503
    assert "hemmelighed" not in answer.text
    assert "Send igen" not in answer.text


@pytest.mark.django_db
def test_an_error_of_ours_stays_one(outage):
    activity, client = outage(RuntimeError())
    sent = typed_name() | {"obtained_by": activity.responsible.pk}
    answer = client.post(reverse("consent:enrol", args=[activity.pk]), sent)
    assert answer.status_code == 500
    assert "Bodil" not in answer.text
