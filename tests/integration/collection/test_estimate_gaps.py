"""Which estimates are missing, and which are so old that somebody should look at them again."""

from datetime import UTC, date, datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st

from collection.models import Activity, Headcount
from collection.queries import EstimateGaps, estimate_gaps, estimate_is_old
from tests.factories.cast import make_activity, make_estimate, make_plan

DAYS = st.dates(date(2014, 1, 1), date(2020, 12, 31))


def gaps(activity: Activity, today: date) -> EstimateGaps:
    return estimate_gaps(Activity.objects.filter(pk=activity.pk).select_related("plan"), today)[activity.pk]


def estimated(activity: Activity, year: int, on: date) -> None:
    made = make_estimate(activity, year, 12)
    Headcount.objects.filter(pk=made.pk).update(made_at=datetime(on.year, on.month, on.day, 12, tzinfo=UTC))


@pytest.mark.django_db
def test_each_year_that_is_over_is_asked_about_and_this_one_from_october_on():
    activity = make_activity(start=date(2014, 2, 1))
    assert gaps(activity, date(2016, 9, 30)) == EstimateGaps([2014, 2015], [])
    assert gaps(activity, date(2016, 10, 1)) == EstimateGaps([2014, 2015, 2016], [])
    estimated(activity, 2015, date(2016, 1, 5))
    assert gaps(activity, date(2016, 9, 30)) == EstimateGaps([2014], [])


@pytest.mark.django_db
def test_an_activity_that_has_ended_is_asked_about_at_once():
    activity = make_activity(start=date(2016, 2, 1), end=date(2016, 4, 30))
    assert gaps(activity, date(2016, 4, 30)) == EstimateGaps([], [])
    assert gaps(activity, date(2016, 5, 1)) == EstimateGaps([2016], [])


@pytest.mark.django_db
def test_nobody_is_asked_about_years_after_the_plan():
    activity = make_activity(make_plan(start=date(2014, 1, 1), end=date(2015, 6, 30)), start=date(2014, 2, 1))
    assert gaps(activity, date(2026, 11, 23)) == EstimateGaps([2014, 2015], [])


@pytest.mark.django_db
def test_an_estimate_from_early_in_the_year_is_old_when_the_year_is_over():
    activity = make_activity(start=date(2016, 1, 10))
    estimated(activity, 2016, date(2016, 3, 1))
    assert gaps(activity, date(2017, 2, 1)) == EstimateGaps([], [2016])
    estimated(activity, 2016, date(2016, 11, 1))  # the newest revision counts
    assert gaps(activity, date(2017, 2, 1)) == EstimateGaps([], [])


@given(made_on=DAYS, end=st.none() | DAYS, today=DAYS, year=st.integers(2014, 2020))
def test_an_estimate_made_after_what_it_tells_of_is_never_old(made_on, end, today, year):
    if made_on >= date(year, 12, 31) or made_on >= today or (end and made_on >= end):
        assert not estimate_is_old(made_on, year=year, end=end, today=today)
