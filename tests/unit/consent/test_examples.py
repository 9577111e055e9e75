"""The example texts: complete in every language, marked as examples, with the same fields to fill in."""

import re

import pytest

from consent.actions.texts import blanks
from consent.folders import EXAMPLES, read_folder, without_notice
from consent.models import Audience
from consent.models.texts import LANGUAGES
from consent.wording import RIGHT_TO_LEFT

TEXTS = {(text.audience, text.language): text for text in read_folder(EXAMPLES)}
SCRIPTS = {
    "ar": "\u0600-\u06ff",
    "ur": "\u0600-\u06ff",
    "fa": "\u0600-\u06ff",
    "uk": "\u0400-\u04ff",
    "ti": "\u1200-\u137f",
}


def shape(body: str) -> list[str]:
    """The kind of each line, so that nothing is left out in a translation."""
    return [line[:2] if line[:2] in ("##", "- ", "> ") else "" for line in body.splitlines()]


@pytest.mark.parametrize("audience", Audience.values)
@pytest.mark.parametrize("language", LANGUAGES)
def test_each_translation_has_every_part_of_the_danish_text(audience, language):
    text, danish = TEXTS[audience, language], TEXTS[audience, "da"]
    assert shape(text.body) == shape(danish.body)
    assert len(blanks(text.body)) == len(blanks(danish.body)) == 3
    for word in ("CPR", "Danmarks Statistik", "Datatilsynet", "www.datatilsynet.dk"):
        assert word in text.body
    # dates, ages and paragraphs of the law
    assert sorted(re.findall(r"\d+", text.body)) == sorted(re.findall(r"\d+", danish.body))


@pytest.mark.parametrize("text", TEXTS.values(), ids=str)
def test_each_says_on_top_that_it_is_an_example(text):
    assert text.body.startswith("> ")
    assert not without_notice(text.body).startswith((">", "\n"))


@pytest.mark.parametrize("language, letters", SCRIPTS.items())
def test_each_is_written_in_its_own_script(language, letters):
    for audience in Audience.values:
        body = TEXTS[audience, language].body
        own = len(re.findall(f"[{letters}]", body))
        assert own > 5 * len(re.findall(r"[A-Za-z]", body))


def test_no_two_texts_are_the_same():
    assert len({text.body for text in TEXTS.values()}) == len(TEXTS) == len(LANGUAGES) * len(Audience)
    assert set(LANGUAGES) > RIGHT_TO_LEFT
