"""A project that has ended: its key, codes and files are gone, and nothing that is left says who had which code."""

import base64
import hmac
import shutil
import sqlite3
import subprocess
from datetime import date, timedelta
from pathlib import Path

import pytest
from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from django.conf import settings
from django.db import connection
from django.urls import reverse

from accounts.permissions import Role
from audit.models import Event
from collection.models import Participant
from consent.actions.withdraw import withdraw
from consent.models import Purpose
from consent.queries import EVALUATION
from crypto import keys
from crypto.errors import KeyUnavailable
from crypto.models import DataKey
from exports import expiry, project_keys, storage
from exports.actions.deliveries import cancel, record_fetch, request_delivery
from exports.actions.projects import change_project, end_project
from exports.models import Delivery, DeliveryPerson, Job, Pseudonym, Reader, State
from exports.policies import NotAllowed
from exports.pseudonymise import ProjectCodes
from exports.recalls import recall_list
from exports.states import WrongState
from tests.factories.cast import make_activity, make_participant, make_user
from tests.factories.deliveries import approve_and_build, make_delivery, make_project
from tests.plugins.processes import database_url

pytestmark = pytest.mark.django_db


@pytest.fixture
def people() -> list[Participant]:
    activity = make_activity()
    return [make_participant(activity) for _ in range(5)]


@pytest.fixture
def delivery(project, people, evaluator, controller) -> Delivery:
    return approve_and_build(make_delivery(project, by=evaluator), by=controller)


def key_file(project) -> Path:
    return Path(settings.KEY_DIR) / "projects" / f"{project.pk}.key"


# --- What is gone, and what stays ---------------------------------------------------------------------------


def test_key_codes_and_files_are_gone_and_the_ledger_stays(project, people, delivery, controller):
    folder = storage.delivery_folder(delivery)
    assert key_file(project).exists()
    assert list(folder.iterdir())
    end_project(by=controller, project=project)
    assert not key_file(project).exists()
    assert not folder.exists()
    assert not Pseudonym.objects.filter(project=project).exists()
    assert DeliveryPerson.objects.filter(delivery=delivery).count() == len(people)
    project.refresh_from_db()
    delivery.refresh_from_db()
    assert (project.ended_by, delivery.state) == (controller, State.EXPIRED)
    assert Event.objects.filter(action="project.ended", object_id=str(project.pk)).exists()


def test_other_projects_keep_theirs(project, people, delivery, evaluator, controller):
    other = make_project(evaluator)
    make_delivery(other, by=evaluator)
    end_project(by=controller, project=project)
    assert len(ProjectCodes(other).known(person.pk for person in people)) == len(people)


def test_a_process_that_has_used_the_key_can_use_it_no_more(project, delivery, controller):
    before = ProjectCodes(project)  # of a page that was open
    end_project(by=controller, project=project)
    with pytest.raises(KeyUnavailable):
        project_keys.load(project.pk)
    with pytest.raises(KeyUnavailable):
        before.codes_for([[make_participant().pk]])
    assert not Pseudonym.objects.filter(project=project).exists()


def test_nothing_more_is_made_for_it(project, delivery, evaluator, controller):
    end_project(by=controller, project=project)
    for forbidden in (
        lambda: request_delivery(by=evaluator, project=project, kind=Delivery.Kind.LINKAGE),
        lambda: change_project(by=controller, project=project, evaluators=[]),
        lambda: end_project(by=controller, project=project),
    ):
        with pytest.raises(NotAllowed) as refused:
            forbidden()
        assert refused.value.code == "ended"
    with pytest.raises(NotAllowed):
        record_fetch(by=evaluator, archive=delivery.archives.get(reader=Reader.EVALUATOR))
    assert recall_list(project, Reader.EVALUATOR).codes is None


@pytest.mark.parametrize("role", [Role.EVALUATOR, Role.COORDINATOR, Role.STAFF])
def test_only_a_controller_ends_a_project(project, role):
    with pytest.raises(NotAllowed):
        end_project(by=make_user(role), project=project)
    assert key_file(project).exists()


