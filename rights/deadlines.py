"""When a request must be answered: article 12(3) of the General Data Protection Regulation.

Without undue delay and within one month of its receipt; two further months where that is necessary because requests
are complex or many, if the person is told so, and why, within the first. A period of months ends on the same date of
its last month, or on that month's last day (article 3 of Regulation 1182/71). That it then runs on past a weekend or a
holiday is not used here: the earlier day is right under either reading.
"""

from calendar import monthrange
from datetime import date

MONTHS, FURTHER = 1, 2


def months_after(day: date, months: int) -> date:
    year, month = divmod(day.year * 12 + day.month - 1 + months, 12)
    return date(year, month + 1, min(day.day, monthrange(year, month + 1)[1]))


def due_on(received_on: date, *, extended: bool = False) -> date:
    """The last day on which a request may be answered."""
    return months_after(received_on, MONTHS + FURTHER if extended else MONTHS)
