"""Consent rates: who has consented, of how many who took part.

The unit is an activity in a year; everything else is a sum of units. Numerator: distinct participants whose
participation overlaps the year and whose consent is valid today. Denominator: the latest estimate for that year. Those
who have withdrawn (or said no when asked again), whose consent has lapsed, who refused, who were not asked and who
were not reached stand apart. Without an estimate there is no rate.

A plan, a type of activity, all plans, or all years are the sums of their units, numerator and denominator alike:
somebody in two activities, or in two years, is in both numerators because they are in both estimates. So sums over
any grouping agree with one another. The rate of a sum is taken over the units that have an estimate; the others are
counted as `lacking`.

The steps from everybody to the linkable, each of an activity and year:

- estimated: the latest estimate;
- asked: consented ever (valid today, withdrawn since, said no when asked again, lapsed) or refused;
- consented: consent valid today;
- linkable: consent valid today and known by CPR number. People known by name and address stand beside them:
  Statistics Denmark searches for them and may find them.

A participation overlaps a year if it starts in the year or earlier and ends in it or later; it ends with the
participation's own end, or else the activity's, or else the plan's, or else today: an activity without an end runs
until its plan ends. A start of low precision is stored as the first day of its period. Years after this one have no
rates.
"""

import threading
import time
from collections import defaultdict
from collections.abc import Callable, Collection, Iterable, Iterator
from datetime import date
from operator import attrgetter
from typing import Any, NamedTuple
from uuid import UUID

from django.conf import settings
from django.db import connection
from django.db.models import Count, Func, IntegerField, Q, QuerySet, Sum, TextField
from django.db.models.functions import Cast
from django.utils.timezone import localdate

from collection.models import Activity, Identification, Participation
from collection.queries import estimate_is_old, latest_headcounts, runs_until
from consent import gate
from consent.models import Kind, Outcome, Tally
from consent.queries import EVALUATION

Key = tuple[UUID, int]  # an activity and a year


class Rate(NamedTuple):
    """Counts of participants of an activity in a year, or of several activities and years: all of them add up.

    `refused`, `not_asked` and `not_reached` are named as consent.models.Outcome.
    """

    linkable: int = 0
    named: int = 0  # consent valid today, known by name and address
    withdrawn: int = 0
    lapsed: int = 0
    refused: int = 0
    not_asked: int = 0
    not_reached: int = 0
    estimate: int = 0
    estimated: int = 0  # activities and years with an estimate
    lacking: int = 0  # in which an activity ran and has none
    old: int = 0  # whose estimate was made long before it was over
    over: int = 0  # in which more have consented than the estimate says

    @property
    def consented(self) -> int:
        return self.linkable + self.named

    @property
    def asked(self) -> int:
        return self.consented + self.withdrawn + self.lapsed + self.refused


def together(rates: Iterable[Rate]) -> Rate:
    """The sum of several."""
    return Rate(*map(sum, zip(*rates, strict=True))) if (rates := list(rates)) else Rate()


def activity_years(activity: Activity, today: date | None = None) -> dict[int, Rate]:
    """The rates of one activity by year, the earliest first: the years in which it ran or has numbers."""
    period = Period(activity.pk, activity.start, activity.end, activity.plan.end)
    rates = activity_rates(Activity.objects.filter(pk=activity.pk), [period], today)
    return {year: rate for (_, year), rate in sorted(rates.items(), key=lambda item: item[0][1])}


class Period(NamedTuple):
    activity: UUID
    start: date
    end: date | None
    plan_end: date


