"""Publishing consent texts from a folder."""

import json
from io import StringIO

import pytest
from django.core.management import CommandError, call_command

from audit.models import Event
from consent.actions.publish import publish_examples, publish_folder
from consent.actions.texts import create_draft
from consent.folders import TextsRefused
from consent.models import Audience, Text, Version, VersionState
from consent.queries import texts_in_use
from tests.factories.cast import make_text, make_user

pytestmark = pytest.mark.django_db


def folder_of(path, version=2, body="Vores egen tekst.", **changes):
    entry = {
        "purpose": "evaluation",
        "audience": "adult",
        "version": version,
        "language": "da",
        "title": "Samtykke",
        "file": "tekst.md",
    } | changes
    (path / "texts.json").write_text(json.dumps([entry]))
    (path / "tekst.md").write_text(body)
    return path


def test_the_examples_are_published_once_for_every_audience():
    assert publish_examples(None) == 27
    assert publish_examples(None) == 0
    assert {text.version.document.audience for text in texts_in_use()} == set(Audience)
    assert all(text.sha256 == Text.hash_of(text.title, text.body) for text in texts_in_use())
    assert all(version.is_example for version in Version.objects.all())
    assert Event.objects.filter(action="text.published").count() == 27


def test_the_controllers_own_text_takes_the_place_of_the_example(tmp_path):
    publish_examples(None)
    call_command("publish_texts", folder=folder_of(tmp_path, 3), stdout=StringIO())
    adult = texts_in_use().filter(version__document__audience="adult")
    assert [text.body for text in adult] == ["Vores egen tekst."]
    assert publish_examples(None) == 0
    assert texts_in_use().filter(version__document__audience="adult").count() == 1


def test_an_earlier_text_is_offered_until_it_is_ended(tmp_path):
    publish_folder(by=None, folder=folder_of(tmp_path, 1))
    publish_folder(by=None, folder=folder_of(tmp_path, 2))
    assert texts_in_use().count() == 2
    publish_folder(by=None, folder=folder_of(tmp_path, 3), end_earlier=True)
    assert [text.version.number for text in texts_in_use()] == [3]


def test_a_published_text_never_changes(tmp_path):
    publish_folder(by=None, folder=folder_of(tmp_path))
    with pytest.raises(TextsRefused, match="higher version number"):
        publish_folder(by=None, folder=folder_of(tmp_path, body="Andre ord."))
    assert Text.objects.get().body == "Vores egen tekst."


@pytest.mark.parametrize(
    "changes", [{"audience": "everybody"}, {"language": "xx"}, {"file": "gone.md"}, {"purpose": "ads"}]
)
def test_a_folder_with_a_mistake_publishes_nothing_and_says_which(tmp_path, changes):
    with pytest.raises(CommandError, match="adult|everybody|xx|gone|ads"):
        call_command("publish_texts", folder=folder_of(tmp_path, **changes))
    assert not Version.objects.exists()


def test_newer_examples_take_the_place_of_earlier_ones(tmp_path):
    make_text()
    assert publish_examples(None) == 27
    adult = Version.objects.filter(document__audience="adult").order_by("number")
    assert [version.state for version in adult] == [VersionState.NOT_OFFERED, VersionState.PUBLISHED]


def test_examples_stay_away_where_the_controller_has_begun_a_text():
    create_draft(by=make_user("controller"), purpose="evaluation", audience="adult")
    assert publish_examples(None) == 18
    assert not texts_in_use().filter(version__document__audience="adult").exists()


def test_a_folder_does_not_publish_over_a_draft(tmp_path):
    create_draft(by=make_user("controller"), purpose="evaluation", audience="adult")
    with pytest.raises(TextsRefused, match="draft with this number"):
        publish_folder(by=None, folder=folder_of(tmp_path, 1))


def test_a_folder_without_a_danish_text_is_refused(tmp_path):
    with pytest.raises(TextsRefused, match="no Danish text"):
        publish_folder(by=None, folder=folder_of(tmp_path, language="tr"))
    assert not Version.objects.exists()


def test_a_language_may_be_added_to_a_published_version(tmp_path):
    publish_folder(by=None, folder=folder_of(tmp_path, 1))
    assert publish_folder(by=None, folder=folder_of(tmp_path, 1, language="tr")) == 1
    assert {text.language for text in texts_in_use()} == {"da", "tr"}
