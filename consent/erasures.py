"""The journal of erasures, outside the database: a backup that is restored must not bring anybody back.

One line (JSON) in WITNESS_DIR/erased.journal for each row whose identity was erased, with what ended the consent, and
for each evaluation project whose key was destroyed and each account that was closed. Ids, codes and days only.

A line is written once the transaction has committed, and before anybody is told that it is done: so it never tells of
what did not happen. What a crash or a full disk between the two has left out is added by `reconcile`, when workers
start and every hour: the database knows what it has erased.
"""

import fcntl
import json
import os
from collections.abc import Iterable, Iterator
from dataclasses import asdict, dataclass, field
from datetime import UTC, datetime
from itertools import islice
from pathlib import Path
from typing import Any
from uuid import UUID

from django.conf import settings
from django.db import transaction

from collection.models import Participant
from consent.models import Decision, Kind
from crypto.agefile import sync_folder

AT_ONCE = 500
PERSON, PROJECT, ACCOUNT = "person", "project", "account"


@dataclass(frozen=True)
class Erased:
    """`id`: of a participant's row, a project or a user. `ended`: [purpose, kind, day] of the decisions that ended the
    consent; none where it lapsed. `merged_into`: the row that is the person now."""

    kind: str
    id: str
    at: str
    ended: list[list[str]] = field(default_factory=list)
    merged_into: str | None = None


def place() -> Path:
    return Path(settings.WITNESS_DIR) / "erased.journal"


def keep(participants: Iterable[UUID]) -> None:
    """Writes the rows down when the transaction that erases them has committed."""
    ids = list(participants)
    # robust: where the line can't be written the erasure stands all the same, and `reconcile` writes it
    transaction.on_commit(lambda: write(people(ids)), robust=True)


def people(participants: Iterable[UUID]) -> Iterator[Erased]:
    """What the database says of those whose identity is erased."""
    ids = iter(participants)
    while page := list(islice(ids, AT_ONCE)):
        ended: dict[UUID, dict[str, list[str]]] = {}
        decisions = Decision.objects.filter(participant__in=page, kind__in=(Kind.WITHDRAWN, Kind.REFUSED))
        for pk, purpose, kind, day in decisions.order_by("pk").values_list(
            "participant", "purpose", "kind", "decided_on"
        ):
            ended.setdefault(pk, {})[purpose] = [purpose, kind, day.isoformat()]
        rows = Participant.ungated.filter(pk__in=page, erased_at__isnull=False)
        for pk, at, merged in rows.order_by("erased_at").values_list("pk", "erased_at", "merged_into"):
            assert at is not None
            into = str(merged) if merged else None
            yield Erased(PERSON, str(pk), at.isoformat(), list(ended.get(pk, {}).values()), into)


def keep_project(project: UUID) -> None:
    """At once: its key is about to be destroyed, which can't be undone."""
    write([Erased(PROJECT, str(project), datetime.now(UTC).isoformat())])


def keep_account(user: UUID) -> None:
    """When the transaction that closes it has committed: with an old backup its password would open it again."""
    closed = Erased(ACCOUNT, str(user), datetime.now(UTC).isoformat())
    transaction.on_commit(lambda: write([closed]), robust=True)


def write(erased: Iterable[Erased]) -> None:
    """Appends lines, and returns when the disk has them. Raises OSError."""
    lines = b"".join(json.dumps(asdict(each), separators=(",", ":")).encode() + b"\n" for each in erased)
    if not lines:
        return
    is_new = not place().exists()
    handle = os.open(place(), os.O_RDWR | os.O_CREAT | os.O_APPEND | os.O_CLOEXEC, 0o600)
    with os.fdopen(handle, "r+b", buffering=0) as file:
        fcntl.flock(handle, fcntl.LOCK_EX)
        if (end := os.fstat(handle).st_size) and os.pread(handle, 1, end - 1) != b"\n":
            lines = b"\n" + lines  # a line that a crash cut off stays by itself, and is skipped
        view = memoryview(lines)
        while view:
            view = view[file.write(view) :]
        os.fsync(handle)
    if is_new:
        sync_folder(place().parent)


def read(path: Path | None = None) -> Iterator[Erased]:
    """All lines, oldest first; none without a file. A line cut off by a crash is skipped: its rows come again."""
    try:
        file = (path or place()).open("rb")
    except FileNotFoundError:
        return
    with file:
        for line in file:
            if not line.endswith(b"\n"):
                return
            try:
                values: dict[str, Any] = json.loads(line)
                yield Erased(**values)
            except (ValueError, TypeError):
                continue


def reconcile() -> int:
    """Writes down what the database has erased and the journal does not tell; how many rows."""
    known = {each.id for each in read() if each.kind == PERSON}
    erased = Participant.ungated.filter(erased_at__isnull=False).order_by("pk").values_list("pk", flat=True)
    missing = [pk for pk in erased.iterator(chunk_size=5000) if str(pk) not in known]
    write(people(missing))
    return len(missing)
