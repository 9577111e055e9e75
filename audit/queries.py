"""Questions to the audit log."""

from dataclasses import dataclass
from datetime import date, datetime, time, timedelta

from django.db.models import QuerySet
from django.utils.timezone import get_current_timezone

from audit.models import Event


@dataclass(frozen=True)
class Page:
    """A stretch of the log, newest first; `newer` and `older` are the sequences to go on from, None at an end."""

    events: list[Event]
    newer: int | None
    older: int | None


def found(*, action: str = "", plan: str = "", first: date | None = None, last: date | None = None) -> QuerySet[Event]:
    """Events of an action, a plan and a period of whole days (both included, in the site's time zone)."""
    events = Event.objects.all()
    if action:
        events = events.filter(action=action)
    if plan:
        events = events.filter(plan=plan)
    if first:
        events = events.filter(at__gte=_midnight(first))
    if last:
        events = events.filter(at__lt=_midnight(last + timedelta(days=1)))
    return events


def stretch(events: QuerySet[Event], *, size: int, before: int | None = None, after: int | None = None) -> Page:
    """`size` events before (older than) or after (newer than) a sequence, or the newest.

    Pages go by sequence and not by number, so that they neither slip while events are added nor grow slow.
    """
    if after is not None:
        rows = list(events.filter(sequence__gt=after).order_by("sequence")[: size + 1])
        more_newer, rows = len(rows) > size, rows[:size][::-1]
        more_older = True
    else:
        older = events if before is None else events.filter(sequence__lt=before)
        rows = list(older.order_by("-sequence")[: size + 1])
        more_older, rows = len(rows) > size, rows[:size]
        more_newer = before is not None
    if not rows:
        return Page([], None, None)
    return Page(rows, rows[0].sequence if more_newer else None, rows[-1].sequence if more_older else None)


def _midnight(day: date) -> datetime:
    return datetime.combine(day, time(), get_current_timezone())
