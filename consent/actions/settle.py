"""Settling doubts: somebody took a second look at a number or at people of the same name, and all was right."""

from collections.abc import Iterable
from datetime import UTC, datetime
from typing import Any

from audit.recording import audited
from collection.models import Participant
from consent import gate
from consent.worklists import in_doubt


def settle_doubt(*, by: Any, participant: Participant, namesakes: Iterable[Participant] = ()) -> None:
    """The number of `participant` is right, and `namesakes` are other people of the same name and birth date.

    A namesake whose own number is in doubt stays in doubt. Does nothing when a colleague was faster.
    """
    with audited(by=by) as log:
        open_doubts = in_doubt([participant.plan])
        seen = open_doubts.filter(pk__in=[row.pk for row in namesakes], check_digit_confirmed=False)
        settled = [*open_doubts.filter(pk=participant.pk), *seen]
        rows = gate.registered([participant.plan]).filter(pk__in=[row.pk for row in settled])
        rows.update(doubts_settled_at=datetime.now(UTC))
        for row in settled:
            log("doubt.settled", row, plan=row.plan_id, subjects=[row.pk])
