"""The guides say what the pages say, and show what there is."""

import ast
import re
from functools import cache
from pathlib import Path

import pytest

from consent.screen_words import WORDS

ROOT = Path(__file__).resolve().parents[2]
GUIDES = ROOT / "docs" / "guides"
NAMES = ("medarbejder.md", "koordinator.md", "evaluator.md", "dataansvarlig.md", "modtager.md")
PICTURES = GUIDES / "pictures"
MOST_BYTES = 100_000
APPS = ("accounts", "collection", "consent", "exports", "spreadsheets", "rights", "operations")
QUOTED = re.compile(r"\*\*([^*]+)\*\*|»([^«]+)«")  # what one presses is bold, what one reads is in »…«
FILLED_IN = re.compile(r"\{\{.*?\}\}|%\(\w+\)[sd]")
TRANSLATED = re.compile(
    r"""\{%\s*translate\s+"([^"]+)"|_\("([^"]+)"\)"""
    r"""|\{%\s*blocktranslate\b[^%]*%\}(.*?)\{%\s*endblocktranslate\s*%\}|<button[^>]*>([^<{]+)</button>""",
    re.DOTALL,
)


@cache
def texts_of_pages() -> frozenset[str]:
    """What templates and Python sources say; "…" where something is filled in."""
    found = set(vars(WORDS["da"]).values())
    for path in (ROOT / "templates").rglob("*.html"):
        for parts in TRANSLATED.findall(path.read_text()):
            found.update(re.split(r"\{%\s*plural\s*%\}", next(filter(None, parts))))
    for path in (path for app in APPS for path in (ROOT / app).rglob("*.py")):
        nodes = ast.walk(ast.parse(path.read_text()))
        found.update(node.value for node in nodes if isinstance(node, ast.Constant) and isinstance(node.value, str))
    worded = (" ".join(FILLED_IN.sub("…", text).split()) for text in found)
    return frozenset(text for text in worded if text.strip(" …"))


def is_said(quote: str) -> bool:
    """By a page; a quote that ends with "…" is the beginning of what it says."""
    if quote in texts_of_pages():
        return True
    beginning = quote.removesuffix("…").rstrip()
    return beginning not in ("", quote) and any(text.startswith(beginning) for text in texts_of_pages())


def quotes(guide: str) -> list[str]:
    return [" ".join((bold or read).split()) for bold, read in QUOTED.findall(guide)]


@pytest.mark.parametrize("name", NAMES)
def test_every_word_that_a_guide_quotes_is_on_the_pages(name):
    found = quotes((GUIDES / name).read_text())
    assert len(found) >= 5
    assert not [quote for quote in found if not is_said(quote)]


def test_a_word_that_is_not_on_the_pages_is_found_out():
    assert is_said("Gem deltager")
    assert is_said("Overdrag arbejdet fra …")
    assert not is_said("Gem deltageren nu")
    assert not is_said("…")


def test_the_guides_show_every_picture_and_no_other():
    shown = [
        name for guide in NAMES for name in re.findall(r"!\[[^\]]+\]\(pictures/([^)]+)\)", (GUIDES / guide).read_text())
    ]
    assert len(shown) == len(set(shown))
    assert set(shown) == {path.name for path in PICTURES.iterdir()}
    assert not [path.name for path in PICTURES.iterdir() if path.stat().st_size > MOST_BYTES]


@pytest.mark.parametrize("name", NAMES)
def test_every_link_within_the_guides_leads_to_a_heading(name):
    for target, heading in re.findall(r"\]\((\w+\.md)?#([^)]+)\)", (GUIDES / name).read_text()):
        headings = re.findall(r"^#+ (.+)$", (GUIDES / (target or name)).read_text(), re.MULTILINE)
        assert heading in {re.sub(r"[^\w -]", "", each.lower()).replace(" ", "-") for each in headings}
