"""What an attempt at a job that fails or comes too late leaves behind. tests/faults does this to real processes."""

from collections.abc import Callable

import pytest
from django.db import OperationalError

from accounts.permissions import Role
from exports import jobs, ledger, storage
from exports.actions.deliveries import cancel, request_delivery
from exports.models import Delivery, DeliveryPerson, Job, State
from tests.factories.cast import make_activity, make_participant, make_user
from tests.factories.deliveries import make_project

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture
def delivery():
    evaluator, activity = make_user(Role.EVALUATOR), make_activity()
    for _ in range(3):
        make_participant(activity)
    return request_delivery(by=evaluator, project=make_project(evaluator), kind=Delivery.Kind.LINKAGE)


def before_ledger(monkeypatch, happens: Callable[[], None]) -> None:
    """Has something happen once, when a job is about to write the ledger."""
    write = ledger.write

    def instead(*args):
        monkeypatch.setattr(ledger, "write", write)
        happens()
        return write(*args)

    monkeypatch.setattr(ledger, "write", instead)


def failing(error: Exception) -> Callable[[], None]:
    def happens() -> None:
        raise error

    return happens


def files_of(delivery) -> list[str]:
    return sorted(path.name for path in storage.delivery_folder(delivery).iterdir())


def test_a_lost_database_costs_an_attempt_and_not_the_delivery(delivery, monkeypatch):
    job = Job.objects.get()
    before_ledger(monkeypatch, failing(OperationalError("server closed the connection unexpectedly")))
    jobs.run(job.pk)
    job.refresh_from_db()
    assert (job.state, job.claim, job.sent_at) == (Job.State.QUEUED, None, None)
    assert jobs.sweep() == 1
    jobs.run(job.pk)
    delivery.refresh_from_db()
    assert delivery.state == State.PREPARED
    assert files_of(delivery) == ["frozen.age"]


def test_a_full_disk_is_told_and_leaves_nothing(delivery, monkeypatch):
    before_ledger(monkeypatch, failing(OSError(28, "No space left on device")))
    jobs.run(Job.objects.get().pk)
    delivery.refresh_from_db()
    assert (delivery.state, delivery.reason) == (State.FAILED, "disk_full")
    assert files_of(delivery) == []
    assert not DeliveryPerson.objects.exists()


def test_who_lost_the_claim_changes_nothing_of_what_came_after(delivery, monkeypatch):
    """Another worker takes the job, and has done it, while this one was about to clear the ledger and write it."""
    job = Job.objects.get()
    rows = DeliveryPerson.objects.filter(delivery=delivery)
    written: list[int] = []

    def another_does_it() -> None:
        Job.objects.filter(pk=job.pk).update(state=Job.State.QUEUED)
        jobs.run(job.pk)
        written.extend(rows.values_list("pk", flat=True))

    before_ledger(monkeypatch, another_does_it)
    jobs.run(job.pk)
    delivery.refresh_from_db()
    job.refresh_from_db()
    assert (delivery.state, job.state, job.attempts) == (State.PREPARED, Job.State.DONE, 2)
    assert len(written) == 3
    assert set(rows.values_list("pk", flat=True)) == set(written)
    assert files_of(delivery) == ["frozen.age"]


def test_a_delivery_that_is_cancelled_under_way_leaves_no_folder(delivery, monkeypatch):
    before_ledger(monkeypatch, lambda: cancel(by=delivery.requested_by, delivery=delivery))
    jobs.run(Job.objects.get().pk)
    delivery.refresh_from_db()
    assert delivery.state == State.CANCELLED
    assert files_of(delivery) == []
    assert not DeliveryPerson.objects.exists()
