"""A sealed archive leaves once for each time that its reader shows who they are, and every time is recorded."""

import io
import json
import logging
import re
import zipfile
from datetime import date, timedelta

import pytest
from django.urls import reverse
from django.utils import timezone

from accounts.permissions import Role
from audit.models import Event
from config.logs import QuietHandler
from crypto.agefile import WrongAgeKey, open_age
from exports import storage, vault
from exports.actions.deliveries import SomebodyLeft
from exports.actions.links import MOST, LinkUsed, hash_of, issue_link, use_link
from exports.actions.recipients import revoke_recipient
from exports.models import Archive, Delivery, Fetch, FetchLink, Job, Reader, Recipient, State
from exports.policies import NotAllowed
from tests.factories.cast import PASSWORD, make_user
from tests.factories.deliveries import fetch, make_project
from tests.factories.delivery_states import LINE, delivery_in
from tests.factories.recipients import IDENTITIES

pytestmark = [pytest.mark.django_db, pytest.mark.slow_on_postgres]


@pytest.fixture
def colleague():
    return make_user(Role.EVALUATOR)


@pytest.fixture
def built(evaluator, colleague, controller):
    project = make_project(evaluator, colleague, by=controller)
    return delivery_in(State.BUILT, project, by=evaluator, decider=controller)


def page_of(delivery: Delivery, reader: str = Reader.EVALUATOR) -> str:
    return reverse("exports:fetch", args=[delivery.pk, reader])


def link_to(delivery: Delivery, user) -> str:
    secret = issue_link(by=user, archive=delivery.archives.get(reader=Reader.EVALUATOR))
    return reverse("exports:fetch_link", args=[secret])


def body(answer) -> bytes:
    return b"".join(answer.streaming_content)


def fetches() -> int:
    assert Fetch.objects.count() == Event.objects.filter(action="archive.fetched").count()
    return Fetch.objects.count()


@pytest.fixture(autouse=True)
def step_up(settings):
    settings.STEP_UP = True


@pytest.mark.parametrize("reader", Reader)
def test_each_reader_gets_their_archive_sealed_and_it_is_recorded(
    client, built, evaluator, controller, reader, tmp_path
):
    user = {Reader.EVALUATOR: evaluator, Reader.OFFICER: controller}[reader]
    answer = fetch(client, user, built, reader)
    assert answer.status_code == 200
    sealed = tmp_path / "sealed.zip.age"
    sealed.write_bytes(body(answer))
    with open_age(sealed, IDENTITIES[reader]) as plain, zipfile.ZipFile(io.BytesIO(plain.read())) as opened:
        assert opened.read(f"{reader}.csv").decode() == LINE * 100
    assert "no-store" in answer["Cache-Control"]
    assert answer["Referrer-Policy"] == "no-referrer"
    assert answer["X-Content-Type-Options"] == "nosniff"
    assert answer["Content-Type"] == "application/octet-stream"
    name = r'attachment; filename="leverance-\d{6}-1-(noegle|data)\.zip\.age"'
    assert re.fullmatch(name, answer["Content-Disposition"])
    assert Event.objects.get(action="archive.fetched").actor == str(user.pk)
    assert Archive.objects.get(delivery=built, reader=reader).fetched_at
    assert (
        f"Forseglet til {user.full_name}" in client.get(reverse("exports:delivery", args=[built.pk])).content.decode()
    )


@pytest.mark.parametrize("reader", Reader)
def test_the_site_cannot_open_what_it_sealed(built, reader):
    path = storage.absolute(built.archives.get(reader=reader))
    others = {*IDENTITIES.values(), vault.archive_identity()} - {IDENTITIES[reader]}
    for identity in others:
        with pytest.raises(WrongAgeKey):
            open_age(path, identity)


@pytest.mark.parametrize("password", ["", "en anden adgangskode"])
def test_without_the_right_password_there_is_no_link(client, built, evaluator, password):
    client.force_login(evaluator)
    answer = client.post(page_of(built), {"password": password})
    assert answer.status_code == 200
    assert answer.context["form"].errors
    assert "Hent filen" in answer.content.decode()
    assert not FetchLink.objects.exists()


