"""Keys of recipients: who may add and confirm one, which are refused, and what is sealed to whom."""

from datetime import UTC, date, datetime, timedelta

import pytest
from django.core.management import call_command
from django.db import IntegrityError, transaction
from django.urls import reverse

from accounts.permissions import Role
from audit.models import Event
from crypto.agefile import AgeError, new_identity, open_age, recipient_of
from exports import storage, vault
from exports.actions.deliveries import build_again
from exports.actions.recipients import KeyRefused, add_recipient, confirm_recipient, revoke_recipient
from exports.models import EvaluationProject, Reader, Recipient, State
from exports.policies import NotAllowed, can_confirm, missing_recipients
from exports.recipients import fingerprint
from exports.states import WrongState
from tests.factories.cast import make_activity, make_participant, make_user
from tests.factories.deliveries import approve_and_build, make_delivery, make_project, members, run_jobs, say_yes
from tests.factories.recipients import IDENTITIES, make_recipient

pytestmark = pytest.mark.django_db
NEXT_YEAR = date.today() + timedelta(days=365)
Way = Recipient.Way


@pytest.fixture
def project(evaluator, controller):
    return make_project(evaluator, by=controller, recipients=False)


def add(project, by, **changes) -> Recipient:
    values = {"name": "Eva", "key": recipient_of(new_identity()), "expires_on": NEXT_YEAR} | changes
    return add_recipient(by=by, project=project, **values)


# --- Who may do what ------------------------------------------------------------------------------------


def test_evaluators_add_keys_for_data_and_controllers_for_key_archives(project, evaluator, controller):
    assert add(project, evaluator).reader == Reader.EVALUATOR
    assert add(project, controller).reader == Reader.OFFICER
    for stranger in (make_user(Role.EVALUATOR), make_user(Role.STAFF)):
        with pytest.raises(NotAllowed):
            add(project, stranger)


def test_an_evaluators_key_is_confirmed_by_a_controller_and_by_no_evaluator(project, evaluator, controller):
    key = add(project, evaluator)
    for by in (evaluator, make_user(Role.EVALUATOR)):
        with pytest.raises(NotAllowed):
            confirm_recipient(by=by, recipient=key, way=Way.PHONE)
    with pytest.raises(NotAllowed):
        confirm_recipient(by=controller, recipient=key, way=Way.OWN)
    assert can_confirm(controller, key)
    waits = {"confirmed_by": None, "confirmed_at": None, "confirmed_way": ""}
    added_by_controller = make_recipient(project, Reader.EVALUATOR, identity=new_identity(), by=controller, **waits)
    assert not can_confirm(controller, added_by_controller)
    confirm_recipient(by=controller, recipient=key, way=Way.PHONE)
    key.refresh_from_db()
    assert (key.confirmed_by, key.confirmed_way) == (controller, Way.PHONE)
    event = Event.objects.get(action="recipient.confirmed")
    assert fingerprint(key.public_key) in event.details
    with pytest.raises(NotAllowed):
        confirm_recipient(by=controller, recipient=key, way=Way.VIDEO)


def test_an_officers_key_is_confirmed_by_themselves_as_their_own_and_by_others_as_compared(project, controller):
    own = add(project, controller)
    with pytest.raises(NotAllowed):
        confirm_recipient(by=controller, recipient=own, way=Way.PHONE)
    with pytest.raises(NotAllowed):
        confirm_recipient(by=make_user(Role.CONTROLLER), recipient=own, way=Way.OWN)
    confirm_recipient(by=controller, recipient=own, way=Way.OWN)


def test_the_database_too_wants_somebody_else_for_an_evaluators_key(project, evaluator):
    for way in (Way.PHONE, Way.OWN):
        with pytest.raises(IntegrityError), transaction.atomic():
            make_recipient(project, Reader.EVALUATOR, by=evaluator, confirmed_by=evaluator, confirmed_way=way)


