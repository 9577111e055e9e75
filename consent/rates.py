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

from collections import Counter, defaultdict
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, fields
from datetime import date
from uuid import UUID

from django.db.models import Count, Max, Min, Q, QuerySet, Sum, Value
from django.db.models.functions import Coalesce

from collection.models import Activity, Headcount, Plan
from collection.queries import latest_headcounts
from consent import gate
from consent.models import Kind, Tally
from consent.queries import EVALUATION

Key = tuple[UUID, int]  # of an activity or a plan, and the year


@dataclass(frozen=True, slots=True)
class Rate:
    """Counts of persons in a year, of an activity or of several.

    `covered`: those of `consented` who are in an activity that has an estimate; `lacking`: activities that ran
    without one. `refused`, `not_asked` and `not_reached` are named as consent.models.Outcome.
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


def activity_years(activity: Activity, today: date | None = None) -> dict[int, Rate]:
    """The rates of one activity by year, the earliest first: the years in which it ran or has numbers."""
    rates = activity_rates(Activity.objects.filter(pk=activity.pk), today=today, loaded=[activity])
    return {year: rate for (_, year), rate in sorted(rates.items(), key=lambda item: item[0][1])}


def activity_rates(
    activities: QuerySet[Activity],
    years: Sequence[int] | None = None,
    today: date | None = None,
    loaded: Iterable[Activity] | None = None,
) -> dict[Key, Rate]:
    """Rates by (activity id, year), of each activity in the years in which it ran or has numbers.

    `years`: by default all since the first of the activities began. `loaded`: the same activities, if at hand.
    """
    counts = _Counts(activities, years, today or date.today(), loaded)
    people, estimates, tallies = counts.people("activity"), counts.estimates(), counts.tallies("activity")
    ran = {(activity, year) for activity, _, year in counts.running()}
    return {
        key: Rate(
            estimate=estimates.get(key),
            lacking=int(key in ran and key not in estimates),
            **people[key],
            **tallies[key],
        )
        for key in ran | people.keys() | estimates.keys() | tallies.keys()
    }


def plan_rates(
    plans: Iterable[Plan] | QuerySet[Plan], years: Sequence[int] | None = None, today: date | None = None
) -> dict[Key, Rate]:
    """Rates by (plan id, year), of each plan in the years in which its activities ran or have numbers.

    Four queries, however many plans. `years`: by default all since the first of their activities began.
    """
    counts = _Counts(Activity.objects.filter(plan__in=plans), years, today or date.today())
    people, tallies = counts.people("activity__plan"), counts.tallies("activity__plan")
    estimates = counts.estimates()
    sums: dict[Key, int] = defaultdict(int)
    for (activity, year), estimate in estimates.items():
        sums[counts.plan_of[activity], year] += estimate
    lacking: Counter[Key] = Counter()
    for activity, plan, year in counts.running():
        lacking[plan, year] += (activity, year) not in estimates
    return {
        key: Rate(
            estimate=sums.get(key),
            lacking=lacking[key],
            **people[key],
            **tallies[key],
        )
        for key in lacking.keys() | people.keys() | sums.keys() | tallies.keys()
    }


def together(rates: Iterable[Rate]) -> Rate:
    """Several plans as one. A participant's row belongs to one plan, so the numbers of plans add up."""
    rates = list(rates)
    estimates = [rate.estimate for rate in rates if rate.estimate is not None]
    names = [field.name for field in fields(Rate) if field.name != "estimate"]
    return Rate(
        estimate=sum(estimates) if estimates else None,
        **{name: sum(getattr(rate, name) for rate in rates) for name in names},
    )


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

    def __init__(
        self,
        activities: QuerySet[Activity],
        years: Sequence[int] | None,
        today: date,
        loaded: Iterable[Activity] | None = None,
    ):
        self.queryset = activities.order_by()
        self.today = today
        rows = loaded or self.queryset.values_list("pk", "plan_id", "start", "end", named=True)
        self.activities = [(row.pk, row.plan_id, row.start, row.end) for row in rows]
        self.plan_of = {activity: plan for activity, plan, _, _ in self.activities}
        if years is None:
            first = min((start.year for _, _, start, _ in self.activities), default=today.year)
            years = range(first, today.year + 1)
        self.years = [year for year in sorted(years) if year <= today.year]

    def running(self) -> Iterator[tuple[UUID, UUID, int]]:
        """(activity, plan, year) for each year in which an activity ran."""
        for activity, plan, start, end in self.activities:
            for year in self.years:
                if start.year <= year <= (end or self.today).year:
                    yield activity, plan, year

    def people(self, by: str) -> dict[Key, dict[str, int]]:
        """Distinct participants by (`by`, year): `consented`, `covered` and `withdrawn`, as in Rate."""
        found: dict[Key, dict[str, int]] = defaultdict(dict)
        if not self.years:
            return found
        rows = gate.participations_by_consent(EVALUATION, self.queryset, on=self.today)
        rows = rows.annotate(last=Coalesce("end", "activity__end", Value(self.today)))
        rows = rows.filter(_overlap(self.years[0], self.years[-1])).values(by, "consent").order_by()
        counts = {}
        for year in self.years:
            overlap, estimated = _overlap(year, year), Headcount.objects.filter(year=year).values("activity")
            counts[f"in_{year}"] = Count("participant", distinct=True, filter=overlap)
            counts[f"covered_{year}"] = Count("participant", distinct=True, filter=overlap & Q(activity__in=estimated))
        for row in rows.annotate(**counts):
            for year in self.years:
                if row["consent"] == Kind.GIVEN and row[f"in_{year}"]:
                    found[row[by], year] |= {"consented": row[f"in_{year}"], "covered": row[f"covered_{year}"]}
                elif row["consent"] == Kind.WITHDRAWN and row[f"in_{year}"]:
                    found[row[by], year] |= {"withdrawn": row[f"in_{year}"]}
        return found

    def estimates(self) -> dict[Key, int]:
        """The latest estimate by (activity, year)."""
        rows = latest_headcounts(self.queryset).filter(year__in=self.years)
        return {(activity, year): n for activity, year, n in rows.values_list("activity_id", "year", "estimate")}

    def tallies(self, by: str) -> dict[Key, dict[str, int]]:
        """Counts without consent by (`by`, year), then by outcome."""
        found: dict[Key, dict[str, int]] = defaultdict(dict)
        rows = Tally.objects.filter(activity__in=self.queryset, year__in=self.years)
        for row in rows.values(by, "year", "outcome").annotate(n=Sum("change")).order_by():
            found[row[by], row["year"]][row["outcome"]] = row["n"]
        return found


def _overlap(first: int, last: int) -> Q:
    """Participations (with `last` annotated) that overlap the years `first` to `last`."""
    return Q(start__lte=date(last, 12, 31), last__gte=date(first, 1, 1))
