"""Recording events: `audited` is the transaction that every change of state runs in.

    with audited(by=user) as log:
        participant.save()
        log("participant.enrolled", participant, plan=plan.pk, method="paper")

The events are appended as the last statements of the outermost transaction, because the head of the chain
is one row that all writers wait for.
"""

import json
import re
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from typing import Any
from uuid import UUID

from django.db import transaction

from audit.chain import digest_of_subjects, mac_of
from audit.models import Event, Head, Subject
from crypto import keys

# standing alone: ten digits inside a hash or a UUID are no number
_CPR_SHAPED = re.compile(r"(?<![0-9A-Za-z])\d{6}[- ]?\d{4}(?![0-9A-Za-z])")


class IdentityInAudit(Exception):
    """A detail of an event looks like an identity. Details are codes and counts only."""


class Recorder:
    """Collects the events of one transaction. Call it to record one."""

    def __init__(self, by: Any):
        self.by = by
        self.pending: list[tuple[Event, list[UUID]]] = []

    def __call__(
        self, action: str, obj: Any = None, *, plan: Any = "", subjects: Iterable[UUID] = (), **details: Any
    ) -> None:
        """`obj`: the model instance concerned; `subjects`: ids of the registered persons concerned.

        Raises IdentityInAudit when a detail holds a string that could be an identity.
        """
        for value in details.values():
            if isinstance(value, str) and (len(value) > 80 or _CPR_SHAPED.search(value)):
                raise IdentityInAudit(action)
        concerned = sorted(set(subjects))
        event = Event(
            at=datetime.now(UTC),
            actor=str(getattr(self.by, "pk", "") or ""),
            action=action,
            object_type=obj._meta.label_lower if obj is not None else "",
            object_id=str(obj.pk) if obj is not None else "",
            plan=str(plan or ""),
            details=json.dumps(details, sort_keys=True, default=str),
            subjects_digest=digest_of_subjects(concerned),
        )
        self.pending.append((event, concerned))

    def append(self) -> None:
        """Writes the collected events at the end of the chain."""
        if not self.pending:
            return
        head, _ = Head.objects.select_for_update().get_or_create(pk=1)
        key = keys.current("audit")
        previous = bytes(head.mac)
        for event, _ in self.pending:
            head.sequence += 1
            event.sequence, event.key_id = head.sequence, key.id
            event.mac = previous = mac_of(event, previous)
        Event.objects.bulk_create([event for event, _ in self.pending])
        _insert_subjects((event.sequence, concerned) for event, concerned in self.pending)
        head.mac = previous
        head.save(update_fields=["sequence", "mac"])
        self.pending = []


def _insert_subjects(events: Iterable[tuple[int, list[UUID]]]) -> None:
    """In one statement: an import concerns a hundred thousand people."""
    rows = [(sequence, subject) for sequence, concerned in events for subject in concerned]
    if not rows:
        return
    connection = transaction.get_connection()
    into = f'INSERT INTO {connection.ops.quote_name(Subject._meta.db_table)} ("event_id", "subject")'
    with connection.cursor() as cursor:
        if connection.vendor == "postgresql":
            sequences, subjects = map(list, zip(*rows, strict=True))
            unnested = "SELECT * FROM unnest(%s::bigint[], %s::uuid[])"
            cursor.execute(f"{into} {unnested}", [sequences, subjects])
        else:
            cursor.executemany(f"{into} VALUES (%s, %s)", [(sequence, subject.hex) for sequence, subject in rows])


@contextmanager
def audited(*, by: Any) -> Iterator[Recorder]:
    """One transaction; what is recorded in it is appended as its last statements, or rolled back with it.

    `by`: the user, or None for the system. Nested calls join the outermost transaction.
    """
    connection = transaction.get_connection()
    outer: Recorder | None = getattr(connection, "audit_recorder", None)
    if outer is None:
        recorder = Recorder(by)
        connection.audit_recorder = recorder  # type: ignore[attr-defined]
        try:
            with transaction.atomic():
                yield recorder
                recorder.append()
        finally:
            connection.audit_recorder = None  # type: ignore[attr-defined]
    else:
        inner = Recorder(by)
        with transaction.atomic():
            yield inner
        outer.pending += inner.pending
