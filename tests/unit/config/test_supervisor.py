"""Processes under one supervisor live and end together."""

import os
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest

from tests.plugins.processes import wait_until

ROOT = Path(__file__).resolve().parents[3]
PATIENT = "import time; open({mark!r}, 'w').write(str(__import__('os').getpid())); time.sleep(60)"
STUBBORN = "import signal; signal.signal(signal.SIGTERM, signal.SIG_IGN); " + PATIENT


@pytest.fixture
def supervise(tmp_path):
    """`supervise(*programs)`: a supervisor process and the ids of the processes that it runs, once they run."""
    started = []

    def start(*programs: str, grace: float = 5.0):
        marks = [tmp_path / str(number) for number in range(len(programs))]
        commands = {
            f"part {mark.name}": [sys.executable, "-c", program.format(mark=str(mark))]
            for mark, program in zip(marks, programs, strict=True)
        }
        code = (
            "import sys; from config import supervisor as s; "
            f"s.GRACE_SECONDS = {grace}; print('ended:', s.supervise({commands!r}))"
        )
        process = subprocess.Popen(
            [sys.executable, "-c", code], cwd=ROOT, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True
        )
        started.append(process)
        wait_until(lambda: all(mark.exists() and mark.read_text() for mark in marks))
        return process, [int(mark.read_text()) for mark in marks]

    yield start
    for process in started:
        process.kill()
        process.wait()


def runs(pid: int) -> bool:
    try:
        return Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[0] != "Z"
    except FileNotFoundError:
        return False


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM, signal.SIGHUP])
def test_one_signal_ends_all_quietly(supervise, number):
    supervisor, parts = supervise(PATIENT, PATIENT)
    supervisor.send_signal(number)
    output, _ = supervisor.communicate(timeout=10)
    assert output == "\nStopping …\nended: None\n"
    assert not any(map(runs, parts))


def test_when_one_ends_by_itself_the_other_is_ended_and_it_is_named(supervise):
    supervisor, parts = supervise(PATIENT, PATIENT)
    os.kill(parts[1], signal.SIGKILL)
    output, _ = supervisor.communicate(timeout=10)
    assert output == "ended: part 1\n"
    assert not any(map(runs, parts))


def test_what_does_not_end_in_time_is_killed(supervise):
    supervisor, parts = supervise(STUBBORN, PATIENT, grace=0.5)
    supervisor.terminate()
    supervisor.communicate(timeout=10)
    assert not any(map(runs, parts))


def test_a_second_signal_does_not_wait(supervise):
    supervisor, parts = supervise(STUBBORN, grace=60)
    supervisor.send_signal(signal.SIGINT)
    time.sleep(0.5)
    assert runs(parts[0])
    supervisor.send_signal(signal.SIGINT)
    supervisor.communicate(timeout=10)
    assert not any(map(runs, parts))


@pytest.mark.skipif(sys.platform != "linux", reason="the kernel's parent-death signal")
def test_nothing_outlives_a_supervisor_that_was_killed(supervise):
    supervisor, parts = supervise(PATIENT, PATIENT)
    supervisor.kill()
    supervisor.wait()
    wait_until(lambda: not any(map(runs, parts)))