def test_guesses_of_the_password_are_limited(client, built, evaluator):
    client.force_login(evaluator)
    for _ in range(8):
        client.post(page_of(built), {"password": "gæt"})
    assert client.post(page_of(built), {"password": PASSWORD}).context["form"].errors
    assert not FetchLink.objects.exists()


def test_a_link_works_once_and_then_says_how_to_get_another(client, built, evaluator):
    client.force_login(evaluator)
    link = link_to(built, evaluator)
    body(client.get(link))
    again = client.get(link)
    assert again.status_code == 410
    assert reverse("exports:delivery", args=[built.pk]) in again.content.decode()
    assert "skriv din adgangskode" in again.content.decode()
    assert again["Referrer-Policy"] == "no-referrer"
    assert fetches() == 1


def test_a_link_works_for_who_asked_for_it_only(client, built, evaluator, colleague, controller):
    link = link_to(built, evaluator)
    for other in (colleague, controller):
        client.force_login(other)
        answer = client.get(link)
        assert answer.status_code == 404
        assert str(built.pk) not in answer.content.decode()
    with pytest.raises(LinkUsed):
        use_link(by=colleague, link=FetchLink.objects.get())
    assert fetches() == 0
    client.force_login(evaluator)
    assert client.get(link).status_code == 200
    assert Event.objects.get(action="archive.link_issued").actor == str(evaluator.pk)


def test_a_link_works_for_five_minutes(client, built, evaluator):
    client.force_login(evaluator)
    link = link_to(built, evaluator)
    assert timedelta(minutes=4) < FetchLink.objects.get().expires_at - timezone.now() <= timedelta(minutes=5)
    FetchLink.objects.update(expires_at=timezone.now())
    assert client.get(link).status_code == 410
    assert fetches() == 0


@pytest.mark.parametrize("method", ["head", "options", "post"])
def test_only_asking_for_the_file_uses_a_link_up(client, built, evaluator, method):
    client.force_login(evaluator)
    link = link_to(built, evaluator)
    getattr(client, method)(link)
    assert fetches() == 0
    assert client.get(link).status_code == 200


def test_who_fetches_again_and_again_is_asked_to_wait(client, built, evaluator, colleague):
    for _ in range(MOST):
        assert fetch(client, evaluator, built, Reader.EVALUATOR).status_code == 200
    told = fetch(client, evaluator, built, Reader.EVALUATOR).content.decode()
    assert "mange gange inden for en time" in told
    assert f"Hentet {MOST} gange" in client.get(reverse("exports:delivery", args=[built.pk])).content.decode()
    assert fetch(client, colleague, built, Reader.EVALUATOR).status_code == 200, "a colleague need not wait"
    FetchLink.objects.update(expires_at=timezone.now() - timedelta(minutes=56))
    assert fetch(client, evaluator, built, Reader.EVALUATOR).status_code == 200
    assert fetches() == MOST + 2


def test_the_secret_is_kept_nowhere(client, built, evaluator):
    handler = next(each for each in logging.getLogger().handlers if isinstance(each, QuietHandler))
    written = io.StringIO()
    before = handler.setStream(written)
    client.force_login(evaluator)
    link = link_to(built, evaluator)
    secret = link.split("/")[-2]
    assert FetchLink.objects.get().secret_hash == hash_of(secret)
    body(client.get(link))
    client.get(link)
    client.get(link.rstrip("/"))
    logging.getLogger("django.request").error("%s: %s", "Internal Server Error", link)
    handler.setStream(before)
    assert written.getvalue().count("/hent/(hidden)/") == 3, "two requests, and what Django says of a failure"
    assert secret not in written.getvalue()
    events = json.dumps(list(Event.objects.values("details", "object_id", "action")))
    assert secret not in events
    assert hash_of(secret) not in events


