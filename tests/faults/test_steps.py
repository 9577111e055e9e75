"""Whatever happens to a worker in whatever step: the job is done again or ended, once, and leaves nothing behind."""

import os
import signal
import time

import pytest

from tests.faults.site import LEASE

pytestmark = pytest.mark.slow

STEPS = {
    "prepare": ["persons", "rows", "ledger", "check"],
    "build": ["check", "data_file", "key_file"],
}
POINTS = [
    *(f"{kind}:{step}:begun" for kind, steps in STEPS.items() for step in steps),
    *("prepare:persons:rows", "prepare:rows:rows", "prepare:ledger:rows", "prepare:ledger:confirm"),
    *("build:data_file:rows", "build:key_file:rows"),
    *(f"{kind}:{steps[-1]}:{what}" for kind, steps in STEPS.items() for what in ("confirm", "placed", "end")),
]


def test_every_step_is_in_the_matrix(site):
    site.steps()
    site.built.clear()
    site.built_undisturbed()
    assert site.steps() == [f"{kind}:{step}" for kind, steps in STEPS.items() for step in steps]


@pytest.fixture
def at(site):
    """`at(point)`: a delivery whose job is stopped there, and the process that has it."""

    def stop(point: str):
        first = site.built_undisturbed()
        site.stop_at(point)
        if point.startswith("prepare"):
            delivery = site.do("request", site.projects[0])
        else:
            site.do("build_again", delivery := first)
        return delivery, site.stopped()

    return stop


def done_as_if_undisturbed(site, delivery, point: str) -> None:
    """The same people and rows, in the same files byte for byte, told once in the log."""
    kind = point.partition(":")[0]
    state, event = {"prepare": ("prepared", "delivery.prepared"), "build": ("built", "delivery.built")}[kind]
    site.until(delivery, state)
    site.check(delivery, state)
    told = site.do("events", delivery)
    assert told[-1] == event
    first = site.built_undisturbed()
    if kind == "prepare":
        assert told.count(event) == 1
        assert site.do("frozen_hash", delivery) == site.do("frozen_hash", first)
    else:
        assert told.count(event) == told.count("delivery.built_again") + 1
        assert site.do("members_of", delivery) == site.built[first]


@pytest.mark.parametrize("point", POINTS)
def test_a_process_killed_with_9_loses_nothing(site, at, point):
    delivery, process = at(point)
    os.kill(process, signal.SIGKILL)  # as the kernel does that is out of memory; Celery starts another process
    done_as_if_undisturbed(site, delivery, point)


@pytest.mark.parametrize("point", ["prepare:rows:rows", "build:data_file:rows", "build:key_file:placed"])
def test_both_workers_killed_with_9_lose_nothing(site, at, point):
    delivery, _ = at(point)
    site.end_workers()
    site.start_workers()
    done_as_if_undisturbed(site, delivery, point)


@pytest.mark.parametrize("point", POINTS)
def test_a_process_that_hangs_and_wakes_up_too_late_changes_nothing(site, at, point):
    delivery, process = at(point)
    locked = point.split(":")[2] in ("confirm", "placed")
    try:
        if locked:  # nobody can claim the job before its transaction ends, so it is not too late
            time.sleep(LEASE + 1)
        else:
            done_as_if_undisturbed(site, delivery, point)
    finally:
        os.kill(process, signal.SIGCONT)
    site.wait(lambda: not site.do("open_jobs", delivery) and site.is_through(process), delivery)
    done_as_if_undisturbed(site, delivery, point)


@pytest.fixture
def ends_what_hangs(site):
    """PostgreSQL ends a transaction in which nothing is asked for some seconds."""
    site.end_workers()
    site.environment["DATABASE_IDLE_SECONDS"] = "4"
    site.start_workers()
    yield
    site.end_workers()
    del site.environment["DATABASE_IDLE_SECONDS"]


@pytest.mark.parametrize("point", ["prepare:check:placed", "build:key_file:confirm", "build:key_file:placed"])
def test_a_process_that_hangs_in_its_last_transaction_is_ended_by_the_database(site, ends_what_hangs, at, point):
    delivery, process = at(point)
    try:
        done_as_if_undisturbed(site, delivery, point)  # by the other one, once the transaction was ended
    finally:
        os.kill(process, signal.SIGCONT)
    site.wait(lambda: not site.do("open_jobs", delivery) and site.is_through(process), delivery)
    done_as_if_undisturbed(site, delivery, point)


@pytest.mark.parametrize("point", [point for point in POINTS if not point.endswith(("begun", "placed"))])
def test_a_connection_to_the_database_that_is_cut_costs_one_more_attempt(site, at, point):
    delivery, process = at(point)
    site.do("cut_connections")
    os.kill(process, signal.SIGCONT)
    done_as_if_undisturbed(site, delivery, point)


@pytest.mark.parametrize("point", [point for point in POINTS if point.endswith(("begun", "placed"))])
def test_a_restart_of_the_database_costs_one_more_attempt(site, at, point):
    delivery, process = at(point)
    site.postgres.halt()
    os.kill(process, signal.SIGCONT)
    time.sleep(0.5)  # the worker finds out
    site.postgres.start()
    done_as_if_undisturbed(site, delivery, point)


@pytest.mark.parametrize("point", [point for point in POINTS if not point.endswith(("confirm", "placed", "end"))])
def test_a_cancelled_job_ends_and_leaves_nothing(site, at, point):
    if point.startswith("build"):
        delivery = site.prepared(site.projects[0])
        site.stop_at(point)
        site.do("approve", delivery)
        process = site.stopped()
    else:
        delivery, process = at(point)
    site.do("cancel", delivery)
    assert site.do("in_ledger", delivery)[0] == 0
    os.kill(process, signal.SIGCONT)
    site.wait(lambda: site.is_through(process), delivery)
    site.check(delivery, "cancelled")
    assert site.do("job_of", delivery)["state"] == "cancelled"
    assert site.do("events", delivery)[-1] == "delivery.cancelled"
