"""Making two rows of one person in a plan one: participations and decisions go to the row that is kept.

The other row's identity is erased; `merged_into` says where the person is found, so that a withdrawal and recalls reach
what was delivered of it. Nobody whose consent has ended is brought back: their rows are erased and can't be merged.
"""

from collections.abc import Iterable
from typing import Any
from uuid import UUID

from django.utils import timezone

from audit.recording import Recorder
from collection import identities
from collection.identities import Reason
from collection.models import Identification, Participant, Participation
from consent import gate
from consent.actions.correct import CorrectionRefused, refit_consent
from consent.actions.withdraw import erase_identities
from consent.models import Decision, PossiblySame
from consent.periods import Joined, Period, join


class MergeRefused(Exception):
    """`code`: gone | loses_number | other_purpose | text_does_not_fit_age | decided_before_birth."""

    def __init__(self, code: str):
        super().__init__(code)
        self.code = code


def joined_periods(kept: UUID, participations: Iterable[Participation]) -> list[Joined]:
    """What becomes of the participations of two rows, when the row `kept` is kept."""
    return join(
        Period(
            each.pk,
            each.activity_id,
            each.start,
            each.start_precision,
            each.end,
            each.role,
            own=each.participant_id == kept,
        )
        for each in participations
    )


def merge_rows(log: Recorder, *, by: Any, kept: Participant, other: Participant) -> None:
    """In the transaction of the verb, which sees to the pseudonyms. Raises MergeRefused."""
    kept, other = _locked(kept, other)
    if other.identification == Identification.CPR and kept.identification != Identification.CPR:
        raise MergeRefused("loses_number")
    if _purposes(kept) != _purposes(other):
        raise MergeRefused("other_purpose")
    _move_participations(kept, other)
    Decision.objects.filter(participant=other).update(participant=kept)
    _keep_restriction(kept, other)
    try:
        refit_consent(kept, identities.birth_date_of(kept, by=by), by=by)
    except CorrectionRefused as refusal:
        raise MergeRefused(refusal.code) from None
    _keep_name(kept, other, by)
    waiting = PossiblySame.objects.filter(participant=other, settled_at__isnull=True)
    waiting.exclude(decision__in=PossiblySame.objects.filter(participant=kept).values("decision")).update(
        participant=kept
    )
    erase_identities([other.pk], at=timezone.now())
    Participant.ungated.filter(pk=other.pk).update(merged_into=kept)
    Participant.ungated.filter(merged_into=other).update(merged_into=kept)
    log("participant.merged", kept, plan=kept.plan_id, subjects=[kept.pk, other.pk], other=other.pk)


def _purposes(row: Participant) -> set[str]:
    return set(Decision.objects.filter(participant=row).values_list("purpose", flat=True))


def _locked(kept: Participant, other: Participant) -> tuple[Participant, Participant]:
    found = gate.registered([kept.plan]).select_for_update(of=["self"]).select_related("plan")
    rows = {row.pk: row for row in found.filter(pk__in=[kept.pk, other.pk]).order_by("pk")}
    if len(rows) != 2:
        raise MergeRefused("gone")
    return rows[kept.pk], rows[other.pk]


def _move_participations(kept: Participant, other: Participant) -> None:
    rows = {each.pk: each for each in gate.of_participants([kept, other])}
    joined = joined_periods(kept.pk, rows.values())
    for one in joined:
        for part in one.of:
            if part.key != one.period.key:
                rows[part.key].delete()
    for one in joined:
        row = rows[one.period.key]
        row.participant, row.start, row.start_precision = kept, one.period.start, one.period.start_precision
        row.end = one.period.end
        row.save(update_fields=["participant", "start", "start_precision", "end"])


def _keep_restriction(kept: Participant, other: Participant) -> None:
    """What may not be done with one of the rows may not be done with what becomes of them."""
    restricted = gate.restrictions()
    known = restricted.filter(participant=kept).values_list("ground", flat=True)
    restricted.filter(participant=other).exclude(ground__in=list(known)).update(participant=kept)


def _keep_name(kept: Participant, other: Participant, by: Any) -> None:
    """Who is known by number alone gets the other row's name as working name, so that staff know them on lists."""
    if kept.name is None and other.name is not None:
        kept.name = identities.read(other, "name", by=by, reason=Reason.CORRECT)
        kept.cpr = identities.read(kept, "cpr", by=by, reason=Reason.CORRECT)
        kept.save()
