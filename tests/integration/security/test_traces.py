"""What leaves a trace must leave it whichever way it is asked, and a broken trace is told."""

from datetime import date

import pytest
from django.urls import reverse

from audit import triggers
from audit.models import Event
from audit.verify import verify
from consent.actions.tell import LIMIT
from consent.models import Audience
from tests.factories.cast import make_activity, make_participation, make_plan, make_text
from tests.factories.forms import passing_number, typed

pytestmark = pytest.mark.django_db


def test_that_somebody_takes_part_already_is_recorded_also_when_the_answer_was_forged_before_the_question(client):
    for audience in Audience:
        make_text(audience)
    activity = make_activity(make_plan())
    client.force_login(activity.responsible)
    address = reverse("consent:enrol", args=[activity.pk])
    form = typed(cpr=passing_number(date(1970, 5, 6)), obtained_by=activity.responsible.pk)
    assert client.post(address, form).status_code == 302
    for _ in range(LIMIT):
        answer = client.post(address, form | {"add_to_registered": "on"})
        assert "allerede registreret i aktiviteten" in answer.content.decode()
    assert Event.objects.filter(action="registered.told").count() == LIMIT
    assert client.post(address, form | {"add_to_registered": "on"}).status_code == 429


def test_an_event_that_names_a_key_that_never_was_is_told_and_does_not_end_the_check():
    make_participation(make_activity())
    event = Event.objects.order_by("sequence").last()
    triggers.uninstall()
    try:
        Event.objects.filter(pk=event.pk).update(key_id=1)
    finally:
        triggers.install()
    assert [(fault.sequence, fault.kind) for fault in verify()[1]] == [(event.sequence, "changed")]
