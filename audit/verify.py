"""Checking the chain: finds an event that was changed, is missing, or stands in another place."""

from dataclasses import dataclass
from hmac import compare_digest

from audit import chain, triggers
from audit.models import Event, Head, Subject
from crypto.errors import UnknownKey


@dataclass(frozen=True)
class Fault:
    """`sequence`: where; `kind`: changed | missing | subjects | tail | trigger."""

    sequence: int
    kind: str


def verify(limit: int = 20) -> tuple[int, list[Fault]]:
    """(number of events checked, the first `limit` faults). Streams: memory does not grow with the chain."""
    faults = [Fault(0, "trigger") for _ in triggers.missing()]
    previous, expected, count = chain.START, 1, 0
    subjects = _subjects()
    waiting = next(subjects, None)
    for event in Event.objects.order_by("sequence").iterator(chunk_size=2000):
        if len(faults) >= limit:
            return count, faults
        if event.sequence != expected:
            faults.append(Fault(expected, "missing"))
        if not _fits(event, previous):
            faults.append(Fault(event.sequence, "changed"))
        concerned = []
        while waiting is not None and waiting[0] <= event.sequence:
            if waiting[0] == event.sequence:
                concerned.append(waiting[1])
            else:
                faults.append(Fault(waiting[0], "subjects"))
            waiting = next(subjects, None)
        if chain.digest_of_subjects(concerned) != bytes(event.subjects_digest):
            faults.append(Fault(event.sequence, "subjects"))
        previous, expected, count = bytes(event.mac), event.sequence + 1, count + 1
    head = Head.objects.filter(pk=1).first()
    if (head.sequence if head else 0) != expected - 1 or (head and not compare_digest(bytes(head.mac), previous)):
        faults.append(Fault(expected, "tail"))
    return count, faults


def _fits(event: Event, previous: bytes) -> bool:
    try:
        return compare_digest(chain.mac_of(event, previous), bytes(event.mac))
    except UnknownKey:  # the event names a key that never was
        return False


def _subjects():
    yield from (Subject.objects.order_by("event_id", "pk").values_list("event_id", "subject").iterator(chunk_size=5000))


def quick() -> bool:
    """Triggers in place and the head the last event's: cheap enough for a health check."""
    head = Head.objects.filter(pk=1).first()
    last = Event.objects.order_by("-sequence").first()
    if triggers.missing():
        return False
    if last is None or head is None:
        return last is None and (head is None or head.sequence == 0)
    return head.sequence == last.sequence and bytes(head.mac) == bytes(last.mac)
