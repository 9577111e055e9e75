"""Checking the chain: finds an event that was changed, is missing, or stands in another place.

The chain alone shows what was done without the audit key. What it can't show, because it is whole in itself (an older
copy of the database, events cut off together with the head, a history written anew by somebody who has the key), the
entries of `audit.witness` do.
"""

import json
from collections.abc import Iterator
from dataclasses import dataclass
from hmac import compare_digest
from pathlib import Path
from typing import NamedTuple
from uuid import UUID

from django.db.models import QuerySet, Subquery, TextField
from django.db.models.functions import Cast

from audit import chain, triggers, witness
from audit.models import Event, Head, Subject
from audit.witness import Entry
from crypto.errors import UnknownKey

LIMIT = 20
UNREADABLE = (ValueError, TypeError, AttributeError)  # what a converter says of a value that is none of its kind
CHUNK = 2000
CHECKED = "audit.checked"


@dataclass(frozen=True)
class Fault:
    """`sequence`: where; `kind`: changed | missing | subjects | tail | trigger, by the chain itself;
    rewritten (not the event that was witnessed) | behind (older than what was witnessed), by the witness;
    witness (an entry, whose number this is, was changed or is missing)."""

    sequence: int
    kind: str

    def __str__(self) -> str:
        return f"{self.kind} {self.sequence}"


class Found(NamedTuple):
    """What a check found: how many events it read and the first faults."""

    events: int
    faults: list[Fault]


class End(NamedTuple):
    """The end of the chain as its head has it, and the last event that there is (0: none, -1: without a number)."""

    sequence: int
    mac: bytes
    last: int


def end_of_chain() -> End:
    """In one statement: events are appended all the time."""
    newest = Event.objects.order_by("-sequence").values(text=Cast("sequence", TextField()))[:1]
    head = Head.objects.filter(pk=1).annotate(last=Subquery(newest)).values_list("sequence", "mac", "last").first()
    if head is None:
        return End(0, chain.START, Event.objects.count())
    sequence, mac, last = head
    return End(sequence, _bytes(mac), int(last or 0) if (last or "0").isdecimal() else -1)


def verify(*, since: Entry | None = None, path: Path | None = None, limit: int = LIMIT) -> Found:
    """Checks the whole chain, or what came after the entry `since`, and all that was witnessed, in WITNESS_DIR or the
    copy at `path`. Memory does not grow with the chain: it is read in pages, each of which is a query of its own, so
    events may be appended meanwhile."""
    return check(end_of_chain(), since=since, path=path, limit=limit)


def check(end: End, *, since: Entry | None = None, path: Path | None = None, limit: int = LIMIT) -> Found:
    """As `verify`, up to `end`."""
    entries = list(witness.read(path))
    faults = [Fault(0, "trigger") for _ in triggers.missing()]
    faults += [Fault(number, "witness") for number in witness.broken(entries)]
    faults += against_witness(end, standing(entries))
    walk = _Walk(since, entries, limit - len(faults))
    walk.to(end)
    return Found(walk.events, [*faults, *walk.faults][:limit])


def standing(entries: list[Entry]) -> list[Entry]:
    """The entries by which the chain must abide: those that found no fault, but for what was lost, and accepted as
    lost, when an older copy of the database was put back."""
    found: list[Entry] = []
    for entry in entries:
        if entry.kind == "restored":
            found = [one for one in found if one.sequence <= entry.kept]
        if entry.vouches:
            found.append(entry)
    return found


def against_witness(end: End, entries: list[Entry]) -> list[Fault]:
    """Whether the events that `entries` saw last are there still, and the same."""
    faults, wanted = [], {entry.sequence: entry for entry in entries if entry.sequence}
    for some in _parts(sorted(wanted), 500):
        macs = dict(Event.objects.filter(pk__in=some).values_list("sequence", "mac"))
        for sequence in some:
            if sequence > end.sequence:
                faults.append(Fault(sequence, "behind"))
            elif sequence not in macs or _bytes(macs[sequence]).hex() != wanted[sequence].mac:
                faults.append(Fault(sequence, "rewritten"))
    return faults


def quick() -> bool:
    """Triggers in place, the head the last event's, the last entry of the witness abided by and no fault found since:
    cheap enough for a health check."""
    from audit import state

    end = end_of_chain()
    if triggers.missing() or end.last != end.sequence:
        return False
    last = Event.objects.filter(pk=end.last).values_list("mac", flat=True).first()
    if not compare_digest(chain.START if last is None else _bytes(last), end.mac):
        return False
    return state.now(end).well


