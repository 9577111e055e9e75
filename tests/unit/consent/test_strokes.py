"""A signature's points become numbers in a picture, and nothing else does."""

import json
import re
from xml.etree import ElementTree

import pytest
from hypothesis import given
from hypothesis import strategies as st

from consent.strokes import HEIGHT, MOST_CHARACTERS, MOST_POINTS, WIDTH, StrokesRefused, path_of, svg_of

PATH = re.compile(r"(M\d{1,4} \d{1,4}(L\d{1,4} \d{1,4})+)+")
point = st.tuples(st.integers(0, WIDTH), st.integers(0, HEIGHT)).map(list)
strokes = st.lists(st.lists(point, min_size=1, max_size=40), min_size=1, max_size=20)
anything = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(),
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(st.text(max_size=3), inner, max_size=3),
)


@given(strokes)
def test_each_point_is_in_the_picture_in_its_order(drawn):
    path = path_of(json.dumps(drawn))
    assert PATH.fullmatch(path)
    found = [
        [[int(number) for number in point.split()] for point in re.split("[ML]", stroke)]
        for stroke in re.findall(r"M([^M]+)", path)
    ]
    assert found == [stroke if len(stroke) > 1 else stroke * 2 for stroke in drawn]


@given(st.text() | anything.map(json.dumps))
def test_whatever_is_sent_the_picture_holds_only_numbers(sent):
    try:
        path = path_of(sent)
    except StrokesRefused:
        return
    assert PATH.fullmatch(path)


@given(strokes, st.data())
def test_a_point_that_is_no_point_is_refused_wherever_it_stands(drawn, data):
    outside = st.sampled_from([[-1, 0], [0, HEIGHT + 1], [WIDTH + 1, 0], [1], [1, 2, 3], [1.5, 2], [True, 2], ["1", 2]])
    stroke = data.draw(st.sampled_from(drawn))
    stroke.insert(data.draw(st.integers(0, len(stroke))), data.draw(outside | anything))
    try:
        path_of(json.dumps(drawn))
    except StrokesRefused:
        return
    assert all(type(number) is int for stroke in drawn for point in stroke for number in point)


@pytest.mark.parametrize(
    "sent",
    [
        "",
        "[]",
        "[[]]",
        "{}",
        "[[[1,2]],[]]",
        "[[[NaN,2]]]",
        "[[[1e3,2]]]",
        "[" * 60_000,
        f"[[[{'9' * 5000},2]]]",
        '[[["1\\"/><script>",2]]]',
        json.dumps([[[1, 2]] * (MOST_POINTS + 1)]),
        "[[[1,2]]]" + " " * MOST_CHARACTERS,
    ],
    ids=range(12),
)
def test_what_is_no_signature_is_refused(sent):
    with pytest.raises(StrokesRefused):
        path_of(sent)


def test_the_longest_signature_that_the_page_sends_is_taken():
    path_of(json.dumps([[[WIDTH, HEIGHT]] * MOST_POINTS], separators=(",", ":")))


def test_the_picture_is_well_formed_and_runs_nothing():
    picture = ElementTree.fromstring(svg_of(path_of("[[[1,2],[3,4]],[[5,6]]]")))
    assert [element.tag.rpartition("}")[2] for element in picture.iter()] == ["svg", "path"]
    assert picture[0].get("d") == "M1 2L3 4M5 6L5 6"
