"""What happens around the workers: a full disk, a broker that is away, two workers at once, consents that end."""

import os
import shutil
import signal
import subprocess
import time
from pathlib import Path

import pytest

pytestmark = pytest.mark.slow
WAITS = "Bestillingen er gemt og venter"


# --- Disk full ---------------------------------------------------------------------------------------------


@pytest.fixture
def small_disk(site):
    """A file system of 24 MB below the deliveries: `fill()` leaves no byte of it, `empty()` gives it back."""
    deliveries = Path(site.environment["DATA_DIR"]) / "deliveries"
    site.built_undisturbed()
    shutil.rmtree(deliveries)  # what other tests built
    site.built.clear()
    deliveries.mkdir(mode=0o700)
    if subprocess.run(["mount", "-t", "tmpfs", "-o", "size=24m,mode=0700", "tmpfs", deliveries]).returncode:
        pytest.skip("mounting a small file system takes root")
    ballast = deliveries / "ballast"

    def fill() -> None:
        with ballast.open("wb", buffering=0) as file:
            try:
                while file.write(bytes(65536)) == 65536:
                    pass
            except OSError:
                pass

    yield fill, ballast.unlink
    shutil.rmtree(deliveries, ignore_errors=True)
    subprocess.run(["umount", "--lazy", deliveries], check=True)


@pytest.mark.parametrize("point", ["prepare:rows:begun", "build:data_file:begun", "build:key_file:begun"])
def test_with_a_full_disk_a_job_fails_in_words_and_can_be_tried_again(site, small_disk, point):
    fill, empty = small_disk
    if point.startswith("build"):
        delivery = site.prepared(site.projects[0])
        site.stop_at(point)
        site.do("approve", delivery)
    else:
        site.stop_at(point)
        delivery = site.do("request", site.projects[0])
    process = site.stopped()
    fill()
    os.kill(process, signal.SIGCONT)
    site.until(delivery, "failed")
    assert site.do("state", delivery) == ("failed", "disk_full")
    assert "ikke plads på serverens disk" in site.do("page", delivery)
    empty()
    site.check(delivery, "failed")
    site.do("try_again", delivery)
    site.until(delivery, "prepared")
    site.do("approve", delivery)
    site.until(delivery, "built")
    site.check(delivery, "built")


# --- The broker --------------------------------------------------------------------------------------------


def test_what_is_asked_for_while_redis_is_away_waits_and_is_done_after(site):
    site.redis.halt()
    try:
        delivery = site.do("request", site.projects[0])
        assert WAITS in site.do("page", delivery)
        job = site.do("job_of", delivery)
        assert (job["state"], job["sent_at"]) == ("queued", None)
    finally:
        site.redis.start()
    site.until(delivery, "prepared")
    site.check(delivery, "prepared")


def test_a_redis_that_forgot_everything_has_lost_no_job(site):
    site.end_workers()
    delivery = site.do("request", site.projects[0])
    assert site.do("job_of", delivery)["sent_at"]
    site.redis.halt()  # this one writes nothing to disk
    site.redis.start()
    site.start_workers()
    time.sleep(1)
    assert site.do("state", delivery)[0] == "requested"
    site.do("a_minute_passes")
    site.until(delivery, "prepared")
    site.check(delivery, "prepared")


@pytest.mark.parametrize("point", ["prepare:rows:rows", "build:data_file:begun"])
def test_a_restart_of_redis_in_the_middle_of_a_job_is_not_noticed(site, point):
    delivery = site.built_undisturbed()
    site.stop_at(point)
    if point.startswith("build"):
        site.do("build_again", delivery)
        state = "built"
    else:
        delivery, state = site.do("request", site.projects[0]), "prepared"
    process = site.stopped()
    site.redis.halt()
    os.kill(process, signal.SIGCONT)
    time.sleep(1)
    site.redis.start()
    site.until(delivery, state)
    site.check(delivery, state)
    assert site.do("job_of", delivery)["attempts"] == 1
    both_workers_take_jobs(site)


def both_workers_take_jobs(site):
    asked, processes = [], set()
    for project in site.projects:
        site.stop_at("prepare:rows:begun")
        asked.append(site.do("request", project))
        processes.add(site.stopped())
    for process in processes:
        os.kill(process, signal.SIGCONT)
    for delivery in asked:
        site.until(delivery, "prepared")
    assert len(processes) == len(asked)


def test_beat_alone_takes_up_a_job_whose_worker_was_killed(site):
    """Nobody sweeps here but the worker's own beat, every 15 seconds."""
    site.stop_at("prepare:rows:begun")
    delivery = site.do("request", site.projects[0])
    site.wait((site.points / "stopped").exists, delivery)
    os.kill(site.stopped(), signal.SIGKILL)
    site.wait(lambda: site.do("state", delivery)[0] == "prepared", delivery)


# --- Two at once, and people who leave ---------------------------------------------------------------------


def test_two_workers_on_two_projects_do_not_disturb_each_other(site):
    alone = []
    for project in site.projects:
        delivery = site.prepared(project)
        site.do("approve", delivery)
        site.until(delivery, "built")
        alone.append((delivery, site.do("members_of", delivery)))
    site.stop_at("build:data_file:begun")
    site.do("build_again", alone[0][0])
    first = site.stopped()
    site.stop_at("build:data_file:begun")
    site.do("build_again", alone[1][0])
    second = site.stopped()
    assert first != second
    for process in (first, second):  # both are in the middle of it now
        os.kill(process, signal.SIGCONT)
    for delivery, _ in alone:
        site.until(delivery, "built")
    for delivery, members in alone:
        site.check(delivery, "built")
        assert site.do("job_of", delivery)["attempts"] == 1
        assert site.do("members_of", delivery) == members


def test_two_deliveries_of_one_project_at_once_give_everybody_one_code(site):
    project = site.do("new_project")
    site.stop_at("prepare:persons:begun")
    one = site.do("request", project)
    first = site.stopped()
    site.stop_at("prepare:persons:begun")
    other = site.do("request", project)
    second = site.stopped()
    for process in (first, second):
        os.kill(process, signal.SIGCONT)
    for delivery in (one, other):
        site.until(delivery, "prepared")
    for delivery in (one, other):
        site.check(delivery, "prepared")
    assert site.do("frozen_hash", one) == site.do("frozen_hash", other)


def test_who_withdraws_while_the_worker_is_dead_is_not_in_the_files(site):
    delivery = site.prepared(site.projects[1])
    site.stop_at("build:key_file:begun")
    site.do("approve", delivery)
    os.kill(site.stopped(), signal.SIGKILL)
    site.do("withdraw_one", delivery)
    site.built.clear()  # the person is in those
    site.until(delivery, "built")
    site.check(delivery, "built")
    assert site.do("in_ledger", delivery) == (site.people, site.people - 1, 0)
    site.people -= 1


def test_a_cancelled_queued_job_is_never_begun(site):
    site.end_workers()
    delivery = site.do("request", site.projects[0])
    site.do("cancel", delivery)
    site.start_workers()
    site.stop_at("prepare:persons:begun")
    time.sleep(3)
    assert not (site.points / "stopped").exists()
    site.check(delivery, "cancelled")


def test_an_approval_that_is_taken_back_before_it_is_built_leaves_nothing(site):
    delivery = site.prepared(site.projects[0])
    site.end_workers()
    site.do("approve", delivery)
    site.do("cancel", delivery)
    site.start_workers()
    site.do("sweep")
    site.check(delivery, "cancelled")
