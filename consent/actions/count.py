"""Counting those without consent: only a number, nothing about the person."""

from typing import Any

from audit.recording import audited
from collection.models import Activity
from consent.models import Outcome, Tally
from consent.queries import tally_sum


class NothingToLower(Exception):
    """The count is nought already."""


def count_without_consent(*, by: Any, activity: Activity, year: int, outcome: Outcome, change: int = 1) -> Tally:
    """Raises or, with a negative `change`, lowers the count of an outcome. Raises NothingToLower."""
    with audited(by=by) as log:
        if change < 0 and tally_sum(activity, year, outcome) + change < 0:
            raise NothingToLower
        tally = Tally.objects.create(activity=activity, year=year, outcome=outcome, change=change, recorded_by=by)
        log(
            "consent.counted", activity, plan=activity.plan_id, year=year, outcome=Outcome(outcome).value, change=change
        )
    return tally