def test_a_key_that_was_revoked_meanwhile_is_not_confirmed(project, evaluator, controller):
    key = add(project, evaluator)
    revoke_recipient(by=evaluator, recipient=Recipient.objects.get(pk=key.pk))
    with pytest.raises(WrongState):  # `key` is as it was read before
        confirm_recipient(by=controller, recipient=key, way=Way.PHONE)
    with pytest.raises(NotAllowed):
        revoke_recipient(by=make_user(Role.EVALUATOR), recipient=add(project, evaluator))
    with pytest.raises(NotAllowed):
        revoke_recipient(by=evaluator, recipient=add(project, controller))


# --- Which keys are taken -------------------------------------------------------------------------------


def test_no_key_may_open_both_archives_and_each_is_added_once(project, evaluator, controller):
    key = recipient_of(new_identity())
    known = add(project, evaluator, key=key)
    revoke_recipient(by=evaluator, recipient=known)  # it stays known
    for by, code in ((controller, "other_reader"), (evaluator, "known")):
        with pytest.raises(KeyRefused) as refused:
            add(project, by, key=key.upper())
        assert refused.value.code == code
    add(make_project(evaluator, by=controller, recipients=False), controller, key=key)  # of another project


def test_a_key_is_of_age_and_for_two_years_at_most(project, evaluator):
    good = recipient_of(new_identity())
    broken = good[:-1] + ("q" if good[-1] != "q" else "p")
    for text in (broken, good[:-1], "age1", "ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAI", new_identity(), ""):
        with pytest.raises(KeyRefused):
            add(project, evaluator, key=text)
    for days in (-1, 2 * 365 + 1):
        with pytest.raises(NotAllowed):
            add(project, evaluator, expires_on=date.today() + timedelta(days=days))


# --- The pages ------------------------------------------------------------------------------------------


def test_a_key_is_added_and_confirmed_on_the_pages(client, project, evaluator, controller):
    key = recipient_of(new_identity())
    client.force_login(evaluator)
    form = {"name": "Eva Evaluator", "public_key": f"# public key: {key}\r\n", "expires_on": f"{NEXT_YEAR:%d.%m.%Y}"}
    client.post(reverse("exports:recipient_new", args=[project.pk]), form)
    [added] = project.recipients.all()
    assert (added.public_key, added.name, added.added_by) == (key, "Eva Evaluator", evaluator)
    listed = reverse("exports:recipients", args=[project.pk])
    confirm = reverse("exports:recipient_confirm", args=[project.pk, added.pk])
    page = client.get(listed).content.decode()
    assert "Venter på bekræftelse" in page
    assert fingerprint(key) in page
    assert confirm not in page
    assert client.get(confirm).status_code == 403
    client.force_login(controller)
    assert confirm in client.get(listed).content.decode()
    assert fingerprint(key) in client.get(confirm).content.decode()
    assert client.post(confirm, {"way": "own"}).context["form"].errors
    client.post(confirm, {"way": "phone"})
    assert "Bekræftet" in client.get(listed).content.decode()
    revoke = reverse("exports:recipient_revoke", args=[project.pk, added.pk])
    assert client.get(revoke).status_code == 200
    client.post(revoke)
    assert "Tilbagekaldt" in client.get(listed).content.decode()
    assert client.post(revoke, follow=True).redirect_chain


@pytest.mark.parametrize("field", ["public_key", "name"])
def test_a_private_key_is_refused_and_shown_nowhere(client, project, evaluator, field):
    identity = new_identity()
    client.force_login(evaluator)
    form = {"name": "Eva", "public_key": recipient_of(new_identity()), "expires_on": f"{NEXT_YEAR:%d.%m.%Y}"}
    for typed in (identity, identity.lower(), f"# public key: age1\n{identity}"):
        answer = client.post(reverse("exports:recipient_new", args=[project.pk]), form | {field: typed})
        page = answer.content.decode()
        assert "Smid den væk, lav en ny nøgle" in page
        assert identity not in page
        assert identity.lower() not in page
    assert not Recipient.objects.exists()
    assert identity not in str(list(Event.objects.values("details")))


