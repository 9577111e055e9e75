"""Consent rates: who has consented, of how many who took part.

An activity and year. Numerator: distinct participants whose participation overlaps the year and whose consent is
valid today. Denominator: the latest estimate for that year. Those who have withdrawn, who refused, who were not asked
and who were not reached stand apart. Without an estimate there is no rate.

A plan and year. Numerator: distinct participants over the plan's activities. Denominator: the sum of the estimates. A
person in two activities is one in the numerator and is in two estimates, so the rate of a plan is a lower bound. Where
some activities lack an estimate the year is incomplete: the rate is then taken over the others alone, numerator and
denominator both.

A participation overlaps a year if it starts in the year or earlier and ends in it or later; it ends with the
participation's own end, or else the activity's, or else today. A start of low precision is stored as the first day of
its period. Years after this one have no rates.
"""

from collections import defaultdict
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, fields, replace
from datetime import date
from uuid import UUID

from django.db.models import Count, Max, Min, Q, QuerySet, Sum, Value
from django.db.models.functions import Coalesce

from collection.models import Activity, Headcount, Participation, Plan
from collection.queries import latest_headcounts
from consent import gate
from consent.models import Outcome, Tally
from consent.queries import EVALUATION


@dataclass(frozen=True, slots=True)
class Rate:
    """Counts of persons in a year, of an activity or of several.

    `covered`: those of `consented` who are in an activity that has an estimate; `lacking`: activities without one.
    """

    consented: int = 0
    estimate: int | None = None
    withdrawn: int = 0
    refused: int = 0
    not_asked: int = 0
    not_reached: int = 0
    covered: int = 0
    lacking: int = 0

    @property
    def share(self) -> float | None:
        """Over 1 when more have consented than the estimate says; None without an estimate."""
        return self.covered / self.estimate if self.estimate else None

    @property
    def over(self) -> bool:
        """More consents than participants: the estimate is too low."""
        return self.estimate is not None and self.covered > self.estimate

    @property
    def complete(self) -> bool:
        return not self.lacking

    @property
    def without(self) -> int:
        """Counted without consent, for whatever reason."""
        return self.withdrawn + self.refused + self.not_asked + self.not_reached

    @property
    def unknown(self) -> int | None:
        """How many of the estimate nobody has accounted for; None without a (complete) estimate."""
        if self.estimate is None or self.lacking:
            return None
        return max(0, self.estimate - self.consented - self.without)


@dataclass(frozen=True)
class Table:
    """Rates of one or more plans in some years.

    `cells`: (activity id, year) of the activities that ran or have numbers in that year; `plans`: (plan id, year).
    """

    years: Sequence[int]
    cells: Mapping[tuple[UUID, int], Rate]
    plans: Mapping[tuple[UUID, int], Rate]

    def total(self, year: int) -> Rate:
        """All plans of the table together. A participant's row belongs to one plan, so the plans' numbers add up."""
        return _sum(rate for (_, of), rate in self.plans.items() if of == year)


def activity_years(activity: Activity, today: date | None = None) -> dict[int, Rate]:
    """The rates of one activity by year, the earliest first: the years in which it ran or has numbers."""
    cells = _cells(_Counts(Activity.objects.filter(pk=activity.pk), None, today or date.today()))
    return {year: rate for (_, year), rate in sorted(cells.items(), key=lambda item: item[0][1])}


def rates_of(
    plans: Iterable[Plan] | QuerySet[Plan], years: Sequence[int] | None = None, today: date | None = None
) -> Table:
    """The rates of whole plans in `years`, by default in all years since their first activity.

    Seven queries, however many plans.
    """
    counts = _Counts(Activity.objects.filter(plan__in=plans), years, today or date.today())
    cells = _cells(counts)
    plan_of = {activity: plan for activity, plan, _, _ in counts.activities}
    summed: dict[tuple[UUID, int], list[Rate]] = defaultdict(list)
    for (activity, year), rate in cells.items():
        summed[plan_of[activity], year].append(rate)
    consented = counts.people(gate.participations, by="activity__plan")
    covered = counts.people(gate.participations, by="activity__plan", estimated=True)
    withdrawn = counts.people(gate.withdrawn_participations, by="activity__plan")
    totals = {
        key: replace(_sum(rates), consented=consented[key], covered=covered[key], withdrawn=withdrawn[key])
        for key, rates in summed.items()
    }
    return Table(counts.years, cells, totals)


