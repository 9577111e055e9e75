"""Every way in which an administrator of the database could change the audit log is found, and by what."""

from collections.abc import Callable
from dataclasses import dataclass
from uuid import UUID

import pytest
from django.db import connection

from audit import anchors, triggers, verify, witness
from audit.models import Event
from tests.factories import tampering
from tests.factories.tampering import past_triggers, sql

pytestmark = pytest.mark.django_db

ANNA, BENT = UUID(int=1), UUID(int=2)
EVENTS = 7  # anchored; an eighth comes after

# --- What protects: taken out, the tampering is not found ---------------------------------------------


def no_macs(monkeypatch):
    monkeypatch.setattr(verify._Walk, "_fits", lambda *_: True)
    monkeypatch.setattr(verify, "against_witness", lambda *_: [])


def no_digests(monkeypatch):
    monkeypatch.setattr(verify.chain, "digest_of_subjects", lambda _: bytes(32))
    monkeypatch.setattr(verify._Walk, "_look_at", _look_at_all_but_subjects(verify._Walk._look_at))


def _look_at_all_but_subjects(look_at):
    return lambda walk, event, mac, concerned: (
        look_at(walk, event._replace(subjects_digest=bytes(32)), mac, []) or (walk.faults.clear())
    )


def no_numbers(monkeypatch):
    """Each event is taken for the next, whatever its number, and follows whatever is before it."""
    look_at = verify._Walk._look_at

    def any_number(walk, event, mac, concerned):
        walk.expected = event.sequence
        look_at(walk, event, mac, concerned)

    monkeypatch.setattr(verify._Walk, "_look_at", any_number)
    no_macs(monkeypatch)


def no_head(monkeypatch):
    last = Event.objects.order_by("-pk").first()
    end = verify.End(last.pk, bytes(last.mac), last.pk)
    monkeypatch.setattr(verify, "end_of_chain", lambda: end)
    no_macs(monkeypatch)


def no_witness(monkeypatch):
    monkeypatch.setattr(verify, "against_witness", lambda *_: [])


def no_triggers(monkeypatch):
    monkeypatch.setattr(verify.triggers, "missing", list)


# --- Ways ---------------------------------------------------------------------------------------------


def edit():
    past_triggers("UPDATE audit_event SET details = '{\"count\": 1}' WHERE sequence = 3")


def edit_the_newest():
    past_triggers("UPDATE audit_event SET actor = '' , action = 'x' WHERE sequence = 8")


def backdate():
    past_triggers("UPDATE audit_event SET at = '2014-01-01 12:00:00+00:00' WHERE sequence = 3")


def delete():
    past_triggers("DELETE FROM audit_event WHERE sequence = 3")


def delete_and_close_the_gap():
    triggers.uninstall()
    sql("DELETE FROM audit_event WHERE sequence = 3")
    for sequence in range(4, EVENTS + 2):
        sql("UPDATE audit_subject SET event_id = %s WHERE event_id = %s", sequence - 1, sequence)
        sql("UPDATE audit_event SET sequence = %s WHERE sequence = %s", sequence - 1, sequence)
    sql("UPDATE audit_head SET sequence = sequence - 1")
    triggers.install()


def reorder():
    triggers.uninstall()
    for before, after in ((3, 99), (4, 3), (99, 4)):
        sql("UPDATE audit_event SET sequence = %s WHERE sequence = %s", after, before)
    triggers.install()


def insert():
    columns = ", ".join(tampering.COLUMNS[Event][1:])
    sql(f"INSERT INTO audit_event (sequence, {columns}) SELECT 9, {columns} FROM audit_event WHERE sequence = 8")
    sql("UPDATE audit_head SET sequence = 9")


def insert_before_the_first():
    columns = ", ".join(tampering.COLUMNS[Event][1:])
    sql(f"INSERT INTO audit_event (sequence, {columns}) SELECT 0, {columns} FROM audit_event WHERE sequence = 8")


