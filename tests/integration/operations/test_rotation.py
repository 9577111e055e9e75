"""Changing data keys while people go on working."""

from datetime import UTC, date, datetime, timedelta
from uuid import UUID

import pytest
from django.apps import apps
from django.core.management import CommandError, call_command
from django.db import models

from accounts.permissions import Role
from audit import anchors
from audit.models import Event
from audit.verify import verify
from collection import identities
from collection.cpr import parse
from collection.models import Participant
from consent.actions.correct import set_number
from consent.actions.enrol import AlreadyRegistered, find_registered
from consent.actions.proofs import add_signature
from consent.models import Decision
from consent.vault import PROOF
from crypto import columns as crypto_columns
from crypto import keys, rotation
from crypto.agefile import AgeWriter, recipient_of
from crypto.blind import index_purpose, lookup_values
from crypto.columns import columns
from crypto.fields import BlindIndexField, CarriedField, SealedField
from crypto.models import DataKey
from crypto.rotation import verify_identities
from exports import field_classes, jobs, vault
from exports.models import Job
from operations import rotating, wording
from operations.actions.keys import jobs_of, retire_keys, start_rotation
from operations.models import KeyRotation, NewIndex
from spreadsheets.actions.rows import Sure, confirm_all
from tests.factories.cast import (
    cpr_text,
    make_activity,
    make_identity,
    make_participant,
    make_participation,
    make_plan,
    make_user,
)
from tests.factories.spreadsheets import HEADINGS, checked, csv_file, row, written

pytestmark = pytest.mark.django_db
CPR, NAME = "field:participant.cpr", "field:participant.name"
CPR_INDEX = index_purpose("participant.cpr")


@pytest.fixture(autouse=True)
def small_pages(settings, monkeypatch):
    """Keys are looked at before each use, and a page holds two rows."""
    settings.KEYS_KEPT_SECONDS = 0
    monkeypatch.setattr(rotating, "AT_ONCE", 2)
    keys.forget()
    yield
    keys.forget()


@pytest.fixture
def controller():
    return make_user(Role.CONTROLLER)


@pytest.fixture
def people():
    activity = make_activity()
    return [make_participant(activity) for _ in range(5)]


def rotate(purpose: str, by) -> KeyRotation:
    held = start_rotation(by=by, purpose=purpose)
    for job in jobs_of(held):
        jobs.run(job.pk)
    return KeyRotation.objects.get(pk=held.pk)


def number_of(person: Participant) -> str:
    person = Participant.ungated.get(pk=person.pk)
    return identities.read(person, "cpr", by=None, reason=identities.Reason.CONTACT).reveal()


def made_by(purpose: str) -> set[int]:
    """The ids of the keys that made what the purpose's own columns hold."""
    found = set()
    for column in columns(purpose):
        start = 0 if column.is_index else 1
        values = column.model._base_manager.values_list(column.field.name, flat=True)
        records = [bytes(getattr(value, "record", value)) for value in values if value is not None]
        found |= {int.from_bytes(each[start : start + 4], "big") for each in records}
    return found


def test_every_key_is_changed_and_nobody_is_lost(people, controller):
    numbers = [number_of(person) for person in people]
    for purpose in keys.purposes():
        before = keys.current(purpose).id
        assert rotate(purpose, controller).finished_at is not None
        assert keys.current(purpose).id != before
    for purpose in (CPR, NAME, CPR_INDEX, index_purpose("participant.name_birth")):
        assert made_by(purpose) == {keys.current(purpose).id}
    assert [number_of(person) for person in people] == numbers
    for person, number in zip(people, numbers, strict=True):
        assert Participant.ungated.get(cpr_index__in=lookup_values("participant.cpr", number)).pk == person.pk
    assert all(seen.fine and not seen.old for seen in verify_identities())
    assert verify()[1] == []
    assert not NewIndex.objects.exists()


def test_who_writes_meanwhile_is_not_written_over(people, controller, monkeypatch):
    original, late = rotation.resealed, make_user(Role.STAFF)
    fresh = parse(cpr_text(date(1971, 5, 5), 7), date(2020, 1, 1))

    def corrected_meanwhile(column, page):
        """Between the reading of a page and its writing, somebody corrects the number of a person on it."""
        result = original(column, page)
        if column.field.name == "cpr" and page[0][0] not in done:
            done.add(page[0][0])
            if len(done) == 1:
                person = Participant.ungated.select_related("plan").get(pk=page[0][0])
                set_number(by=late, participant=person, number=fresh)
        return result

    done: set[UUID] = set()
    monkeypatch.setattr(rotation, "resealed", corrected_meanwhile)
    rotate(CPR, controller)
    assert [number_of(person) for person in people].count(fresh.digits) == 1
    assert made_by(CPR) == {keys.current(CPR).id}
    assert all(seen.fine for seen in verify_identities())