class _Walk:
    """Goes through the events from the first, or from the entry `since`, and collects faults."""

    def __init__(self, since: Entry | None, entries: list[Entry], limit: int):
        self.previous = bytes.fromhex(since.mac) if since else chain.START
        self.expected = since.sequence + 1 if since else 1
        self.start = since.sequence if since else None
        self.events, self.limit, self.faults = 0, limit, list[Fault]()
        self.links = {entry.number: entry.link for entry in entries}
        self.accepted = max((entry.sequence for entry in entries if entry.kind == "restored"), default=0)

    def to(self, end: End) -> None:
        for row in self._rows(end.sequence):
            if len(self.faults) >= self.limit:
                return
            self._look_at(*row)
        if (end.sequence, end.sequence) != (self.expected - 1, end.last) or not compare_digest(end.mac, self.previous):
            self.faults.append(Fault(min(self.expected, end.sequence + 1), "tail"))

    def _look_at(self, event: chain.Link, mac: bytes, concerned: list[UUID]) -> None:
        if event.sequence != self.expected:
            self.faults.append(Fault(min(self.expected, event.sequence), "missing"))
        if not self._fits(event, mac):
            self.faults.append(Fault(event.sequence, "changed"))
        if chain.digest_of_subjects(concerned) != _bytes(event.subjects_digest):
            self.faults.append(Fault(event.sequence, "subjects"))
        if event.action == CHECKED:
            self._look_up_entry(event)
        self.previous, self.expected = mac, event.sequence + 1
        self.events += 1

    def _fits(self, event: chain.Link, mac: bytes) -> bool:
        try:
            return compare_digest(chain.mac_of(event, self.previous), mac)
        except (UnknownKey, *UNREADABLE):  # the event names a key that never was, or is no event
            return False

    def _look_up_entry(self, event: chain.Link) -> None:
        """The entry that this event names: its file may not have become shorter since."""
        try:
            told = json.loads(event.details)
            number, link = told["entry"], told["link"]
        except (ValueError, TypeError, KeyError):
            return  # told as changed
        if event.sequence > self.accepted and self.links.get(number) != link:
            self.faults.append(Fault(number, "witness"))

    def _rows(self, last: int) -> Iterator[tuple[chain.Link, bytes, list[UUID]]]:
        """Each event up to `last` with its MAC and the persons that are stored for it."""
        after = self.start
        while True:
            found = Event.objects.filter(sequence__lte=last)
            if after is not None:
                found = found.filter(sequence__gt=after)
            page = _readable(found.order_by("sequence"))
            if not page:
                return
            subjects = self._subjects(after, page[-1][0])
            waiting = next(subjects, None)
            for *values, mac in page:
                event, concerned = chain.Link(*values), []
                while waiting is not None and waiting[0] <= event.sequence:
                    concerned.append(waiting[1])  # also one of an event that is missing: the digest tells
                    waiting = next(subjects, None)
                yield event, _bytes(mac), concerned
            after = page[-1][0]

    def _subjects(self, after: int | None, last: int) -> Iterator[tuple[int, UUID]]:
        rows = Subject.objects.filter(event__lte=last)
        if after is not None:
            rows = rows.filter(event__gt=after)
        texts = rows.order_by("event_id", "pk").values_list("event_id", Cast("subject", TextField()))
        for event, text in texts.iterator(chunk_size=5000):
            try:
                yield event, UUID(text)
            except (ValueError, TypeError, AttributeError):
                yield event, UUID(int=0)  # as good as any other wrong one


def _readable(events: QuerySet[Event]) -> list[tuple]:
    """The next CHUNK events. SQLite keeps whatever is written into a column: where something is no time any more, the
    event comes without its contents, which its MAC then does not fit."""
    columns = (*chain.Link._fields, "mac")
    try:
        return list(events.values_list(*columns)[:CHUNK])
    except UNREADABLE:
        numbers = list(events.values_list("sequence", flat=True)[:CHUNK])
    found = []
    for number in numbers:
        try:
            found.append(Event.objects.values_list(*columns).get(pk=number))
        except UNREADABLE:
            found.append((number, *[None] * (len(columns) - 1)))
    return found


def _bytes(value: object) -> bytes:
    return bytes(value) if isinstance(value, (bytes, memoryview)) else b""


def _parts(sequences: list[int], size: int) -> Iterator[list[int]]:
    for start in range(0, len(sequences), size):
        yield sequences[start : start + size]
