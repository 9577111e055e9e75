"""A Celery worker of the site that stops where a test wants it to: `python -m tests.faults.worker ARGUMENTS` for
`python -m celery ARGUMENTS`.

Its code is the site's. Only its reports of progress are listened to: at a point (below) for which the test has put a
file into the folder FAULTS, the process that runs the job takes the file, says who it is, and stops itself (SIGSTOP).
The test then does what it wants to the process or around it. When a process is through with a job, it says so, too.

A point is `KIND:STEP:WHAT`: `begun` (the step was reported), `rows` (some rows of it are done), `confirm` (in a
transaction that only the holder of the claim may commit), `placed` (files have their final names, and nothing is
committed), `end` (all is committed but that the job is done).
"""

import os
import signal
from collections.abc import Callable
from pathlib import Path

FOLDER = Path(os.environ.get("FAULTS", "."))


def reached(job, what: str) -> None:
    point = f"{job.kind}:{job.step}:{what}"
    if what == "begun":
        with (FOLDER / "steps").open("a") as steps:
            steps.write(f"{job.kind}:{job.step}\n")
    try:
        (FOLDER / point).unlink()
    except FileNotFoundError:
        return
    (FOLDER / "said").write_text(str(os.getpid()))
    os.replace(FOLDER / "said", FOLDER / "stopped")
    os.kill(os.getpid(), signal.SIGSTOP)


def listen() -> None:
    from exports import jobs, linkage_delivery

    def after(owner, name: str, tell: Callable) -> None:
        original = getattr(owner, name)

        def told(*args, **kwargs):
            result = original(*args, **kwargs)
            tell(*args)
            return result

        setattr(owner, name, told)

    after(jobs.Progress, "step", lambda progress, *_: reached(progress.job, "begun"))
    after(jobs.Progress, "advance", lambda progress, done: done and reached(progress.job, "rows"))
    after(jobs.Progress, "confirm", lambda progress: reached(progress.job, "confirm"))

    settled, finish, run = linkage_delivery.settled, jobs._finish, jobs.run

    def watched(progress, folder):
        confirm = settled(progress, folder)

        def confirmed():
            confirm()
            reached(progress.job, "placed")

        return confirmed

    def finishing(job, *args):
        reached(job, "end")
        return finish(job, *args)

    def running(job_id):
        try:
            run(job_id)
        finally:
            (FOLDER / f"ended-{os.getpid()}").touch()

    linkage_delivery.settled, jobs._finish, jobs.run = watched, finishing, running


if __name__ == "__main__":
    import django
    from celery.__main__ import main

    import config  # noqa: F401  # before Django: it says how memory is kept

    django.setup()
    listen()
    main()
