"""Invented people and their CPR numbers."""

from dataclasses import dataclass
from datetime import date, timedelta
from random import Random

from collection.cpr import passes_modulus_11
from exports.demo.names import TRADITIONS, Tradition

SLICES = 89  # one slice of the sequence numbers of each birth date per plan, so that no two plans make the same number

_NAMES = list(TRADITIONS)
_SHARES = [tradition.share for tradition in TRADITIONS.values()]


@dataclass(frozen=True, slots=True)
class Person:
    """An invented person. `cpr`: ten digits that fail modulus 11."""

    cpr: str
    name: str
    birth_date: date
    female: bool


def tradition_of_family(rng: Random) -> str:
    return rng.choices(_NAMES, _SHARES)[0]


def given_name(rng: Random, tradition: Tradition, female: bool) -> str:
    return rng.choice(tradition.women if female else tradition.men)


class People:
    """Makes the people of one plan. Numbers are unique within a slice, and slices have none in common."""

    def __init__(self, slice_number: int):
        self.slice_number = slice_number
        self._used: set[str] = set()

    def person(self, rng: Random, born: date, *, female: bool, tradition: str, family_name: str) -> Person:
        """A person born on `born`, or on one of the next days where that is 1 January or its numbers are used up."""
        name = f"{given_name(rng, TRADITIONS[tradition], female)} {family_name}"
        while True:
            if (born.month, born.day) != (1, 1) and (cpr := self._number(rng, born, female)):
                return Person(cpr, name, born, female)
            born += timedelta(days=1)

    def _number(self, rng: Random, born: date, female: bool) -> str | None:
        sevenths = "0123" if born.year < 1937 else "012349" if born.year < 2000 else "495678"
        date_part = f"{born.day:02}{born.month:02}{born.year % 100:02}"
        start, steps = rng.randrange(1000), len(sevenths) * 1000 // SLICES
        for step in range(steps):
            sequence = (start + step) % steps * SLICES + self.slice_number
            digits = f"{date_part}{sevenths[sequence // 1000]}{sequence % 1000:03}"
            if sequence % 2 != female and not passes_modulus_11(digits) and digits not in self._used:
                self._used.add(digits)
                return digits
        return None


def day_in_year(rng: Random, year: int) -> date:
    return date(year, 1, 1) + timedelta(days=rng.randrange(365))
