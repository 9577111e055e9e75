"""Pictures for a report: the same bytes each time, everything said in words too, nothing drawn that may not be told."""

import io
import os
import subprocess
import sys
from dataclasses import replace
from functools import cache
from xml.etree import ElementTree

import numpy as np
import pytest

from exports.comparison.runner import pictures
from exports.comparison.runner.balance import Difference
from exports.comparison.runner.balance.histograms import histogram
from exports.comparison.runner.flow import flow
from exports.comparison.runner.texts import DANISH, ENGLISH

SVG = "{http://www.w3.org/2000/svg}"
DIFFERENCES = [
    Difference("age", "", ("Alder", "Age"), 0.05, 0.2),
    Difference("origin", "2", ("Oprindelse: Ikke-vestlig", "Origin: Non-Western"), -1.25, -0.031),
    Difference("poor", "", ("Under 50 % af medianen <& $x$>", "Below 50% of the median <& $x$>"), 0.31, 0.1),
]
COUNTS = {
    "persons": {"list_missing": 2, "not_in_list": 12, "not_adult": 0, "found": 110},
    "families": {"earlier_start": 8, "no_child": 7, "participant": 89},
    "candidates": {"participant_family": 89, "started": 34, "comparison": 2254},
    "sizes": {"residents": 221_564, "area_residents": 60_123, "area_families": 21_320, "candidates": 2377},
}


def draw_all(kind: str, language: int) -> list[bytes]:
    random = np.random.default_rng(1)
    score, participant = random.normal(0, 1, 300), np.arange(300) < 100
    score_drawn = histogram(score, participant, ("Score", "Score"), (np.arange(300) % 2).astype(float))
    drawn = []
    for draw, content in (
        (pictures.love_plot, DIFFERENCES),
        (pictures.distributions, [score_drawn, histogram(score * 1000, participant, ("Indkomst", "Income"))]),
        (pictures.flow_chart, flow(COUNTS, 37, 5).frame()),
    ):
        stream = io.BytesIO()
        draw(content, stream, kind, language)
        drawn.append(stream.getvalue())
    return drawn


drawn_once = cache(draw_all)


def love(differences, language=DANISH) -> str:
    stream = io.BytesIO()
    pictures.love_plot(differences, stream, "svg", language)
    return words_of(stream.getvalue())


def words_of(svg: bytes) -> str:
    root = ElementTree.fromstring(svg)
    assert root.get("role") == "img"
    assert root[0].tag == f"{SVG}title"
    assert root[0].text
    assert root[1].tag == f"{SVG}desc"
    return root[1].text


@pytest.mark.parametrize("kind", ["svg", "png"])
def test_the_same_input_gives_the_same_bytes(kind):
    assert draw_all(kind, DANISH) == drawn_once(kind, DANISH)


@pytest.mark.slow
def test_another_process_gives_the_same_bytes():
    digests = "import hashlib; from tests.unit.comparison.test_pictures import draw_all; " + (
        "print([hashlib.sha256(p).hexdigest() for kind in ('svg', 'png') for p in draw_all(kind, 0)])"
    )
    runs = [
        subprocess.Popen(
            [sys.executable, "-c", digests], stdout=subprocess.PIPE, env=os.environ | {"PYTHONHASHSEED": seed}
        )
        for seed in ("1", "2")
    ]
    first, second = (run.communicate()[0] for run in runs)

    assert first.count(b"'") == 12
    assert first == second


@pytest.mark.parametrize("language", [DANISH, ENGLISH])
def test_a_picture_is_sound_needs_no_font_and_holds_no_date_or_address(language):
    for svg in drawn_once("svg", language):
        words_of(svg)
        text = svg.decode()
        assert "<text" not in text  # letters are outlines
        assert "<!DOCTYPE" not in text
        assert "dc:date" not in text
        assert {part.split('"')[0] for part in text.split("http://")[1:]} == {
            "www.w3.org/1999/xlink",
            "www.w3.org/2000/svg",
        }


def test_the_love_plot_says_each_difference_largest_first_in_both_languages():
    danish, english = love(DIFFERENCES), love(DIFFERENCES, ENGLISH)

    assert danish.startswith(
        "Oprindelse: Ikke-vestlig: 1,250 før, 0,031 efter. "
        "Under 50 % af medianen <& $x$>: 0,310 før, 0,100 efter. Alder: 0,050 før"
    )
    assert "Origin: Non-Western: 1.250 before, 0.031 after." in english


def test_a_difference_that_may_not_be_told_is_counted_and_not_drawn():
    hidden = [replace(DIFFERENCES[0], smd_before=None, smd_after=None), *DIFFERENCES[1:]]

    told = love(hidden)

    assert "Alder" not in told
    assert "ikke må vises eller ikke kan beregnes: 1." in told
    assert "ikke må vises" not in love(DIFFERENCES)
    nothing = [replace(row, smd_before=None, smd_after=None) for row in DIFFERENCES]
    assert "kan beregnes: 3." in love(nothing)


def test_without_matching_there_is_nothing_after():
    told = love([replace(row, smd_after=None) for row in DIFFERENCES])

    assert "efter" not in told.split("Gruppernes")[0]
    assert "Alder: 0,050." in told


def test_the_flow_chart_says_every_count_and_that_some_are_hidden():
    for language, expected in (
        (
            DANISH,
            [
                "Deltagerfamilier: 89 familier.",
                "ikke på listen det år, de begyndte: skjult.",
                "2.254",
                "Skjult: antallet",
            ],
        ),
        (
            ENGLISH,
            ["Participant families: 89 families.", "in which they started: hidden.", "2,254", "Hidden: the count"],
        ),
    ):
        told = words_of(drawn_once("svg", language)[2])
        assert [part for part in expected if part not in told] == []
        assert ": 12." not in told


@pytest.mark.parametrize(("unseen", "shown"), [(37, ": 37."), (3, ": skjult."), (None, ": vides ikke.")])
def test_the_flow_chart_says_how_many_may_be_among_the_comparison(unseen, shown):
    stream = io.BytesIO()
    pictures.flow_chart(flow(COUNTS, unseen, 5).frame(), stream)

    assert f"sammenligningsgruppen{shown}" in words_of(stream.getvalue())


def test_thirty_long_rows_and_a_word_without_end_stay_on_the_page():
    label = "En karakteristik med et meget langt navn, der skal brydes over flere linjer " + "x" * 60
    rows = [Difference(f"v{n}", "", (f"{label} {n}", label), n / 100, None) for n in range(30)]

    stream = io.BytesIO()
    pictures.love_plot(rows, stream, "svg")

    root = ElementTree.fromstring(stream.getvalue())
    assert float(root.get("width").removesuffix("pt")) == pytest.approx(6.7 * 72)


def test_another_kind_of_picture_is_refused():
    with pytest.raises(ValueError, match="pdf"):
        pictures.love_plot(DIFFERENCES, io.BytesIO(), "pdf")


@pytest.mark.slow
def test_pages_are_served_without_matplotlib():
    check = (
        "import django, os, sys; os.environ.setdefault('DJANGO_SETTINGS_MODULE', 'config.settings'); django.setup(); "
    )
    check += "import config.urls; print('matplotlib' in sys.modules)"

    assert subprocess.run([sys.executable, "-c", check], capture_output=True, text=True, check=True).stdout == "False\n"
