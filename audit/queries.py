"""Questions to the audit log.

Built for ten million events: every page reads a bounded part of one index, whatever is looked for.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from time import monotonic
from typing import Any
from uuid import UUID

from django.db.models import Q, QuerySet, Value
from django.db.models.functions import Coalesce
from django.db.models.lookups import Exact, In
from django.utils.timezone import get_current_timezone

from audit.models import Event, Subject

SYSTEM = "system"
WINDOW = 1_000
PATIENCE = 0.05  # seconds
# How far events may stand from the order of their times: long transactions, clocks of several hosts, a clock put right.
DISORDER = timedelta(days=1)


@dataclass(frozen=True)
class Wanted:
    """What to look for; all that is given must hold.

    `who`: a user's id, or "system"; `plan`: an id; `first`, `last`: whole days, both included, in the site's time zone;
    `subjects`: registered persons of whom the event must concern one; `only`, `without`: action codes.
    """

    action: str = ""
    who: str = ""
    plan: str = ""
    first: date | None = None
    last: date | None = None
    subjects: tuple[UUID, ...] = ()
    only: frozenset[str] = frozenset()
    without: frozenset[str] = frozenset()


@dataclass(frozen=True)
class Page:
    """A stretch of the log, newest first; `newer` and `older` are the sequences to go on from, None at an end.

    `unfinished`: fewer than a page were found so far, but older (or, on the way back, newer) events are left to look
    through.
    """

    events: list[Event]
    newer: int | None
    older: int | None
    unfinished: bool = False


def stretch(wanted: Wanted, *, size: int, before: int | None = None, after: int | None = None) -> Page:
    """`size` events before (older than) or after (newer than) a sequence, or the newest.

    Pages go by sequence and not by number, so that they neither slip while events are added nor grow slow. One
    condition is looked up in its index; the others are held against the next WINDOW events that meet it, and the next,
    until the page is full or PATIENCE is over: they may never meet in millions of events.
    """
    forward = after is not None
    start = after if forward else before
    found, end = _found(wanted, start, forward=forward, size=size + 1)
    more, rows = len(found) > size, found[:size]
    on = rows[-1].sequence if more else end  # where this way goes on, None at its end
    unfinished = end is not None and not more
    if after is not None:
        rows = rows[::-1]
        return Page(rows, on, rows[-1].sequence if rows else after + 1, unfinished)
    newer = rows[0].sequence if rows else before - 1 if before else None
    return Page(rows, newer if before is not None else None, on, unfinished)


def objects_of(action: str, *, plan: str) -> set[str]:
    """The ids of what an action, one that is seldom done, was done to in a plan."""
    events = Event.objects.filter(Exact(_unindexed("plan"), plan), action=action).exclude(object_id="")
    return set(events.values_list("object_id", flat=True))


def each(wanted: Wanted, *, at_most: int, size: int = 1000) -> Iterator[list[Event]]:
    """The newest `at_most` events, newest first, in parts."""
    before, left = None, at_most
    while left > 0:
        page = stretch(wanted, size=min(size, left), before=before)
        yield page.events
        left -= len(page.events)
        if page.older is None:
            return
        before = page.older


def _found(wanted: Wanted, start: int | None, *, forward: bool, size: int) -> tuple[list[Event], int | None]:
    """The next `size` events from `start`, and the sequence up to which was looked if that is not the end."""
    rows, place, others = _conditions(wanted)
    found: list[Event] = []
    over = monotonic() + PATIENCE
    while True:
        left = size - len(found)
        some, start = _next(rows, place, others, start, forward=forward, size=left, subjects=len(wanted.subjects))
        found += some
        if start is None or len(some) == left or monotonic() > over:
            return found, start


def _next(
    rows: QuerySet[Any], place: str, others: Q, start: int | None, *, forward: bool, size: int, subjects: int
) -> tuple[list[Event], int | None]:
    """As `_found`, within one window."""
    order, beyond, until = (place, "gt", "lt") if forward else (f"-{place}", "lt", "gt")
    if start is not None:
        rows = rows.filter(**{f"{place}__{beyond}": start})
    end = None
    if others:
        window = WINDOW * max(subjects, 1)  # an event has a row for each of them
        edge = list(rows.order_by(order).values_list(place, flat=True)[window : window + 1])
        if edge:
            rows = rows.filter(**{f"{place}__{until}": edge[0]})
            end = edge[0] - 1 if forward else edge[0] + 1
        rows = rows.filter(others)
    if not subjects:
        return list(rows.order_by(order)[:size]), end
    several = rows.select_related("event").order_by(order)[: size * subjects]
    return list({row.event_id: row.event for row in several}.values())[:size], end


def _conditions(wanted: Wanted) -> tuple[QuerySet[Any], str, Q]:
    """The rows that meet the condition whose index is read in order, and the period; the column of that order; and
    what else must hold.

    The rest is said of an expression, which no index knows: a database that has no statistics would take the index of
    the other condition, and read all of it.
    """
    equal = {
        "actor": "" if wanted.who == SYSTEM else wanted.who,
        "plan": wanted.plan,
        "action": wanted.action,
    }
    asked = [name for name, value in equal.items() if value or (name == "actor" and wanted.who)]
    if wanted.subjects:
        rows: QuerySet[Any] = Subject.objects.filter(subject__in=wanted.subjects)
        place, prefix = "event_id", "event__"
    else:
        rows, place, prefix = Event.objects.filter(**{name: equal[name] for name in asked[:1]}), "sequence", ""
        asked = asked[1:]
    others = Q()
    for name in asked:
        others &= Q(Exact(_unindexed(f"{prefix}{name}"), equal[name]))
    if wanted.only:
        others &= Q(In(_unindexed(f"{prefix}action"), sorted(wanted.only)))
    if wanted.without:
        others &= ~Q(In(_unindexed(f"{prefix}action"), sorted(wanted.without)))
    return rows.filter(_period(wanted, place, prefix)), place, others


def _unindexed(column: str) -> Coalesce:
    return Coalesce(column, Value(""))


def _period(wanted: Wanted, place: str, prefix: str) -> Q:
    """The days themselves, and between which sequences they lie: found by their times, DISORDER apart, so that the
    index of any other condition is read from the right place on.

    An event that a wrong clock dated further away than that is in no period; it stands where it belongs in the log.
    """
    lies = Q()
    if wanted.first:
        begin = _midnight(wanted.first)
        lies &= Q(**{f"{prefix}at__gte": begin})
        if (oldest := _times("sequence")) and oldest[1] < begin - DISORDER:
            before = _times("-at", at__lt=begin - DISORDER)
            lies &= Q(**{f"{place}__gt": before[0]})
    if wanted.last:
        end = _midnight(wanted.last + timedelta(days=1))
        lies &= Q(**{f"{prefix}at__lt": end})
        if (newest := _times("-sequence")) and newest[1] >= end + DISORDER:
            after = _times("at", at__gte=end + DISORDER)
            lies &= Q(**{f"{place}__lt": after[0]})
    return lies


def _times(order: str, **condition: datetime) -> Any:
    """(sequence, time) of the first event in an order, None without one."""
    return Event.objects.filter(**condition).order_by(order).values_list("sequence", "at").first()


def _midnight(day: date) -> datetime:
    return datetime.combine(day, time(), get_current_timezone())
