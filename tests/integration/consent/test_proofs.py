"""Proofs of a consent: sealed on the disk, locked when the consent ends, gone on their date."""

import os
import time
from datetime import date, datetime, timedelta
from uuid import uuid4

import pytest
from django.db import DatabaseError
from django.utils.timezone import get_current_timezone

from audit.models import Event
from consent import vault
from consent.actions import proofs
from consent.actions.proofs import ProofRefused, add_proof, add_signature, lock_proofs, open_proof, remove_due
from consent.actions.withdraw import withdraw
from consent.models import Decision, Kind, Proof, Purpose
from crypto import keys
from crypto.agefile import AgeFileAltered
from tests.factories.cast import make_activity, make_participant

pytestmark = pytest.mark.django_db
MARKER = b"<svg>underskrift 4711</svg>"
NOW = datetime(2024, 2, 29, 12, tzinfo=get_current_timezone())


@pytest.fixture
def folder(settings, tmp_path):
    settings.DATA_DIR = tmp_path
    return tmp_path


@pytest.fixture
def activity():
    return make_activity()


@pytest.fixture
def decision(activity, folder):
    return consent_of(make_participant(activity))


def consent_of(participant) -> Decision:
    return Decision.objects.get(participant=participant, kind=Kind.GIVEN)


def sign(decision) -> Proof:
    return add_signature(decision, MARKER, by=decision.obtained_by)


def content(proof) -> bytes:
    with open_proof(by=proof.added_by, proof=proof) as plain:
        return plain.read()


def test_a_signature_is_sealed_and_read_back(decision, folder):
    proof = sign(decision)
    assert (proof.kind, proof.media_type, proof.size) == (Proof.Kind.SIGNATURE, "image/svg+xml", len(MARKER))
    (file,) = [path for path in folder.rglob("*") if path.is_file()]
    assert file == vault.path_of(proof.pk)
    assert MARKER not in file.read_bytes()
    assert file.stat().st_mode & 0o777 == 0o600
    assert file.parent.stat().st_mode & 0o777 == 0o700
    assert content(proof) == MARKER
    assert list(Event.objects.filter(action__startswith="proof.").values_list("action", flat=True)) == [
        "proof.added",
        "proof.read",
    ]


def test_a_file_that_was_swapped_is_not_given_out_and_no_reading_is_recorded(decision, folder):
    one, other = sign(decision), sign(decision)
    os.replace(vault.path_of(other.pk), vault.path_of(one.pk))
    with pytest.raises(AgeFileAltered):
        content(one)
    assert not Event.objects.filter(action="proof.read").exists()


def test_a_proof_sealed_to_an_earlier_key_is_still_read(decision):
    proof = sign(decision)
    keys.make_key(vault.PROOF, active=True)
    keys.forget()
    try:
        assert content(proof) == MARKER
        assert content(sign(decision)) == MARKER
    finally:
        keys.forget()


def test_when_the_row_cannot_be_written_no_file_is_left(decision, folder, monkeypatch):
    def fail(*args, **kwargs):
        raise DatabaseError

    monkeypatch.setattr(Proof, "save", fail)
    with pytest.raises(DatabaseError):
        sign(decision)
    assert not [path for path in folder.rglob("*") if path.is_file()]


def test_nothing_is_added_to_a_consent_that_has_ended(decision, folder):
    person = decision.participant
    withdraw(
        by=decision.obtained_by, participant=person, purpose=Purpose.objects.get(), withdrawn_on=decision.decided_on
    )
    withdrawn = Decision.objects.get(participant=person, kind=Kind.WITHDRAWN)
    for ended in (decision, withdrawn):
        with pytest.raises(ProofRefused):
            add_proof(by=decision.obtained_by, decision=ended, content=MARKER, media_type="image/jpeg")
    assert not Proof.objects.exists()
    assert not [path for path in folder.rglob("*") if path.is_file()]


def test_locking_concerns_these_people_only_and_sets_the_end(activity, decision, settings):
    settings.PROOF_KEEP_YEARS = 5
    mine, others = sign(decision), sign(consent_of(make_participant(activity)))
    assert lock_proofs([decision.participant_id], at=NOW) == 1
    mine.refresh_from_db()
    others.refresh_from_db()
    assert (mine.locked_at, mine.delete_on) == (NOW, date(2029, 3, 1))
    assert others.locked_at is None
    assert lock_proofs([decision.participant_id], at=NOW + timedelta(days=9)) == 0  # the first date stands
    mine.refresh_from_db()
    assert mine.delete_on == date(2029, 3, 1)


def test_a_locked_proof_is_removed_on_its_date_and_the_row_says_so(decision):
    proof = sign(decision)
    lock_proofs([decision.participant_id], at=NOW)
    assert remove_due(date(2029, 2, 28)) == 0
    assert vault.path_of(proof.pk).exists()
    assert remove_due(date(2029, 3, 1)) == 1
    assert not vault.path_of(proof.pk).exists()
    proof.refresh_from_db()
    assert proof.deleted_at
    assert remove_due(date(2029, 3, 1)) == 0
    assert Event.objects.filter(action="proof.deleted", actor="").count() == 1


def test_files_of_no_proof_are_swept_after_a_day(decision, monkeypatch):
    proof = sign(decision)
    lost, half = vault.path_of(uuid4()), vault.path_of(uuid4()).with_suffix(".age.part")
    of_ended = sign(decision)
    Proof.objects.filter(pk=of_ended.pk).update(deleted_at=NOW)
    for path in (lost, half):
        path.write_bytes(b"sealed")
    assert remove_due() == 0
    day_ago = time.time() - 25 * 60 * 60
    for path in (lost, half, vault.path_of(of_ended.pk), vault.path_of(proof.pk)):
        os.utime(path, (day_ago, day_ago))
    assert remove_due() == 3
    assert [path.name for path in vault.files()] == [f"{proof.pk}.age"]


def test_29_february_becomes_1_march():
    assert proofs.years_after(date(2024, 2, 29), 1) == date(2025, 3, 1)
