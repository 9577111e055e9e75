"""Anchors: written, checked, handed over, and honest after a restore."""

import shlex
import sys
from io import StringIO

import pytest
from django.core.management import CommandError, call_command
from django.db import OperationalError

from audit import anchors, state, tasks, triggers, verify, witness
from audit.models import Event, Head
from crypto import keys
from tests.factories import tampering

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def own_witness(witness_folder):
    return witness_folder


def faults() -> list[str]:
    return [str(fault) for fault in verify.verify().faults]


def lose_since(old: tampering.Copy) -> None:
    """The database as it was: a backup that was put back."""
    triggers.uninstall()
    tampering.put_back(old)
    triggers.install()


# --- Writing ------------------------------------------------------------------------------------------


def test_an_anchor_says_where_the_chain_ends_and_follows_the_one_before(record):
    record(3)
    first = anchors.anchor()
    record(2)
    second = anchors.anchor()
    assert [(one.number, one.kind, one.sequence, one.faults) for one in (first, second)] == [
        (1, "anchor", 3, 0),
        (2, "anchor", 5, 0),
    ]
    assert second.mac == bytes(Head.objects.get().mac).hex()
    assert list(witness.read()) == [first, second]
    assert list(witness.broken([first, second])) == []
    assert witness.place().stat().st_mode & 0o077 == 0


def test_an_empty_chain_is_anchored_too():
    assert anchors.anchor().sequence == 0
    assert faults() == []


def test_an_entry_made_without_the_key_is_none(record):
    record(3)
    entry = anchors.anchor()
    of_another_purpose = keys.current("audit")
    forged = witness.Entry(**{**vars(entry), "number": 2, "key": of_another_purpose.id, "link": "0" * 64})
    assert list(witness.broken([entry, forged])) == [2]


def test_a_line_cut_off_by_a_full_disk_costs_that_line_only(record):
    record(3)
    anchors.anchor()
    with witness.place().open("ab") as file:
        file.write(b'{"number": 2, "kind": "anch')
    assert faults() == []
    assert anchors.anchor().number == 2
    assert faults() == []


def test_an_anchor_reads_only_what_is_new(record, monkeypatch):
    record(5)
    anchors.anchor()
    record(2)
    seen = []
    monkeypatch.setattr(verify._Walk, "_fits", lambda walk, event, mac: seen.append(event.sequence) or True)
    anchors.anchor()
    assert seen == [6, 7]
    seen.clear()
    anchors.check_all()
    assert seen == [1, 2, 3, 4, 5, 6, 7]


def test_events_that_come_while_a_check_runs_disturb_it_not(record):
    record(3)
    end = verify.end_of_chain()
    record(4)
    assert verify.check(end) == (3, [])


def test_a_check_goes_on_over_pages(record, monkeypatch):
    monkeypatch.setattr(verify, "CHUNK", 2)
    record(7)
    assert verify.verify() == (7, [])


# --- The nightly check --------------------------------------------------------------------------------


def test_the_nightly_check_is_told_in_the_log_and_outside_it(record):
    record(3)
    tasks.check_all()
    entry = state.now().whole
    assert (entry.kind, entry.sequence, entry.faults) == ("whole", 3, 0)
    event = Event.objects.get(action="audit.checked")
    assert entry.link in event.details
    assert faults() == []
    assert state.now().well


def test_a_fault_is_told_until_a_whole_check_finds_none(record):
    record(3)
    anchors.anchor()
    before = tampering.copy()
    tampering.past_triggers("UPDATE audit_event SET action = 'x' WHERE sequence = 2")
    tasks.anchor()
    assert verify.quick()  # the anchor read nothing that old
    entry = anchors.check_all()
    assert (entry.faults, entry.first) == (1, "changed 2")
    assert state.now().problem == "faults"
    tasks.anchor()
    assert (state.now().problem, state.now().faulty) == ("faults", entry)
    assert not verify.quick()
    assert entry not in verify.standing(list(witness.read()))  # no later check builds on it
    tampering.past_triggers("UPDATE audit_event SET action = %s WHERE sequence = 2", dict_of(before)[2])
    anchors.check_all()
    assert state.now().well


def dict_of(copy: tampering.Copy) -> dict[int, str]:
    place = tampering.COLUMNS[Event].index("action")
    return {row[0]: row[place] for row in copy[Event]}


def test_a_check_whose_result_the_chain_cannot_take_is_still_written_outside(record, monkeypatch):
    def refuse(*_, **__):
        raise OperationalError

    record(3)
    monkeypatch.setattr(anchors, "_record", refuse)
    assert anchors.check_all() == state.now().whole


@pytest.mark.parametrize("hours", [25, 27])
def test_a_day_without_a_check_is_told(record, monkeypatch, hours):
    record(3)
    entry = anchors.anchor()
    later = entry.time + hours * state.timedelta(hours=1)

    class Clock(state.datetime):
        @classmethod
        def now(cls, tz=None):
            return later

    monkeypatch.setattr(state, "datetime", Clock)
    assert state.now().problem == ("late" if hours > 26 else "")


