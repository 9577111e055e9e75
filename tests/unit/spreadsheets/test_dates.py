"""Dates in spreadsheets: Danish where two readings are possible, refused where one would be a guess."""

from contextlib import suppress
from datetime import date, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from collection.models import Precision
from spreadsheets.dates import MONTHS, DateProblem, read_date
from spreadsheets.reading.xlsx import day_of

DAYS = st.dates(date(1901, 1, 1), date(2099, 12, 31))
AS_WRITTEN = [
    lambda day: f"{day:%d-%m-%Y}",
    lambda day: f"{day.day}/{day.month} {day.year}",
    lambda day: f"{day:%d.%m.%Y}",
    lambda day: f"{day.day}. {MONTHS[day.month - 1]} {day.year}",
    lambda day: f"{day.day}. {MONTHS[day.month - 1][:3].title()} {day.year}",
    lambda day: f"{day:%Y-%m-%d}",
    lambda day: f"{day:%Y-%m-%d} 00:00:00",
    lambda day: f"{day:%Y%m%d}",
]


@given(DAYS, st.sampled_from(AS_WRITTEN))
def test_however_it_is_written_it_is_that_day(day, write):
    for partial in (False, True):
        found = read_date(write(day), partial=partial)
        assert (found.day, found.value.precision, found.serial) == (day, Precision.DAY, False)


def test_what_could_be_read_in_two_ways_is_danish():
    assert read_date("03-04-2016").day == date(2016, 4, 3)


@pytest.mark.parametrize(
    "text, first, precision",
    [
        ("2016", date(2016, 1, 1), Precision.YEAR),
        ("april 2016", date(2016, 4, 1), Precision.MONTH),
        ("4/2016", date(2016, 4, 1), Precision.MONTH),
        ("2016-04", date(2016, 4, 1), Precision.MONTH),
    ],
)
def test_a_month_or_a_year_where_that_will_do(text, first, precision):
    found = read_date(text, partial=True).value
    assert (found.first, found.precision) == (first, precision)
    with pytest.raises(DateProblem) as problem:
        read_date(text)
    assert problem.value.code == "needs_day"


@pytest.mark.parametrize(
    "text, code",
    [
        ("03-04-16", "two_digit_year"),
        ("3. april 16", "two_digit_year"),
        ("04/13/2016", "month_first"),
        ("2016-13-04", "month_first"),
        ("31-02-2016", "impossible"),
        ("30-13-2016", "impossible"),
        ("i foråret", "unreadable"),
        ("sommer 2016", "unreadable"),
        ("", "unreadable"),
        ("٠٣-٠٤-٢٠١٦", "unreadable"),
    ],
)
def test_what_would_be_a_guess_is_refused(text, code):
    with pytest.raises(DateProblem) as problem:
        read_date(text, partial=True)
    assert problem.value.code == code


@given(st.dates(date(1928, 1, 1), date(2099, 12, 31)), st.booleans())
def test_a_number_of_days_is_read_and_told(day, date1904):
    serial = (day - day_of(0, True)).days if date1904 else (day - date(1899, 12, 30)).days
    if serial < 10_000:
        return
    found = read_date(str(serial), date1904=date1904)
    assert (found.day, found.serial) == (day, True)


def test_the_two_ways_of_counting_days():
    assert day_of(42463) == date(2016, 4, 3)
    assert day_of(42463 - 1462, True) == date(2016, 4, 3)
    assert day_of(1) == date(1900, 1, 1)
    assert day_of(59) + timedelta(days=1) == day_of(61)  # Excel has a 29 February 1900 between them


@given(st.text(max_size=40), st.booleans())
def test_nothing_else_is_ever_raised(text, partial):
    with suppress(DateProblem):
        assert read_date(text, partial=partial).day
