"""What the chain was, kept outside the database: a file in WITNESS_DIR to which a line is added now and then.

A line (JSON) is an *entry*: the end of the chain at that moment and what a check of the events before it found.
Entries are numbered, and each is sealed with a key of its own over the entry before it, so that none can be changed,
left out or put in between; the newest are also named by events in the chain, so that none can be cut off.
Who administers the database can't reach the file, and with WITNESS_COMMAND who administers this machine can't
reach the copy.
"""

import fcntl
import hmac
import json
import os
import shlex
import subprocess
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import IO, Any

import structlog
from django.conf import settings

from crypto import keys
from crypto.errors import UnknownKey

log = structlog.get_logger(__name__)
PURPOSE = "audit.witness"
TAIL = 64 * 1024  # bytes: well over a day of entries
COMMAND_SECONDS = 60


@dataclass(frozen=True)
class Entry:
    """`kind`: anchor (the events since the last entry were checked), whole (all were) or restored (an older copy of
    the database was put back: of the entries before, those after the sequence `kept` tell of events that are gone).

    `sequence`, `mac`: the end of the chain. Sequences begin at 1 and have no gaps, so `sequence` is also the number
    of events. `faults`: how many were found; with any, the entry vouches for nothing. `first`: the first, as
    "kind sequence". `link`: the seal over the other fields and the link before.
    """

    number: int
    kind: str
    at: str
    sequence: int
    mac: str
    faults: int
    first: str
    kept: int
    key: int
    link: str

    @property
    def time(self) -> datetime:
        return datetime.fromisoformat(self.at)

    @property
    def vouches(self) -> bool:
        return not self.faults


FIELDS = tuple(Entry.__dataclass_fields__)


def place() -> Path:
    return Path(settings.WITNESS_DIR) / "audit-anchors.jsonl"


def read(path: Path | None = None) -> Iterator[Entry]:
    """All entries, oldest first; none without a file. What is no entry (a line cut off by a full disk) is skipped:
    the numbers and links of the others say whether one is missing."""
    try:
        file = (path or place()).open("rb")
    except FileNotFoundError:
        return
    with file:
        yield from _entries(file)


def latest() -> list[Entry]:
    """The entries of the last day or more, oldest first, whatever the length of the file."""
    try:
        file = place().open("rb")
    except FileNotFoundError:
        return []
    with file:
        return _at_end(file)


def broken(entries: Iterable[Entry]) -> Iterator[int]:
    """Numbers at which an entry is missing, changed or not in its place."""
    previous, expected = "", 1
    for entry in entries:
        if entry.number != expected or not _is_sealed(entry, previous):
            yield expected
        previous, expected = entry.link, entry.number + 1


def entries_under(key: keys.Key) -> int:
    """How many entries only this key proves."""
    return sum(entry.key == key.id for entry in read())


def append(kind: str, *, sequence: int, mac: bytes, faults: int = 0, first: str = "", kept: int = 0) -> Entry:
    """Adds an entry, on the disk when this returns, and hands it over (see `hand_over`)."""
    with _alone() as file:
        known = _at_end(file)
        last = known[-1] if known else None
        key = keys.current(PURPOSE)
        values: dict[str, Any] = {
            "number": last.number + 1 if last else 1, "kind": kind, "at": datetime.now(UTC).isoformat(),
            "sequence": sequence, "mac": mac.hex(), "faults": faults, "first": first, "kept": kept, "key": key.id,
        }  # fmt: skip
        values["link"] = _seal(values, last.link if last else "")
        size = file.seek(0, os.SEEK_END)
        whole = not size or _byte_at(file, size - 1) == b"\n"
        file.write((b"" if whole else b"\n") + json.dumps(values).encode() + b"\n")
        file.flush()
        os.fsync(file.fileno())
    hand_over()
    return Entry(**values)


# --- The copy on another machine --------------------------------------------------------------------


def hand_over() -> bool:
    """Gives the entries that it has not had to WITNESS_COMMAND, on its standard input. False when some are left.

    A command that fails gets them again with the next entry: no check waits for another machine.
    """
    if not settings.WITNESS_COMMAND:
        return True
    with _alone() as file:
        known = _at_end(file)
        done = _handed(known[-1] if known else None)
        file.seek(0)
        lines = [entry for entry in _entries(file) if entry.number > done]
        if not lines:
            return True
        text = "".join(json.dumps({name: getattr(entry, name) for name in FIELDS}) + "\n" for entry in lines)
        try:
            subprocess.run(
                shlex.split(settings.WITNESS_COMMAND), input=text.encode(), stdout=subprocess.DEVNULL,
                timeout=COMMAND_SECONDS, check=True,
            )  # fmt: skip
        except (OSError, subprocess.SubprocessError) as error:
            log.error("audit anchors were not handed over", waiting=len(lines), reason=type(error).__name__)
            return False
        mark = _mark().with_suffix(".new")
        mark.write_text(str(lines[-1].number))
        mark.replace(_mark())
        return True


def waiting() -> int:
    """How many entries the copy has not had; 0 without WITNESS_COMMAND."""
    known = latest()
    return known[-1].number - _handed(known[-1]) if settings.WITNESS_COMMAND and known else 0


def _mark() -> Path:
    return Path(settings.WITNESS_DIR) / "audit-anchors.handed-over"


def _handed(last: Entry | None) -> int:
    """The number of the last entry that was handed over; 0 also when the file was begun again since."""
    try:
        number = int(_mark().read_text())
    except (FileNotFoundError, ValueError):
        return 0
    return number if last and number <= last.number else 0


# --- Lines ------------------------------------------------------------------------------------------


@contextmanager
def _alone() -> Iterator[IO[bytes]]:
    """The file, open for adding, for one process at a time."""
    with place().open("a+b") as file:
        fcntl.flock(file, fcntl.LOCK_EX)
        yield file


def _at_end(file: IO[bytes]) -> list[Entry]:
    size = file.seek(0, os.SEEK_END)
    file.seek(max(0, size - TAIL))
    return list(_entries(file))


def _byte_at(file: IO[bytes], place: int) -> bytes:
    file.seek(place)
    return file.read(1)


def _entries(file: IO[bytes]) -> Iterator[Entry]:
    for line in file:
        try:
            yield Entry(**json.loads(line))
        except (ValueError, TypeError):
            continue


def _is_sealed(entry: Entry, previous: str) -> bool:
    values = {name: getattr(entry, name) for name in FIELDS if name != "link"}
    try:
        return hmac.compare_digest(_seal(values, previous), entry.link)
    except (UnknownKey, TypeError):
        return False


def _seal(values: dict[str, Any], previous: str) -> str:
    """HMAC-SHA256 over the link before and the other fields, hexadecimal."""
    key = keys.by_id(values["key"])
    if key.purpose != PURPOSE:
        raise UnknownKey("An entry is sealed with a key of another purpose.")
    body = json.dumps([previous, *(values[name] for name in FIELDS if name != "link")], separators=(",", ":"))
    return hmac.digest(key.material, body.encode(), "sha256").hex()
