"""Two wordings side by side."""

from hypothesis import given
from hypothesis import strategies as st

from consent.differences import Piece, blocks, compare

WORDS = st.sampled_from(["du", "kan", "altid", "sige", "nej", "ja", "det", "- ", "## ", "> ", "\n", "\n\n"])
BODIES = st.lists(WORDS, max_size=40).map(" ".join)


def side(rows, name: str) -> list[str]:
    return [" ".join(piece.text for piece in getattr(row, name)) for row in rows if getattr(row, name)]


@given(BODIES, BODIES)
def test_each_side_is_the_whole_text_in_its_order(old, new):
    rows = compare(old, new)
    assert side(rows, "left") == [block.text for block in blocks(old) if block.text]
    assert side(rows, "right") == [block.text for block in blocks(new) if block.text]


@given(BODIES, BODIES)
def test_what_isnt_marked_is_the_same_on_both_sides(old, new):
    for row in compare(old, new):
        kept = [" ".join(piece.text for piece in pieces if not piece.changed) for pieces in (row.left, row.right)]
        assert kept[0] == kept[1]


@given(BODIES)
def test_a_text_is_like_itself(body):
    assert all(row.same for row in compare(body, body))


def test_a_changed_word_is_marked_on_both_sides():
    (row,) = compare("Du kan altid sige nej.", "Du kan altid sige ja.")
    assert row.left == [Piece("Du kan altid sige", False), Piece("nej.", True)]
    assert row.right == [Piece("Du kan altid sige", False), Piece("ja.", True)]


def test_a_new_paragraph_stands_alone_and_the_rest_keeps_its_neighbour():
    rows = compare(
        "## A\n\nDu bestemmer selv.\n", "## A\n\nHvem har ansvaret for det her?\n\nDu bestemmer helt selv.\n"
    )
    assert [(row.kind, bool(row.left), bool(row.right)) for row in rows] == [
        ("heading", True, True),
        ("paragraph", False, True),
        ("paragraph", True, True),
    ]


def test_the_same_words_as_another_kind_of_paragraph_are_a_change():
    (row,) = compare("Samtykke", "## Samtykke")
    assert not row.same


def test_signs_of_markdown_are_not_words():
    kinds = [
        ("heading", "Du bestemmer"),
        ("item", "ét"),
        ("item", "to linjer"),
        ("quote", "Eksempel"),
        ("paragraph", "a b"),
    ]
    assert blocks("## Du bestemmer\n- ét\n- to\n  linjer\n\n> Eksempel\n\na\nb\n") == kinds