def insert_behind_the_head():
    columns = ", ".join(tampering.COLUMNS[Event][1:])
    sql(f"INSERT INTO audit_event (sequence, {columns}) SELECT 9, {columns} FROM audit_event WHERE sequence = 8")


def cut_off_the_end():
    past_triggers("DELETE FROM audit_event WHERE sequence = 8")


def set_the_head_back():
    sql("UPDATE audit_head SET sequence = 6, mac = (SELECT mac FROM audit_event WHERE sequence = 6)")


def cut_off_the_end_and_set_the_head_back():
    triggers.uninstall()
    tampering.cut_off(5)
    triggers.install()


def empty_the_log():
    triggers.uninstall()
    tampering.cut_off(0)
    triggers.install()


def cut_off_and_fill_up_again():
    """As many events as before, made by the site itself."""
    cut_off_the_end_and_set_the_head_back()
    for _ in range(6, 9):
        with anchors.audited(by=None) as log:
            log("test.happened", instead=1)


def write_anew_with_the_key():
    triggers.uninstall()
    sql("UPDATE audit_event SET details = '{\"count\": 1}' WHERE sequence = 3")
    tampering.write_anew(3)
    triggers.install()


def swap_subjects():
    """Who was looked at in event 6 against who was in event 7."""
    triggers.uninstall()
    sql("UPDATE audit_subject SET event_id = 13 - event_id WHERE event_id IN (6, 7)")
    triggers.install()


def take_a_subject_away():
    past_triggers("DELETE FROM audit_subject WHERE event_id = 6")


def name_somebody_else():
    past_triggers("UPDATE audit_subject SET subject = (SELECT subject FROM audit_subject WHERE event_id = 6)")


def name_a_subject_twice():
    sql("INSERT INTO audit_subject (event_id, subject) SELECT event_id, subject FROM audit_subject WHERE event_id = 6")


def drop_a_trigger():
    on = " ON audit_event" if connection.vendor == "postgresql" else ""
    sql(f"DROP TRIGGER audit_event_no_update{on}")


def put_another_trigger_in_its_place():
    if connection.vendor == "postgresql":
        sql(
            "CREATE OR REPLACE FUNCTION audit_event_no_update() RETURNS trigger "
            "LANGUAGE plpgsql AS 'BEGIN RETURN NEW; END'"
        )
    else:
        drop_a_trigger()
        sql("CREATE TRIGGER audit_event_no_update BEFORE UPDATE ON audit_event BEGIN SELECT 1; END")


def narrow_a_trigger():
    drop_a_trigger()
    if connection.vendor == "postgresql":
        of = "BEFORE UPDATE OF key_id ON audit_event FOR EACH ROW EXECUTE FUNCTION audit_event_no_update()"
    else:
        of = "BEFORE UPDATE OF key_id ON audit_event BEGIN SELECT RAISE(ABORT, 'audit is append-only'); END"
    sql(f"CREATE TRIGGER audit_event_no_update {of}")


@dataclass(frozen=True)
class Way:
    do: Callable[[], None]
    kind: str
    protection: Callable

    def __str__(self) -> str:
        return self.do.__name__


WAYS = [
    Way(edit, "changed", no_macs),
    Way(edit_the_newest, "changed", no_macs),
    Way(backdate, "changed", no_macs),
    Way(delete, "missing", no_numbers),
    Way(delete_and_close_the_gap, "changed", no_macs),
    Way(reorder, "changed", no_macs),
    Way(insert, "changed", no_head),
    Way(insert_before_the_first, "missing", no_numbers),
    Way(insert_behind_the_head, "tail", no_head),
    Way(cut_off_the_end, "tail", no_head),
    Way(set_the_head_back, "tail", no_head),
    Way(cut_off_the_end_and_set_the_head_back, "behind", no_witness),
    Way(empty_the_log, "behind", no_witness),
    Way(cut_off_and_fill_up_again, "rewritten", no_witness),
    Way(write_anew_with_the_key, "rewritten", no_witness),
    Way(swap_subjects, "subjects", no_digests),
    Way(take_a_subject_away, "subjects", no_digests),
    Way(name_somebody_else, "subjects", no_digests),
    Way(name_a_subject_twice, "subjects", no_digests),
    Way(drop_a_trigger, "trigger", no_triggers),
    Way(put_another_trigger_in_its_place, "trigger", no_triggers),
    Way(narrow_a_trigger, "trigger", no_triggers),
]


