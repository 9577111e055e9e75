"""Whatever an administrator of the database does to what was anchored, a check finds it, unless nothing was changed."""

import shutil
import tempfile
from datetime import datetime

import pytest
from django.conf import settings
from django.db import transaction
from django.test import override_settings
from hypothesis import settings as hypothesis_settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, precondition, rule, run_state_machine_as_test

from audit import anchors, triggers, verify
from audit.models import Event, Subject
from audit.recording import audited
from tests.factories import tampering
from tests.factories.tampering import sql

pytestmark = pytest.mark.django_db

PERSONS = st.lists(st.uuids(version=4), max_size=3, unique=True)
PLACE = st.integers(0, 1000)  # of a row, whatever the number of rows
VALUES = {
    "at": st.datetimes(datetime(1000, 1, 1)).map(lambda time: f"{time:%Y-%m-%d %H:%M:%S}"),
    "actor": st.uuids().map(str) | st.just(""),
    "action": st.sampled_from(["test.happened", "test.other"]),
    "object_type": st.sampled_from(["", "collection.plan"]),
    "object_id": st.uuids().map(str) | st.just(""),
    "plan": st.uuids().map(str) | st.just(""),
    "details": st.integers(0, 3).map(lambda count: f'{{"count": {count}}}'),
    "subjects_digest": st.binary(min_size=32, max_size=32),
    "key_id": st.integers(1, 9),
    "mac": st.binary(min_size=32, max_size=32),
}
CHANGES = st.sampled_from(sorted(VALUES)).flatmap(lambda column: st.tuples(st.just(column), VALUES[column]))


class Tampering(RuleBasedStateMachine):
    """A site that records and anchors; between two steps of it somebody does one to three things to its tables. What
    a check says of that is compared with whether the tables differ, and then the site goes on as if nothing had been.
    """

    def __init__(self):
        super().__init__()
        self.copies: list[tampering.Copy] = []
        self.undo = transaction.atomic()
        self.undo.__enter__()
        self.folder = tempfile.mkdtemp(dir=settings.DATA_DIR)
        self.setting = override_settings(WITNESS_DIR=self.folder)
        self.setting.enable()
        triggers.uninstall()

    def teardown(self):
        self.setting.disable()
        shutil.rmtree(self.folder)
        transaction.set_rollback(True)
        self.undo.__exit__(None, None, None)

    # --- the site

    @initialize(persons=PERSONS)
    def begin(self, persons):
        self.record(persons, 3)
        anchors.anchor()

    @rule(persons=PERSONS, count=st.integers(1, 3))
    def record(self, persons, count):
        with audited(by=None) as log:
            for number in range(count):
                log("test.happened", subjects=persons[number:], count=number)

    @rule(whole=st.booleans())
    def look(self, whole):
        entry = anchors.check_all() if whole else anchors.anchor()
        assert not entry.faults

    @rule()
    def back_up(self):
        self.copies.append(tampering.copy())

    # --- somebody else

    @rule(data=st.data(), times=st.integers(1, 3))
    def tamper(self, data, times):
        before, ways = (
            tampering.copy(),
            [self.edit, self.delete, self.move, self.swap_subjects, self.subject, self.head],
        )
        for _ in range(times):
            data.draw(st.sampled_from(ways))(data)
        self.judge(before)

    @precondition(lambda self: verify.standing(list(verify.witness.read()))[-1].sequence)
    @rule(data=st.data())
    def cut_off(self, data):
        """Before the last anchor; what came after it is vouched for by nobody yet."""
        before, last = tampering.copy(), verify.standing(list(verify.witness.read()))[-1].sequence
        tampering.cut_off(data.draw(st.integers(0, last - 1)))
        self.judge(before)

    @precondition(lambda self: self.copies)
    @rule(data=st.data())
    def put_an_older_copy_back(self, data):
        before = tampering.copy()
        last = verify.standing(list(verify.witness.read()))[-1].sequence
        old = data.draw(st.sampled_from(self.copies))
        tampering.put_back(old)
        if old[Event] and old[Event][-1][0] >= last:
            tampering.put_back(before)  # newer than the last anchor: not to be told from the original
        self.judge(before)

    @rule(data=st.data(), change=CHANGES)
    def write_anew_with_the_key(self, data, change):
        before = tampering.copy()
        anchored = verify.standing(list(verify.witness.read()))[-1].sequence
        column, value = change
        if column not in ("mac", "key_id", "subjects_digest") and anchored:
            first = data.draw(st.integers(1, anchored))
            sql(f"UPDATE audit_event SET {column} = %s WHERE sequence = %s", self.value(column, value), first)
            if tampering.copy() != before:
                tampering.write_anew(first)
        self.judge(before)

    def judge(self, before: tampering.Copy) -> None:
        assert bool(verify.verify().faults) == (meaning(tampering.copy()) != meaning(before))
        tampering.put_back(before)
        assert not verify.verify().faults

    # --- ways

    def edit(self, data):
        column, value = data.draw(CHANGES)
        sql(f"UPDATE audit_event SET {column} = %s WHERE sequence = %s", self.value(column, value), self.event(data))

    def delete(self, data):
        number = self.event(data)
        sql("DELETE FROM audit_subject WHERE event_id = %s", number)
        sql("DELETE FROM audit_event WHERE sequence = %s", number)

    def move(self, data):
        """Two events change places, without their subjects."""
        one, other = self.event(data), self.event(data)
        if one != other:
            for before, after in ((one, -1), (other, one), (-1, other)):
                sql("UPDATE audit_event SET sequence = %s WHERE sequence = %s", after, before)

    def swap_subjects(self, data):
        one, other = self.event(data), self.event(data)
        sql(
            "UPDATE audit_subject SET event_id = CASE event_id WHEN %s THEN %s ELSE %s END WHERE event_id IN (%s, %s)",
            *(one, other, one, one, other),
        )

    def subject(self, data):
        rows = list(Subject.objects.order_by("pk").values_list("pk", flat=True))
        if rows:
            row = rows[data.draw(PLACE) % len(rows)]
            if data.draw(st.booleans()):
                sql("DELETE FROM audit_subject WHERE id = %s", row)
            else:
                columns = "event_id, subject"
                sql(f"INSERT INTO audit_subject ({columns}) SELECT {columns} FROM audit_subject WHERE id = %s", row)

    def head(self, data):
        number = self.event(data)
        sql("UPDATE audit_head SET sequence = %s", number)

    def event(self, data) -> int:
        known = list(Event.objects.order_by("pk").values_list("pk", flat=True))
        return known[data.draw(PLACE) % len(known)] if known else 1

    @staticmethod
    def value(column, value):
        return f"{value}+00" if column == "at" and verify.triggers.connection.vendor == "postgresql" else value


def meaning(copy: tampering.Copy) -> tampering.Copy:
    """Without the numbers of the subjects' rows, which say nothing."""
    return copy | {Subject: sorted(row[1:] for row in copy[Subject])}


def test_tampering_is_found_unless_it_changed_nothing(monkeypatch):
    monkeypatch.setattr(triggers, "missing", list)  # out of the way for the whole of this test
    run_state_machine_as_test(Tampering, settings=hypothesis_settings(max_examples=8, stateful_step_count=10))


@pytest.mark.slow
@pytest.mark.one_database("postgres")
def test_tampering_is_found_unless_it_changed_nothing_at_length(monkeypatch):
    monkeypatch.setattr(triggers, "missing", list)
    run_state_machine_as_test(Tampering, settings=hypothesis_settings(max_examples=150, stateful_step_count=25))