def activity_rates(
    activities: QuerySet[Activity] | None, periods: Iterable[Period] | None = None, today: date | None = None
) -> dict[Key, Rate]:
    """Rates by (activity id, year), of each activity in the years in which it ran or has numbers.

    `activities`: None for all, counted in the database. `periods`: theirs, if at hand. At most six queries more,
    however many activities.
    """
    today = today or localdate()
    if periods is None:
        rows = Activity.objects.all() if activities is None else activities
        periods = map(Period._make, rows.order_by().values_list("pk", "start", "end", "plan__end"))
    ran = {one.activity: (one.start.year, runs_until(one.end, one.plan_end, today)) for one in periods}
    # Told as ids: of a query in their place the database can't know how few they are, and reads all participations.
    chosen = None if activities is None else list(ran)
    text = _as_text()
    units = _people(chosen, {text(pk): last.year for pk, (_, last) in ran.items()}, today)
    for activity, year, *counts in _tallies(chosen, today):
        units[activity][year][_OUTCOMES] = counts
    for activity, year, estimate, made_at in _estimates(chosen, today):
        unit = units[activity][year]
        unit[_PLACE["estimate"]], unit[_PLACE["estimated"]] = estimate, 1
        unit[_PLACE["over"]] = int(unit[_PLACE["linkable"]] + unit[_PLACE["named"]] > estimate)
        unit[_PLACE["old"]] = made_at.toordinal()
    rates = {}
    for activity, (first, last) in ran.items():
        years = units[text(activity)]
        for year in range(first, last.year + 1):
            unit = years[year]
            unit[_PLACE["lacking"]] = 1 - unit[_PLACE["estimated"]]
        for year, unit in years.items():
            if made := unit[_PLACE["old"]]:
                made_on = date.fromordinal(made)
                unit[_PLACE["old"]] = int(estimate_is_old(made_on, year=year, end=last, today=today))
            if any(unit):
                rates[activity, year] = Rate(*unit)
    return rates


class _Kept(NamedTuple):
    counted: float
    took: float  # seconds
    day: date
    rates: dict[Key, Rate]

    @property
    def is_fresh(self) -> bool:
        return time.monotonic() - self.counted < settings.RATES_KEPT_SECONDS * max(1.0, self.took)


_kept: _Kept | None = None
_counting = threading.Lock()


def all_rates() -> dict[Key, Rate]:
    """The rates of all activities, up to RATES_KEPT_SECONDS old, and as many times older as counting them took seconds.

    Counting takes a third of a second at 50,000 participants and ten seconds at a million, and who looks at them turns
    from page to page. One thread counts at a time; the others get the counts before these, if they are of today.
    Kept in this process only: the counts are not masked yet.
    """
    global _kept
    today = localdate()
    found = _kept if _kept and _kept.day == today else None
    if found and found.is_fresh:
        return found.rates
    if not _counting.acquire(blocking=found is None):
        assert found
        return found.rates
    try:
        if _kept is None or _kept.day != today or not _kept.is_fresh:
            began = time.monotonic()
            rates = activity_rates(None, today=today)
            _kept = _Kept(time.monotonic(), time.monotonic() - began, today, rates)
        return _kept.rates
    finally:
        _counting.release()


# --- Counting -------------------------------------------------------------------------------------------


class _YearOf(Func):
    """The year of a day. On SQLite days are text, and Django's own function for it is slow Python."""

    template = "CAST(EXTRACT(YEAR FROM %(expressions)s) AS INTEGER)"
    output_field = IntegerField()

    def as_sqlite(self, compiler: Any, connection: Any, **context: Any) -> tuple[str, Any]:
        return self.as_sql(compiler, connection, template="CAST(SUBSTR(%(expressions)s, 1, 4) AS INTEGER)", **context)


# Thousands of ids go through: as text they cost half, because Python makes and hashes UUIDs slowly.
_ACTIVITY = Cast("activity", TextField())


def _as_text() -> Callable[[UUID], str]:
    """What makes an id as _ACTIVITY gives it."""
    return str if connection.features.has_native_uuid_field else attrgetter("hex")


def _of(activities: Collection[UUID] | None) -> Q:
    return Q() if activities is None else Q(activity__in=activities)


def _overlap(first: int, last: int | None, ended: int, today: date) -> range:
    """The years of a participation from year `first` to `last` in an activity that `ended` in that year."""
    return range(first, min(last or ended, today.year) + 1)


_Units = dict[str, dict[int, list[int]]]  # the fields of a rate, by activity and year
_PLACE = {field: place for place, field in enumerate(Rate._fields)}
_STANDS = {
    Kind.GIVEN.value: _PLACE["linkable"],
    Kind.WITHDRAWN.value: _PLACE["withdrawn"],
    Kind.REFUSED.value: _PLACE["withdrawn"],
    Kind.LAPSED.value: _PLACE["lapsed"],
}