def test_a_file_of_anchors_that_is_gone_is_told(record):
    record(3)
    assert state.now().well  # there is none yet
    anchors.check_all()
    witness.place().unlink()
    assert state.now().problem == "gone"
    assert not verify.quick()
    assert faults() == ["witness 1"]


# --- Another machine ----------------------------------------------------------------------------------


def keeps_in(path) -> str:
    code = "import sys; open(sys.argv[1], 'a').write(sys.stdin.read())"
    return shlex.join([sys.executable, "-c", code, str(path)])


def test_each_anchor_is_handed_over_once_and_again_after_a_failure(record, settings, tmp_path):
    copy = tmp_path / "elsewhere"
    settings.WITNESS_COMMAND = keeps_in(copy)
    record(2)
    anchors.anchor()
    settings.WITNESS_COMMAND = "/bin/false"
    anchors.anchor()
    anchors.anchor()
    assert witness.waiting() == 2
    settings.WITNESS_COMMAND = keeps_in(copy)
    anchors.anchor()
    assert witness.waiting() == 0
    assert list(witness.read(copy)) == list(witness.read())


def test_the_copy_shows_what_somebody_with_this_machine_did(record, settings, tmp_path):
    """Who has the key and the folder rewrites the chain and its anchors: only the copy still knows."""
    copy = tmp_path / "elsewhere"
    settings.WITNESS_COMMAND = keeps_in(copy)
    record(4)
    anchors.anchor()
    settings.WITNESS_COMMAND = ""
    witness.place().unlink()
    triggers.uninstall()
    tampering.sql("UPDATE audit_event SET details = '{}', actor = '' WHERE sequence = 2")
    tampering.sql("UPDATE audit_event SET action = 'x' WHERE sequence = 2")
    tampering.write_anew(2)
    triggers.install()
    anchors.anchor()
    assert faults() == []
    assert [str(fault) for fault in verify.verify(path=copy).faults] == ["rewritten 4"]
    with pytest.raises(CommandError):
        call_command("verify_audit", witness=copy, stderr=StringIO())


# --- After a restore ----------------------------------------------------------------------------------


def test_a_restored_backup_is_accepted_once_it_is_said_and_the_loss_stays_told(record):
    record(3)
    anchors.anchor()
    old = tampering.copy()
    record(3)
    anchors.anchor()
    anchors.check_all()
    lose_since(old)
    record(1)
    assert faults() == ["behind 6"]
    call_command("anchor_audit", restored=True, stdout=StringIO())
    assert faults() == []
    assert state.now().well
    event = Event.objects.get(action="audit.restored")
    assert '"kept": 3' in event.details
    assert '"lost": 3' in event.details
    record(9)
    anchors.check_all()
    assert faults() == []


def test_nothing_else_is_accepted_as_a_restore(record):
    record(3)
    anchors.anchor()
    with pytest.raises(anchors.NotRestored, match="whole"):
        anchors.accept_restore()
    record(3)
    anchors.anchor()
    triggers.uninstall()
    tampering.sql("UPDATE audit_event SET action = 'x' WHERE sequence = 5")
    triggers.install()
    with pytest.raises(anchors.NotRestored, match="faults"):
        anchors.accept_restore()
    triggers.uninstall()
    tampering.cut_off(4)
    triggers.install()
    lines = witness.place().read_bytes().splitlines(keepends=True)
    witness.place().write_bytes(lines[1])
    with pytest.raises(anchors.NotRestored, match="witness"):
        anchors.accept_restore()


def test_a_lost_file_of_anchors_is_begun_again_when_that_is_said(record):
    record(3)
    anchors.check_all()
    witness.place().unlink()
    call_command("anchor_audit", restored=True, stdout=StringIO())
    assert faults() == []
    assert state.now().well


# --- Commands -----------------------------------------------------------------------------------------


def test_the_commands_say_what_they_found(record):
    record(3)
    told = StringIO()
    with pytest.raises(CommandError, match="no anchor yet"):
        call_command("verify_audit", since_anchor=True)
    call_command("anchor_audit", stdout=told)
    record(2)
    call_command("verify_audit", since_anchor=True, stdout=told)
    call_command("verify_audit", stdout=told)
    assert told.getvalue().splitlines() == [
        "Anchor 1: 3 events.",
        "The audit log is whole: 2 events since the last anchor.",
        "The audit log is whole: 5 events.",
    ]
    triggers.uninstall()
    tampering.cut_off(2)
    triggers.install()
    wrong = StringIO()
    for command in ("anchor_audit", "verify_audit"):
        with pytest.raises(CommandError, match="not whole"):
            call_command(command, stderr=wrong)
    assert "event 3 was there when the chain was anchored, and is gone" in wrong.getvalue()
