"""What somebody types into the enrolment form, and invented numbers to type."""

import random
from datetime import date, timedelta

from collection import cpr as cpr_rules


def passing_number(born: date | None = None) -> str:
    """A number with a right check digit: made at random and never written down, as it could be somebody's."""
    born = born or date(1955, 3, 3) + timedelta(days=random.randrange(12_000))
    century = "4" if born.year >= 2000 else "1"
    serials = random.sample(range(1000), 1000)
    return next(
        digits for serial in serials if cpr_rules.passes_modulus_11(digits := f"{born:%d%m%y}{century}{serial:03}")
    )


def date_parts(name: str, day: date | None) -> dict[str, str]:
    if day is None:
        return {}
    return {f"{name}_day": str(day.day), f"{name}_month": str(day.month), f"{name}_year": str(day.year)}


def typed(
    *,
    decided_on: date = date(2016, 3, 10),
    birth_date: date | None = None,
    residence_date: date | None = None,
    **changes,
) -> dict:
    """A whole enrolment of an adult by CPR number, who began in 2016; `changes` go over it. No number is in it."""
    data = {
        "audience": "adult",
        "wording": "da",
        "method": "paper",
        "identification": "cpr",
        "start_year": "2016",
        "role": "mother",
    }
    return (
        data
        | date_parts("decided_on", decided_on)
        | date_parts("birth_date", birth_date)
        | date_parts("residence_date", residence_date)
        | changes
    )


def typed_name(name: str = "Bodil Ærenlund", *, born: date = date(1980, 5, 6), **changes) -> dict:
    """As `typed`, for somebody without a CPR number."""
    return typed(
        **{
            "identification": "name_address",
            "name": name,
            "birth_date": born,
            "address": "Birkevænget 7, 8000 Aarhus C",
            "residence_date": date(2012, 6, 1),
        }
        | changes
    )
