"""The activities of the plans, 2014 to 2016, and the colleagues who run them."""

import csv
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, timedelta
from functools import cache
from random import Random
from uuid import UUID

from collection.municipalities import REFERENCE_DIR
from exports.demo.names import STAFF_TRADITIONS, TRADITIONS
from exports.demo.people import given_name
from exports.demo.places import Plan, apportion, chance, random_id

ACTIVITIES = 2000
YEARS = (2014, 2015, 2016)

# Plans that have a type which the evaluation gives no number for: invented.
_INVENTED_PLANS = {
    "familieindsats": 42,
    "mentor": 34,
    "creative_learning": 22,
    "leisure_job": 38,
    "pocket_money": 27,
    "fire_cadet": 12,
    "project_event": 40,
}
# Participant families of "familieindsats" by year of start (per cent); other activities have begun more evenly.
STARTS = {"familieindsats": (18, 33, 49)}
_OTHER_STARTS = (30, 34, 36)


@dataclass(frozen=True, slots=True)
class ActivityType:
    """What the demo needs to know of a type. `age_from` and `age_to`: whom the activities are for."""

    code: str
    name: str
    plans: int
    age_from: int | None
    age_to: int | None


@dataclass(frozen=True, slots=True)
class Activity:
    """`responsible` is the place of a colleague in the plan's list of colleagues."""

    id: UUID
    type: ActivityType
    name: str
    start: date
    end: date | None
    responsible: int

    @property
    def years(self) -> list[int]:
        last = self.end.year if self.end else YEARS[-1]
        return [year for year in YEARS if self.start.year <= year <= last]


@dataclass(frozen=True, slots=True)
class Colleague:
    """An invented member of staff who can't sign in. The first of a plan coordinates it."""

    id: UUID
    username: str
    full_name: str
    coordinates: bool


_AGES = {
    "fire_cadet": (13, 17),
    "leisure_job": (13, 17),
    "pocket_money": (13, 17),
    "mentor": (13, 24),
    "creative_learning": (6, 14),
}


@cache
def activity_types() -> tuple[ActivityType, ...]:
    """The types of collection/reference/activity_types.csv with the number of plans that have them."""
    with (REFERENCE_DIR / "activity_types.csv").open(encoding="utf-8", newline="") as file:
        return tuple(
            ActivityType(
                row["code"],
                row["name_da"],
                int(row["plans"] or _INVENTED_PLANS[row["code"]]),
                *_AGES.get(row["code"], (None, None)),
            )
            for row in csv.DictReader(file)
        )


def types_of_plans(seed: int, plans: int) -> list[list[ActivityType]]:
    """The types that each plan has: every type in exactly as many plans as it should be, no plan without any."""
    rng = chance(seed, "types")
    taken: list[list[ActivityType]] = [[] for _ in range(plans)]
    for place, kind in enumerate(activity_types()):
        # whoever has fewest goes first, so that no plan is left without; the demo users' plan has all kinds of work
        order = sorted(
            range(plans), key=lambda number: (number != 0, len(taken[number]) if place > 7 else 0, rng.random())
        )
        for number in order[: kind.plans]:
            taken[number].append(kind)
    return taken


def activities(seed: int, plans: list[Plan]) -> list[list[Activity]]:
    """The 2,000 activities by plan, in the order of the plans."""
    rng = chance(seed, "activities")
    types = types_of_plans(seed, len(plans))
    counts = [len(kinds) + more for kinds, more in zip(types, _more(rng, types), strict=True)]
    return [list(_of_plan(rng, plan, kinds, count)) for plan, kinds, count in zip(plans, types, counts, strict=True)]


def colleagues(seed: int, plan: Plan) -> list[Colleague]:
    """Three to five invented members of staff of a plan."""
    rng = chance(seed, "colleagues", plan.number)
    made = []
    for place in range(rng.randrange(3, 6)):
        tradition = TRADITIONS[rng.choice(STAFF_TRADITIONS)]
        name = f"{given_name(rng, tradition, rng.random() < 0.7)} {rng.choice(tradition.family_names)}"
        made.append(Colleague(random_id(rng), f"demo-{plan.number + 1:02}-{place + 1}", name, place == 0))
    return made


def _more(rng: Random, types: list[list[ActivityType]]) -> list[int]:
    """How many activities beyond one of each type."""
    spread = [len(kinds) * rng.uniform(0.7, 1.3) for kinds in types]
    spread[0] = 4  # the demo users' plan has all kinds already, and is to stay easy to look over
    return apportion(ACTIVITIES - sum(map(len, types)), spread)


def _of_plan(rng: Random, plan: Plan, kinds: list[ActivityType], count: int) -> Iterator[Activity]:
    seen: dict[str, int] = {}
    for place in range(count):
        kind = kinds[place % len(kinds)]
        weights = [weight if plan.start.year <= year else 0 for year, weight in zip(YEARS, _starts(kind), strict=True)]
        year = rng.choices(YEARS, weights)[0]
        start = max(plan.start, date(year, 1, 1) + timedelta(days=rng.randrange(10, 340)))
        end = start + timedelta(days=rng.randrange(80, 360))
        season = "forår" if start.month <= 6 else "efterår"
        name = f"{kind.name}, {season} {start.year}"
        seen[name] = seen.get(name, 0) + 1
        yield Activity(
            id=random_id(rng),
            type=kind,
            name=f"{name}, hold {seen[name]}" if seen[name] > 1 else name,
            start=start,
            end=None if rng.random() < (0.2 if plan.number < 3 else 0.05) else end,
            responsible=rng.randrange(3),
        )


def _starts(kind: ActivityType) -> tuple[int, int, int]:
    return STARTS.get(kind.code, _OTHER_STARTS)
