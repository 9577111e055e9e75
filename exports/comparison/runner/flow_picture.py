"""The flow chart of a selection, in the manner of CONSORT 2010 and STROBE 2007: both groups side by side, each from the
top down, with who was left out set in between."""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import IO

import pandas as pd
from matplotlib.axes import Axes
from matplotlib.patches import Rectangle

from .flow import FAMILIES, LABELS
from .picture_page import BLUE, INK, LINE, MARGIN, NORMAL, PALE, QUIET, SMALL, SVG, WIDTH, page, save, style, tall_of
from .picture_page import wrapped as broken
from .table_page import figure as number
from .texts import DANISH, Text

TRACKS: dict[str, Text] = {"participant": ("Deltagere", "Participants"), "comparison": ("Sammenligning", "Comparison")}
# inches
BETWEEN = 0.3  # the tracks
TRACK = (WIDTH - 2 * MARGIN - BETWEEN) / 2
INDENT = 0.55  # of the boxes of who was left out
STEM = 0.25  # where the line down runs
PAD, AIR = 0.075, 0.13  # inside a box; above and below what is set in
APART = 0.04  # one reason from the next
ROW = SMALL * LINE / 72  # a line of text
HEAD = 0.24  # of a track
COUNT = 0.62  # beside a reason


@dataclass
class _Box:
    """rows: texts, wrapped, each with its count ("" for none). below: a count that stands under them."""

    rows: list[tuple[str, str]]
    below: str = ""
    out: "_Box | None" = None

    @property
    def tall(self) -> float:
        lines = sum(text.count("\n") + 1 for text, _count in self.rows) + bool(self.below)
        return 2 * PAD + lines * ROW + (len(self.rows) - 1) * APART

    @property
    def gap(self) -> float:
        """Down to the next box."""
        return self.out.tall + 2 * AIR if self.out else 2 * AIR

    def words(self) -> Iterator[str]:
        for text, count in self.rows:
            yield ": ".join(filter(None, (text.replace("\n", " "), count, self.below)))
        if self.out:
            yield from self.out.words()


def flow_chart(flow: pd.DataFrame, stream: IO[bytes], kind: str = SVG, language: int = DANISH) -> None:
    """flow: the rows of Flow.frame(). Raises ValueError for another kind than SVG and PNG."""
    title = ("Sådan er grupperne dannet", "How the groups were formed")[language]
    notes = []
    if flow["hidden"].any():
        notes.append(
            (
                "Skjult: antallet er for lille til at vises, eller et andet skjult antal kunne regnes ud af det.",
                "Hidden: the count is too small to be shown, or another hidden count could be found from it.",
            )[language]
        )
    with style():
        tracks = [_boxes(flow[flow["track"] == name], language) for name in TRACKS]
        unseen = _unseen(flow, language)
        longest = max(map(_tall, tracks))
        chart, top, bottom = page(title, HEAD + longest + (1.5 * AIR + unseen.tall if unseen else 0) + 0.1, notes)
        axes = chart.add_axes((0, bottom, 1, top - bottom))
        axes.set(xlim=(0, WIDTH), ylim=((top - bottom) * tall_of(chart), 0))
        axes.set_axis_off()
        words: list[str] = []
        for place, (name, boxes) in enumerate(zip(TRACKS, tracks, strict=True)):
            left = MARGIN + place * (TRACK + BETWEEN)
            axes.text(left, 0, TRACKS[name][language], fontsize=NORMAL, fontweight="bold", va="top")
            stretch = (longest - _tall(boxes)) / max(len(boxes) - 1, 1)  # both tracks end on one line
            _draw(axes, boxes, left, HEAD, stretch)
            words += [f"{TRACKS[name][language]}:", *(said for box in boxes for said in box.words())]
        if unseen:
            _frame(axes, unseen, MARGIN, HEAD + longest + 1.5 * AIR, WIDTH - 2 * MARGIN, edge=QUIET, dashed=True)
            words += unseen.words()
        save(chart, stream, kind, title, [*words, *notes])


