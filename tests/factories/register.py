"""Invented resident lists. Every number fails modulus 11 and no one is born on a 1 January, so that as far as is known
no number here was ever given to anybody."""

import datetime
import io
import random
from collections.abc import Iterator
from dataclasses import dataclass, field

import pandas as pd

COLUMNS = ["PNR", "FAMILIE_ID", "FOED_DAG", "AAR", "ORG_NR", "AFD_NR"]
TYPES = ["familieindsats", "mentor", "brandkadet"]
_WEIGHTS = (4, 3, 2, 7, 6, 5, 4, 3, 2, 1)


class Numbers:
    """Draws numbers, each once."""

    def __init__(self, rng: random.Random) -> None:
        self._rng = rng
        self._given: set[str] = set()

    def born(self, birth: datetime.date) -> str:
        """A number for this day of birth (1937-2036, not a 1 January) that fails modulus 11."""
        if (birth.day, birth.month) == (1, 1):
            raise ValueError("Numbers of people born on 1 January may be somebody's without modulus 11.")
        while True:
            # 7th digit 0-3 for 19YY, 4 and 9 for 20YY up to 2036 (and 1937-99: 4 and 9 are 19YY there).
            seventh = self._rng.choice("0123" if birth.year < 2000 else "49")
            number = f"{birth:%d%m%y}{seventh}{self._rng.randrange(1000):03d}"
            if number not in self._given and modulus_11(number) != 0:
                self._given.add(number)
                return number


def modulus_11(number: str) -> int:
    return sum(weight * int(digit) for weight, digit in zip(_WEIGHTS, number, strict=True)) % 11


@dataclass
class Register:
    """residents: text frame with COLUMNS. departments: department, plan, municipality_code, region. starts: number
    (CPR), activity_type, year, plan."""

    residents: pd.DataFrame
    departments: pd.DataFrame
    starts: pd.DataFrame

    def csv(self) -> io.BytesIO:
        return io.BytesIO(self.residents.to_csv(index=False, sep=";").encode())


@dataclass
class _Person:
    number: str
    birth: datetime.date


@dataclass
class _Family:
    name: str
    department: str
    people: list[_Person] = field(default_factory=list)


class _Town:
    """Families that are formed, move, split, and have children from year to year."""

    def __init__(self, rng: random.Random, departments: list[str], numbers: "Numbers | None") -> None:
        self.rng = rng
        self.numbers = numbers or Numbers(rng)
        self.departments = departments
        self.families: list[_Family] = []
        self.names = 0

    def birth(self, year: int, youngest: int, oldest: int) -> datetime.date:
        """A day of birth with the ages given at the end of `year`; often at the edge of a year."""
        born = year - self.rng.randint(youngest, oldest)
        if self.rng.random() < 0.3:
            return datetime.date(born, *self.rng.choice([(12, 31), (1, 2), (12, 30)]))
        return datetime.date(born, 1, 2) + datetime.timedelta(days=self.rng.randrange(360))

    def person(self, year: int, youngest: int, oldest: int) -> _Person:
        birth = self.birth(year, youngest, oldest)
        return _Person(self.numbers.born(birth), birth)

    def found(self, year: int) -> _Family:
        self.names += 1
        family = _Family(f"F{self.names}", self.rng.choice(self.departments))
        # Parents from 15 on, partners and children at home around 25, gaps around 15 years: where the rules have edges.
        family.people = [self.person(year, *self.rng.choice([(15, 19), (22, 27), (25, 45)]))]
        if self.rng.random() < 0.5:
            family.people.append(self.person(year, *self.rng.choice([(18, 26), (25, 50), (38, 45)])))
        for _child in range(self.rng.choice([0, 1, 1, 2, 3, 4])):
            family.people.append(self.person(year, *self.rng.choice([(0, 6), (0, 8), (6, 7), (14, 25)])))
        self.families.append(family)
        return family

    def live(self, year: int) -> None:
        rng = self.rng
        for family in list(self.families):
            event = rng.random()
            if event < 0.15:
                family.people.append(self.person(year, 0, 0))
            elif event < 0.25:
                family.department = rng.choice(self.departments)
            elif event < 0.32 and len(family.people) > 1:
                other = self.found(year)
                other.people.append(family.people.pop(rng.randrange(len(family.people))))
            elif event < 0.40:
                other = rng.choice(self.families)
                if other is not family:
                    other.people.append(family.people.pop(0))
            elif event < 0.47:
                self.names += 1
                family.name = f"F{self.names}"
        self.families = [family for family in self.families if family.people]
        if rng.random() < 0.7:
            self.found(year)


