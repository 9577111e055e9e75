"""Of whom the data are only stored: what the people who work with them see, and may do."""

import pytest
from django.urls import reverse
from django.utils.timezone import localdate

from accounts.permissions import Role
from consent import gate
from consent.queries import EVALUATION
from rights.actions import requests as actions
from rights.models import IdentityProof, Kind
from tests.factories.cast import make_activity, make_participant, make_user

pytestmark = pytest.mark.django_db


def test_staff_see_that_data_are_only_stored_and_correct_them_but_are_not_shown_the_number(client):
    activity = make_activity()
    person = make_participant(activity)
    page, correct = (reverse(f"consent:{name}", args=[person.pk]) for name in ("participant", "correct"))
    client.force_login(activity.responsible)
    assert "Kun opbevaring" not in client.get(page).text
    asked = actions.take_in(
        by=make_user(Role.CONTROLLER), kind=Kind.RECTIFICATION, people=[person], received_on=localdate(),
        identity_proof=IdentityProof.DOCUMENT, restricted=True,
    )  # fmt: skip
    shown = client.get(page).text
    assert "Kun opbevaring" in shown
    assert "Vis CPR-nummer" not in shown
    assert client.post(reverse("consent:reveal", args=[person.pk]), {"reason": "correct"}).status_code == 404
    told = client.get(reverse("rights:request", args=[asked.pk])).text
    assert page in told
    assert "Ret det, der er forkert, på personens side." in told
    assert client.post(correct, {"working_name": "Bodil Ærenlund"}).url == page
    assert "Bodil Ærenlund" in client.get(page).text
    assert not gate.is_usable(person.pk, EVALUATION, on=localdate())
