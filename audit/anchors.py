"""Adding to the witness: an anchor each hour, a check of all events each night, and after a restore."""

from typing import Any

import structlog
from django.db import DatabaseError

from audit import verify, witness
from audit.recording import audited
from audit.witness import Entry

log = structlog.get_logger(__name__)
LOST = {"behind", "rewritten"}  # what an older copy of the database shows


class NotRestored(Exception):
    """What is wrong with the log is not that an older copy of the database was put back. `code`: whole (nothing is
    wrong) | faults (events were changed) | edited (what was witnessed later is still there) | witness."""

    def __init__(self, code: str):
        self.code = code
        super().__init__(code)


def anchor() -> Entry:
    """Checks what is new since the last entry that found no fault, and writes down where the chain ends."""
    end = verify.end_of_chain()
    known = verify.standing(list(witness.read()))
    return _write("anchor", end, verify.check(end, since=known[-1] if known else None))


def check_all() -> Entry:
    """Checks all events; the entry that says what was found is named in the chain too."""
    end = verify.end_of_chain()
    found = verify.check(end)
    entry = _write("whole", end, found)
    try:
        _record("audit.checked", entry, count=found.events)
    except DatabaseError as error:  # a chain whose head was changed may take no more events: the entry says so
        log.error("the check of the audit log could not be recorded in it", reason=type(error).__name__)
    return entry


def accept_restore() -> Entry:
    """Says that an older copy of the database was put back on purpose: from here on, entries about the events that
    were lost with it count no more. The loss stays told, in the witness and in the log. Raises NotRestored."""
    end = verify.end_of_chain()
    entries = list(witness.read())
    faults = verify.check(end, limit=1_000_000).faults
    if not faults:
        raise NotRestored("whole")
    if next(witness.broken(entries), None):
        raise NotRestored("witness")
    if {fault.kind for fault in faults} - LOST - {"witness"}:
        raise NotRestored("faults")
    known = verify.standing(entries)
    lost = {fault.sequence for fault in faults if fault.kind in LOST}
    kept = max((one.sequence for one in known if one.sequence < min(lost)), default=0) if lost else end.sequence
    if any(one.sequence > kept and one.sequence not in lost for one in known):
        raise NotRestored("edited")
    entry = witness.append("restored", sequence=end.sequence, mac=end.mac, kept=kept)
    last = max((one.sequence for one in known), default=kept)
    _record("audit.restored", entry, kept=kept, lost=last - kept)
    return entry


def _write(kind: str, end: verify.End, found: verify.Found) -> Entry:
    faults = found.faults
    first = str(faults[0]) if faults else ""
    if faults:
        log.error("the audit log is not whole", faults=len(faults), first=first)
    return witness.append(kind, sequence=end.sequence, mac=end.mac, faults=len(faults), first=first)


def _record(action: str, entry: Entry, **details: Any) -> None:
    with audited(by=None) as record:
        record(action, entry=entry.number, link=entry.link, faults=entry.faults, **details)
