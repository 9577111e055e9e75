"""The records of processing say what the code does: each field that tells of people is in them, in words."""

import importlib.util

import pytest

from exports.field_classes import FIELDS
from rights.management.commands.processing_records import pages
from rights.processing_risks import RISKS
from rights.processing_words import CLASSES, WORDS, tables

TELLING = {label: [name for name, found in names.items() if found in CLASSES] for label, names in FIELDS.items()}


def test_the_pages_are_what_the_code_says():
    for path, text in pages().items():
        assert path.read_text() == text, "run manage.py processing_records --write"


def test_each_table_and_field_that_tells_of_people_has_words():
    assert tables().keys() == {label for label, names in TELLING.items() if names}
    assert WORDS.keys() == {name for names in TELLING.values() for name in names}


@pytest.mark.parametrize("place", sorted({place for risk in RISKS for place in risk.where}))
def test_what_an_assessment_points_at_is_there(place):
    assert importlib.util.find_spec(place)
