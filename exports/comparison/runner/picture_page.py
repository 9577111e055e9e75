"""The sheet that a picture is drawn on: its look, heading and notes, and how it is written.

The same input gives the same bytes. Letters are drawn as outlines of the font that matplotlib brings along, so that a
picture looks the same everywhere. Black, white and one blue: readable for the colour-blind and in grey.
"""

import io
from bisect import bisect_right
from collections.abc import Sequence
from contextlib import AbstractContextManager
from functools import lru_cache
from typing import IO
from xml.sax.saxutils import escape

import matplotlib.style
from matplotlib.figure import Figure
from matplotlib.font_manager import FontProperties
from matplotlib.textpath import TextToPath

SVG, PNG = "svg", "png"
INK, QUIET, RULE, BLUE, PALE = "#1a1a1a", "#505050", "#bfbfbf", "#0b5394", "#cfdbe8"
WIDTH = 6.7  # inches: the text of an A4 page
MARGIN = 0.08
SMALL, NORMAL, LARGE = 7.5, 8.5, 10.5  # points
LINE = 1.35  # of the size of the letters

_STYLE = {
    "font.family": ["DejaVu Sans"],
    "font.size": NORMAL,
    "text.color": INK,
    "text.parse_math": False,  # a label is what it says, dollar signs too
    "axes.edgecolor": QUIET,
    "axes.labelcolor": INK,
    "axes.labelsize": NORMAL,
    "axes.linewidth": 0.7,
    "axes.spines.top": False,
    "axes.spines.right": False,
    "xtick.labelsize": SMALL,
    "ytick.labelsize": NORMAL,
    "legend.fontsize": NORMAL,
    "legend.frameon": False,
    "svg.fonttype": "path",
    "svg.hashsalt": "deltagerdata",
}


def style() -> AbstractContextManager[None]:
    """matplotlib's own defaults and ours, whatever is set on the machine."""
    return matplotlib.style.context(_STYLE, after_reset=True)  # type: ignore[arg-type]


def page(title: str, tall: float, notes: Sequence[str]) -> tuple[Figure, float, float]:
    """A figure with a heading and notes below, and where the `tall` inches between them begin and end (share of its
    height, from the bottom)."""
    feet = [wrapped(note, WIDTH - 2 * MARGIN, SMALL) for note in notes]
    below = MARGIN + sum((foot.count("\n") + 1) * SMALL * LINE / 72 for foot in feet) + 0.05
    above = MARGIN + LARGE * LINE / 72 + 0.08
    whole = above + tall + below
    chart = Figure(figsize=(WIDTH, whole))
    chart.text(MARGIN / WIDTH, 1 - MARGIN / whole, title, fontsize=LARGE, fontweight="bold", va="top")
    place = below - 0.05
    for foot in feet:
        chart.text(MARGIN / WIDTH, place / whole, foot, fontsize=SMALL, color=QUIET, va="top", linespacing=LINE)
        place -= (foot.count("\n") + 1) * SMALL * LINE / 72
    return chart, 1 - above / whole, below / whole


def wrapped(text: str, inches: float, size: float = NORMAL, *, bold: bool = False) -> str:
    """In lines that are no wider; a word that is wider is cut."""
    lines = [""]
    for word in text.split():
        joined = f"{lines[-1]} {word}".lstrip()
        if _width(joined, size, bold) <= inches:
            lines[-1] = joined
            continue
        if lines[-1]:
            lines.append("")
        while _width(word, size, bold) > inches and len(word) > 1:
            fits = max(bisect_right(range(1, len(word)), inches, key=lambda n: _width(word[:n], size, bold)), 1)
            lines[-1] = word[:fits]
            lines.append("")
            word = word[fits:]
        lines[-1] = word
    return "\n".join(lines)


def save(chart: Figure, stream: IO[bytes], kind: str, title: str, words: Sequence[str]) -> None:
    """words: what the picture shows, for those who don't see it."""
    description = " ".join(word if word.endswith((".", ":")) else f"{word}." for word in words)
    if kind == PNG:
        about = {"Software": None, "Title": title, "Description": description}
        chart.savefig(stream, format=PNG, dpi=200, facecolor="white", metadata=about)
        return
    if kind != SVG:
        raise ValueError(f"no kind of picture: {kind}")
    drawn = io.StringIO()
    nothing = dict.fromkeys(("Creator", "Date", "Format", "Type"))
    chart.savefig(drawn, format=SVG, facecolor="white", metadata=nothing)
    text = drawn.getvalue()
    text = text[text.index("<svg ") :]  # without the address of a document type
    head, rest = text.split(">", 1)
    named = f"<title>{_xml(title)}</title><desc>{_xml(description)}</desc>"
    stream.write(f'<?xml version="1.0" encoding="utf-8"?>\n{head} role="img">{named}{rest}'.encode())


def tall_of(chart: Figure) -> float:
    return float(chart.get_size_inches()[1])


@lru_cache(maxsize=4096)  # the same words are in the SVG, in the PNG and in the next release's
def _width(text: str, size: float, bold: bool) -> float:
    font = FontProperties(family="DejaVu Sans", size=size, weight="bold" if bold else "normal")
    return float(TextToPath().get_text_width_height_descent(text, font, ismath=False)[0]) / 72


def _xml(text: str) -> str:
    """Escaped, without the characters that XML doesn't have."""
    return escape("".join(sign for sign in text if sign.isprintable() or sign == " "))
