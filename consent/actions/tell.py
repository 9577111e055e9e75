"""Telling staff that somebody is registered already.

The answer is an oracle on who takes part, so it is given only on a save, about the user's own plan, a limited
number of times in an hour, and every answer is audited: also "nobody", where nothing was saved after it.
"""

from datetime import UTC, datetime, timedelta

from accounts.models import User
from audit.models import Event
from audit.recording import audited
from collection.models import Activity, Participant

LIMIT, MISSES = 30, 200
TOLD, NOT_FOUND = "registered.told", "registered.not_found"
WINDOW = timedelta(hours=1)


def may_be_told(user: User) -> bool:
    """Whether `user` was told fewer than LIMIT times of somebody and MISSES times of nobody in the last hour: more
    tries out the numbers that a birth date leaves. Asked before the look-up: a refusal only after it would be an answer
    too. Counted in the audit log, which all web processes share."""
    asked = Event.objects.filter(actor=str(user.pk), at__gte=datetime.now(UTC) - WINDOW)
    return asked.filter(action=TOLD).count() < LIMIT and asked.filter(action=NOT_FOUND).count() < MISSES


def tell_registered(*, by: User, about: Activity | Participant, participants: list[Participant]) -> None:
    """Records that `by` is told of `participants`, or that there are none; `about`: on saving what."""
    with audited(by=by) as log:
        log(
            TOLD if participants else NOT_FOUND,
            about,
            plan=about.plan_id,
            subjects=[row.pk for row in participants],
        )