def test_not_while_a_delivery_is_under_way(project, people, evaluator, controller):
    delivery = make_delivery(project, by=evaluator)
    with pytest.raises(NotAllowed) as refused:
        end_project(by=controller, project=project)
    assert refused.value.code == "under_way"
    cancel(by=evaluator, delivery=delivery)
    delivery.jobs.update(state=Job.State.RUNNING)  # its worker has not noticed yet
    with pytest.raises(NotAllowed):
        end_project(by=controller, project=project)
    delivery.jobs.update(state=Job.State.CANCELLED)
    end_project(by=controller, project=project)
    assert not key_file(project).exists()


def test_an_interrupted_ending_is_finished_and_a_key_put_back_is_destroyed(project, delivery, controller, tmp_path):
    copy = shutil.copy(key_file(project), tmp_path)
    end_project(by=controller, project=project)
    shutil.copy(copy, key_file(project))
    storage.delivery_folder(delivery)
    project.refresh_from_db()
    with pytest.raises(KeyUnavailable):
        ProjectCodes(project)
    assert expiry.expire_due() == 1
    assert not key_file(project).exists()
    assert not (Path(settings.DATA_DIR) / "deliveries" / str(delivery.pk)).exists()
    assert expiry.expire_due() == 0


def test_the_receipt_of_a_withdrawal_promises_no_recall_from_an_ended_project(
    client, project, people, delivery, evaluator, controller
):
    record_fetch(by=evaluator, archive=delivery.archives.get(reader=Reader.EVALUATOR))
    end_project(by=controller, project=project)
    purpose = Purpose.objects.get(pk=EVALUATION)
    withdraw(by=controller, participant=people[0], purpose=purpose, withdrawn_on=date.today())
    client.force_login(controller)
    page = client.get(reverse("exports:receipt", args=[people[0].pk])).text
    assert "får besked" not in page
    assert "1 leverance fra et projekt, der er afsluttet" in page


# --- Neither the database nor a backup of it gives a person back ------------------------------------------


def backup(to: Path) -> list[tuple[bytes, bytes, bytes]]:
    """A real copy of the database, made as an operator does, and its rows of pseudonyms: lookup, code_index, sealed."""
    if connection.vendor == "sqlite":
        with sqlite3.connect(connection.settings_dict["NAME"]) as source, sqlite3.connect(to) as copy:
            source.backup(copy)
            return copy.execute("SELECT lookup, code_index, sealed FROM exports_pseudonym").fetchall()
    url = database_url(connection)
    with to.open("wb") as file:
        subprocess.run(["pg_dump", "--data-only", "--table=exports_pseudonym", url], stdout=file, check=True)
    lines = to.read_text().splitlines()
    head = next(line for line in lines if line.startswith("COPY "))
    names = head[head.index("(") + 1 : head.index(")")].split(", ")
    rows = lines[lines.index(head) + 1 : lines.index("\\.")]
    cells = [dict(zip(names, row.split("\t"), strict=True)) for row in rows]
    return [tuple(bytes.fromhex(row[name][3:]) for name in ("lookup", "code_index", "sealed")) for row in cells]


def every_other_key() -> list[bytes]:
    """Every secret that the site has beside the project's key: the key-encryption key, and what it wraps."""
    kek = base64.b64decode((Path(settings.KEY_DIR) / "kek").read_bytes())
    return [kek, *(keys.by_id(row.pk).material for row in DataKey.objects.all())]


