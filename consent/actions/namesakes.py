"""The controller's answer: whether a registration is of somebody who withdrew in another plan."""

from django.utils import timezone

from accounts.models import User
from audit.recording import audited
from consent.actions.withdraw import end_consent, rows_of_person
from consent.models import Kind, PossiblySame


class AlreadySettled(Exception):
    """Somebody was faster, or the person is erased meanwhile."""


def settle_namesake(*, by: User, question: PossiblySame, same: bool) -> None:
    """`same`: the consent ends there too, for the same purpose and from the same day. Raises AlreadySettled."""
    with audited(by=by) as log:
        rows = rows_of_person(question.participant)
        now = timezone.now()
        settled = PossiblySame.objects.filter(pk=question.pk, settled_at__isnull=True).update(
            settled_at=now, settled_by=by, same=same
        )
        if not rows or not settled:
            raise AlreadySettled
        decision = question.decision
        log("namesake.settled", question, plan=rows[0].plan_id, subjects=[question.participant_id], same=same)
        if same:
            asked = PossiblySame.objects.filter(decision=decision).values_list("participant", flat=True)
            end_consent(
                log,
                rows,
                by=by,
                purpose=decision.purpose,
                kind=Kind(decision.kind),
                on=decision.decided_on,
                reason=decision.reason,
                asked=list(asked),
            )
