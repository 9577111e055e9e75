"""Restricting what a person's data are used for, and lifting that again. The person's rows of all plans go together."""

from collections.abc import Collection
from typing import Any

from django.utils import timezone

from audit.recording import audited
from collection.models import Participant
from consent import gate
from consent.actions.withdraw import rows_of_person
from consent.models import Restriction
from consent.models.restrictions import Ground


class RestrictionRefused(Exception):
    """`code`: gone (the identity is erased, so nothing of the person is used) | restricted (on that ground already) |
    not_restricted."""

    def __init__(self, code: str):
        super().__init__(code)
        self.code = code


def restrict(*, by: Any, participant: Participant, ground: Ground) -> None:
    """From now on nothing of the person leaves; their consents and identity stay. Raises RestrictionRefused."""
    with audited(by=by) as log:
        rows = rows_of_person(participant)
        if not rows:
            raise RestrictionRefused("gone")
        ids = [row.pk for row in rows]
        known = gate.restrictions().filter(participant__in=ids, ground=ground)
        held = set(known.values_list("participant", flat=True))
        if held == set(ids):
            raise RestrictionRefused("restricted")
        now = timezone.now()
        Restriction.objects.bulk_create(
            Restriction(participant=row, ground=ground, restricted_at=now, restricted_by=by)
            for row in rows
            if row.pk not in held
        )
        for row in rows:
            log("participant.restricted", row, plan=row.plan_id, subjects=[row.pk], ground=Ground(ground).value)


def lift_restriction(*, by: Any, participant: Participant, grounds: Collection[Ground] = tuple(Ground)) -> None:
    """The person's data may be used again where no other ground holds them, as far as the person consents to it.

    Raises RestrictionRefused.
    """
    with audited(by=by) as log:
        rows = rows_of_person(participant)
        if not rows:
            raise RestrictionRefused("gone")
        ids = [row.pk for row in rows]
        held = gate.restrictions().filter(participant__in=ids, ground__in=grounds)
        if not held.update(lifted_at=timezone.now(), lifted_by=by):
            raise RestrictionRefused("not_restricted")
        for row in rows:
            log("participant.restriction_lifted", row, plan=row.plan_id, subjects=[row.pk])
