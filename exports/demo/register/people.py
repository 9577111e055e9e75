"""Families and people of an invented Denmark, block by block, as arrays: whose, how old, where, of which origin.

The figures are the evaluation's: at full size, on 31 December 2016, exactly so many residents and children in the
country, in the supported areas and in the areas that reported participants, so many families of each kind. A smaller
register has them in proportion.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from functools import cached_property

import numpy as np
import numpy.typing as npt

from exports.demo.places import Plan, apportion, plans

Ints = npt.NDArray[np.int64]
Bools = npt.NDArray[np.bool_]

PEOPLE, CHILDREN = 5_748_769, 425_594  # of Denmark; children are 0-6 years old
AREA_PEOPLE, AREA_CHILDREN = 221_564, 22_873  # of the supported areas
PARTICIPANTS, COMPARISON = 89, 2_254  # families
NON_WESTERN = (67, 1_428)  # of each
SINGLE = (26, 647)
BY_START = {2014: 16, 2015: 29, 2016: 44}  # 18, 33 and 49 %
BOTH_PARENTS = 0.05  # took part, of the participant families
CHILD_STARTED, EARLIER_START = 12, 30  # families in which a child took part; that started in 2012 or 2013
REPORTING_PLANS = 13
LEAST = 20_000  # people: with fewer there is hardly a participant
FIRST_YEAR, LAST_YEAR = 2012, 2016  # who lives where is known of the last
BLOCK = 150_000  # people outside the areas who are made at a time

# (adults, children 0-6, 7-17, 18-24): weight elsewhere, in the areas
WITH_YOUNG = {
    (2, 1, 0, 0): (0.30, 0.22), (2, 2, 0, 0): (0.20, 0.13), (2, 1, 1, 0): (0.20, 0.16), (2, 2, 1, 0): (0.06, 0.08),
    (2, 1, 2, 0): (0.05, 0.08), (2, 3, 1, 0): (0.01, 0.02), (2, 1, 1, 1): (0.01, 0.02), (1, 1, 0, 0): (0.09, 0.13),
    (1, 2, 0, 0): (0.03, 0.05), (1, 1, 1, 0): (0.04, 0.08), (1, 1, 2, 0): (0.01, 0.03),
}  # fmt: skip
WITHOUT_YOUNG = {
    (1, 0, 0, 0): (0.555, 0.66), (2, 0, 0, 0): (0.28, 0.16), (2, 0, 1, 0): (0.035, 0.03), (2, 0, 2, 0): (0.05, 0.03),
    (2, 0, 1, 1): (0.02, 0.02), (2, 0, 0, 1): (0.02, 0.02), (1, 0, 1, 0): (0.02, 0.04), (1, 0, 0, 1): (0.02, 0.04),
}  # fmt: skip
DANISH, WESTERN, NON_WESTERN_FAMILY = 0, 1, 2
ORIGIN_ELSEWHERE, ORIGIN_AREAS = (0.88, 0.04, 0.08), (0.42, 0.05, 0.53)
# countries of origin as the civil register numbers them
DENMARK = 5100
WESTERN_COUNTRIES = np.array([5180, 5110, 5120, 5154, 5170, 5390])  # Germany, Norway, Sweden, Poland, UK, USA
NON_WESTERN_COUNTRIES = np.array([5172, 5436, 5432, 5414, 5487, 5448])  # five in six of Asia, one of Africa


@dataclass(frozen=True)
class Block:
    """Families (arrays of a length of their own, `number` counts them through the register) and their people (arrays
    of another length; `family` is the place of theirs).

    department: by year, -1 outside the areas. started: the year in which the family started, 0 if it never did.
    """

    years: tuple[int, ...]
    number: Ints
    first: Ints
    last: Ints
    department: Ints
    municipality: Ints
    started: Ints
    child_started: Bools
    family: Ints
    adult: Bools
    birth: Ints  # days since 1970
    female: Bools
    ie_type: Ints
    country: Ints

    @property
    def families(self) -> int:
        return len(self.number)

    @cached_property
    def moved(self) -> Bools:
        """By year and family: lived elsewhere than on the last day."""
        return self.department != self.department[-1]

    @cached_property
    def first_person(self) -> Ints:
        """The place of each family's first person: an adult."""
        return np.searchsorted(self.family, np.arange(self.families)).astype(np.int64)

    def living(self, year: int) -> Bools:
        """Who is in the register of 31 December of a year."""
        there = (self.first <= year) & (year <= self.last)
        return there[self.family] & (self.birth <= day(year, 12, 31))

    def age(self, year: int) -> Ints:
        """Completed years at the end of a year, to within the length of leap years."""
        return ((day(year, 12, 31) - self.birth) / 365.2425).astype(np.int64)


