"""The hash chain: HMAC-SHA256 with the audit key over the event's canonical JSON and the MAC before it.

Without the audit key, which is not in the database in clear, no row can be changed, left out or
moved so that the chain still fits.
"""

import hashlib
import hmac
import json
from collections.abc import Iterable
from datetime import datetime
from typing import NamedTuple
from uuid import UUID

from audit.models import Event
from crypto import keys
from crypto.errors import UnknownKey

PURPOSE = "audit"
START = bytes(32)


class Link(NamedTuple):
    """The columns of an event that its MAC covers, in the order in which it covers them."""

    sequence: int
    at: datetime
    actor: str
    action: str
    object_type: str
    object_id: str
    plan: str
    details: str
    subjects_digest: bytes
    key_id: int


def digest_of_subjects(subjects: Iterable[UUID]) -> bytes:
    """SHA-256 over the sorted ids (16 bytes each)."""
    return hashlib.sha256(b"".join(sorted(subject.bytes for subject in subjects))).digest()


def events_under(key: keys.Key) -> int:
    """How many events only this key proves: each keeps the key of its day."""
    return Event.objects.filter(key_id=key.id).count()


def mac_of(event: Event | Link, previous: bytes) -> bytes:
    """The MAC (32 bytes) of `event` standing after the event whose MAC is `previous`. Raises UnknownKey."""
    key = keys.by_id(event.key_id)
    if key.purpose != PURPOSE:
        raise UnknownKey("An event names a key of another purpose.")
    body = json.dumps(
        [
            event.sequence,
            event.at.isoformat(),
            event.actor,
            event.action,
            event.object_type,
            event.object_id,
            event.plan,
            event.details,
            bytes(event.subjects_digest).hex(),
            event.key_id,
        ],
        ensure_ascii=True,
        separators=(",", ":"),
    )
    return hmac.digest(key.material, previous + body.encode(), "sha256")
