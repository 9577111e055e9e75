"""Telling staff that somebody is registered already.

The answer is an oracle on who takes part, so it is given only on a save, about the user's own plan, a limited
number of times in an hour, and every answer is audited: also "nobody", where nothing was saved after it.
"""

from datetime import UTC, datetime, timedelta

from accounts.models import User
from audit.models import Event
from audit.recording import audited
from collection.models import Activity, Participant

LIMIT = 30
WINDOW = timedelta(hours=1)


def may_be_told(user: User) -> bool:
    """Whether `user` was told fewer than LIMIT times in the last hour. Asked before the look-up: a refusal only
    after it would be an answer too. Counted in the audit log, which all web processes share."""
    since = datetime.now(UTC) - WINDOW
    return Event.objects.filter(actor=str(user.pk), action="registered.told", at__gte=since).count() < LIMIT


def tell_registered(*, by: User, about: Activity | Participant, participants: list[Participant]) -> None:
    """Records that `by` is told of `participants`, or that there are none; `about`: on saving what."""
    with audited(by=by) as log:
        log(
            "registered.told" if participants else "registered.not_found",
            about,
            plan=about.plan_id,
            subjects=[row.pk for row in participants],
        )