def test_what_is_wrong_with_a_key_is_said_and_what_was_typed_stays(client, project, evaluator, controller):
    taken = add(project, controller).public_key
    client.force_login(evaluator)
    form = {"name": "Eva", "public_key": taken, "expires_on": f"{NEXT_YEAR:%d.%m.%Y}"}
    for changes, sentence in (
        ({}, "Ingen må kunne åbne begge"),
        ({"public_key": "age1qqq"}, "Det er ikke en gyldig offentlig nøgle"),
        ({"expires_on": f"{date.today() + timedelta(days=800):%d.%m.%Y}"}, "højst gælde to år"),
        ({"expires_on": f"{date.today():%d.%m.%Y}"}, "Vælg en dag efter i dag"),
    ):
        page = client.post(reverse("exports:recipient_new", args=[project.pk]), form | changes).content.decode()
        assert sentence in page
        assert (form | changes)["public_key"] in page


def test_keys_wait_on_the_pages_of_tasks(client, project, evaluator, controller):
    def tasks(user) -> dict[str, int]:
        client.force_login(user)
        return {str(task.label): task.count for task in client.get(reverse("exports:tasks")).context["tasks"]}

    waits, ends = f"Nøgler, der skal bekræftes: {project}", f"Nøgle, der udløber: {project}"
    key = add(project, evaluator)
    assert tasks(controller) == {waits: 1}
    assert tasks(evaluator) == {}
    confirm_recipient(by=controller, recipient=key, way=Way.VIDEO)
    assert tasks(controller) == {}
    Recipient.objects.update(expires_on=date.today() + timedelta(days=30))
    assert tasks(evaluator) == {ends: 1}
    assert tasks(controller) == {}
    make_recipient(project, Reader.EVALUATOR)
    assert tasks(evaluator) == {}, "another key is good for longer"


# --- What is sealed to whom -----------------------------------------------------------------------------


@pytest.fixture
def people():
    activity = make_activity()
    return [make_participant(activity) for _ in range(6)]


def opens(archive, identity: str) -> bool:
    try:
        open_age(storage.absolute(archive), identity).close()
    except AgeError:
        return False
    return True


def test_archives_are_sealed_to_the_keys_that_were_good_when_it_was_prepared(people, evaluator, controller):
    project = make_project(evaluator, by=controller)
    second, early, late, old, unconfirmed = (new_identity() for _ in range(5))
    both = make_recipient(project, Reader.EVALUATOR, identity=second)
    make_recipient(project, Reader.EVALUATOR, identity=early, revoked_by=controller, revoked_at=datetime.now(UTC))
    make_recipient(project, Reader.EVALUATOR, identity=old, expires_on=date.today() - timedelta(days=1))
    waiting = {"confirmed_by": None, "confirmed_at": None, "confirmed_way": ""}
    make_recipient(project, Reader.EVALUATOR, identity=unconfirmed, **waiting)
    delivery = make_delivery(project, by=evaluator)
    assert {each["reader"] for each in delivery.report["recipients"]} == {"evaluator", "officer"}
    say_yes(delivery, by=controller)
    make_recipient(project, Reader.EVALUATOR, identity=late)
    run_jobs()
    data, keys = (delivery.archives.get(reader=reader) for reader in (Reader.EVALUATOR, Reader.OFFICER))
    assert str(both.pk) in data.sealed_to
    assert len(data.sealed_to) == 2
    for identity in (IDENTITIES[Reader.EVALUATOR], second):
        assert opens(data, identity)
        assert not opens(keys, identity)
    for identity in (early, old, unconfirmed, late, IDENTITIES[Reader.OFFICER], vault.archive_identity()):
        assert not opens(data, identity)
    assert not opens(keys, vault.archive_identity())


