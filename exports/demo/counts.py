"""What is known of those who are not registered: estimates of how many took part in all, and why people are missing."""

from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass
from random import Random
from uuid import UUID

from collection.models import Headcount as HeadcountModel
from consent.models import Outcome
from exports.demo.activities import Activity
from exports.demo.places import Plan

Basis = HeadcountModel.Basis


@dataclass(frozen=True, slots=True)
class Headcount:
    activity: Activity
    year: int
    estimate: int
    basis: Basis


@dataclass(frozen=True, slots=True)
class Tally:
    activity: Activity
    year: int
    outcome: Outcome
    change: int


def headcounts_and_tallies(
    rng: Random, plan: Plan, activities: list[Activity], valid: Counter[tuple[UUID, int]], typical: float
) -> Iterator[Headcount | Tally]:
    """Estimates and counts without identity, by activity and year, that make the plan's consent share.

    `valid`: people with a valid consent by activity and year; `typical`: how many take part in an activity.
    Some estimates are missing, some were revised, some lie below the number of consents, as in real life.
    """
    for activity in activities:
        for year in activity.years:
            consents = valid[activity.id, year]
            estimate = _estimate(rng, plan.consent_share, consents, typical)
            if plan.consent_share == 1:
                if consents:
                    yield Headcount(activity, year, consents, Basis.LIST)
                continue
            yield from _tallies(rng, activity, year, estimate - consents)
            fate = rng.random()
            if fate < 0.12:
                continue
            if fate < 0.27:
                yield Headcount(activity, year, max(1, round(estimate * rng.uniform(0.6, 1.4))), Basis.MEMORY)
            too_low = consents >= 3 and rng.random() < 0.04
            yield Headcount(activity, year, consents - 1 if too_low else estimate, rng.choice(list(Basis)))


def _estimate(rng: Random, share: float, consents: int, typical: float) -> int:
    if consents:
        return max(consents, round(consents / share * rng.uniform(0.85, 1.15)))
    return max(3, round(typical * rng.uniform(0.5, 1.5) * (1 - share)))


def _tallies(rng: Random, activity: Activity, year: int, missing: int) -> Iterator[Tally]:
    """Most of those missing are accounted for; now and then somebody said yes later."""
    for outcome, share in ((Outcome.NOT_ASKED, 0.4), (Outcome.REFUSED, 0.35), (Outcome.NOT_REACHED, 0.15)):
        count = round(missing * share)
        if count <= 0:
            continue
        later_yes = rng.random() < 0.1
        yield Tally(activity, year, outcome, count + later_yes)
        if later_yes:
            yield Tally(activity, year, outcome, -1)