def _boxes(flow: pd.DataFrame, language: int) -> list[_Box]:
    """A box for what each step began with and for what remained; one for both where a step begins with what remained of
    the step before."""
    boxes: list[_Box] = []
    ended = ""
    for _step, step in flow[flow["role"] != "note"].groupby("step"):
        (before,), (after,) = (step[step["role"] == role].to_dict("records") for role in ("before", "after"))
        if before["code"] != ended:
            boxes.append(_box(before, language))
        reasons = step[step["role"] == "left_out"].to_dict("records")
        if reasons:
            inner = TRACK - INDENT - 2 * PAD
            rows = [
                (broken(LABELS[row["code"]][language], inner - COUNT, SMALL), _count(row, language)) for row in reasons
            ]
            boxes[-1].out = _Box([(("Udeladt:", "Left out:")[language], ""), *rows])
        boxes.append(_box(after, language))
        ended = after["code"]
    return boxes


def _box(row: dict, language: int) -> _Box:
    text = broken(LABELS[row["code"]][language], TRACK - 2 * PAD, SMALL)
    return _Box([(text, "")], _with_unit(row, language))


def _unseen(flow: pd.DataFrame, language: int) -> _Box | None:
    notes = flow[flow["role"] == "note"].to_dict("records")
    rows = [
        (broken(LABELS[row["code"]][language], WIDTH - 2 * (MARGIN + PAD) - 1, SMALL), _count(row, language))
        for row in notes
    ]
    return _Box(rows) if rows else None


def _count(row: dict, language: int) -> str:
    if row["hidden"]:
        return ("skjult", "hidden")[language]
    return ("vides ikke", "not known")[language] if pd.isna(row["count"]) else number(row["count"], 0, language)


def _with_unit(row: dict, language: int) -> str:
    if row["hidden"]:
        return ("Antal skjult", "Count hidden")[language]
    one, many = _FAMILY if row["unit"] == FAMILIES else _PERSON
    return f"{_count(row, language)} {(one if row['count'] == 1 else many)[language]}"


_FAMILY: tuple[Text, Text] = (("familie", "family"), ("familier", "families"))
_PERSON: tuple[Text, Text] = (("person", "person"), ("personer", "persons"))


def _tall(boxes: list[_Box]) -> float:
    return sum(box.tall for box in boxes) + sum(box.gap for box in boxes[:-1])


def _draw(axes: Axes, boxes: list[_Box], left: float, top: float, stretch: float) -> None:
    for place, box in enumerate(boxes):
        last = place == len(boxes) - 1
        _frame(axes, box, left, top, TRACK, fill=PALE if last else "white", edge=BLUE if last else INK)
        top += box.tall
        if last:
            return
        end = top + box.gap + stretch
        _arrow(axes, (left + STEM, top), (left + STEM, end))
        if box.out:
            middle = (top + end) / 2
            _frame(axes, box.out, left + INDENT, middle - box.out.tall / 2, TRACK - INDENT, edge=QUIET)
            _arrow(axes, (left + STEM, middle), (left + INDENT, middle))
        top = end


def _frame(
    axes: Axes,
    box: _Box,
    left: float,
    top: float,
    wide: float,
    *,
    fill: str = "white",
    edge: str = INK,
    dashed: bool = False,
) -> None:
    rule = (0, (4, 3)) if dashed else "solid"
    axes.add_patch(
        Rectangle((left, top), wide, box.tall, facecolor=fill, edgecolor=edge, linewidth=0.8, linestyle=rule)
    )
    place = top + PAD - 0.25 * ROW  # the first line's foot is a line further down
    for text, count in box.rows:
        axes.text(left + wide - PAD, place + ROW, count, fontsize=SMALL, ha="right")
        for line in text.split("\n"):
            place += ROW
            axes.text(left + PAD, place, line, fontsize=SMALL)
        place += APART
    axes.text(left + PAD, place - APART + ROW, box.below, fontsize=NORMAL, fontweight="bold")


def _arrow(axes: Axes, start: tuple[float, float], end: tuple[float, float]) -> None:
    look = {"arrowstyle": "-|>", "color": INK, "linewidth": 0.8, "shrinkA": 0, "shrinkB": 0, "mutation_scale": 7}
    axes.annotate("", xy=end, xytext=start, arrowprops=look)
