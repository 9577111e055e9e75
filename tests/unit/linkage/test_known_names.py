"""Whole names of the register are found however they are written; parts of them and other words are not."""

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from exports.linkage.known_names import NOBODY, KnownNames

NAMES = KnownNames(["Bo Erik Berg", "Hansen, Søren", "Ayşe Yılmaz", "محمد علي", "Madonna", "O’Neill Zoë", "", "Å B"])


@pytest.mark.parametrize(
    "text",
    [
        "Bo Erik Berg",
        "spørg BO-ERIK  BERG i dag",
        "Berg, Bo Erik",
        "Region;Søren Hansen;1",
        "<td>Soeren Hansen</td>",
        '"Ayse Yilmaz"',
        "محمد علي",
        "c/o zoe oneill, 2. tv.",
    ],
)
def test_a_whole_name_is_found(text):
    assert NAMES.in_text(text)


@pytest.mark.parametrize(
    "text",
    ["", "Bo Berg", "Erik Berg", "Madonna", "Søren;Hansen", "Søren\nHansen", "Søren Hansens Vej", "Bo Erik Bergsen"],
)
def test_parts_of_a_name_and_other_words_are_not(text):
    assert not NAMES.in_text(text)


def test_nobody_is_found_where_nobody_is_known():
    assert not NOBODY.in_text("Bo Erik Berg")
    assert NOBODY.people == 0
    assert NAMES.people == 6


words = st.text("abcdefgæøå", min_size=1, max_size=8)
names = st.lists(words, min_size=2, max_size=4).map(" ".join)


@settings(max_examples=50)
@given(st.lists(names, min_size=1, max_size=5), st.data(), st.lists(words), st.lists(words))
def test_every_known_name_is_found_in_any_surroundings(known, data, before, after):
    name = data.draw(st.sampled_from(known))
    assert KnownNames(known).in_text(" ".join([*before, name.upper(), *after]))


def test_no_name_is_held():
    held = repr(vars(NAMES)).casefold()
    assert "berg" not in held
    assert "hansen" not in held
