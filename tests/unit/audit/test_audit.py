"""The audit log: append-only, chained, written with the change or not at all."""

import json
from datetime import date

import pytest
from django.core.management import CommandError, call_command
from django.db import DatabaseError, connection, transaction

from audit import triggers
from audit.models import Event, Head
from audit.recording import IdentityInAudit, audited
from audit.verify import quick, verify
from collection.models import Plan

pytestmark = pytest.mark.django_db


def record(count=1, **details):
    for _ in range(count):
        with audited(by=None) as log:
            log("test.happened", **details)


def make_plan(number="1"):
    return Plan.objects.create(
        lbf_number=number, name="Plan", municipality_code="751", start=date(2014, 1, 1), end=date(2015, 1, 1)
    )


def tampering(statement, *parameters):
    """What an administrator of the database could do: past the triggers."""
    triggers.uninstall()
    with connection.cursor() as cursor:
        cursor.execute(statement, parameters)
    triggers.install()


def test_an_untouched_chain_is_whole():
    record(5)
    assert verify() == (Event.objects.count(), [])
    assert quick()


@pytest.mark.parametrize(
    "statement",
    [
        "UPDATE audit_event SET action = 'x'",
        "DELETE FROM audit_event",
        "UPDATE audit_subject SET event_id = 1",
        "DELETE FROM audit_subject",
    ],
)
def test_the_database_refuses_to_change_an_event(statement):
    plan = make_plan()
    with audited(by=None) as log:
        log("test.happened", plan, subjects=[plan.pk])
    with pytest.raises(DatabaseError), transaction.atomic(), connection.cursor() as cursor:
        cursor.execute(statement)


def test_the_database_refuses_to_replace_an_event():
    record()
    if connection.vendor != "sqlite":
        pytest.skip("REPLACE is SQLite's")
    with pytest.raises(DatabaseError), transaction.atomic(), connection.cursor() as cursor:
        cursor.execute("INSERT OR REPLACE INTO audit_event SELECT * FROM audit_event")


def test_the_database_refuses_to_truncate():
    if connection.vendor != "postgresql":
        pytest.skip("TRUNCATE is PostgreSQL's")
    record()
    with pytest.raises(DatabaseError), transaction.atomic(), connection.cursor() as cursor:
        cursor.execute("TRUNCATE audit_event CASCADE")


def test_a_changed_row_is_found():
    record(3, number=1)
    tampering("UPDATE audit_event SET details = %s WHERE sequence = 2", json.dumps({"number": 2}))
    assert [(fault.sequence, fault.kind) for fault in verify()[1]] == [(2, "changed")]
    with pytest.raises(CommandError):
        call_command("verify_audit")


@pytest.mark.parametrize("column", ["actor", "action", "object_type", "object_id", "plan"])
def test_each_column_is_covered(column):
    record(3)
    tampering(f"UPDATE audit_event SET {column} = 'x' WHERE sequence = 2")
    assert verify()[1]


def test_a_missing_row_is_found():
    record(3)
    tampering("DELETE FROM audit_event WHERE sequence = 2")
    assert [(fault.sequence, fault.kind) for fault in verify()[1]][0] == (2, "missing")


def test_two_rows_that_changed_places_are_found():
    record(2)
    record(1, number=2)
    record(1, number=3)
    tampering("UPDATE audit_event SET sequence = 99 WHERE sequence = 3")
    tampering("UPDATE audit_event SET sequence = 3 WHERE sequence = 4")
    tampering("UPDATE audit_event SET sequence = 4 WHERE sequence = 99")
    assert {fault.sequence for fault in verify()[1]} >= {3, 4}


def test_a_cut_off_tail_is_found():
    record(3)
    tampering("DELETE FROM audit_event WHERE sequence = 3")
    assert [fault.kind for fault in verify()[1]] == ["tail"]
    assert not quick()


def test_a_person_taken_out_of_an_event_is_found():
    plan = make_plan()
    with audited(by=None) as log:
        log("identity.listed", subjects=[plan.pk])
    tampering("DELETE FROM audit_subject")
    assert [fault.kind for fault in verify()[1]] == ["subjects"]


def test_an_event_invented_by_somebody_without_the_audit_key_is_found():
    record(2)
    tampering(
        "INSERT INTO audit_event (sequence, at, actor, action, object_type, object_id, plan, details, subjects_digest, "
        "key_id, mac) SELECT 3, at, actor, 'invented', object_type, object_id, plan, details, subjects_digest, key_id, "
        "mac FROM audit_event WHERE sequence = 2"
    )
    Head.objects.update(sequence=3)
    assert (3, "changed") in [(fault.sequence, fault.kind) for fault in verify()[1]]


def test_a_dropped_trigger_is_found():
    record()
    with connection.cursor() as cursor:
        on = " ON audit_event" if connection.vendor == "postgresql" else ""
        cursor.execute(f"DROP TRIGGER audit_event_no_delete{on}")
    assert [fault.kind for fault in verify()[1]] == ["trigger"]
    assert not quick()
    triggers.install()


def test_change_and_event_are_written_together_or_not_at_all():
    with pytest.raises(RuntimeError), audited(by=None) as log:
        make_plan()
        log("plan.created")
        raise RuntimeError
    assert not Plan.objects.exists()
    assert not Event.objects.filter(action="plan.created").exists()


def test_an_inner_failure_takes_only_its_own_events_away():
    with audited(by=None) as log:
        log("outer.first")
        with pytest.raises(RuntimeError), audited(by=None) as inner:
            inner("inner.failed")
            raise RuntimeError
        with audited(by=None) as inner:
            inner("inner.done")
    assert list(Event.objects.order_by("sequence").values_list("action", flat=True)) == ["outer.first", "inner.done"]
    assert verify()[1] == []


@pytest.mark.parametrize("value", ["070761-4286", "nr. 0707614286", "x" * 81])
def test_an_identity_as_a_detail_is_refused(value):
    with pytest.raises(IdentityInAudit) as caught, audited(by=None) as log:
        log("test.happened", note=value)
    assert value not in str(caught.value)


def test_an_event_of_another_past_in_its_old_place_is_found():
    """Restored from a copy: right by itself and in the right place, but not the event that followed this one."""
    record(1)
    with connection.cursor() as cursor:
        record(1, number=1)
        record(1, number=2)
        cursor.execute("SELECT details, at, mac FROM audit_event WHERE sequence = 3")
        details, at, mac = cursor.fetchone()
    tampering("DELETE FROM audit_event WHERE sequence > 1")
    Head.objects.update(sequence=1, mac=Event.objects.get(sequence=1).mac)
    record(2, number=3)
    tampering("UPDATE audit_event SET details = %s, at = %s, mac = %s WHERE sequence = 3", details, at, bytes(mac))
    Head.objects.update(mac=bytes(mac))
    assert (3, "changed") in [(fault.sequence, fault.kind) for fault in verify()[1]]
