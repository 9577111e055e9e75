"""The plans, their departments and addresses: real municipalities, invented areas.

Numbers of plans by area and by start of grant, and of departments, are those of the evaluation of the 2011-14 grants.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from random import Random
from uuid import UUID

from collection.municipalities import MUNICIPALITIES

DEPARTMENTS = 395
STARTS = {2012: 26, 2013: 24, 2014: 26, 2015: 13}


def _counts(text: str) -> dict[str, int]:
    return {name: int(count) for name, count in (item.rsplit(" ", 1) for item in text.split(", "))}


# Plans by municipality within the areas of the evaluation.
PLANS = {
    "Copenhagen and Frederiksberg": _counts("København 15, Frederiksberg 2"),
    "rest of the Capital Region": _counts(
        "Brøndby 3, Høje-Taastrup 3, Gladsaxe 2, Fredensborg 2, Albertslund 2, Ishøj 2, Halsnæs 1, Helsingør 1"
    ),
    "Region Zealand": _counts("Slagelse 3, Holbæk 2, Køge 2, Roskilde 2, Guldborgsund 2, Greve 1, Faxe 1, Lolland 1"),
    "Odense": _counts("Odense 7"),
    "rest of Southern Denmark": _counts(
        "Kolding 2, Esbjerg 2, Vejle 2, Sønderborg 1, Svendborg 1, Haderslev 1, Varde 1, Aabenraa 1, Fredericia 1, "
        "Nyborg 1"
    ),
    "Aarhus": _counts("Aarhus 8"),
    "rest of Central Denmark": _counts(
        "Struer 1, Holstebro 1, Silkeborg 1, Randers 1, Horsens 1, Ikast-Brande 1, Herning 1, Skanderborg 1, Viborg 1"
    ),
    "Aalborg": _counts("Aalborg 3"),
    "rest of North Denmark": _counts("Brønderslev 1, Thisted 1"),
}

AREA_WORDS = (
    "Kobberulve Rødkælke Lærkespore Guldsmede Sølvmåge Tranebær Hedelyng Blåtop Engsnarre Humlesnyde Ravnefjer "
    "Stenpikker Bregnesnegle Æblerose Ørnevinge Åkande Skovskade Vibefløjte Morgenfrue Kornmod"
)
AREA_ENDINGS = "parken vænget haven bakken lunden toften engen kæret dalen marken"
STREET_ENDINGS = ("gade", "stien", "gangen", "stræde", "vej")


@dataclass(frozen=True, slots=True)
class Street:
    """A range of house numbers in an invented street. Codes from 8000 on are hardly used by real streets."""

    municipality_code: str
    code: str
    name: str
    house_from: int
    house_to: int


@dataclass(frozen=True, slots=True)
class Department:
    organisation_number: int
    department_number: int
    name: str
    streets: tuple[Street, ...]


@dataclass(frozen=True, slots=True)
class Plan:
    """`number` counts from 0; `consent_share` is the share of participants who consented, 0 to 1."""

    number: int
    id: UUID
    lbf_number: str
    name: str
    municipality_code: str
    municipality: str
    start: date
    end: date
    departments: tuple[Department, ...]
    consent_share: float


def apportion(total: int, weights: Sequence[float]) -> list[int]:
    """Whole numbers in proportion to `weights` that add up to `total` (largest remainders)."""
    whole = sum(weights)
    exact = [total * weight / whole for weight in weights]
    shares = [int(share) for share in exact]
    by_remainder = sorted(range(len(exact)), key=lambda place: (shares[place] - exact[place], place))
    for place in by_remainder[: total - sum(shares)]:
        shares[place] += 1
    return shares


def chance(*source: object) -> Random:
    """The source of everything random in the demo: the same for the same seed and subject."""
    return Random(":".join(map(str, source)))  # noqa: S311 - invented data is to be repeatable, not secret


def random_id(rng: Random) -> UUID:
    return UUID(int=rng.getrandbits(128), version=4)


def plans(seed: int) -> list[Plan]:
    """The 89 plans with their 395 departments; the first three, the demo users' own, go on today."""
    rng = chance(seed, "places")
    code_of = {each.name: each.code for each in MUNICIPALITIES.values()}
    names = [name for area in PLANS.values() for name, count in area.items() for _ in range(count)]
    starts = [year for year, count in STARTS.items() for _ in range(count)]
    rng.shuffle(starts)
    for number in range(3):  # the demo users' plans have all three years
        early = starts.index(2013, number)
        starts[number], starts[early] = starts[early], starts[number]
    sizes = [2 + more for more in apportion(DEPARTMENTS - 2 * len(names), [rng.random() for _ in names])]
    area_names = [first + last for first in AREA_WORDS.split() for last in AREA_ENDINGS.split()]
    rng.shuffle(area_names)
    shares = _consent_shares(rng, len(names))
    streets = _Streets(rng)
    made = []
    for number, (municipality, start_year, size) in enumerate(zip(names, starts, sizes, strict=True)):
        code = code_of[municipality]
        start = date(start_year, rng.choice((1, 4, 7, 10)), 1)
        end = start.replace(year=start_year + 4) - timedelta(days=1)
        area = area_names[number]
        made.append(
            Plan(
                number=number,
                id=random_id(rng),
                lbf_number=f"DEMO-{start_year}-{number + 1:03}",
                name=f"{area}, {municipality}",
                municipality_code=code,
                municipality=municipality,
                start=start,
                end=date(2027, 12, 31) if number < 3 else end,  # prolonged: the demo users' plans
                departments=tuple(
                    Department(9001 + number % 60, 10 * number + place + 1, f"{area} {place + 1}", streets.take(code))
                    for place in range(size)
                ),
                consent_share=shares[number],
            )
        )
    return made


def _consent_shares(rng: Random, count: int) -> list[float]:
    """From none to all; the first plans show a middling, a low, a full and an empty one."""
    others = [0.0] * 5 + [1.0] * 3 + [round(rng.betavariate(1.4, 1.8), 2) for _ in range(count - 12)]
    rng.shuffle(others)
    return [0.65, 0.3, 1.0, 0.0, *others]


class _Streets:
    """Hands out streets and house ranges; within a municipality no two ranges overlap."""

    def __init__(self, rng: Random):
        self.rng = rng
        self.last: dict[str, Street] = {}

    def take(self, municipality_code: str) -> tuple[Street, ...]:
        """One to three ranges for a department. Some go on where the street of the department before ends."""
        taken = []
        for _ in range(self.rng.choice((1, 1, 2, 3))):
            before = self.last.get(municipality_code)
            if before is not None and self.rng.random() < 0.3:
                first, code, name = before.house_to + 1, before.code, before.name
            else:
                code = str(int(before.code) + 3 if before else 8001)
                first, name = 1, self.rng.choice(AREA_WORDS.split()) + self.rng.choice(STREET_ENDINGS)
            street = Street(municipality_code, code, name, first, first + self.rng.randrange(9, 60))
            self.last[municipality_code] = street
            taken.append(street)
        return tuple(taken)
