"""A clock that tests set: the site's verbs and pages ask `django.utils.timezone` what time it is."""

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, date, datetime, time
from unittest import mock


class Clock:
    def __init__(self, today: date):
        self.now = datetime.combine(today, time(10), tzinfo=UTC)

    @property
    def today(self) -> date:
        return self.now.date()

    @today.setter
    def today(self, day: date) -> None:
        self.now = datetime.combine(day, time(10), tzinfo=UTC)


@contextmanager
def today_is(day: date) -> Iterator[Clock]:
    """Until its end it is ten o'clock on `day`, or on the day that the clock is set to."""
    clock = Clock(day)
    with mock.patch("django.utils.timezone.now", side_effect=lambda: clock.now):
        yield clock
