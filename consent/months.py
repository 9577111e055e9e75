"""How many people of a plan had a valid consent at the end of each month or year, judged by what is known today."""

from calendar import monthrange
from collections import defaultdict
from collections.abc import Iterable, Sequence
from datetime import date
from typing import NamedTuple
from uuid import UUID

from collection.models import Plan
from consent import gate
from consent.models import Decision, Kind
from consent.queries import EVALUATION


class Decided(NamedTuple):
    """What a day is judged by. `lapses`: the days from which on this consent bars export."""

    participant: UUID
    kind: str
    decided_on: date
    lapses: tuple[date | None, ...]


def month_ends(year: int, today: date) -> list[date]:
    """The last day of each month of a year that has begun; of this month, today."""
    ends = (date(year, month, monthrange(year, month)[1]) for month in range(1, 13))
    return [min(end, today) for end in ends if end.replace(day=1) <= today]


def year_ends(first: int, today: date) -> list[date]:
    return [min(date(year, 12, 31), today) for year in range(first, today.year + 1)]


def valid_on(decisions: Iterable[Decided], days: Sequence[date]) -> list[int]:
    """People with a valid consent on each of `days`. `decisions` in the order in which they hold."""
    people: dict[UUID, list[Decided]] = defaultdict(list)
    for decision in decisions:
        people[decision.participant].append(decision)
    counts = [0] * len(days)
    for history in people.values():
        for place, day in enumerate(days):
            latest = next((one for one in reversed(history) if one.decided_on <= day), None)
            if latest and latest.kind == Kind.GIVEN and not any(end and end <= day for end in latest.lapses):
                counts[place] += 1
    return counts


def decisions_of(plan: Plan) -> list[Decided]:
    """All decisions of a plan's participants but the records of a lapse, which decide nothing."""
    rows = Decision.objects.filter(participant__in=gate.people_of([plan]), purpose=EVALUATION).exclude(kind=Kind.LAPSED)
    values = rows.order_by("decided_on", "pk").values_list(
        "participant", "kind", "decided_on", "lapses_on", "text__version__consents_lapse_on"
    )
    return [Decided(person, kind, day, (of_age, of_text)) for person, kind, day, of_age, of_text in values]