@pytest.mark.django_db(transaction=True)
def test_with_the_key_gone_a_backup_from_before_gives_nobody_back(evaluator, controller, tmp_path):
    project, activity = make_project(evaluator), make_activity()
    people = [make_participant(activity) for _ in range(5)]
    make_delivery(project, by=evaluator)
    cancel(by=evaluator, delivery=project.deliveries.get())
    codes = list(ProjectCodes(project).known(person.pk for person in people).values())
    material = project_keys.load(project.pk)
    rows = backup(tmp_path / "backup")
    assert len(rows) == len(people)
    assert given_back(rows, [material], people, codes) == len(people)  # with its key, the attack succeeds

    end_project(by=controller, project=project)
    assert not Pseudonym.objects.exists()
    assert given_back(rows, every_other_key(), people, codes) == 0


def given_back(rows: list, secrets: list[bytes], people: list[Participant], codes: list[str]) -> int:
    """How many rows tell a person or a code, when every part of every secret is tried as either half of the key."""
    keys = {part for secret in secrets for part in (secret[:32], secret[-32:], *parts(secret))}
    lookups = {hmac.digest(key, b"p" + person.pk.bytes, "sha256")[:16] for key in keys for person in people}
    indexes = {hmac.digest(key, b"c" + code.encode(), "sha256")[:16] for key in keys for code in codes}
    return sum(
        lookup in lookups or index in indexes or any(opens(key, sealed, lookup) for key in keys)
        for lookup, index, sealed in rows
    )


def parts(secret: bytes) -> list[bytes]:
    return [secret[start : start + 32] for start in range(len(secret) - 31)]


def opens(key: bytes, sealed: bytes, lookup: bytes) -> bool:
    try:
        AESGCM(key).decrypt(sealed[:12], sealed[12:], lookup)
    except (InvalidTag, ValueError):
        return False
    return True


# --- The page -----------------------------------------------------------------------------------------------


def test_the_page_says_what_it_means_and_wants_the_number_typed(client, project, people, delivery, controller):
    record_fetch(by=make_user(Role.CONTROLLER), archive=delivery.archives.get(reader=Reader.OFFICER))
    client.force_login(controller)
    address = reverse("exports:end_project", args=[project.pk])
    page = client.get(address).text
    for sentence in ("kan ikke gøres om", "Ingen kan længere kaldes tilbage", "har ikke meldt filerne"):
        assert sentence in page
    for wrong in ("", "123456", project.name):
        assert client.post(address, {"number": wrong}).status_code == 200
        assert key_file(project).exists()
    answer = client.post(address, {"number": project.dst_number}, follow=True)
    assert "Projektet er afsluttet" in answer.text
    assert not key_file(project).exists()
    assert reverse("exports:linkage_new", args=[project.pk]) not in answer.text
    for name in ("linkage_new", "comparison_new", "project_edit"):
        assert client.get(reverse(f"exports:{name}", args=[project.pk])).status_code == 404
    assert "Koderne findes ikke længere" in client.get(reverse("exports:look_up", args=[project.pk])).text


def test_a_delivery_that_is_fetched_while_it_expires_keeps_nothing_else_from_being_cleared_away(
    project, people, delivery, evaluator, controller, monkeypatch
):
    ended = make_project(evaluator)
    end_project(by=controller, project=ended)
    key_file(ended).write_bytes(b"a copy put back")

    def fetched_meanwhile(read, to):
        raise WrongState("moved on")

    monkeypatch.setattr(expiry, "move", fetched_meanwhile)
    later = delivery.expires_on + timedelta(days=1)
    assert expiry.expire_due(later) == 1
    assert not key_file(ended).exists()
    delivery.refresh_from_db()
    assert delivery.state == State.BUILT
    monkeypatch.undo()
    assert expiry.expire_due(later) == 1
    delivery.refresh_from_db()
    assert delivery.state == State.EXPIRED


def test_the_page_names_what_is_under_way(client, project, people, evaluator, controller):
    make_delivery(project, by=evaluator)
    client.force_login(controller)
    address = reverse("exports:end_project", args=[project.pk])
    assert "kan ikke afsluttes endnu" in client.get(address).text
    client.post(address, {"number": project.dst_number})
    assert key_file(project).exists()
