"""Publishing consent texts, and how they are shown."""

import json
from io import StringIO

import pytest
from django.core.management import CommandError, call_command

from audit.models import Event
from consent.actions.publish import publish_examples, publish_folder
from consent.folders import TextsRefused
from consent.models import Audience, Text, Version
from consent.models.texts import LANGUAGES
from consent.queries import texts_in_use
from consent.wording import as_html, direction

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


def test_markdown_passes_no_script_no_tag_no_image_and_no_style():
    body = (
        "<script>alert(1)</script>\n\n<b onclick=x>fed</b>\n\n[klik](javascript:alert(1))\n\n![x](https://example.org/x.png)"
        "\n\n## Overskrift\n\n> citat"
    )
    html = as_html(Text(language="da", title="", body=body, sha256=Text.hash_of("", body)))
    for forbidden in ("<script", "<b ", "<img", 'href="javascript', "style="):
        assert forbidden not in html
    assert "<h3>Overskrift</h3>" in html
    assert "<blockquote>" in html


def test_scripts_from_right_to_left_are_marked():
    assert {code for code in LANGUAGES if direction(Text(language=code)) == "rtl"} == {"ar", "ur", "fa"}