@pytest.mark.parametrize("state", [State.BUILT, State.FETCHED])
def test_no_role_gets_the_others_archive(client, evaluator, controller, state):
    delivery = delivery_in(state, make_project(evaluator, by=controller), by=evaluator, decider=controller)
    for user, reader in ((controller, Reader.EVALUATOR), (evaluator, Reader.OFFICER)):
        client.force_login(user)
        assert client.get(page_of(delivery, reader)).status_code == 403
        assert fetch(client, user, delivery, reader).status_code == 403
    assert not FetchLink.objects.exists()
    assert fetches() == 0


def test_a_link_does_nothing_for_who_has_left_the_project(client, built, evaluator):
    client.force_login(evaluator)
    link = link_to(built, evaluator)
    built.project.evaluators.remove(evaluator)
    assert client.get(link).status_code == 403
    assert fetches() == 0


def test_the_delivery_is_fetched_when_both_readers_have_theirs(client, built, evaluator, controller):
    fetch(client, evaluator, built, Reader.EVALUATOR)
    built.refresh_from_db()
    assert built.state == State.BUILT
    fetch(client, controller, built, Reader.OFFICER)
    built.refresh_from_db()
    assert built.state == State.FETCHED


def test_an_unknown_reader_and_a_delivery_without_files_answer_404(client, built, evaluator, controller):
    prepared = delivery_in(State.PREPARED, built.project, by=evaluator, decider=controller)
    assert fetch(client, evaluator, built, "both").status_code == 404
    assert fetch(client, evaluator, prepared, Reader.EVALUATOR).status_code == 404


def test_nothing_is_fetched_after_the_time_is_up(client, built, evaluator):
    client.force_login(evaluator)
    link = link_to(built, evaluator)
    Delivery.objects.update(state=State.EXPIRED)
    for address in (page_of(built), link):
        assert "kommet videre imens" in client.get(address, follow=True).content.decode()
    assert fetches() == 0


@pytest.mark.parametrize("harm", ["altered", "gone"])
def test_an_archive_that_is_not_what_was_sealed_is_neither_sent_nor_recorded(client, built, evaluator, harm):
    path = storage.absolute(built.archives.get(reader=Reader.EVALUATOR))
    if harm == "gone":
        path.unlink()
    else:
        content = bytearray(path.read_bytes())
        content[-1] ^= 1
        path.write_bytes(content)
    client.force_login(evaluator)
    told = client.get(link_to(built, evaluator), follow=True).content.decode()
    assert "Arkivet kan ikke hentes" in told
    assert fetches() == 0
    assert not FetchLink.objects.filter(used_at__isnull=False).exists()


@pytest.mark.parametrize("when", ["before the password", "before the link is used"])
def test_files_that_a_revoked_key_opens_are_built_again_before_anybody_gets_them(
    client, built, evaluator, controller, when
):
    client.force_login(evaluator)
    link = link_to(built, evaluator)
    revoke_recipient(by=controller, recipient=Recipient.objects.get(project=built.project, reader=Reader.EVALUATOR))
    if when == "before the password":
        answer = client.post(page_of(built), {"password": PASSWORD}, follow=True)
    else:
        answer = client.get(link, follow=True)
    assert "De dannes nu igen" in answer.content.decode()
    built.refresh_from_db()
    assert built.state == State.APPROVED
    assert built.jobs.filter(kind=Job.Kind.BUILD, state=Job.State.QUEUED).exists()
    assert fetches() == 0


def test_no_link_is_made_for_who_may_not_take_the_archive_nor_to_one_that_is_to_be_built_again(
    built, evaluator, controller
):
    archive = built.archives.get(reader=Reader.EVALUATOR)
    with pytest.raises(NotAllowed):
        issue_link(by=controller, archive=archive)
    revoke_recipient(by=controller, recipient=Recipient.objects.get(project=built.project, reader=Reader.EVALUATOR))
    with pytest.raises(SomebodyLeft):
        issue_link(by=evaluator, archive=archive)
    assert not FetchLink.objects.exists()


def test_a_key_that_expires_does_not_call_files_back(client, built, evaluator):
    Recipient.objects.update(expires_on=date.today() - timedelta(days=1))
    assert fetch(client, evaluator, built, Reader.EVALUATOR).status_code == 200
