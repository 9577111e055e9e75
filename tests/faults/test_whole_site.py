"""The whole site under work, and what happens to its processes, servers, disks, clock and network meanwhile.

After each fault the site answers again by itself, everybody goes on, and all that it has said yes to is there, once.
"""

import contextlib
import socket
import threading
import time

import pytest

from tests.faults.running import THREADS, fill, kill

pytestmark = pytest.mark.slow


@pytest.fixture(autouse=True)
def at_work(running):
    """Before the fault everybody works; after it they do again, and the promises hold."""
    running.wait_until_whole()
    running.is_worked_at()
    yield
    running.wait_for_answer()
    running.is_worked_at(2)
    running.check()


# --- Processes -----------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "names",
    [["web"], ["job"], ["web server"], ["job worker"], ["job scheduler"], ["serve"]],
    ids=lambda names: "+".join(names),
)
def test_killed_with_9_it_comes_back(running, names):
    """One of two web or job processes; gunicorn, Celery, beat; the supervisor, which leaves the others behind."""
    starts = running.starts
    processes = running.processes()
    kill([processes[name][0] for name in names])
    if names in (["web"], ["job"]):
        running.is_worked_at()
        assert running.starts == starts  # the other one goes on, and the whole site is not started anew
    else:
        time.sleep(1)
        running.wait_for_answer()
        assert running.starts > starts


def test_all_killed_with_9_at_once_as_when_the_machine_goes_down(running):
    kill([pid for pids in running.processes().values() for pid in pids])
    running.postgres.process.kill()
    running.redis.process.kill()
    running.postgres.process.wait()
    running.redis.process.wait()
    (running.postgres.folder / "data" / "postmaster.pid").unlink()
    running.postgres.start()
    running.redis.start()


def test_an_orderly_restart(running):
    starts = running.starts
    running.serve.terminate()
    running.serve.wait(30)
    running.wait_for_answer()
    assert running.starts > starts


# --- Broker and database ---------------------------------------------------------------------------------------


@pytest.mark.parametrize("how", ["halt", "kill"])
def test_the_broker_is_away_for_long(running, how):
    """Nobody notices but who waits for a delivery."""
    running.redis.halt() if how == "halt" else (running.redis.process.kill(), running.redis.process.wait())
    begun = time.monotonic()
    for person in running.people[:-2]:  # clerks work on, again and again
        before = person.done
        while person.done < before + 3 and time.monotonic() < begun + 45:
            time.sleep(0.1)
        assert person.done >= before + 3
    time.sleep(max(0.0, begun + 25 - time.monotonic()))
    running.redis.start()


@pytest.mark.parametrize("seconds", [1, 20])
def test_the_database_is_stopped_and_started(running, seconds):
    running.postgres.halt()
    time.sleep(seconds)
    running.postgres.start()
    begun = time.monotonic()
    running.wait_for_answer()
    assert time.monotonic() - begun < 20  # no pool waits as long as the database was away


def test_the_database_is_killed_with_9(running):
    running.postgres.process.kill()
    running.postgres.process.wait()
    time.sleep(2)
    (running.postgres.folder / "data" / "postmaster.pid").unlink(missing_ok=True)
    running.postgres.start()


def test_the_database_only_reads(running):
    """Lists are shown, and what is sent is kept on the page that says so."""
    switch = "ALTER SYSTEM SET default_transaction_read_only TO {}"
    running.do("execute", switch.format("on"), "SELECT pg_reload_conf()")
    away, read = running.book.seen["503"], running.book.seen["200"]
    try:
        time.sleep(8)
        assert running.book.seen["503"] > away
        assert running.book.seen["200"] > read
    finally:
        running.do(
            "execute", "SET default_transaction_read_only TO off", switch.format("off"), "SELECT pg_reload_conf()"
        )


# --- Disks -----------------------------------------------------------------------------------------------------


def test_the_sites_disk_is_full(running):
    if not running.disk_is_small:
        pytest.skip("mounting a small file system takes root")
    ballast = fill(running.data)
    beat = running.processes()["job scheduler"]
    time.sleep(20)  # beat sends what is due, and can't write down that it did
    ballast.unlink()
    assert running.processes()["job scheduler"] == beat


def test_the_databases_disk_is_full(running):
    if not running.postgres.is_small:
        pytest.skip("mounting a small file system takes root")
    ballast = fill(running.postgres.folder)
    away = running.book.seen["503"]
    begun = time.monotonic()
    while running.book.seen["503"] == away and time.monotonic() < begun + 30:
        running.do("execute", "SELECT 1") if running.postgres.process.poll() is None else time.sleep(0.2)
    ballast.unlink()
    assert running.book.seen["503"] > away
    if running.postgres.process.poll() is not None:  # without room for its log it ends itself
        running.postgres.start()


# --- The clock -------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("hours", [2, -2, 30])
def test_the_clock_jumps(running, hours):
    """Whoever was signed in signs in again; nothing else is noticed, also when it jumps back."""
    if not running.can_jump:
        pytest.skip("there is no C compiler")
    running.jump(hours * 3600)
    try:
        running.is_worked_at(2)
    finally:
        running.jump(0)


# --- The network -----------------------------------------------------------------------------------------------


def test_a_slow_network_to_database_and_broker(running):
    running.to_postgres.delay = running.to_redis.delay = 0.02
    try:
        running.is_worked_at(seconds=90)
    finally:
        running.to_postgres.delay = running.to_redis.delay = 0.0


@pytest.mark.parametrize("which", ["to_postgres", "to_redis"])
def test_a_network_that_stands_still_for_a_while(running, which):
    proxy = getattr(running, which)
    proxy.stalled = True
    time.sleep(15)
    proxy.stalled = False


HEAD = b"GET /log-ind/ HTTP/1.1\r\nHost: 127.0.0.1\r\nX-Slow: "
# With a cookie and no token in a header, the site must read the form to know whether it is its own.
BODY = b"POST /log-ind/ HTTP/1.1\r\nHost: 127.0.0.1\r\nCookie: csrftoken=" + b"a" * 32
BODY += b"\r\nContent-Type: application/x-www-form-urlencoded\r\nContent-Length: 9999\r\n\r\n"


@pytest.mark.parametrize(("begun", "goes_on"), [(HEAD, True), (BODY, False)], ids=["head", "body"])
def test_slow_clients_keep_nobody_else_away_for_long(running, begun, goes_on):
    """As many as the site has threads, and more; each begins a request and never ends it: its head goes on byte by
    byte, its body is not sent."""
    slow: list[socket.socket] = []
    over = threading.Event()

    def drip() -> None:
        while not over.wait(2):
            for each in slow:
                with contextlib.suppress(OSError):  # it was let go
                    each.sendall(b"a")

    dripping = threading.Thread(target=drip)
    try:
        while min(running.held_by_web(slow)) < THREADS:  # whichever process is awake takes a connection
            slow.append(socket.create_connection(("127.0.0.1", running.port)))
            slow[-1].sendall(begun)
            assert len(slow) < 100
            time.sleep(0.05)
        if goes_on:
            dripping.start()
        running.is_worked_at(2, seconds=150)
    finally:
        over.set()
        if dripping.ident:
            dripping.join()
        for each in slow:
            each.close()
