"""Proofs of a consent: added sealed, locked when the consent ends, removed on their date."""

import time
from collections.abc import Iterable
from datetime import UTC, date, datetime
from io import BufferedReader
from itertools import islice
from typing import Any
from uuid import UUID

from django.conf import settings
from django.utils.timezone import localdate

from audit.recording import audited
from collection.models import Plan
from consent import gate, vault
from consent.models import Decision, Kind, Proof
from consent.scans import Scan


class ProofRefused(Exception):
    """`code`: consent_ended (the identity is erased, or the decision is no consent)."""

    def __init__(self, code: str):
        super().__init__(code)
        self.code = code


def add_proof(*, by: Any, decision: Decision, content: bytes, media_type: str, kind: str = Proof.Kind.SCAN) -> Proof:
    """Seals `content` into a file of its own beside a given consent. Raises ProofRefused, OSError.

    When this fails, no file is left; when a transaction around it fails later, `remove_due` finds the file.
    """
    proof = Proof(decision=decision, kind=kind, media_type=media_type, size=len(content), added_by=by)
    try:
        with audited(by=by) as log:
            participant = decision.participant
            # a withdrawal at the same moment either waits for this proof and locks it, or is found here
            held = (
                gate.registered(Plan.objects.filter(pk=participant.plan_id))
                .select_for_update()
                .filter(pk=participant.pk)
                .exists()
            )
            if decision.kind != Kind.GIVEN or not held:
                raise ProofRefused("consent_ended")
            proof.sha256 = vault.seal(proof.pk, content)
            proof.save(force_insert=True)
            log(
                "proof.added",
                proof,
                plan=participant.plan_id,
                subjects=[participant.pk],
                decision=decision.pk,
                kind=proof.kind,
                type=media_type,
            )
    except BaseException:
        vault.path_of(proof.pk).unlink(missing_ok=True)
        raise
    return proof


def add_scans(*, by: Any, decision: Decision, scans: Iterable[Scan]) -> list[Proof]:
    """Keeps the pages of a signed form: all or none. Raises ProofRefused, OSError."""
    added: list[Proof] = []
    try:
        with audited(by=by):
            for scan in scans:
                added.append(add_proof(by=by, decision=decision, content=scan.content, media_type=scan.media_type))
    except BaseException:
        for proof in added:
            vault.path_of(proof.pk).unlink(missing_ok=True)
        raise
    return added


def add_signature(decision: Decision, svg: bytes, *, by: Any) -> Proof:
    """Keeps a signature that was drawn on the screen. Raises ProofRefused, OSError."""
    return add_proof(by=by, decision=decision, content=svg, media_type="image/svg+xml", kind=Proof.Kind.SIGNATURE)


def lock_proofs(participants: Iterable[UUID], *, at: datetime) -> int:
    """Locks every proof of these people, for the controller alone and until its date; returns how many there were.

    For the verb that ends a consent, in its transaction.
    """
    return Proof.objects.filter(
        decision__participant__in=list(participants), locked_at__isnull=True, deleted_at__isnull=True
    ).update(locked_at=at, delete_on=years_after(localdate(at), settings.PROOF_KEEP_YEARS))


def open_proof(*, by: Any, proof: Proof) -> BufferedReader:
    """The content of a proof as a stream to be closed; the reading is recorded before the first byte leaves.

    Raises AgeError, OSError, and records nothing then.
    """
    plain = vault.open_sealed(proof)
    try:
        with audited(by=by) as log:
            participant = proof.decision.participant
            log("proof.read", proof, plan=participant.plan_id, subjects=[participant.pk], kind=proof.kind)
    except BaseException:
        plain.close()
        raise
    return plain


def remove_due(today: date | None = None) -> int:
    """Removes the files of locked proofs whose date has come, and files that belong to no proof; returns how many."""
    due = Proof.objects.filter(delete_on__lte=today or localdate(), deleted_at__isnull=True)
    removed = 0
    for proof in due.select_related("decision__participant"):
        with audited(by=None) as log:
            if not Proof.objects.filter(pk=proof.pk, deleted_at__isnull=True).update(deleted_at=datetime.now(UTC)):
                continue
            participant = proof.decision.participant
            log("proof.deleted", proof, plan=participant.plan_id, subjects=[participant.pk], kind=proof.kind)
        vault.path_of(proof.pk).unlink(missing_ok=True)
        removed += 1
    return removed + _remove_orphans()


def _remove_orphans(older_than: float = 24 * 60 * 60) -> int:
    """Files of no living proof, once they are a day old: a process was killed between file and row, or between the
    end of the row and that of the file."""
    removed = 0
    old = (path for path in vault.files() if time.time() - path.stat().st_mtime > older_than)
    while some := {path: vault.id_of(path) for path in islice(old, 500)}:
        living = Proof.objects.filter(pk__in=some.values(), deleted_at__isnull=True).values_list("pk", flat=True)
        for path in [path for path, pk in some.items() if pk not in set(living) or path.suffix != ".age"]:
            path.unlink(missing_ok=True)
            removed += 1
    return removed


def years_after(day: date, years: int) -> date:
    """The same day of a later year; 1 March where there is no 29 February."""
    try:
        return day.replace(year=day.year + years)
    except ValueError:
        return date(day.year + years, 3, 1)