def years_to_choose(plans: Iterable[Plan] | QuerySet[Plan], today: date) -> tuple[list[int], int]:
    """(years from the first activity of `plans` to this year, the latest first; the latest year with an estimate)."""
    activities = Activity.objects.filter(plan__in=plans)
    found = activities.aggregate(first=Min("start__year"))
    last = Headcount.objects.filter(activity__in=activities, year__lte=today.year).aggregate(last=Max("year"))
    years = list(range(today.year, min(found["first"] or today.year, today.year) - 1, -1))
    return years, last["last"] or today.year


# --- Counting -------------------------------------------------------------------------------------------


class _Counts:
    """The questions to the database about some activities, each for all years at once."""

    def __init__(self, activities: QuerySet[Activity], years: Sequence[int] | None, today: date):
        self.queryset = activities.order_by()
        self.today = today
        self.activities = list(self.queryset.values_list("pk", "plan_id", "start", "end"))
        if years is None:
            first = min((start.year for _, _, start, _ in self.activities), default=today.year)
            years = range(first, today.year + 1)
        self.years = [year for year in sorted(years) if year <= today.year]

    def people(
        self, participations: Callable[..., QuerySet[Participation]], *, by: str, estimated: bool = False
    ) -> dict[tuple[UUID, int], int]:
        """Distinct participants by (`by`, year), of activities that have an estimate for the year if `estimated`."""
        if not self.years:
            return defaultdict(int)
        rows = participations(EVALUATION, self.queryset, on=self.today)
        rows = rows.annotate(last=Coalesce("end", "activity__end", Value(self.today)))
        rows = rows.filter(_overlaps(self.years[0], self.years[-1])).values(by).order_by()
        counted = rows.annotate(
            **{
                f"in_{year}": Count("participant", distinct=True, filter=self._in_year(year, estimated))
                for year in self.years
            }
        )
        return defaultdict(
            int, {(row[by], year): row[f"in_{year}"] for row in counted for year in self.years if row[f"in_{year}"]}
        )

    @staticmethod
    def _in_year(year: int, estimated: bool) -> Q:
        overlap = _overlaps(year, year)
        return (
            overlap & Q(activity__in=Headcount.objects.filter(year=year).values("activity")) if estimated else overlap
        )

    def estimates(self) -> dict[tuple[UUID, int], int]:
        rows = latest_headcounts(self.queryset).filter(year__in=self.years)
        return {(activity, year): n for activity, year, n in rows.values_list("activity_id", "year", "estimate")}

    def tallies(self) -> Iterator[tuple[UUID, int, str, int]]:
        """(activity, year, outcome, count)."""
        rows = Tally.objects.filter(activity__in=self.queryset, year__in=self.years)
        yield from rows.values_list("activity_id", "year", "outcome").annotate(n=Sum("change")).order_by()


def _overlaps(first: int, last: int) -> Q:
    """Participations (with `last` annotated) that overlap the years `first` to `last`."""
    return Q(start__lte=date(last, 12, 31), last__gte=date(first, 1, 1))


def _cells(counts: _Counts) -> dict[tuple[UUID, int], Rate]:
    """Rates by (activity, year): of each activity in the years in which it ran or has numbers."""
    consented = counts.people(gate.participations, by="activity")
    withdrawn = counts.people(gate.withdrawn_participations, by="activity")
    estimates = counts.estimates()
    outcomes: dict[tuple[UUID, int], dict[str, int]] = defaultdict(dict)
    for activity, year, outcome, n in counts.tallies():
        outcomes[activity, year][outcome] = n
    ran = {
        (activity, year)
        for activity, _, start, end in counts.activities
        for year in counts.years
        if start.year <= year <= (end or counts.today).year
    }
    cells = {}
    for key in ran | consented.keys() | withdrawn.keys() | estimates.keys() | outcomes.keys():
        estimate = estimates.get(key)
        cells[key] = Rate(
            consented=consented[key],
            estimate=estimate,
            withdrawn=withdrawn[key],
            refused=outcomes[key].get(Outcome.REFUSED, 0),
            not_asked=outcomes[key].get(Outcome.NOT_ASKED, 0),
            not_reached=outcomes[key].get(Outcome.NOT_REACHED, 0),
            covered=0 if estimate is None else consented[key],
            lacking=int(estimate is None),
        )
    return cells


def _sum(rates: Iterable[Rate]) -> Rate:
    """Each number added up; the estimate is None if none of them has one."""
    rates = list(rates)
    estimates = [rate.estimate for rate in rates if rate.estimate is not None]
    sums = {
        field.name: sum(getattr(rate, field.name) for rate in rates)
        for field in fields(Rate)
        if field.name != "estimate"
    }
    return Rate(**sums, estimate=sum(estimates) if estimates else None)
