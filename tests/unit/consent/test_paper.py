"""Consent forms on paper: drawn, read back, and looked at by a machine as staff's telephones do."""

import io
import re
import zlib
from datetime import UTC, datetime
from pathlib import Path
from urllib.parse import parse_qs, urlsplit
from uuid import UUID

import pypdfium2
import pytest
import zxingcpp
from django.conf import settings
from fontTools.ttLib import TTFont
from hypothesis import given
from hypothesis import settings as hypothesis_settings
from hypothesis import strategies as st
from PIL import Image

from collection.models import Activity, Plan
from consent import paper
from consent.folders import EXAMPLES, read_folder
from consent.models import Audience, Document, Text, Version
from consent.models.texts import LANGUAGES
from consent.paper_words import WORDS
from consent.scans import ScanRefused, read_scan

PLAN = Plan(name="Kvarteret ved Søen", contact_name="Beboerhuset Birken", contact_phone="12 34 56 78")
ACTIVITY = Activity(plan=PLAN, name="Familiecafé om torsdagen")
ADDRESS = f"https://deltagerdata.example/aktiviteter/{UUID(int=7)}/registrer/?tekst=12&metode=paper"
SENTENCES = {
    "da": "Du bestemmer selv, også på lørdag.",
    "en": "You decide for yourself.",
    "ar": "القرار قرارك وحدك",
    "tr": "Kararı siz verirsiniz, gönüllüdür.",
    "so": "Adiga ayaa go'aanka leh.",
    "ur": "فیصلہ آپ کا ہے",
    "fa": "خودتان انتخاب کنید",
    "uk": "Ви вирішуєте самі, є ґанок.",
    "ti": "ባዕልኹም ትውስኑ፡ ወለንታዊ እዩ።",
}


def text(language: str = "da", body: str = "", *, audience=Audience.ADULT, draft=False, example=False) -> Text:
    published = None if draft else datetime(2016, 1, 1, tzinfo=UTC)
    document = Document(purpose_id="evaluation", audience=audience)
    version = Version(document=document, number=3, is_example=example, published_at=published)
    title, body = SENTENCES[language], body or SENTENCES[language]
    return Text(version=version, language=language, title=title, body=body, sha256=Text.hash_of(title, body))


def opened(*forms: paper.Form, **options) -> pypdfium2.PdfDocument:
    return pypdfium2.PdfDocument(paper.pdf(forms, **options))


def words_of(page: pypdfium2.PdfPage) -> str:
    return page.get_textpage().get_text_bounded().replace("\r\n", " ")


@pytest.mark.parametrize("language", LANGUAGES)
@pytest.mark.parametrize("audience", [Audience.ADULT, Audience.GUARDIAN])
def test_a_form_of_each_language_says_what_it_must(language, audience):
    document = opened(paper.Form(text(language, audience=audience), ACTIVITY, ADDRESS))
    page = words_of(document[0])
    for expected in ("Kvarteret ved Søen", "Beboerhuset Birken", "12 34 56 78", "Familiecafé om torsdagen"):
        assert expected in page
    assert "udgave 3" in page
    assert text(language).sha256[:8] in page
    assert "1 / 1" in page
    assert "Ja, jeg giver samtykke" in page
    assert "Nej, jeg giver ikke samtykke" in page
    assert ("Barnets CPR-nummer" in page) == (audience == Audience.GUARDIAN)
    assert ("er det den danske tekst, der gælder" in page) == (language != "da")
    assert "EKSEMPEL" not in page
    assert "KLADDE" not in page
    assert document.get_metadata_dict()["Title"] == SENTENCES[language]
    if language != "ur":  # the letters of Nastaliq are put together from parts, which can't be read back
        assert sorted(SENTENCES[language].replace(" ", "")) == sorted(part(page, SENTENCES[language]))


def part(page: str, sentence: str) -> str:
    """The sentence as it was read back: in Arabic, letters that are drawn as one may have changed places."""
    pattern = "".join(re.escape(char) if char.isspace() else f"[{re.escape(sentence)}]" for char in sentence)
    found = re.search(pattern, page)
    return found[0].replace(" ", "") if found else f"not found in: {page[:300]}"


def test_every_letter_of_the_words_and_examples_is_in_one_of_the_fonts():
    vendor = Path(settings.BASE_DIR, "static/vendor")
    sheet = Path(settings.BASE_DIR, "static/css/paper.css").read_text()
    named = re.findall(r'url\("\.\./vendor/([^"]+)"\)', sheet)
    assert len(named) == 9
    letters = {letter for name in named for letter in TTFont(vendor / name).getBestCmap()}
    written = "".join("".join(words) for words in WORDS.values())
    written += "".join(each.title + each.body for each in read_folder(EXAMPLES))
    invisible = {"\n", "\u200c", "\u200d", "\u200e", "\u200f"}
    assert {char for char in written if ord(char) not in letters} <= invisible


