"""Processor time and memory of processes with all that they have started, from /proc (Linux)."""

import os
from pathlib import Path

TICK = os.sysconf("SC_CLK_TCK")


def family(root: int) -> list[int]:
    """`root` and its living descendants."""
    children: dict[int, list[int]] = {}
    for folder in Path("/proc").glob("[0-9]*"):
        try:
            children.setdefault(int(_fields(int(folder.name))[1]), []).append(int(folder.name))
        except OSError:  # ended meanwhile
            continue
    found, waiting = [], [root]
    while waiting:
        found.append(waiting.pop())
        waiting += children.get(found[-1], [])
    return found


def seconds(root: int) -> float:
    """Processor time so far of a process and all that it started; of those that have ended, too."""
    used = 0.0
    for pid in family(root):
        try:
            fields = _fields(pid)
        except OSError:
            continue
        used += sum(map(int, fields[11:15]))  # utime, stime, and both of children that were waited for
    return used / TICK


def machine_seconds() -> float:
    """Processor time so far that all processes of the machine took: what is neither idle nor waiting for a disk."""
    user, nice, system, _idle, _iowait, irq, softirq = map(int, Path("/proc/stat").read_text().split()[1:8])
    return (user + nice + system + irq + softirq) / TICK


def megabytes(root: int) -> list[float]:
    """What each process holds (PSS: what several share is divided among them), the largest first."""
    held = []
    for pid in family(root):
        try:
            lines = Path(f"/proc/{pid}/smaps_rollup").read_text().splitlines()
        except OSError:
            continue
        held += [int(line.split()[1]) / 1024 for line in lines if line.startswith("Pss:")]
    return sorted((round(each, 1) for each in held), reverse=True)


def _fields(pid: int) -> list[str]:
    """Of /proc/PID/stat, from the state on: the name before it may hold spaces."""
    return Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()
