"""A command of the site that is killed in the middle: `python -m tests.faults.killed POINT ARGUMENTS` for
`python manage.py ARGUMENTS`.

Its code is the site's. POINT is `MODULE:NAME`: when that function is called, the process is killed with -9; with a `+`
at the end, once it has returned; with a `&`, while the program that it has started runs.
"""

import importlib
import os
import signal
import subprocess
import sys
import time


def die(*_args, **_options) -> None:
    os.kill(os.getpid(), signal.SIGKILL)


def arm(point: str) -> None:
    name, when = (point[:-1], point[-1]) if point[-1] in "+&" else (point, "")
    module, _, attribute = name.partition(":")
    owner = importlib.import_module(module)
    *path, attribute = attribute.split(".")
    for each in path:
        owner = getattr(owner, each)
    original = getattr(owner, attribute)

    def after(*args, **options):
        original(*args, **options)
        die()

    def amid(*args, **options):
        options = {key: value for key, value in options.items() if key not in ("capture_output", "text")}
        subprocess.Popen(*args, **options)
        time.sleep(0.15)
        die()

    setattr(owner, attribute, {"": die, "+": after, "&": amid}[when])


if __name__ == "__main__":
    import django
    from django.core.management import execute_from_command_line

    django.setup()
    arm(sys.argv[1])
    execute_from_command_line(["manage.py", *sys.argv[2:]])