def small_register(
    seed: int, *, years: range = range(2013, 2018), missing: int | None = None, numbers: Numbers | None = None
) -> Register:
    """A town of some 12 families over some years, dense with what is rare: everything follows from `seed` (and from
    `numbers`, if several registers shall not share a number). There is no list of the year `missing`."""
    rng = random.Random(seed)
    plans = ["A", "B", "C", "D"]
    departments = [f"{10 + number}-{number + 1}" for number in range(5)]
    covered = sorted(
        {(department, rng.choice(plans)) for department in departments[:4] for _ in range(rng.choice([1, 2]))}
    )
    places = {
        "A": ("461", "Syddanmark"),
        "B": ("751", "Midtjylland"),
        "C": ("101", "Hovedstaden"),
        "D": ("360", "Sjælland"),
    }
    town = _Town(rng, departments, numbers)
    for _number in range(12):
        town.found(years[0])
    lines: list[tuple[str, ...]] = []
    for year in years:
        if year != years[0]:
            town.live(year)
        for family in town.families:
            if year == missing or rng.random() < 0.05:
                continue
            organisation, department = family.department.split("-")
            for person in family.people:
                if rng.random() > 0.02:
                    line = (person.number, family.name, person.birth.isoformat(), str(year), organisation, department)
                    lines.append(line)
    everybody = [line[0] for line in lines] + [person.number for family in town.families for person in family.people]
    parents = [family.people[0].number for family in town.families if len(family.people) > 1] or everybody
    starts = [
        (rng.choice(rng.choice([everybody, parents, parents])), kind, rng.choice(range(2012, 2018)), rng.choice(plans))
        for kind in rng.choices([TYPES[0], *TYPES], k=rng.choice([3, 20, 40]))
    ]
    for family in rng.sample(town.families, 4):  # two of a family, mostly in different years
        starts += [(person.number, TYPES[0], rng.choice(years), rng.choice(plans)) for person in family.people[:2]]
    starts.append((town.person(2016, 20, 40).number, TYPES[0], 2015, "A"))  # nobody on the list
    frame = pd.DataFrame(lines, columns=COLUMNS, dtype="str")
    return Register(
        frame.sample(frac=1, random_state=seed).reset_index(drop=True),
        pd.DataFrame([(department, plan, *places[plan]) for department, plan in covered],
                     columns=["department", "plan", "municipality_code", "region"]),
        pd.DataFrame(starts, columns=["number", "activity_type", "year", "plan"]),
    )  # fmt: skip


def together(registers: list[Register]) -> Register:
    """One register of several that have no number in common: their families, departments and plans are kept apart."""
    residents, departments, starts = [], [], []
    for place, register in enumerate(registers):
        organisations = (register.residents["ORG_NR"].astype("int64") + 1000 * place).astype("str")
        families = f"{place}-" + register.residents["FAMILIE_ID"]
        residents.append(register.residents.assign(FAMILIE_ID=families, ORG_NR=organisations))
        organisation, number = zip(*register.departments["department"].str.split("-"), strict=True)
        codes = [f"{int(org) + 1000 * place}-{nr}" for org, nr in zip(organisation, number, strict=True)]
        plans = f"{place:03d}-" + register.departments["plan"]
        departments.append(register.departments.assign(department=codes, plan=plans))
        starts.append(register.starts.assign(plan=f"{place:03d}-" + register.starts["plan"]))
    return Register(*(pd.concat(parts, ignore_index=True) for parts in (residents, departments, starts)))


def large_register(residents: int, years: range = range(2014, 2017), seed: int = 1) -> Register:
    """Some `residents` people a year in 395 departments of 89 plans (the evaluation's scale), with 600 starts."""
    rng = random.Random(seed)
    numbers = Numbers(rng)
    departments = [f"{100 + number % 60}-{number + 1}" for number in range(395)]
    plans = [f"plan-{number:02d}" for number in range(89)]
    lines: list[tuple[str, ...]] = []
    adults: list[tuple[str, int]] = []
    for family, people in enumerate(_households(rng, residents, years)):
        department = rng.randrange(len(departments))
        organisation, number = departments[department].split("-")
        for place, birth in enumerate(people):
            pnr = numbers.born(birth)
            if place == 0:
                adults.append((pnr, department % len(plans)))
            lines += [
                (pnr, f"{family:07d}", birth.isoformat(), str(year), organisation, number)
                for year in years
                if birth.year <= year
            ]
    starts = [
        (pnr, TYPES[0], rng.choice(years), plans[plan])
        for pnr, plan in rng.sample(adults, min(600, len(adults)))
        if plan < 60
    ]
    covered = [(name, plans[at % len(plans)], "461", "Syddanmark") for at, name in enumerate(departments)]
    return Register(
        pd.DataFrame(lines, columns=COLUMNS, dtype="str"),
        pd.DataFrame(covered, columns=["department", "plan", "municipality_code", "region"]),
        pd.DataFrame(starts, columns=["number", "activity_type", "year", "plan"]),
    )


def _households(rng: random.Random, residents: int, years: range) -> Iterator[list[datetime.date]]:
    """Days of birth by family, the oldest first, until there are as many people as asked for in the first year."""
    count = 0
    while count < residents:
        sizes = (rng.choice((1, 1, 2)), rng.choice((0, 0, 1, 2, 3)))
        first = rng.randint(20, 75)
        ages = [first] * sizes[0] + [max(first - rng.randint(20, 40), -2) for _child in range(sizes[1])]
        born = [datetime.date(years[0] - age, 1, 2) + datetime.timedelta(days=rng.randrange(360)) for age in ages]
        people = [birth for birth in born if birth.year <= years[-1]]
        count += sum(birth.year <= years[0] for birth in people)
        yield people
