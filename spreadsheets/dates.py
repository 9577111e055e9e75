"""Dates as people write them in spreadsheets. What could be read in two ways is Danish, day first; nothing is guessed.

03-04-2016, 3/4 2016, 03.04.2016   3 April 2016, never 4 March
2016-04-03, 20160403               ISO
42463                              a date that lost its format in Excel: read, and told
april 2016, 04-2016, 2016-04       a month; 2016 a year: where that will do
04/13/2016, 03-04-16               refused: the month is 13; the year has two digits
"""

import re
from dataclasses import dataclass
from datetime import date

from collection.models import Precision
from consent.forms.dates import PartialDate
from spreadsheets.reading.xlsx import day_of

MONTHS = [*("januar", "februar", "marts", "april", "maj", "juni")]
MONTHS += ["juli", "august", "september", "oktober", "november", "december"]
_ISO = re.compile(r"(\d{4})-(\d{1,2})-(\d{1,2})")
_COMPACT = re.compile(r"(\d{4})(\d{2})(\d{2})")
_DANISH = re.compile(r"(\d{1,2})\s?[-./ ]\s?(\d{1,2})\s?[-./ ]\s?(\d{4}|\d{2})", re.ASCII)
_MONTH_YEAR = re.compile(r"(\d{1,2})\s?[-./ ]\s?(\d{4})")
_YEAR_MONTH = re.compile(r"(\d{4})\s?[-./]\s?(\d{1,2})")
_WORDS = re.compile(r"(?:(?:den\s)?(\d{1,2})\.?\s)?([a-zæøå]{3,9})\.?\s(\d{4}|\d{2})")
_TIME = re.compile(r"[T ]\d{1,2}[:.]\d{2}([:.]\d{2}([.,]\d+)?)?Z?$")
_SERIAL = re.compile(r"\d{5}([.,]\d+)?")


class DateProblem(ValueError):
    """`code`: unreadable, two_digit_year, month_first, impossible, needs_day."""

    def __init__(self, code: str):
        super().__init__(code)
        self.code = code


@dataclass(frozen=True)
class ReadDate:
    """`serial`: it was a bare number of days, as Excel keeps dates."""

    value: PartialDate
    serial: bool = False

    @property
    def day(self) -> date:
        return self.value.first


def read_date(text: str, *, partial: bool = False, date1904: bool = False) -> ReadDate:
    """Raises DateProblem, and nothing else. `partial`: a month or a year will do."""
    found = _ISO.fullmatch(text)
    if found is None:
        text = _TIME.sub("", text.strip().casefold()).replace("  ", " ")
        found = _ISO.fullmatch(text) or _COMPACT.fullmatch(text)
    if found:
        return ReadDate(_day(found[1], found[2], found[3]))
    if found := _DANISH.fullmatch(text):
        if len(found[3]) < 4:
            raise DateProblem("two_digit_year")
        return ReadDate(_day(found[3], found[2], found[1]))
    if found := _WORDS.fullmatch(text):
        return _in_words(found, partial)
    if _SERIAL.fullmatch(text):
        day = day_of(int(text[:5]), date1904)
        return ReadDate(PartialDate(day, Precision.DAY), serial=True)
    if found := _MONTH_YEAR.fullmatch(text):
        return _month(found[2], int(found[1]), partial)
    if found := _YEAR_MONTH.fullmatch(text):
        return _month(found[1], int(found[2]), partial)
    if re.fullmatch(r"[12]\d{3}", text, re.ASCII):
        if not partial:
            raise DateProblem("needs_day")
        return ReadDate(PartialDate(date(int(text), 1, 1), Precision.YEAR))
    if re.fullmatch(r"\d{1,2}\s?[-./]\s?\d{2}", text, re.ASCII):
        raise DateProblem("two_digit_year")
    raise DateProblem("unreadable")


def _in_words(found: re.Match[str], partial: bool) -> ReadDate:
    name = found[2]
    month = next((n for n, full in enumerate(MONTHS, start=1) if full.startswith(name) or name == full[:3]), 0)
    if not month:
        raise DateProblem("unreadable")
    if len(found[3]) < 4:
        raise DateProblem("two_digit_year")
    if found[1]:
        return ReadDate(_day(found[3], str(month), found[1]))
    return _month(found[3], month, partial)


def _month(year: str, month: int, partial: bool) -> ReadDate:
    if not partial:
        raise DateProblem("needs_day")
    try:
        return ReadDate(PartialDate(date(int(year), month, 1), Precision.MONTH))
    except ValueError:
        raise DateProblem("impossible") from None


def _day(year: str, month: str, day: str) -> PartialDate:
    try:
        return PartialDate(date(int(year), int(month), int(day)), Precision.DAY)
    except ValueError:
        american = int(month) > 12 and int(day) <= 12
        raise DateProblem("month_first" if american else "impossible") from None
