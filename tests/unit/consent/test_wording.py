"""Markdown becomes HTML in which nothing raw passes, in the direction of its language."""

from html.parser import HTMLParser

import pytest
from hypothesis import given
from hypothesis import strategies as st

from consent.models import Text
from consent.models.texts import LANGUAGES
from consent.wording import PREVAILS, as_html, direction, prevails

ALLOWED = {"h2", "h3", "h4", "h5", "h6", "p", "ul", "ol", "li", "blockquote", "strong", "em", "br", "bdi"}
ATTRIBUTES = {("bdi", "dir"), ("ol", "start")}
MARKS = ["<script>alert(1)</script>", "<b onclick=x>", "[klik](javascript:alert(1))", "![x](https://example.org/x.png)"]
MARKS += [
    "<https://example.org>",
    "`kode`",
    "```\n",
    "    ",
    "| a | b |\n|:--|--:|\n",
    "&lt;script&gt;",
    "&#60;img&#62;",
]
MARKS += [
    "# ",
    "###### ",
    "- ",
    "7. ",
    "> ",
    "**",
    "_",
    "\\",
    "\n",
    "\n\n",
    "---\n",
    "<!-- -->",
    "\u202e",
    "(CPR)",
    "§ 11",
    "الف",
]


class Tags(HTMLParser):
    """The tags and attributes that a browser would see."""

    def __init__(self, html: str):
        super().__init__()
        self.found: set[str] = set()
        self.attributes: dict[tuple[str, str], set] = {}
        self.words = ""
        self.feed(html)
        self.close()

    def handle_starttag(self, tag, attrs):
        self.found.add(tag)
        for name, value in attrs:
            self.attributes.setdefault((tag, name), set()).add(value)

    def handle_comment(self, data):
        self.found.add("!--")

    def handle_decl(self, decl):
        self.found.add("!")

    def handle_data(self, data):
        self.words += data


def html_of(body: str, language: str = "da") -> str:
    return as_html(Text(language=language, body=body))


@given(st.lists(st.sampled_from(MARKS) | st.text(max_size=8)).map("".join), st.sampled_from(["da", "ar"]))
def test_no_other_tag_or_attribute_ever_passes(body, language):
    tags = Tags(html_of(body, language))
    assert tags.found <= ALLOWED
    assert set(tags.attributes) <= ATTRIBUTES
    assert tags.attributes.get(("bdi", "dir"), {"ltr"}) == {"ltr"}
    assert all(number.isdigit() for number in tags.attributes.get(("ol", "start"), ()))


@given(st.text(alphabet="abc æøå ابپ 019().,:/@§-", max_size=80))
def test_setting_latin_apart_loses_no_sign(body):
    plain = Tags(html_of(body, "da")).words
    assert Tags(html_of(body, "ar")).words == plain


def test_headings_lists_emphasis_and_quotes_are_shown():
    html = html_of("> Eksempel\n\n## Du bestemmer\n\n- **fed** og _kursiv_\n\n1. ét\n")
    for part in ("<blockquote>", "<h3>Du bestemmer</h3>", "<li><strong>fed</strong> og <em>kursiv</em></li>", "<ol>"):
        assert part in html


def test_a_link_is_shown_as_its_words():
    assert html_of("[klik](https://example.org)") == "<p>[klik](https://example.org)</p>\n"


@pytest.mark.parametrize(
    "words, apart",
    [
        ("رقم CPR الخاص", "CPR"),
        ("دائرة الإحصاء (Danmarks Statistik).", "Danmarks Statistik"),
        ("المادة 6 (1) (a) والمادة", "6 (1) (a)"),
        ("www.datatilsynet.dk.", "www.datatilsynet.dk"),
        ("§ 11)", "§ 11"),
    ],
)
def test_latin_names_and_numbers_stand_apart_in_a_script_from_the_right(words, apart):
    assert f'<bdi dir="ltr">{apart}</bdi>' in html_of(words, "ar")


def test_scripts_from_right_to_left_are_marked():
    assert {code for code in LANGUAGES if direction(Text(language=code)) == "rtl"} == {"ar", "ur", "fa"}


def test_every_translation_says_that_the_danish_text_prevails():
    assert set(PREVAILS) == set(LANGUAGES) - {"da"}
    assert prevails(Text(language="da")) == ""
    assert "danske" not in prevails(Text(language="ar"))
