"""A worker killed with -9 while it changes a key, and people at work meanwhile: real processes, real broker."""

import os
import signal
import time
from datetime import date, timedelta

import pytest
from django.db import connection

from accounts.permissions import Role
from collection.models import Identification, Participant
from crypto import keys
from crypto.rotation import verify_identities
from crypto.secret import Secret
from exports import jobs
from exports.models import Job
from operations.actions.keys import start_rotation
from operations.models import KeyRotation, NewIndex
from tests.factories.cast import cpr_text, make_activity, make_participant, make_user
from tests.plugins.processes import kill_in_step, wait_until

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.slow]
PEOPLE = 5000
LEASE = 2  # seconds
KEPT = "0.3"  # seconds that a process goes on with its keys
ENVIRONMENT = {"JOB_LEASE_SECONDS": str(LEASE), "KEYS_KEPT_SECONDS": KEPT}


@pytest.fixture
def activity():
    return make_activity()


@pytest.fixture(autouse=True)
def many(settings, activity):
    settings.JOB_LEASE_SECONDS, settings.KEYS_KEPT_SECONDS = LEASE, float(KEPT)
    keys.forget()
    Participant.ungated.bulk_create(
        Participant(
            plan=activity.plan,
            identification=Identification.CPR,
            cpr=Secret(cpr_text(date(1938, 3, 3) + timedelta(days=n // 400), n % 400)),
            name=Secret(f"Opdigtet {n}"),
        )
        for n in range(PEOPLE)
    )
    yield
    keys.forget()


def kill_amid_pages(worker) -> None:
    """When the first page is done and not the last."""
    wait_until(lambda: KeyRotation.objects.filter(after__isnull=False).exists(), 60)
    os.killpg(worker.pid, signal.SIGKILL)
    worker.wait()


@pytest.mark.parametrize(
    "purpose, point",
    [
        ("field:participant.cpr", "pages"),
        ("index:participant.cpr", "pages"),
        ("index:participant.cpr", "put_in_place"),
        ("index:participant.name_birth", "pages"),
    ],
)
def test_a_killed_change_of_a_key_goes_on_and_loses_nothing(start_worker, activity, purpose, point):
    old = keys.current(purpose).id
    held = start_rotation(by=make_user(Role.CONTROLLER), purpose=purpose)
    worker = start_worker(**ENVIRONMENT)
    if point == "pages":
        kill_amid_pages(worker)
    else:
        kill_in_step(worker, point)
    assert KeyRotation.objects.get(pk=held.pk).finished_at is None
    assert all(seen.fine for seen in verify_identities())  # as it is left, everything can be read and found
    # nobody is at it, and it need not wait until it is sent again
    Job.objects.filter(step="put_in_place").update(lease_until=None, state=Job.State.QUEUED, sent_at=None)
    start_worker(**ENVIRONMENT)
    registered = 0

    def done() -> bool:
        nonlocal registered
        jobs.sweep()
        make_participant(activity)
        registered += 1
        time.sleep(0.1)
        return KeyRotation.objects.get(pk=held.pk).finished_at is not None

    wait_until(done, 90)
    found = list(verify_identities())
    assert all(seen.fine for seen in found)
    assert sum(seen.old for seen in found) == 0
    assert keys.current(purpose).id == held.key_id != old
    assert Participant.ungated.count() == PEOPLE + registered
    assert not NewIndex.objects.exists()
    with connection.cursor() as cursor:
        cursor.execute("SELECT count(DISTINCT cpr_index) FROM collection_participant")
        assert cursor.fetchone()[0] == PEOPLE + registered
