"""A resident list by hand: people by name, so that a test reads as a story; and the run that the tests share."""

import datetime
import hashlib
import hmac
import io
import random

import pandas as pd

from exports.comparison.keys import person_keys
from exports.comparison.runner.definition import SINCE, Definition
from tests.factories.register import COLUMNS, TYPES, Numbers

RUN_KEY = hashlib.sha256(b"a run of the tests").digest()


def mac(text: str) -> bytes:
    """A key by the standard library, to hold against exports.comparison.keys."""
    return hmac.digest(RUN_KEY, text.encode(), "sha256")[:16]


def definition(*, excluded_since: int | None = None, **changes) -> Definition:
    """The evaluation's own rule, with changes."""
    if excluded_since is not None:
        changes |= {"exclusion": SINCE, "excluded_from": excluded_since}
    rule = {"activity_types": (TYPES[0],), "first_year": 2014, "last_year": 2016, "comparison_year": 2016}
    return Definition(**(rule | changes))


def keyed(starts: pd.DataFrame) -> pd.DataFrame:
    return starts.assign(person=person_keys(RUN_KEY, starts["number"])).drop(columns="number")


class Village:
    """Department 10-1 is covered by plan A, 11-2 by B, 12-3 by both, 14-5 by none."""

    departments = pd.DataFrame(
        [
            ("10-1", "A", "461", "Syddanmark"),
            ("11-2", "B", "751", "Midtjylland"),
            ("12-3", "A", "461", "Syddanmark"),
            ("12-3", "B", "751", "Midtjylland"),
        ],
        columns=["department", "plan", "municipality_code", "region"],
    )

    def __init__(self) -> None:
        self._numbers = Numbers(random.Random(7))
        self.people: dict[str, str] = {}
        self.lines: list[tuple[str, ...]] = []
        self._starts: list[tuple[str, str, int, str]] = []

    def lives(self, family: str, *years: int, department: str = "10-1", **people: str) -> "Village":
        """`people`: name="YYYY-MM-DD", the same people in each of `years`."""
        organisation, number = department.split("-")
        for name, birth in people.items():
            if name not in self.people:
                self.people[name] = self._numbers.born(datetime.date.fromisoformat(birth))
            for year in years:
                self.lines.append((self.people[name], family, birth, str(year), organisation, number))
        return self

    def begins(self, name: str, year: int, plan: str = "A", kind: str = TYPES[0]) -> "Village":
        self._starts.append((self.people[name], kind, year, plan))
        return self

    @property
    def starts(self) -> pd.DataFrame:
        return pd.DataFrame(self._starts, columns=["number", "activity_type", "year", "plan"])

    @property
    def residents(self) -> pd.DataFrame:
        return pd.DataFrame(self.lines, columns=COLUMNS, dtype="str")

    def csv(self) -> io.BytesIO:
        return io.BytesIO(self.residents.to_csv(index=False, sep=";").encode())