def test_while_an_index_key_is_changed_people_are_found_under_both(people, controller, monkeypatch):
    """Between the steps of the change, and until all rows have the new index, rows of one person have one index."""
    here, elsewhere, person = make_activity(), make_activity(), make_identity()
    rows = [make_participant(here, person)]
    original = rotation.reindexed

    def look():
        assert find_registered(here, person) == rows[:1]
        if len(rows) == 1:
            rows.append(make_participant(elsewhere, person))
        held = Participant.ungated.filter(pk__in=[row.pk for row in rows])
        assert len({bytes(row.cpr_index) for row in held}) == 1

    def watched(*args):
        if Job.objects.filter(step="rotate_index").exists():  # not within the transaction that changes all
            look()
        return original(*args)

    put = rotating._put_in_place

    def all_at_once(held, key, *args):
        assert put(held, key, *args)
        assert made_by(CPR_INDEX) == {key.id}
        return True

    monkeypatch.setattr(rotation, "reindexed", watched)
    monkeypatch.setattr(rotating, "_put_in_place", all_at_once)
    assert rotate(CPR_INDEX, controller).finished_at is not None
    monkeypatch.undo()
    look()
    assert len(rows) == 2
    assert made_by(CPR_INDEX) == {keys.current(CPR_INDEX).id}
    with pytest.raises(AlreadyRegistered):
        make_participation(here, person, add_to_registered=False)


def test_a_new_index_key_is_known_to_all_before_anything_is_made_with_it(people, controller):
    held = start_rotation(by=controller, purpose=CPR_INDEX)
    number = number_of(people[0])
    current, announced = keys.of_purpose(CPR_INDEX)
    assert announced.id == held.key_id != current.id
    assert len(lookup_values("participant.cpr", number)) == 2
    assert made_by(CPR_INDEX) == {current.id}
    make_participant(make_activity())
    assert made_by(CPR_INDEX) == {current.id}


def test_a_process_notices_a_new_key_without_a_restart(people, controller, settings):
    settings.KEYS_KEPT_SECONDS = 3600
    old = keys.current(CPR)
    keys.make_key(CPR, active=True)  # as another process does
    assert keys.current(CPR) == old
    settings.KEYS_KEPT_SECONDS = 0
    assert keys.current(CPR) != old


def test_a_rotation_that_stopped_goes_on_where_it_was(people, controller, monkeypatch):
    """The second page fails; what the first has done stays done."""
    calls = []
    original = rotation.resealed

    def failing(column, page):
        calls.append(len(page))
        if len(calls) == 2:
            raise RuntimeError
        return original(column, page)

    monkeypatch.setattr(rotation, "resealed", failing)
    held = rotate(CPR, controller)
    assert held.finished_at is None
    assert (held.done, held.after) != (0, None)
    again = rotate(CPR, controller)
    assert again.pk == held.pk
    assert again.finished_at is not None
    assert again.done == 5
    assert Event.objects.filter(action="key.rotation_started").count() == 1


def test_a_record_that_nobody_can_open_does_not_hold_the_others_up(people, controller):
    Participant.ungated.filter(pk=people[2].pk).update(cpr=b"\x01" + bytes(60))
    held = rotate(CPR, controller)
    assert held.finished_at is not None
    assert (held.done, held.unreadable) == (4, 1)


# --- Old keys ------------------------------------------------------------------------------------------


def after_a_while() -> datetime:
    return datetime.now(UTC) + rotation.KEPT_UNUSED + timedelta(minutes=1)


def test_an_old_key_is_destroyed_when_nothing_needs_it_any_more(people, controller):
    old = keys.current(CPR)
    rotate(CPR, controller)
    assert retire_keys() == 0  # a transaction may still be open that used it
    assert rotation.retire(CPR, now=after_a_while()) == 1
    row = DataKey.objects.get(pk=old.id)
    assert row.retired_at is not None
    assert bytes(row.wrapped) == b""
    keys.forget()
    keys.verify()
    assert len([number_of(person) for person in people]) == 5


def test_an_old_key_stays_while_a_single_record_needs_it(people, controller):
    record = Participant.ungated.get(pk=people[0].pk).cpr.record
    rotate(CPR, controller)
    Participant.ungated.filter(pk=people[0].pk).update(cpr=record)  # as a very long transaction would leave it
    assert rotation.retire(CPR, now=after_a_while()) == 0
    assert rotating.tidy() == 1
    assert rotation.retire(CPR, now=after_a_while()) == 1


