"""Runs web server, job worker and scheduler as one: all start together, and all end when one does."""

import contextlib
import ctypes
import os
import signal
import subprocess
import sys
import threading
from collections.abc import Mapping
from pathlib import Path
from time import monotonic

from config.env import BASE_DIR, env

GRACE_SECONDS = 8.0  # for requests and jobs under way; a job that is cut off is taken up again by the next worker
STOP_SIGNALS = (signal.SIGINT, signal.SIGTERM, signal.SIGHUP)
PR_SET_PDEATHSIG = 1  # linux/prctl.h
_CELERY = (sys.executable, "-m", "celery", "--app", "config", "--quiet")


def web_command(address: str) -> list[str]:
    """gunicorn with threads. `address` is host:port."""
    return [
        sys.executable, "-m", "gunicorn", "config.wsgi:application", "--bind", address,
        "--worker-class", "config.web.Worker", "--workers", str(env.int("WEB_WORKERS", 2)),
        "--threads", str(env.int("WEB_THREADS", 4)),
        "--no-control-socket", "--logger-class", "config.logs.GunicornLogger", "--graceful-timeout", "5",
    ]  # fmt: skip


def worker_command(*, processes: int | None = None) -> list[str]:
    """A Celery worker. Two processes by default: while one builds an export, the other answers for short jobs."""
    return [
        *_CELERY, "worker", "--concurrency", str(processes or env.int("JOB_WORKERS", 2)),
        "--without-gossip", "--without-mingle", "--without-heartbeat",
    ]  # fmt: skip


def beat_command() -> list[str]:
    """Sends the periodic tasks; one in an installation. Not inside a worker: that one would not notice its end."""
    return [*_CELERY, "beat", "--scheduler", "config.beat:Scheduler"]


def end_with_parent() -> None:
    """In the child before exec: end when the supervisor is gone, also when it was killed (Linux only)."""
    if sys.platform == "linux":
        ctypes.CDLL(None).prctl(PR_SET_PDEATHSIG, signal.SIGTERM)


def run_beside(command: list[str], folder: Path = BASE_DIR) -> None:
    """A process that ends when it is done, or with this one; nobody waits for it."""
    subprocess.Popen(command, cwd=folder, stdin=subprocess.DEVNULL, process_group=0, preexec_fn=end_with_parent)


def _end(processes: Mapping[str, subprocess.Popen], hurry: threading.Event) -> None:
    """SIGTERM to each main process; what is left of the groups after the grace, or at a second signal, is killed."""
    for process in processes.values():
        if process.poll() is None:
            process.terminate()
    deadline = monotonic() + GRACE_SECONDS
    while any(process.poll() is None for process in processes.values()):
        if monotonic() > deadline or hurry.wait(0.1):
            break
    for process in processes.values():
        with contextlib.suppress(ProcessLookupError):
            os.killpg(process.pid, signal.SIGKILL)
        process.wait()


def supervise(commands: Mapping[str, list[str]], folder: Path = BASE_DIR) -> str | None:
    """Runs the commands, each in a process group of its own, until told to stop (SIGINT, SIGTERM or SIGHUP).

    Returns None then; or, when a process ended by itself, its name, after ending the others.
    """
    told, hurry = threading.Event(), threading.Event()

    def stop(number: int, frame: object) -> None:
        (hurry if told.is_set() else told).set()

    before = {number: signal.signal(number, stop) for number in STOP_SIGNALS}
    processes: dict[str, subprocess.Popen] = {}
    ended = None
    try:
        for name, command in commands.items():
            processes[name] = subprocess.Popen(
                command, cwd=folder, stdin=subprocess.DEVNULL, process_group=0, preexec_fn=end_with_parent
            )
        while not told.wait(0.2) and ended is None:
            ended = next((name for name, process in processes.items() if process.poll() is not None), None)
        if told.is_set():
            print("\nStopping …", flush=True)
    finally:
        _end(processes, hurry)
        for number, handler in before.items():
            signal.signal(number, handler)
    return None if told.is_set() else ended