@pytest.mark.parametrize("language, from_the_right", [("da", False), ("ti", False), ("ar", True), ("fa", True)])
def test_a_text_begins_on_its_own_side(language, from_the_right):
    page = opened(paper.Form(text(language), ACTIVITY, ADDRESS))[0]
    words = page.get_textpage()
    place = words.search(SENTENCES[language].split()[0]).get_next()
    edges = [words.get_charbox(place[0] + n) for n in range(place[1])]
    if from_the_right:
        assert page.get_width() - max(right for _l, _b, right, _t in edges) < 60
    else:
        assert min(left for left, *_ in edges) < 60


@pytest.mark.parametrize("options, mark", [({"draft": True}, "KLADDE"), ({"example": True}, "EKSEMPEL")])
def test_what_may_not_be_used_says_so_on_every_page(options, mark):
    document = opened(paper.Form(text(body="Et afsnit med ord.\n\n" * 120, **options), ACTIVITY))
    assert len(document) > 2
    assert all(mark in words_of(page) for page in document)


def test_the_code_opens_the_address_and_nothing_personal_stands_in_it():
    page = opened(paper.Form(text("ar"), ACTIVITY, ADDRESS))[0]
    (code,) = zxingcpp.read_barcodes(page.render(scale=2, grayscale=True).to_numpy())
    assert code.text == ADDRESS
    assert set(parse_qs(urlsplit(code.text).query)) == {"tekst", "metode"}


def test_without_an_activity_there_is_no_code():
    page = opened(paper.Form(text()))[0]
    assert not zxingcpp.read_barcodes(page.render(scale=2, grayscale=True).to_numpy())


def test_copies_follow_each_other_with_page_numbers_of_their_own():
    long = text("en", "Words and words.\n\n" * 40)
    document = opened(paper.Form(long, ACTIVITY, ADDRESS, 3), paper.Form(text("da"), ACTIVITY, ADDRESS, 2))
    assert len(document) == 3 * 2 + 2
    pages = [words_of(page) for page in document]
    assert [re.search(r"\d / \d", page)[0] for page in pages] == [*["1 / 2", "2 / 2"] * 3, "1 / 1", "1 / 1"]
    assert pages[0] == pages[2] == pages[4]
    assert pages[6] == pages[7]


def test_on_both_sides_of_the_paper_each_form_has_a_sheet_of_its_own():
    document = opened(paper.Form(text("en"), copies=2), paper.Form(text("da"), copies=1), two_sided=True)
    assert [bool(words_of(page)) for page in document] == [True, False] * 3


def test_many_copies_cost_no_more_than_one():
    one, many = (len(paper.pdf([paper.Form(text("ur"), ACTIVITY, ADDRESS, n)])) for n in (1, 100))
    assert many < one + 50_000


def test_a_single_form_is_tagged_for_those_who_have_it_read_aloud():
    content = paper.pdf([paper.Form(text("uk"), ACTIVITY, ADDRESS)])
    streams = re.findall(rb"stream\r?\n(.*?)\r?\nendstream", content, re.S)
    plain = content + b"".join(zlib.decompressobj().decompress(each) for each in streams if each[:1] == b"x")
    assert b"pdfuaid" in plain
    assert b"/StructTreeRoot" in plain
    assert re.search(rb"/Lang \(uk\)", plain)


@pytest.mark.parametrize(
    "address",
    ["https://example.org/x.png", "http://127.0.0.1/", "file:///etc/passwd", f"file://{settings.BASE_DIR}/manage.py"],
)
def test_nothing_but_our_own_style_and_fonts_is_read(address):
    fetcher = paper._style()[2]
    with pytest.raises(ValueError):
        fetcher(address)
    outside = f"file://{settings.BASE_DIR}/static/../manage.py"
    with pytest.raises(ValueError):
        fetcher(outside)
    assert fetcher(f"file://{settings.BASE_DIR}/static/css/paper.css").read()


def test_drawing_a_form_lets_no_photo_pass_that_was_cut_off():
    whole = io.BytesIO()
    Image.new("RGB", (600, 400)).save(whole, "JPEG")
    opened(paper.Form(text()))
    with pytest.raises(ScanRefused):
        read_scan(whole.getvalue()[:-900])


def test_missing_libraries_are_told_apart_from_other_faults(monkeypatch):
    import builtins

    real = builtins.__import__

    def without(name, *args, **kwargs):
        if name == "weasyprint":
            raise OSError("cannot load library 'libpango-1.0-0'")
        return real(name, *args, **kwargs)

    monkeypatch.setattr(builtins, "__import__", without)
    with pytest.raises(paper.PaperUnavailable):
        paper.pdf([paper.Form(text())])


MARKDOWN = st.text(
    st.sampled_from("abc æøå #*_>-[]()!`<&\"'\\|~1.\n\t\u0627\u0644\u06c1\u1230\u200c\u202e\U0001f600\x00\x0b"),
    max_size=200,
)


@hypothesis_settings(max_examples=12)
@given(body=MARKDOWN | st.text(max_size=200), language=st.sampled_from(list(LANGUAGES)))
def test_whatever_is_written_there_is_a_form(body, language):
    document = opened(paper.Form(text(language, body or "."), ACTIVITY, ADDRESS))
    assert "Ja, jeg giver samtykke" in words_of(document[len(document) - 1])
