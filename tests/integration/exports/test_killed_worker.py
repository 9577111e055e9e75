"""A worker killed with -9 in the middle of a job loses nothing and leaves no half file: real processes, real broker."""

import csv
import io
import time

import pytest

from accounts.permissions import Role
from exports import jobs, storage
from exports.actions.deliveries import request_delivery
from exports.models import Delivery, DeliveryPerson, Job, Reader, State
from tests.factories.cast import make_activity, make_user
from tests.factories.deliveries import make_many_participants, make_project, members, say_yes
from tests.plugins.processes import kill_in_step, wait_until

# On PostgreSQL tests/faults does this.
pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.one_database, pytest.mark.slow]
PEOPLE = 1000
LEASE = 2  # seconds


def state_of(delivery) -> str:
    return Delivery.objects.values_list("state", flat=True).get(pk=delivery.pk)


def finish(start_worker, delivery, state: State) -> None:
    """Another worker, and the sweep that beat would do, until the delivery is in `state`."""
    start_worker(JOB_LEASE_SECONDS=str(LEASE))

    def done() -> bool:
        jobs.sweep()
        time.sleep(0.2)
        return state_of(delivery) == state

    wait_until(done, 120)


@pytest.mark.parametrize("step", ["rows", *(name for name in ("key_file", "data_file", "ledger"))])
def test_a_killed_job_is_done_again_and_leaves_no_half_file(start_worker, settings, step):
    settings.JOB_LEASE_SECONDS = LEASE
    evaluator, controller = make_user(Role.EVALUATOR), make_user(Role.CONTROLLER)
    make_many_participants(make_activity(), PEOPLE)
    delivery = request_delivery(by=evaluator, project=make_project(evaluator), kind=Delivery.Kind.LINKAGE)
    worker = start_worker(JOB_LEASE_SECONDS=str(LEASE))
    preparing = step in ("rows", "ledger")
    if preparing:
        kill_in_step(worker, step)
        finish(start_worker, delivery, State.PREPARED)
    wait_until(lambda: state_of(delivery) == State.PREPARED, 120)
    delivery.refresh_from_db()
    say_yes(delivery, by=controller)
    if not preparing:
        kill_in_step(worker, step)
        assert state_of(delivery) == State.APPROVED
        finish(start_worker, delivery, State.BUILT)
    wait_until(lambda: state_of(delivery) == State.BUILT, 120)

    delivery.refresh_from_db()
    files = {archive.reader: members(archive) for archive in delivery.archives.all()}
    keys = list(csv.DictReader(io.StringIO(files[Reader.OFFICER]["noegle.csv"].decode()), delimiter=";"))
    assert len({row["PNR"] for row in keys}) == len({row["PSEUDONYM"] for row in keys}) == PEOPLE
    assert DeliveryPerson.objects.filter(delivery=delivery).count() == PEOPLE
    left = sorted(path.name for path in storage.delivery_folder(delivery).iterdir())
    assert left == ["evaluator.zip.age", "frozen.age", "officer.zip.age"]
    assert not Job.objects.exclude(state=Job.State.DONE).exists()


def test_a_request_made_while_the_broker_is_down_waits_and_is_done_later(start_worker, settings, monkeypatch):
    evaluator = make_user(Role.EVALUATOR)
    make_many_participants(make_activity(), 20)

    def down(*args, **kwargs):
        raise ConnectionRefusedError

    with monkeypatch.context() as patch:
        patch.setattr("exports.jobs.current_app.send_task", down)
        delivery = request_delivery(by=evaluator, project=make_project(evaluator), kind=Delivery.Kind.LINKAGE)
    job = Job.objects.get()
    assert (job.state, job.sent_at) == (Job.State.QUEUED, None)
    finish(start_worker, delivery, State.PREPARED)