def day(year: int, month: int = 1, of_month: int = 1) -> int:
    return int(np.datetime64(f"{year}-{month:02}-{of_month:02}", "D").astype(int))


class Denmark:
    """The register's sizes and places. `people`: how many on the last day."""

    def __init__(self, people: int, years: tuple[int, ...], seed: int) -> None:
        if people < LEAST:
            raise ValueError(f"The register must have at least {LEAST:,} people.")
        if not years or years[0] < FIRST_YEAR or years[-1] != LAST_YEAR:
            raise ValueError(f"The years must be from {FIRST_YEAR} to {LAST_YEAR}, {LAST_YEAR} among them.")
        self.people, self.years, self.seed = people, years, seed
        self.plans: list[Plan] = plans(seed)
        self.of_plan = np.repeat(np.arange(len(self.plans)), [len(plan.departments) for plan in self.plans])
        self.departments = [(plan, department) for plan in self.plans for department in plan.departments]
        self.codes = sorted({plan.municipality_code for plan in self.plans})

    def scaled(self, figure: int) -> int:
        return round(figure * self.people / PEOPLE)

    def blocks(self) -> Iterator[Block]:
        """The areas first, then the rest. Each follows from the seed and its place alone."""
        number = 0
        for place, (people, children) in enumerate(self._sizes()):
            rng = np.random.default_rng([self.seed, place])
            block = self._areas(rng) if place == 0 else self._elsewhere(rng, people, children, number)
            number += block.families
            yield block

    def _sizes(self) -> list[tuple[int, int]]:
        areas = (self.scaled(AREA_PEOPLE), self.scaled(AREA_CHILDREN))
        people, children = self.people - areas[0], self.scaled(CHILDREN) - areas[1]
        parts = [1.0] * -(-people // BLOCK)
        return [areas, *zip(apportion(people, parts), apportion(children, parts), strict=True)]

    # --- The areas ---------------------------------------------------------------------------------------

    def _areas(self, rng: np.random.Generator) -> Block:
        """The reporting areas' families with children come first: participants, those that nearly were, comparison."""
        participants, comparison = sizes = (max(self.scaled(PARTICIPANTS), 10), self.scaled(COMPARISON))
        nearly = max(self.scaled(CHILD_STARTED), 1)
        figures = (PARTICIPANTS, COMPARISON)
        single, foreign = (
            [round(size * part / whole) for size, part, whole in zip(sizes, parts, figures, strict=True)]
            for parts in (SINGLE, NON_WESTERN)
        )
        groups = [
            _with_young(participants, single[0], area=True),
            _couples_with_grown(nearly),
            _with_young(comparison, single[1], area=True),
        ]
        reporting = np.concatenate(groups)
        people, children = self.scaled(AREA_PEOPLE), self.scaled(AREA_CHILDREN)
        others = families_of(people - int(reporting.sum()), children - int(reporting[:, 1].sum()), area=True)
        rng.shuffle(others)
        members = np.concatenate([reporting, others])
        count, told = len(members), len(reporting)
        origin = rng.choice(3, count, p=ORIGIN_AREAS)
        first = 0
        for size, quota in ((participants, foreign[0]), (nearly, 0), (comparison, foreign[1])):
            chosen = rng.permutation(size) < quota
            origin[first : first + size] = np.where(chosen, NON_WESTERN_FAMILY, rng.choice(2, size, p=(0.9, 0.1)))
            first += size
        started = np.zeros(count, np.int64)
        years = apportion(participants, [float(size) for size in BY_START.values()])
        started[:participants] = rng.permutation(np.repeat(list(BY_START), years))
        started[participants : participants + nearly] = rng.choice(list(BY_START), nearly)
        early = participants + nearly + np.arange(min(self.scaled(EARLIER_START), comparison))
        started[early] = rng.choice([2012, 2013], len(early))
        child_started = np.zeros(count, np.bool_)
        child_started[participants : participants + nearly] = True
        return self._block(
            rng,
            members,
            origin,
            0,
            started,
            child_started,
            self._homes(rng, members[:, 1] > 0, told, participants + nearly),
        )

    def _homes(self, rng: np.random.Generator, with_young: Bools, told: int, stay: int) -> Ints:
        """Department by year and family. Some moved in lately; the first `stay` families did not. Families without
        small children live in reporting areas too."""
        count = len(with_young)
        reports = self.of_plan < REPORTING_PLANS
        inside, outside = np.flatnonzero(reports), np.flatnonzero(~reports)
        home = rng.choice(inside, count)
        others = np.arange(count) >= told
        home[others] = rng.choice(np.arange(len(reports)), int(others.sum()))
        elsewhere = others & with_young & reports[home]
        home[elsewhere] = rng.choice(outside, int(elsewhere.sum()))
        homes = np.repeat(home[None, :], len(self.years), axis=0)
        moved_in = rng.choice([0, *self.years], count, p=[0.8, *([0.2 / len(self.years)] * len(self.years))])
        moved_in[:stay] = 0
        for place, year in enumerate(self.years):
            homes[place][moved_in > year] = -1
        return homes

    # --- The rest of the country -------------------------------------------------------------------------

    def _elsewhere(self, rng: np.random.Generator, people: int, children: int, number: int) -> Block:
        members = families_of(people, children, area=False)
        rng.shuffle(members)
        origin = rng.choice(3, len(members), p=ORIGIN_ELSEWHERE)
        # those who died or left before the last day
        years = len(self.years) - 1
        gone = np.repeat([[1, 0, 0, 0]], len(members) // 80 * years, axis=0)
        last = np.repeat(self.years[:-1], len(members) // 80)
        members = np.concatenate([members, gone])
        origin = np.concatenate([origin, np.zeros(len(gone), np.int64)])
        homes = np.full((len(self.years), len(members)), -1)
        if years:
            left = rng.random(len(members)) < 0.003  # moved out of an area after the first year
            homes[0][left] = rng.choice(len(self.departments), int(left.sum()))
        none = np.zeros(len(members), np.int64)
        return self._block(rng, members, origin, number, none, none.astype(bool), homes, last)

    def _block(
        self, rng: np.random.Generator, members: Ints, origin: Ints, number: int, started: Ints, child_started: Bools,
        homes: Ints, gone: Ints | None = None,
    ) -> Block:  # fmt: skip
        families = len(members)
        first, last = np.full(families, 0), np.full(families, 9999)
        if gone is not None and len(gone):
            last[-len(gone) :] = gone
        # immigrants of the last years
        came = (origin != DANISH) & (started == 0) & (rng.random(families) < 0.1)
        first[came] = rng.choice(self.years, int(came.sum()))
        sizes = members.sum(axis=1)
        family = np.repeat(np.arange(families), sizes)
        place = np.arange(len(family)) - np.repeat(np.cumsum(sizes) - sizes, sizes)
        adults, young, school = (members[:, column][family] for column in range(3))
        adult = place < adults
        birth = _births(rng, family, place, adult, place < adults + young, place < adults + young + school, started)
        if gone is not None and len(gone):
            old = family >= families - len(gone)
            birth[old] = day(1925) + rng.integers(0, 365 * 30, int(old.sum()))
        ie_type, country = _origins(rng, origin, family, place, adult, birth)
        return Block(
            years=self.years,
            number=number + np.arange(families, dtype=np.int64),
            first=first, last=last,
            department=homes,
            municipality=rng.integers(0, len(self.codes), families),
            started=started, child_started=child_started,
            family=family, adult=adult, birth=birth,
            female=rng.random(len(family)) < np.select(
                [~adult, adults == 2, members[:, 1][family] > 0], [0.49, place == 0, 0.85], 0.52
            ),
            ie_type=ie_type, country=country,
        )  # fmt: skip


# --- Which families --------------------------------------------------------------------------------------


def families_of(people: int, children: int, *, area: bool) -> Ints:
    """Members of families (adults, children 0-6, 7-17, 18-24) with exactly so many people and children 0-6."""
    kinds = np.array(list(WITH_YOUNG))
    weights = np.array([weight[area] for weight in WITH_YOUNG.values()])
    counts = np.floor(children / (kinds[:, 1] @ weights) * weights).astype(int)
    young = np.repeat(kinds, counts, axis=0)
    missing = children - int(young[:, 1].sum())
    young = np.concatenate([young, np.repeat([[2, 1, 0, 0]], missing, axis=0)])
    rest = people - int(young.sum())
    kinds = np.array(list(WITHOUT_YOUNG))
    weights = np.array([weight[area] for weight in WITHOUT_YOUNG.values()])
    counts = np.floor(rest / (kinds.sum(axis=1) @ weights) * weights).astype(int)
    others = np.repeat(kinds, counts, axis=0)
    alone = np.repeat([[1, 0, 0, 0]], rest - int(others.sum()), axis=0)
    return np.concatenate([young, others, alone]).astype(np.int64)


def _with_young(count: int, single: int, *, area: bool) -> Ints:
    """So many families with children 0-6, so many of them with one adult, couples first."""
    parts = []
    for adults, size in ((2, count - single), (1, single)):
        kinds = {kind: weight[area] for kind, weight in WITH_YOUNG.items() if kind[0] == adults}
        parts.append(np.repeat(np.array(list(kinds)), apportion(size, list(kinds.values())), axis=0))
    return np.concatenate(parts).astype(np.int64)


def _couples_with_grown(count: int) -> Ints:
    return np.repeat(np.array([[2, 1, 1, 1]], np.int64), count, axis=0)


# --- Who they are ----------------------------------------------------------------------------------------


def _births(
    rng: np.random.Generator, family: Ints, place: Ints, adult: Bools, to_young: Bools, to_school: Bools, started: Ints
) -> Ints:  # fmt: skip
    """Days of birth. Parents are 20 to 38 years older than their oldest child."""
    count = len(family)
    chance = rng.random(count)

    def between(first: int, last: int) -> Ints:
        return (day(first) + chance * (day(last + 1) - day(first))).astype(np.int64)

    child = np.where(to_young, between(2010, 2016), np.where(to_school, between(1999, 2009), between(1992, 1998)))
    # the first small child of who started was there in that year
    own = started[family]
    first_child = ~adult & to_young & np.concatenate([[False], adult[:-1]]) & (own >= 2014)
    until = np.where(first_child, own, 2016) - 2009
    child = np.where(first_child, day(2010) + (chance * until * 365).astype(np.int64), child)
    oldest = np.full(int(family[-1]) + 1, np.iinfo(np.int64).max)
    np.minimum.at(oldest, family[~adult], child[~adult])
    of_family = oldest[family]
    parent = of_family < np.iinfo(np.int64).max
    years = 20 + 18 * rng.beta(2.2, 2.6, count)
    # adults without children: the young, the grown and the old
    alone = 18 + 74 * rng.beta(1.3, 1.5, int(family[-1]) + 1)
    partner = np.clip(rng.normal(0, 3, count), -5, 5) * (place == 1)
    age = np.clip(alone[family] + partner, 18, 105)
    grown = np.where(
        parent, of_family - (years * 365.25).astype(np.int64), day(2017) - (age * 365.25).astype(np.int64) - 1
    )
    return np.where(adult, grown, child).astype(np.int64)


def _origins(
    rng: np.random.Generator, origin: Ints, family: Ints, place: Ints, adult: Bools, birth: Ints
) -> tuple[Ints, Ints]:  # fmt: skip
    """IE_TYPE and OPR_LAND. Where one parent is Danish, so are the children and the family."""
    count = len(family)
    foreign = origin[family]
    abroad = (foreign == DANISH) & adult & (place == 1) & (rng.random(count) < 0.05)
    western = WESTERN_COUNTRIES[rng.integers(0, len(WESTERN_COUNTRIES), len(origin))][family]
    other = NON_WESTERN_COUNTRIES[rng.integers(0, len(NON_WESTERN_COUNTRIES), len(origin))][family]
    country = np.where(foreign == WESTERN, western, other)
    country = np.where((foreign == DANISH) & ~abroad, DENMARK, country)
    born_here = ~adult | ((birth > day(1975)) & (rng.random(count) < 0.25))
    ie_type = np.where((foreign == DANISH) & ~abroad, 1, np.where(born_here, 3, 2))
    return ie_type.astype(np.int64), country.astype(np.int64)
