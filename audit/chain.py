"""The hash chain: HMAC-SHA256 with the audit key over the event's canonical JSON and the MAC before it.

Without the audit key, which is not in the database in clear, no row can be changed, left out or
moved so that the chain still fits.
"""

import hashlib
import hmac
import json
from collections.abc import Iterable
from uuid import UUID

from audit.models import Event
from crypto import keys

START = bytes(32)


def digest_of_subjects(subjects: Iterable[UUID]) -> bytes:
    """SHA-256 over the sorted ids (16 bytes each)."""
    return hashlib.sha256(b"".join(sorted(subject.bytes for subject in subjects))).digest()


def mac_of(event: Event, previous: bytes) -> bytes:
    """The MAC (32 bytes) of `event` standing after the event whose MAC is `previous`."""
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
    return hmac.digest(keys.by_id(event.key_id).material, previous + body.encode(), "sha256")
