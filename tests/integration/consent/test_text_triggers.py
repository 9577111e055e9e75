"""The database itself refuses to change a published consent text."""

from datetime import UTC, date, datetime

import pytest
from django.db import DatabaseError, connection, transaction

from audit import triggers
from audit.verify import quick
from consent.models import Document, Text, Version
from consent.triggers import TRIGGERS
from tests.factories.cast import make_text

pytestmark = pytest.mark.django_db


@pytest.fixture
def text():
    return make_text()


@pytest.fixture
def draft(text):
    version = Version.objects.create(document=text.version.document, number=2)
    Text.objects.create(
        version=version, language="da", title="Kladde", body="Ord", sha256=Text.hash_of("Kladde", "Ord")
    )
    return version


def run(statement, *parameters) -> None:
    with transaction.atomic(), connection.cursor() as cursor:
        cursor.execute(statement, parameters)


def refuses(statement, *parameters) -> None:
    with pytest.raises(DatabaseError, match="never changes"):
        run(statement, *parameters)


@pytest.mark.parametrize(
    "change",
    [
        "title = 'Andet'",
        "body = 'Andre ord'",
        "sha256 = 'x'",
        "language = 'en'",
        "version_id = version_id + 1000",
    ],
)
def test_a_published_text_cannot_be_changed(text, change):
    refuses(f"UPDATE consent_text SET {change}")


@pytest.mark.parametrize(
    "change",
    [
        "number = 7",
        "published_at = NULL",
        "published_at = '2020-01-01 00:00:00+00:00'",
        "is_example = NOT is_example",
        "document_id = document_id + 1000",
    ],
)
def test_a_published_version_cannot_be_changed(text, change):
    refuses(f"UPDATE consent_version SET {change}")


def test_what_is_published_cannot_be_deleted(text):
    refuses("DELETE FROM consent_text")
    refuses("DELETE FROM consent_version")
    with pytest.raises(DatabaseError), transaction.atomic():
        text.delete()


def test_what_is_published_cannot_be_replaced(text):
    if connection.vendor == "postgresql":
        run("SET CONSTRAINTS ALL IMMEDIATE")  # rows just written still wait for the check of their keys
        refuses("TRUNCATE consent_text CASCADE")
        refuses("TRUNCATE consent_version CASCADE")
    else:
        columns = "id, version_id, language, title, body, sha256"
        words = "id, version_id, language, title, 'Andre ord', sha256"
        refuses(f"INSERT OR REPLACE INTO consent_text ({columns}) SELECT {words} FROM consent_text")


def test_a_text_cannot_be_moved_into_a_published_version(text, draft):
    refuses("UPDATE consent_text SET version_id = %s, language = 'tr' WHERE version_id = %s", text.version_id, draft.pk)


def test_the_day_of_lapse_is_set_once(text):
    version, now = Version.objects.filter(pk=text.version_id), datetime.now(UTC)
    version.update(consents_lapse_on=date(2030, 1, 1), lapse_known_at=now)
    refuses("UPDATE consent_version SET consents_lapse_on = '2031-01-01'")
    refuses("UPDATE consent_version SET consents_lapse_on = NULL, lapse_known_at = NULL")
    refuses("UPDATE consent_version SET lapse_known_at = '2020-01-01 00:00:00+00:00'")


def test_a_version_may_go_out_of_use_and_a_draft_may_be_changed_and_deleted(text, draft):
    run("UPDATE consent_version SET ended_at = '2026-01-01 00:00:00+00:00' WHERE id = %s", text.version_id)
    draft.texts.update(body="Andre ord")
    draft.number = 3
    draft.save()
    draft.texts.all().delete()
    draft.delete()
    assert Version.objects.get() == text.version


def test_the_triggers_are_watched(text):
    names = {trigger.name for trigger in TRIGGERS}
    assert not names & set(triggers.missing())
    name = "consent_text_no_update"
    with connection.cursor() as cursor:
        cursor.execute(f"DROP TRIGGER {name}" + (" ON consent_text" if connection.vendor == "postgresql" else ""))
    assert triggers.missing() == [name]
    assert not quick()
    triggers.install()
    assert triggers.missing() == []


@pytest.mark.skipif("connection.vendor == 'postgresql'", reason="SQLite alone rebuilds tables")
@pytest.mark.django_db(transaction=True)
def test_a_migration_may_rebuild_the_table_of_versions():
    text = make_text()
    triggers.uninstall_before_migrate()
    with connection.schema_editor() as editor:
        editor._remake_table(Version)
    triggers.install_after_migrate()
    assert Document.objects.get().versions.get() == text.version
    refuses("UPDATE consent_version SET number = 7")