@pytest.fixture
def anchored(witness_folder, record):
    """Seven events, of which the last two concern a person each; an anchor; and an event more."""
    record(5)
    record(subjects=[ANNA])
    record(subjects=[BENT])
    assert Event.objects.count() == EVENTS
    assert not anchors.anchor().faults
    record()
    yield
    triggers.install()


@pytest.mark.parametrize("way", WAYS, ids=str)
def test_tampering_is_found(anchored, way):
    assert verify.verify() == (EVENTS + 1, [])
    way.do()
    assert way.kind in {fault.kind for fault in verify.verify().faults}


@pytest.mark.slow
@pytest.mark.parametrize("way", WAYS, ids=str)
def test_without_its_protection_it_would_not_be(anchored, way, monkeypatch):
    way.do()
    way.protection(monkeypatch)
    assert way.kind not in {fault.kind for fault in verify.verify().faults}


@pytest.mark.parametrize("way", [way for way in WAYS if way.kind in ("tail", "behind", "trigger")], ids=str)
def test_what_can_be_seen_at_a_glance_is_told_by_the_health_check_at_once(anchored, way):
    assert verify.quick()
    way.do()
    assert not verify.quick()


@pytest.mark.parametrize("way", [cut_off_and_fill_up_again, write_anew_with_the_key], ids=lambda way: way.__name__)
def test_a_history_written_anew_is_told_by_the_health_check_at_once(anchored, way):
    way()
    assert not verify.quick()


def test_an_older_copy_of_the_database_is_found(witness_folder, record):
    record(3, subjects=[ANNA])
    old = tampering.copy()
    record(3, subjects=[BENT])
    anchors.anchor()
    triggers.uninstall()
    tampering.put_back(old)
    triggers.install()
    assert [str(fault) for fault in verify.verify().faults] == ["behind 6"]
    record(10)  # the site went on with it
    assert [str(fault) for fault in verify.verify().faults] == ["rewritten 6"]


def test_a_shortened_file_of_anchors_is_found_by_the_chain(witness_folder, record):
    record(3)
    anchors.anchor()
    anchors.check_all()
    anchors.check_all()
    lines = witness.place().read_bytes().splitlines(keepends=True)
    witness.place().write_bytes(b"".join(lines[:1]))
    assert {str(fault) for fault in verify.verify().faults} == {"witness 2", "witness 3"}


@pytest.mark.parametrize("change", ["edit", "delete", "swap", "spoil"])
def test_a_changed_file_of_anchors_is_found(witness_folder, record, change):
    record(3)
    for _ in range(3):
        anchors.anchor()
    one, two, three = witness.place().read_bytes().splitlines(keepends=True)
    changed = {
        "edit": [one, two.replace(b'"sequence": 3', b'"sequence": 2'), three],
        "delete": [one, three],
        "swap": [one, three, two],
        "spoil": [one, b"x" + two, three],
    }
    witness.place().write_bytes(b"".join(changed[change]))
    assert verify.Fault(2, "witness") in verify.verify().faults


@pytest.mark.parametrize("column", [*tampering.COLUMNS[Event], "subject"])
@pytest.mark.parametrize("value", ["abc", "9999-99-99 00:00:00", b"\x00"], ids=str)
def test_what_is_no_value_of_its_column_is_found_and_does_not_end_the_check(anchored, column, value):
    if connection.vendor != "sqlite":
        pytest.skip("PostgreSQL refuses it")
    table, key = ("audit_subject", "event_id") if column == "subject" else ("audit_event", "sequence")
    number = 3 if column == "sequence" else 6  # nothing refers to the third
    past_triggers(f"UPDATE {table} SET {column} = %s WHERE {key} = %s", value, number)
    assert verify.verify().faults
