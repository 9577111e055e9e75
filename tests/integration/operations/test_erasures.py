"""The journal of erasures: nothing is left out, nothing is invented, and nobody comes back."""

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import date, timedelta
from uuid import UUID

import pytest
from django.db import transaction
from django.urls import reverse
from django.utils import timezone

from accounts.actions.invitations import invite_again
from accounts.models import Invitation, User
from accounts.permissions import Role
from collection.models import Participant
from consent import erasures
from consent.actions.handover import remove_member
from consent.actions.proofs import add_signature
from consent.actions.withdraw import erase_identities, withdraw
from consent.models import Decision, Kind, Purpose
from consent.queries import EVALUATION
from exports import project_keys
from exports.actions.leaving import leave
from exports.actions.merge import merge
from exports.actions.projects import end_project
from exports.models import EvaluationProject
from operations import restoring
from tests.factories.cast import make_activity, make_name_identity, make_participant, make_plan, make_user
from tests.factories.deliveries import make_project

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def own_journal(settings, tmp_path):
    settings.WITNESS_DIR = tmp_path
    return tmp_path / "erased.journal"


def withdrawn(person: Participant, callbacks) -> None:
    with callbacks(execute=True):
        purpose = Purpose.objects.get(pk=EVALUATION)
        withdraw(by=None, participant=person, purpose=purpose, withdrawn_on=date(2020, 5, 5))


@contextmanager
def then_a_backup_from_before(callbacks) -> Iterator[None]:
    """What is done within is written down, and then the database is as it was."""
    with transaction.atomic():
        with callbacks(execute=True):
            yield
        transaction.set_rollback(True)


def ids() -> list[str]:
    return [each.id for each in erasures.read()]


def test_who_withdraws_is_written_down_by_id_and_nothing_else(own_journal, django_capture_on_commit_callbacks):
    person = make_participant()
    withdrawn(person, django_capture_on_commit_callbacks)
    (line,) = erasures.read()
    assert (line.id, line.ended) == (str(person.pk), [["evaluation", "withdrawn", "2020-05-05"]])
    assert own_journal.stat().st_mode & 0o077 == 0


def test_what_was_not_committed_is_not_written(own_journal, django_capture_on_commit_callbacks):
    person = make_participant()
    with django_capture_on_commit_callbacks(execute=True), pytest.raises(RuntimeError), transaction.atomic():
        erase_identities([person.pk], at=person.registered_at)
        raise RuntimeError
    assert not own_journal.exists()


def test_what_a_crash_after_the_commit_left_out_is_added_once(own_journal, django_capture_on_commit_callbacks):
    kept, lost = make_participant(), make_participant()
    withdrawn(kept, django_capture_on_commit_callbacks)
    erase_identities([lost.pk], at=lost.registered_at)  # and killed before anything is written
    assert ids() == [str(kept.pk)]
    assert erasures.reconcile() == 1
    assert erasures.reconcile() == 0
    assert ids() == [str(kept.pk), str(lost.pk)]


def test_a_line_cut_off_by_a_crash_takes_no_other_with_it(own_journal, django_capture_on_commit_callbacks):
    first, second = make_participant(), make_participant()
    withdrawn(first, django_capture_on_commit_callbacks)
    whole = own_journal.read_bytes()
    own_journal.write_bytes(whole[:-20])
    assert ids() == []
    withdrawn(second, django_capture_on_commit_callbacks)
    assert ids() == [str(second.pk)]
    assert erasures.reconcile() == 1
    assert set(ids()) == {str(first.pk), str(second.pk)}


def test_a_withdrawal_stands_when_the_journal_cannot_be_written(settings, django_capture_on_commit_callbacks, tmp_path):
    person = make_participant()
    settings.WITNESS_DIR = tmp_path / "missing"
    withdrawn(person, django_capture_on_commit_callbacks)
    assert Participant.ungated.get(pk=person.pk).erased_at is not None


