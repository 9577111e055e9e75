"""Numbers as Danes write them, and bars drawn without a style attribute."""

import pytest
from django import forms
from django.contrib.auth.models import AnonymousUser
from django.core.paginator import Paginator
from django.template import Context, Template
from django.template.loader import render_to_string
from django.test import RequestFactory
from django.utils import translation

from accounts.templatetags.pages import (
    bar,
    error_links,
    number,
    page_numbers,
    percent,
    progress_value,
    stack,
    year_spans,
)


@pytest.fixture(autouse=True)
def danish():
    with translation.override("da"):
        yield


def drawn(source: str, **context) -> str:
    return Template("{% load pages %}" + source).render(Context(context))


@pytest.mark.parametrize(
    ("value", "decimals", "text"),
    [(1234, 0, "1.234"), (1234.5, 1, "1.234,5"), (0, 0, "0"), (2.5, 0, "3"), (1.25, 1, "1,3"), (None, 0, "–")],
)
def test_numbers_have_danish_signs_and_are_rounded_half_up(value, decimals, text):
    assert number(value, decimals) == text


@pytest.mark.parametrize(
    ("share", "text"), [(0.37, "37\u00a0%"), (14 / 12, "117\u00a0%"), (0.0, "0\u00a0%"), (1, "100\u00a0%"), (None, "–")]
)
def test_shares_are_written_as_whole_percent(share, text):
    assert percent(share) == text


def test_years_that_follow_each_other_are_one_span():
    assert year_spans([2016, 2014, 2018, 2017]) == "2014, 2016–2018"
    assert year_spans([]) == ""


def test_lengths_in_drawings_have_a_decimal_point_in_danish_too():
    assert bar(0.3745)["width"] == "37.45%"
    assert 'width="37.45%"' in drawn("{% bar share %}", share=0.3745)


def test_a_share_over_one_fills_the_bar_and_is_marked_and_still_said():
    html = drawn("{% bar share %}", share=1.5)
    assert 'width="100.00%"' in html
    assert "bar-over" in html
    assert "150\u00a0%" in html


def test_an_unknown_share_draws_no_bar():
    html = drawn("{% bar share %}", share=None)
    assert "<svg" not in html
    assert "–" in html


def test_the_parts_of_a_stacked_bar_lie_end_to_end_and_are_all_said_in_text():
    parts = stack([("Samtykke", 3), ("Afslag", 1), ("Ikke spurgt", 0)], "Fordeling")["parts"]
    assert [(part["x"], part["width"]) for part in parts] == [
        ("0.00%", "75.00%"),
        ("75.00%", "25.00%"),
        ("100.00%", "0.00%"),
    ]
    html = drawn("{% stack parts 'Fordeling' %}", parts=[("Samtykke", 1234), ("Afslag", 1)])
    assert "Samtykke: " in html
    assert "1.234" in html


def test_a_stacked_bar_of_nothing_is_only_its_legend():
    html = drawn("{% stack parts 'Fordeling' %}", parts=[("Samtykke", 0)])
    assert "stack-drawing" not in html
    assert "Samtykke" in html


def test_progress_is_given_in_whole_thousandths():
    assert [progress_value(share) for share in (0, 0.3745, 1.2)] == [0, 374, 1000]


def test_long_lists_offer_the_ends_and_the_neighbours():
    assert page_numbers(Paginator(range(900), 25).page(7)) == [1, "…", 6, 7, 8, "…", 36]


def test_turning_a_page_keeps_the_chosen_year():
    request = RequestFactory().get("/aktiviteter", {"aar": "2016", "page": "2"})
    request.user = AnonymousUser()
    page = Paginator(range(100), 25).page(2)
    html = render_to_string("parts/pagination.html", {"page": page}, request)
    assert 'href="?aar=2016&amp;page=3"' in html
    assert html.count('aria-current="page"') == 1


def test_one_page_needs_no_pagination():
    assert drawn('{% include "parts/pagination.html" %}', page=Paginator([1], 25).page(1)).strip() == ""


def test_an_icon_without_a_label_is_hidden_from_screen_readers():
    assert 'aria-hidden="true"' in drawn('{% icon "lock" %}')
    assert 'role="img" aria-label="Fejl"' in drawn('{% icon "error" "Fejl" %}')


def test_a_running_job_asks_again_and_a_finished_one_does_not():
    progress = {"label": "Bygges", "text": "Trin 2", "share": 0.374, "done": False, "url": "/del", "page": "/hele"}
    running = drawn('{% include "parts/progress.html" %}', progress=progress)
    assert 'hx-get="/del"' in running
    assert 'value="374"' in running
    assert 'href="/hele"' in running
    finished = drawn('{% include "parts/progress.html" %}', progress={**progress, "done": True, "share": None})
    assert "hx-get" not in finished
    assert "value=" not in finished


def test_warnings_are_listed_with_the_box_that_confirms_them():
    class Form(forms.Form):
        confirm = forms.BooleanField(label="Oplysningerne er rigtige")

    form = Form({})
    html = drawn('{% include "parts/warnings.html" %}', warnings=["Over 110 år"], field=form["confirm"])
    assert "Over 110 år" in html
    assert f'id="{error_links(form)[0]["target"]}"' in html
    assert drawn('{% include "parts/warnings.html" %}', warnings=[], field=form["confirm"]).strip() == ""
