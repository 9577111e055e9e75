"""The consent texts shipped with the project: complete, plainly examples, and saying what a consent text must say."""

import json
from pathlib import Path

import pytest

from consent import models

FOLDER = Path(models.__file__).parents[1] / "reference"
ENTRIES = json.loads((FOLDER / "texts.json").read_text(encoding="utf-8"))


def body_of(entry: dict) -> str:
    return (FOLDER / entry["file"]).read_text(encoding="utf-8")


def test_every_audience_has_a_text_in_danish_and_english():
    assert {(entry["audience"], entry["language"]) for entry in ENTRIES} == {
        (audience, language) for audience in models.Audience.values for language in ("da", "en")
    }
    assert {entry["file"] for entry in ENTRIES} == {path.name for path in FOLDER.glob("*.md")}


@pytest.mark.parametrize("entry", ENTRIES, ids=lambda entry: entry["file"])
def test_a_text_says_that_it_is_an_example_and_what_the_law_asks_for(entry):
    body = body_of(entry)
    danish = entry["language"] == "da"
    assert body.startswith("> Eksempel." if danish else "> Example.")
    assert "Datatilsynet" in body
    for said in (
        ("frivilligt", "når som helst", "lige så let", "uanset om", "den danske tekst, der gælder", "stadig lovligt")
        if danish
        else ("voluntary", "at any time", "as easy as", "whether you say", "the Danish text prevails", "stays lawful")
    ):
        assert said in body
    assert not set("[]{}_<") & set(body)  # no gap to fill in


@pytest.mark.parametrize("audience", models.Audience.values)
def test_the_languages_of_a_text_have_the_same_parts(audience):
    parts = []
    for entry in ENTRIES:
        if entry["audience"] == audience:
            lines = body_of(entry).splitlines()
            parts.append([line.partition(" ")[0] if line.startswith(("#", "-", ">")) else bool(line) for line in lines])
    assert parts[0] == parts[1]


def test_only_the_guardians_text_promises_to_keep_no_name_and_to_lapse_at_18():
    for entry in ENTRIES:
        guardian = entry["audience"] == "guardian"
        assert ("fylder 18" in body_of(entry) or "turns 18" in body_of(entry)) is guardian
        assert ("gemmer vi ikke dit navn" in body_of(entry) or "do not store your name" in body_of(entry)) is guardian
