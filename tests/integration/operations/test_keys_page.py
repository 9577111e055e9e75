"""The page of keys: what it shows, and the button that changes one."""

import pytest
from django.urls import reverse

from accounts.permissions import Role
from crypto import kek, keys
from exports import jobs
from exports.models import Job
from operations import rotating
from operations.actions.keys import start_rotation
from operations.models import KeyRotation
from tests.factories.cast import make_participant, make_user
from tests.factories.deliveries import run_jobs

pytestmark = pytest.mark.django_db
PAGE, CHANGE = "operations:keys", "operations:key_change"
CPR = "field:participant.cpr"


@pytest.fixture(autouse=True)
def fresh_keys(settings):
    settings.KEYS_KEPT_SECONDS = 0
    yield
    keys.forget()


@pytest.fixture
def controller(client):
    user = make_user(Role.CONTROLLER)
    client.force_login(user)
    return user


def page(client) -> str:
    return client.get(reverse(PAGE)).content.decode()


def test_every_key_is_told_of_by_what_it_is_for_and_none_is_shown(client, controller):
    text = page(client)
    assert text.count("<tr>") == len(keys.purposes()) + 1
    assert "Deltageres CPR-numre" in text
    assert "field:participant" not in text.replace('value="field:participant', "")
    assert kek.load_kek().fingerprint in text


def test_the_button_changes_the_key_by_a_job_and_the_page_tells_how_far_it_is(client, controller):
    make_participant()
    answer = client.post(reverse(CHANGE), {"purpose": CPR}, follow=True)
    assert "Nøglen skiftes nu" in answer.content.decode()
    held = KeyRotation.objects.get(purpose=CPR)
    assert "Skiftes" in page(client)
    part = client.get(reverse("operations:key_progress", args=[held.pk]), headers={"HX-Request": "true"})
    assert "Bestillingen er gemt" in part.content.decode()
    run_jobs()
    assert "Skiftes" not in page(client)
    assert "1 gammel nøgle gemmes" in page(client)
    done = client.get(reverse("operations:key_progress", args=[held.pk]), headers={"HX-Request": "true"})
    assert done.headers["HX-Refresh"] == "true"


def test_pressed_twice_it_is_changed_once(client, controller):
    make_participant()
    for _ in range(2):
        client.post(reverse(CHANGE), {"purpose": CPR})
    assert KeyRotation.objects.count() == Job.objects.filter(kind=Job.Kind.ROTATE_KEY).count() == 1


def test_a_change_that_stopped_is_told_and_goes_on_by_the_same_button(client, controller, monkeypatch):
    make_participant()
    held = start_rotation(by=controller, purpose=CPR)
    with monkeypatch.context() as patch:
        patch.setattr(rotating, "_records", lambda *args: 1 / 0)
        jobs.run(Job.objects.get(subject=held.pk).pk)
    assert "Skiftet er gået i stå" in page(client)
    client.post(reverse(CHANGE), {"purpose": CPR})
    run_jobs()
    assert KeyRotation.objects.get(pk=held.pk).finished_at is not None
