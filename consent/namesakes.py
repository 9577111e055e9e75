"""Who may be the same person as somebody who withdrew: of the same name and birth date, with no number to prove it.

In the plan where somebody withdraws, staff are asked; in other plans, of which they must not know, the data controller
is.
"""

from collections.abc import Collection, Iterable
from typing import Any
from uuid import UUID

from django.db.models import QuerySet
from django.utils import timezone

from audit.recording import Recorder
from collection.models import Participant, Plan
from consent import gate
from consent.models import Decision, PossiblySame


def in_plan(participant: Participant) -> list[Participant]:
    """Others of the plan who may be the same person."""
    return list(_maybe([participant]).filter(plan=participant.plan_id).order_by("registered_at", "pk"))


def ask(log: Recorder, decisions: Iterable[Decision], *, asked: Collection[UUID]) -> None:
    """Raises the controller's questions about who may be the person whose consent ends with `decisions`.

    Before the identities are erased; not about those of whom somebody was `asked` already.
    """
    ended = {decision.participant: decision for decision in decisions}
    by_index = {row.name_birth_index: decision for row, decision in ended.items()}
    for other in _maybe(ended).exclude(pk__in=asked):
        question = PossiblySame.objects.create(decision=by_index[other.name_birth_index], participant=other)
        log("namesake.asked", question, plan=other.plan_id, subjects=[other.pk])


def keep_answer(decision: Decision, others: Iterable[Participant], *, by: Any) -> None:
    """`by` has said that `others` are not the person who withdrew, so nobody is asked about them again."""
    now = timezone.now()
    answers = {"settled_at": now, "settled_by": by, "same": False}
    PossiblySame.objects.bulk_create(PossiblySame(decision=decision, participant=row, **answers) for row in others)


def open_questions() -> QuerySet[PossiblySame]:
    """What the controller has still to settle, the oldest first; who is erased meanwhile is no question any more."""
    waiting = PossiblySame.objects.filter(settled_at__isnull=True, participant__erased_at__isnull=True)
    return waiting.select_related("decision__participant__plan", "participant__plan").order_by("raised_at", "pk")


def _maybe(rows: Collection[Participant]) -> QuerySet[Participant]:
    """Registered people, in any plan, with the name and birth date of `rows`, which are of one person.

    Who has another CPR number than theirs is another person.
    """
    known = [row.name_birth_index for row in rows if row.name_birth_index is not None]
    found = gate.registered(Plan.objects.all()).filter(name_birth_index__in=known)
    if any(row.cpr_index is not None for row in rows):
        found = found.filter(cpr_index__isnull=True)
    return found.exclude(pk__in=[row.pk for row in rows])