def test_whom_a_backup_brings_back_is_erased_again_and_their_consent_ended(django_capture_on_commit_callbacks):
    person, other = make_participant(), make_participant()
    with then_a_backup_from_before(django_capture_on_commit_callbacks):
        withdrawn(person, django_capture_on_commit_callbacks)
    assert Participant.ungated.get(pk=person.pk).cpr is not None
    assert restoring.replay().people == 1
    row = Participant.ungated.get(pk=person.pk)
    assert (row.cpr, row.name, row.cpr_index, row.name_birth_index) == (None, None, None, None)
    decision = Decision.objects.filter(participant=person).latest("pk")
    assert (decision.kind, decision.decided_on) == (Kind.WITHDRAWN, date(2020, 5, 5))
    assert Participant.ungated.get(pk=other.pk).erased_at is None
    assert restoring.replay().people == 0


def test_whose_consent_lapsed_is_erased_again_and_their_signature_locked(
    django_capture_on_commit_callbacks, settings, tmp_path
):
    settings.DATA_DIR = tmp_path
    person = make_participant()
    proof = add_signature(Decision.objects.get(participant=person), b"<svg/>", by=make_user())
    with then_a_backup_from_before(django_capture_on_commit_callbacks):
        erase_identities([person.pk], at=person.registered_at)
    assert restoring.replay().people == 1
    assert Participant.ungated.get(pk=person.pk).erased_at is not None
    assert not Decision.objects.filter(participant=person, kind=Kind.WITHDRAWN).exists()
    proof.refresh_from_db()
    assert proof.locked_at is not None


def test_two_rows_that_were_made_one_are_made_one_again(django_capture_on_commit_callbacks):
    activity, person = make_activity(), make_name_identity()
    kept = make_participant(activity, person)
    other = make_participant(make_activity(activity.plan), person, add_to_registered=False, another_person=True)
    with then_a_backup_from_before(django_capture_on_commit_callbacks):
        merge(by=activity.responsible, kept=kept, other=other)
    assert [(line.id, line.merged_into) for line in erasures.read()] == [(str(other.pk), str(kept.pk))]
    assert restoring.replay().people == 1
    row = Participant.ungated.get(pk=other.pk)
    assert (row.merged_into_id, row.name) == (kept.pk, None)
    assert Participant.ungated.get(pk=kept.pk).erased_at is None


def test_a_project_that_had_ended_is_ended_again_and_a_copy_of_its_key_destroyed():
    controller = make_user(Role.CONTROLLER)
    project = make_project(make_user(Role.EVALUATOR), by=controller)
    path = project_keys._path(project.pk)
    copy = path.read_bytes()
    end_project(by=controller, project=project)
    path.write_bytes(copy)
    EvaluationProject.objects.filter(pk=project.pk).update(ended_at=None, ended_by=None)
    assert restoring.replay().projects == 1
    assert not path.exists()
    assert EvaluationProject.objects.get(pk=project.pk).ended_at is not None
    assert [UUID(each.id) for each in erasures.read() if each.kind == "project"][0] == project.pk
    path.write_bytes(copy)  # of the key folder alone
    assert restoring.replay().projects == 1
    assert not path.exists()


def test_sessions_and_invitations_of_the_backup_open_nothing(client):
    client.force_login(make_user(Role.STAFF))
    invite_again(by=None, user=make_user(Role.STAFF))
    restoring.end_ways_in()
    assert client.get("/")["Location"].startswith(reverse("account_login"))
    assert not Invitation.objects.exists()


def test_who_has_left_since_stays_out(django_capture_on_commit_callbacks):
    plan = make_plan()
    left, removed, back = (make_user(Role.STAFF, plan) for _ in range(3))
    with then_a_backup_from_before(django_capture_on_commit_callbacks):
        leave(by=None, user=left, successors={})
        remove_member(by=None, plan=plan, user=removed)
    before = timezone.now()
    assert restoring.replay(since=before).accounts == 0  # closed before the backup: somebody has opened it again
    assert restoring.replay(since=before - timedelta(minutes=1)).accounts == 2
    assert list(User.objects.filter(is_active=True, pk__in=[left.pk, removed.pk, back.pk])) == [back]