@pytest.mark.parametrize("why", ["revoked_at", "expires_on", "public_key", "reader"])
def test_a_key_that_is_not_what_was_approved_is_left_out_of_the_build(people, evaluator, controller, why):
    project = make_project(evaluator, by=controller)
    other = new_identity()
    gone = make_recipient(project, Reader.EVALUATOR, identity=other)
    delivery = make_delivery(project, by=evaluator)
    say_yes(delivery, by=controller)
    changed = {
        "revoked_at": datetime.now(UTC), "expires_on": date.today() - timedelta(days=1),
        "public_key": recipient_of(new_identity()), "reader": Reader.OFFICER,
    }  # fmt: skip
    Recipient.objects.filter(pk=gone.pk).update(**{why: changed[why]})
    run_jobs()
    delivery.refresh_from_db()
    assert delivery.state == State.BUILT
    for archive in delivery.archives.all():
        assert str(gone.pk) not in archive.sealed_to
        assert not opens(archive, other)


def test_with_no_key_left_nothing_is_built_and_the_page_says_so(client, people, evaluator, controller):
    delivery = make_delivery(make_project(evaluator, by=controller), by=evaluator)
    say_yes(delivery, by=controller)
    revoke_recipient(by=controller, recipient=delivery.project.recipients.get(reader=Reader.OFFICER))
    run_jobs()
    delivery.refresh_from_db()
    assert (delivery.state, delivery.reason) == (State.FAILED, "no_recipient")
    assert not delivery.archives.exists()
    assert not list(storage.delivery_folder(delivery).rglob("*.zip.age*"))
    client.force_login(evaluator)
    page = client.get(reverse("exports:delivery", args=[delivery.pk])).content.decode()
    assert "Der er ikke længere en bekræftet nøgle" in page


def test_without_keys_a_delivery_is_prepared_and_says_what_is_missing(client, people, project, evaluator, controller):
    delivery = make_delivery(project, by=evaluator)
    assert delivery.state == State.PREPARED
    assert missing_recipients(delivery) == list(Reader)
    with pytest.raises(WrongState):
        say_yes(delivery, by=controller)
    client.force_login(evaluator)
    page = client.get(reverse("exports:delivery", args=[delivery.pk])).content.decode()
    assert "der mangler en bekræftet nøgle for" in page
    assert "ingen nøgle" in client.get(reverse("exports:project", args=[project.pk])).content.decode()


def test_files_built_again_are_sealed_to_whom_was_approved(people, evaluator, controller):
    project = make_project(evaluator, by=controller)
    delivery = approve_and_build(make_delivery(project, by=evaluator), by=controller)
    before = {archive.reader: archive.sealed_to for archive in delivery.archives.all()}
    make_recipient(project, Reader.EVALUATOR, identity=new_identity())
    build_again(by=evaluator, delivery=delivery)
    run_jobs()
    assert {archive.reader: archive.sealed_to for archive in delivery.archives.all()} == before
    assert all(members(archive) for archive in delivery.archives.all())


def test_the_shell_seals_as_the_site_does(people, evaluator, controller, tmp_path):
    delivery = make_delivery(make_project(evaluator, by=controller), by=evaluator)
    say_yes(delivery, by=controller)
    call_command("linkage", str(delivery.pk), "--out", str(tmp_path / "out"))
    for reader in Reader:
        path = tmp_path / "out" / f"{reader}.zip.age"
        open_age(path, IDENTITIES[reader]).close()
        with pytest.raises(AgeError):
            open_age(path, vault.archive_identity())


def test_a_projects_recipients_are_another_projects_business_in_no_way(client, project, evaluator, controller):
    key = add(project, evaluator)
    other = make_project(evaluator, by=controller)
    client.force_login(controller)
    assert client.get(reverse("exports:recipient_confirm", args=[other.pk, key.pk])).status_code == 404
    assert EvaluationProject.objects.count() == 2