def test_an_old_key_stays_while_a_spreadsheet_waits_that_needs_it(controller):
    plan = make_plan()
    coordinator, activity = make_user(Role.COORDINATOR, plan), make_activity(plan)
    spreadsheet = checked(csv_file([HEADINGS, row(activity)]), by=coordinator, plan=plan)
    confirm_all(by=coordinator, spreadsheet=spreadsheet, codes=["check_digit"], reason=Sure.COMPARED)
    rotate(CPR_INDEX, controller)
    assert rotation.retire(CPR_INDEX, now=after_a_while()) == 0
    written(spreadsheet, by=coordinator)
    spreadsheet.refresh_from_db()
    assert (spreadsheet.state, spreadsheet.problem) == ("preview", "keys_changed")  # judged under the new key
    assert rotation.retire(CPR_INDEX, now=after_a_while()) == 1


def test_events_anchors_and_proofs_keep_the_key_of_their_day(people, controller, settings, tmp_path):
    settings.DATA_DIR = settings.WITNESS_DIR = tmp_path
    add_signature(Decision.objects.get(participant=people[0]), b"<svg/>", by=controller)
    anchors.anchor()
    old = keys.current("audit")
    for purpose in ("audit", "audit.witness", PROOF):
        rotate(purpose, controller)
        assert rotation.retire(purpose, now=after_a_while()) == 0, purpose
    make_participant(make_activity())
    assert Event.objects.latest("sequence").key_id == keys.current("audit").id != old.id
    assert verify()[1] == []


def test_what_is_not_what_was_sealed_is_counted(people):
    index = bytes(Participant.ungated.get(pk=people[1].pk).cpr_index)
    Participant.ungated.filter(pk=people[0].pk).update(cpr=b"\x01" + bytes(60))
    Participant.ungated.filter(pk=people[1].pk).update(cpr_index=index[:-1] + bytes([index[-1] ^ 1]))
    seen = {each.column: each for each in verify_identities()}
    assert seen["collection.Participant.cpr"].unreadable == 1
    found = seen["collection.Participant.cpr_index"]
    assert (found.checked, found.unreadable, found.wrong) == (5, 1, 1)
    with pytest.raises(CommandError, match="4 values"):
        call_command("verify_identities")


def test_a_file_sealed_before_is_read_until_it_goes_and_keeps_its_key_as_long(controller, settings, tmp_path):
    settings.DATA_DIR = tmp_path
    file = tmp_path / "frozen.age"
    with AgeWriter(file, [recipient_of(vault.archive_identity())]) as out:
        out.write(b"the frozen set")
    rotate(vault.ARCHIVE, controller)
    with vault.open_sealed(file, sha256=out.sha256) as plain:
        assert plain.read() == b"the frozen set"
    assert rotation.retire(vault.ARCHIVE, now=after_a_while()) == 0
    file.unlink()
    assert rotation.retire(vault.ARCHIVE, now=after_a_while()) == 1


def test_every_purpose_has_words_and_somebody_who_counts_what_needs_it():
    for purpose in keys.purposes():
        assert purpose in wording.PURPOSES
        assert columns(purpose) or keys.is_counted(purpose)


OTHER_BYTES = {
    "audit.Event": "hashes, not of people",
    "audit.Head": "the end of the chain",
    "crypto.DataKey": "wrapped keys",
    "exports.Pseudonym": "under a project's key, which is in no database and is never changed",
    "exports.DeliveryPerson": "under a project's key",
    "operations.NewIndex": "there while an index key is changed, and gone with the change",
    "spreadsheets.Row": "person_before: indexes under older keys, beside the one that counts",
    "spreadsheets.Spreadsheet": "the packed report: row numbers and codes",
}


def test_no_column_with_something_of_a_key_can_be_forgotten():
    """Bytes in a model are a sealed field, an index, or carried for one; or are named here."""
    ours = (SealedField, BlindIndexField, CarriedField)
    found = {
        model._meta.label
        for model in apps.get_models()
        if model._meta.label in field_classes.FIELDS
        for field in model._meta.local_concrete_fields
        if isinstance(field, models.BinaryField) and not isinstance(field, ours)
    }
    assert found <= set(OTHER_BYTES)
    sealed = {field for model in apps.get_models() for field in model._meta.local_fields if isinstance(field, ours)}
    assert sealed == {column.field for column in crypto_columns.columns()}
