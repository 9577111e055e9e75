"""Whether the log is in order, as far as is known at this moment: for the page of the log and the health check."""

from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

from audit import verify, witness
from audit.models import Event
from audit.witness import Entry

LATE = timedelta(hours=26)


@dataclass(frozen=True)
class State:
    """`last`: the newest entry of the witness; `whole`: the newest check of all events.

    `problem`: "" | faults (the last check found some) | behind | rewritten (the chain doesn't abide by the newest
    entry) | gone (the witness's file is away) | late (nothing was checked for a day). `waiting`: entries that the
    copy on another machine has not had.
    """

    last: Entry | None = None
    whole: Entry | None = None
    problem: str = ""
    waiting: int = 0

    @property
    def faulty(self) -> Entry | None:
        """The last check that found faults, when that is the problem."""
        return next((entry for entry in (self.last, self.whole) if entry and entry.faults), None)

    @property
    def well(self) -> bool:
        return not self.problem


def now(end: verify.End | None = None) -> State:
    """Reads the end of the witness's file and one event."""
    entries = witness.latest()
    if not entries:
        return State(problem="gone" if Event.objects.filter(action=verify.CHECKED).exists() else "")
    last = entries[-1]
    whole = next((entry for entry in reversed(entries) if entry.kind != "anchor"), None)
    return State(last, whole, _problem(entries, whole, end or verify.end_of_chain()), witness.waiting())


def _problem(entries: list[Entry], whole: Entry | None, end: verify.End) -> str:
    last = entries[-1]
    if last.faults or (whole and whole.faults):
        return "faults"
    if faults := verify.against_witness(end, [last]):
        return faults[0].kind
    return "late" if datetime.now(UTC) - last.time > LATE else ""
