"""The plan's contact, which printed consent forms name."""

from datetime import date

import pytest
from django.urls import reverse

from accounts.permissions import Role
from audit.models import Event
from tests.factories.cast import cpr_text, make_activity, make_plan, make_user

pytestmark = pytest.mark.django_db


@pytest.fixture
def plan(client):
    plan = make_plan()
    make_activity(plan)
    client.force_login(make_user(Role.COORDINATOR, plan))
    return plan


def test_a_coordinator_writes_whom_participants_may_ask(client, plan):
    listed = client.get(reverse("collection:activities")).content.decode()
    assert "ingen kontakt endnu" in listed
    given = {
        "contact_name": "Kontoret på Birkevænget",
        "contact_phone": "+45 12 34 56 78",
        "contact_email": "k@plan.dk",
    }
    answer = client.post(reverse("collection:contact", args=[plan.pk]), given, follow=True)
    assert "Kontoret på Birkevænget, +45 12 34 56 78" in answer.content.decode()
    assert Event.objects.filter(action="plan.contact_changed", plan=str(plan.pk)).exists()


@pytest.mark.parametrize(
    "field, typed, sentence",
    [
        ("contact_phone", "ring til Bodil", "Skriv telefonnummeret med cifre"),
        ("contact_name", f"Bodil {cpr_text(date(1961, 7, 7))}", "Skriv ikke CPR-numre her"),
    ],
)
def test_what_is_no_contact_is_refused_and_kept_on_the_page(client, plan, field, typed, sentence):
    answer = client.post(reverse("collection:contact", args=[plan.pk]), {field: typed}).content.decode()
    assert sentence in answer
    assert typed in answer
    plan.refresh_from_db()
    assert not plan.contact
