"""Files that an operator copies out by the shell's `linkage` are given out: the rules of fetching hold for them too."""

from datetime import date

import pytest
from django.core.management import CommandError, call_command

from consent.actions.withdraw import withdraw
from consent.models import Purpose
from consent.queries import EVALUATION
from exports import storage
from exports.actions.recipients import revoke_recipient
from exports.models import Reader, Recipient
from exports.pseudonymise import ProjectCodes
from exports.recalls import recall_list
from tests.factories.cast import make_activity, make_participant, make_user
from tests.factories.deliveries import approve_and_build, make_delivery, make_project

pytestmark = [pytest.mark.django_db, pytest.mark.slow_on_postgres]


@pytest.fixture
def people():
    activity = make_activity()
    return [make_participant(activity) for _ in range(6)]


@pytest.fixture
def delivery(people, evaluator, controller):
    return approve_and_build(make_delivery(make_project(evaluator), by=evaluator), by=controller)


def leave(person) -> None:
    purpose = Purpose.objects.get(pk=EVALUATION)
    withdraw(by=make_user(), participant=person, purpose=purpose, withdrawn_on=date.today())


def copy(delivery, out) -> list[str]:
    call_command("linkage", str(delivery.pk), "--out", str(out))
    return sorted(path.name for path in out.iterdir())


def test_who_withdraws_after_files_were_copied_is_called_back_from_each_reader(delivery, people, tmp_path):
    assert copy(delivery, tmp_path) == ["evaluator.zip.age", "officer.zip.age"]
    leave(people[0])
    for reader in Reader:
        assert recall_list(delivery.project, reader).codes == [
            ProjectCodes(delivery.project).known([people[0].pk])[people[0].pk]
        ]


def test_files_with_somebody_who_has_withdrawn_are_not_copied(delivery, people, tmp_path):
    leave(people[0])
    with pytest.raises(CommandError, match="A consent has ceased"):
        copy(delivery, tmp_path)
    assert not list(tmp_path.iterdir())


def test_files_that_a_revoked_key_opens_are_not_copied(delivery, controller, tmp_path):
    revoke_recipient(by=controller, recipient=Recipient.objects.get(reader=Reader.OFFICER))
    with pytest.raises(CommandError, match="a key was revoked"):
        copy(delivery, tmp_path)
    assert not list(tmp_path.iterdir())


def test_files_that_somebody_has_been_at_are_not_copied(delivery, tmp_path):
    path = storage.absolute(delivery.archives.get(reader=Reader.OFFICER))
    path.write_bytes(path.read_bytes()[:-1])
    with pytest.raises(CommandError, match="not the one that was sealed"):
        copy(delivery, tmp_path)
    assert not (tmp_path / "officer.zip.age").exists()
