"""Asking on the screen: a sitting begins, somebody says yes or no, staff unlock the device.

Nothing here knows who answers. A yes waits until `consent.actions.enrol.enrol` uses it.
"""

from datetime import UTC, datetime

from django.db.models import QuerySet
from django.db.models.functions import Coalesce
from django.utils.timezone import localdate

from accounts.models import User
from audit.recording import audited
from collection.models import Activity
from collection.queries import years_of
from consent.actions.count import count_without_consent
from consent.actions.given import EnrolmentRefused
from consent.actions.proofs import add_signature
from consent.models import Decision, Outcome, ScreenAnswer, Text
from consent.models.screen import KEPT_FOR
from consent.strokes import svg_of
from crypto.opening import open_one
from crypto.secret import Sealed, Secret


def start_sitting(*, by: User, activity: Activity, text: Text) -> ScreenAnswer:
    with audited(by=by) as log:
        sitting = ScreenAnswer.objects.create(activity=activity, text=text, started_by=by)
        log("screen.started", sitting, plan=activity.plan_id, activity=activity.pk, text=text.pk)
    return sitting


def answer_sitting(*, by: User, sitting: ScreenAnswer, answer: str, signature: str = "") -> None:
    """Keeps the first answer of a sitting; a second one, pressed twice say, changes nothing.

    A no raises the count of the activity in this year, or in its last year if it has ended. `signature`: SVG path
    data, with a yes.
    """
    with audited(by=by) as log:
        row = _locked().filter(pk=sitting.pk).first()
        if row is None or row.answer:
            return
        row.answer, row.answered_at = ScreenAnswer.Answer(answer), datetime.now(UTC)
        if row.answer == ScreenAnswer.Answer.NO:
            year = (years_of(row.activity, localdate()) or [row.activity.start.year])[-1]
            count_without_consent(by=by, activity=row.activity, year=year, outcome=Outcome.REFUSED)
        elif signature:
            row.signature = Secret(signature)
        row.save(update_fields=["answer", "answered_at", "signature"])
        log(
            "screen.answered",
            row,
            plan=row.activity.plan_id,
            answer=row.answer.value,
            signed="yes" if signature else "no",
        )


def end_sitting(*, by: User, sitting: ScreenAnswer) -> None:
    """Staff have the device back. A sitting without an answer leaves nothing behind."""
    with audited(by=by) as log:
        log("screen.ended", sitting, plan=sitting.activity.plan_id, answer=sitting.answer)
        ScreenAnswer.objects.filter(pk=sitting.pk, answer="").delete()


def delete_answer(*, by: User, answer: ScreenAnswer) -> None:
    """Deletes a yes that nobody will be registered with."""
    with audited(by=by) as log:
        if ScreenAnswer.objects.filter(pk=answer.pk, used_at__isnull=True).delete()[0]:
            log("screen.deleted", answer, plan=answer.activity.plan_id)


def delete_old_answers(now: datetime | None = None) -> int:
    """Deletes sittings and answers that are a day old, used or not; returns how many."""
    with audited(by=None) as log:
        answers = _locked().defer("signature").annotate(since=Coalesce("answered_at", "started_at"))
        rows = list(answers.filter(since__lte=(now or datetime.now(UTC)) - KEPT_FOR))
        for row in rows:
            if row.answer == ScreenAnswer.Answer.YES and row.used_at is None:
                log("screen.deleted", row, plan=row.activity.plan_id)
        ScreenAnswer.objects.filter(pk__in=[row.pk for row in rows]).delete()
    return len(rows)


def use_answer(*, by: User, answer: ScreenAnswer, decision: Decision) -> None:
    """Ties a yes to the decision that it became, and keeps its signature as the proof. In the transaction of both.

    Raises EnrolmentRefused answer_unusable: used already, too old, deleted, or of another text, day or plan.
    """
    row = _locked().filter(pk=answer.pk).first()
    if row is None or not row.is_waiting or not _is_of(row, decision):
        raise EnrolmentRefused("answer_unusable")
    if isinstance(row.signature, Sealed):
        path = open_one("screen_answer.signature", row.pk, row.signature.record)
        add_signature(decision, svg_of(path.reveal()), by=by)
    ScreenAnswer.objects.filter(pk=row.pk).update(used_at=datetime.now(UTC), signature=None)


def _is_of(answer: ScreenAnswer, decision: Decision) -> bool:
    assert answer.answered_at
    return (
        answer.text_id == decision.text_id
        and answer.activity.plan_id == decision.participant.plan_id
        and localdate(answer.answered_at) == decision.decided_on
    )


def _locked() -> QuerySet[ScreenAnswer]:
    return ScreenAnswer.objects.select_for_update(of=("self",)).select_related("activity")
