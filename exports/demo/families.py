"""Families at one address, as the registers know them: one or two adults, with or without children under 25 at home."""

from dataclasses import dataclass
from datetime import date, timedelta
from random import Random

from exports.demo.names import TRADITIONS
from exports.demo.people import People, Person, day_in_year, tradition_of_family
from exports.demo.places import Plan, Street

LAST_YEAR = 2016

# Kinds of family that are not drawn for an activity, in per cent; about one resident in ten is then under seven.
_OTHER_FAMILIES = {"single": 52, "couple": 13, "single parent": 16, "parents": 19}


@dataclass(frozen=True, slots=True)
class Family:
    """`first_year` and `last_year`: lived there on 31 December of these years, 2014 to 2016."""

    adults: tuple[Person, ...]
    children: tuple[Person, ...]
    tradition: str
    street: Street
    house: int
    door: str
    municipality: str
    moved_in: date
    first_year: int
    last_year: int

    @property
    def mother(self) -> Person | None:
        return next((adult for adult in self.adults if adult.female), None)

    @property
    def father(self) -> Person | None:
        return next((adult for adult in self.adults if not adult.female), None)

    @property
    def address(self) -> str:
        return f"{self.street.name} {self.house}, {self.door}, {self.municipality}"

    def living_there(self, year: int) -> list[Person]:
        """Who of the family was born and lived at the address on 31 December of `year`."""
        if not self.first_year <= year <= self.last_year:
            return []
        return [each for each in (*self.adults, *self.children) if each.birth_date.year <= year]


class Families:
    """Makes the families of one plan; the same seed and plan give the same families."""

    def __init__(self, plan: Plan):
        self.plan = plan
        self.people = People(plan.number)
        self.streets = [street for department in plan.departments for street in department.streets]

    def with_parent(self, rng: Random, *, youngest: range, on: date, mother: bool | None = None) -> Family:
        """A family with a child whose age in full years on `on` is in `youngest`.

        `mother`: True when the mother is to be there, False the father; None leaves it to chance.
        """
        oldest_first = [_born_at_age(rng, rng.choice(youngest), on)]
        for _ in range(rng.choice((0, 0, 1, 1, 2))):
            older = oldest_first[0] - timedelta(days=rng.randrange(400, 1500))
            if LAST_YEAR - older.year < 25:
                oldest_first.insert(0, older)
        single = rng.random() < 0.4
        if single:
            sexes = [True] if mother or (mother is None and rng.random() < 0.85) else [False]
        else:
            sexes = [True, False]
        parents = [oldest_first[0].year - rng.randrange(20, 36 if female else 42) for female in sexes]
        return self._family(rng, list(zip(sexes, parents, strict=True)), oldest_first, there_in=on.year)

    def with_adult(self, rng: Random, *, ages: range, on: date) -> Family:
        """A single adult whose age in full years on `on` is in `ages`."""
        born = _born_at_age(rng, rng.choice(ages), on)
        return self._family(rng, [(rng.random() < 0.5, born.year)], [], there_in=on.year)

    def any(self, rng: Random, room_for: int) -> Family:
        """Any family of the area, of at most `room_for` people at the end of 2016."""
        kind = "single" if room_for < 6 else rng.choices(list(_OTHER_FAMILIES), list(_OTHER_FAMILIES.values()))[0]
        if kind in ("single", "couple"):
            year = LAST_YEAR - int(rng.triangular(19, 95, 40))
            sexes = [rng.random() < 0.5] if kind == "single" else [True, False]
            return self._family(rng, [(female, year + rng.randrange(-3, 3)) for female in sexes], [])
        youngest = LAST_YEAR - int(rng.triangular(0, 18, 6))
        births = [day_in_year(rng, youngest - 3 * place) for place in reversed(range(rng.choice((1, 1, 2, 2, 3))))]
        sexes = [True, False] if kind == "parents" else [rng.random() < 0.85]
        parents = [births[0].year - rng.randrange(19, 36 if female else 42) for female in sexes]
        return self._family(rng, list(zip(sexes, parents, strict=True)), births)

    def _family(
        self,
        rng: Random,
        adults: list[tuple[bool, int]],
        births: list[date],
        there_in: int | None = None,
    ) -> Family:
        """`adults`: sex (True: female) and year of birth. `there_in`: a year in which the family must live there."""
        tradition = tradition_of_family(rng)
        family_name = rng.choice(TRADITIONS[tradition].family_names)
        street = rng.choice(self.streets)
        first_year, last_year = 2014, LAST_YEAR
        if (drawn := rng.random()) < 0.05:
            first_year = min(rng.choice((2015, 2016)), there_in or LAST_YEAR)
        elif drawn < 0.1 and there_in is not None:
            last_year = rng.randrange(there_in, LAST_YEAR + 1)  # moved away after the start
        moved_in = day_in_year(rng, first_year if first_year > 2014 else rng.randrange(1996, 2014))
        return Family(
            adults=tuple(
                self._person(rng, day_in_year(rng, year), sex, tradition, family_name) for sex, year in adults
            ),
            children=tuple(self._person(rng, born, rng.random() < 0.49, tradition, family_name) for born in births),
            tradition=tradition,
            street=street,
            house=rng.randint(street.house_from, street.house_to),
            door=f"{rng.choice(('st', '1', '2', '3'))}. {rng.choice(('tv', 'mf', 'th'))}.",
            municipality=self.plan.municipality,
            moved_in=moved_in,
            first_year=first_year,
            last_year=last_year,
        )

    def _person(self, rng: Random, born: date, female: bool, tradition: str, family_name: str) -> Person:
        return self.people.person(rng, born, female=female, tradition=tradition, family_name=family_name)


def _born_at_age(rng: Random, age: int, on: date) -> date:
    """A birth date that makes somebody `age` years old on `on`; a newborn is at least a month."""
    return on - timedelta(days=round(age * 365.2425) + rng.randrange(30, 360))
