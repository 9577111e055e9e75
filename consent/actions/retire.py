"""The end of the time for which a plan's people are held: who they are goes, that somebody took part stays."""

from collections.abc import Sequence
from datetime import date, datetime

from django.db import transaction

from collection.models import Participant, Plan
from consent import gate, vault
from consent.actions.withdraw import erase_identities
from consent.models import Decision, Proof
from consent.signals import consent_ended


def retire_people(rows: Sequence[Participant], *, at: datetime) -> dict[str, int]:
    """Erases the identities of rows that the caller holds locked, and what was signed; in the caller's transaction.

    Returns counts: people, proofs, and the participations and decisions that stay without anybody's name. Files go once
    the transaction has committed; what a crash leaves of them goes with `consent.actions.proofs.remove_due`.
    """
    ids = [row.pk for row in rows]
    consent_ended.send(None, rows=rows)
    proofs = Proof.objects.filter(decision__participant__in=ids, deleted_at__isnull=True)
    files = [vault.path_of(pk) for pk in proofs.values_list("pk", flat=True)]
    proofs.update(deleted_at=at)
    counts = {
        "people": len(ids),
        "proofs": len(files),
        "participations": gate.of_participants(rows).count(),
        "decisions": Decision.objects.filter(participant__in=ids).count(),
    }
    erase_identities(ids, at=at)

    def remove() -> None:
        for path in files:
            path.unlink(missing_ok=True)

    transaction.on_commit(remove, robust=True)
    return counts


def proofs_go(plan: Plan, *, since: date, today: date) -> int:
    """Lets the locked proofs of people who were erased on the plan's day or later go with `remove_due`; how many.

    There are some when a backup from before that day was restored: who is erased again then is locked as by a
    withdrawal, for the journal of erasures does not say what it was.
    """
    left = Proof.objects.filter(locked_at__isnull=False, deleted_at__isnull=True, delete_on__gt=today)
    mine = left.filter(decision__participant__plan=plan, decision__participant__erased_at__date__gte=since)
    return mine.update(delete_on=today)