_OUTCOMES = slice(_PLACE["refused"], _PLACE["not_reached"] + 1)  # in the order of consent.models.Outcome


def _people(activities: Collection[UUID] | None, ended: dict[str, int], today: date) -> _Units:
    """Distinct participants by activity and year, and in it by how they stand."""
    units: _Units = {pk: defaultdict(lambda: [0] * len(_PLACE)) for pk in ended}
    rows = gate.participations_by_consent(EVALUATION, activities, on=today)
    rows = rows.annotate(first=_YearOf("start"), last=_YearOf("end")).order_by()
    if activities is None:
        _count_all(rows, units, ended, today)
    else:
        for activity, year, place, again in _one_by_one(rows, ended, today):
            units[activity][year][place] += not again
    return units


def _count_all(rows: QuerySet[Participation], units: _Units, ended: dict[str, int], today: date) -> None:
    """Grouped in the database by activity, standing, first and last year.

    Few people come twice to one activity: what these are counted too often is taken off after it.
    """
    for activity, kind, first, last, n in _grouped(rows):
        if (place := _STANDS.get(kind)) is not None:
            years = units[activity]
            for year in _overlap(first, last, ended[activity], today):
                years[year][place] += n
    named = gate.people_of(None, Identification.NAME_ADDRESS)
    for activity, kind, first, last, n in _grouped(rows.filter(participant__in=named)):
        if kind == Kind.GIVEN:
            for year in _overlap(first, last, ended[activity], today):
                unit = units[activity][year]
                unit[_PLACE["linkable"]] -= n
                unit[_PLACE["named"]] += n
    twice = rows.values("participant", "activity").annotate(n=Count("*")).filter(n__gt=1).values("participant")
    for activity, year, place, again in _one_by_one(rows.filter(participant__in=twice), ended, today):
        units[activity][year][place] -= again


def _grouped(rows: QuerySet[Participation]) -> list[tuple[str, str, int, int | None, int]]:
    """(activity, standing, first year, last year if it has an end, how many), as the driver gives them."""
    grouped = rows.values_list(_ACTIVITY, "consent", "first", "last").annotate(n=Count("*"))
    with connection.cursor() as cursor:
        cursor.execute(*grouped.query.sql_with_params())
        return cursor.fetchall()


def _one_by_one(
    rows: QuerySet[Participation], ended: dict[str, int], today: date
) -> Iterator[tuple[str, int, int, bool]]:
    """(activity, year, place of the count, whether the person was counted there already)"""
    found = rows.values_list(_ACTIVITY, "participant", "consent", "first", "last", "participant__identification")
    seen: set[tuple[str, UUID, int]] = set()
    for activity, participant, kind, first, last, identification in found:
        if kind in _STANDS:
            named = kind == Kind.GIVEN and identification == Identification.NAME_ADDRESS
            place = _PLACE["named"] if named else _STANDS[kind]
            for year in _overlap(first, last, ended[activity], today):
                yield activity, year, place, (activity, participant, year) in seen
                seen.add((activity, participant, year))


def _estimates(activities: Collection[UUID] | None, today: date) -> QuerySet:
    """(activity, year, latest estimate, when it was made)"""
    chosen = Activity.objects.filter(Q() if activities is None else Q(pk__in=activities))
    rows = latest_headcounts(chosen).filter(year__lte=today.year)
    return rows.values_list(_ACTIVITY, "year", "estimate", "made_at")


def _tallies(activities: Collection[UUID] | None, today: date) -> QuerySet:
    """(activity, year, refused, not asked, not reached)"""
    rows = Tally.objects.filter(_of(activities), year__lte=today.year).order_by()
    counts = {outcome.value: Sum("change", filter=Q(outcome=outcome), default=0) for outcome in Outcome}
    return rows.annotate(at=_ACTIVITY).values("at", "year").annotate(**counts).values_list("at", "year", *counts)
