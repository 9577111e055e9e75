"""Pictures for a report: Love plot, distributions, flow chart; SVG and PNG. The same input gives the same bytes.

Only what is given is drawn: what may not be told is None in it, and a note says that it is missing. What a picture
shows stands in words in its description, for those who don't see it. Importing this imports matplotlib; web pages
don't.
"""

from collections.abc import Sequence
from typing import IO

from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.lines import Line2D
from matplotlib.patches import Patch
from matplotlib.ticker import MaxNLocator

from .balance import Difference
from .balance.histograms import Bars, Histogram
from .flow_picture import flow_chart
from .picture_page import (
    BLUE,
    INK,
    MARGIN,
    NORMAL,
    PALE,
    QUIET,
    RULE,
    SVG,
    WIDTH,
    page,
    save,
    style,
    tall_of,
    wrapped,
)  # fmt: skip
from .table_page import figure as number
from .texts import DANISH, Text

__all__ = ["distributions", "flow_chart", "love_plot"]

THRESHOLD = 0.1  # Austin, "An introduction to propensity score methods", Multivariate Behavioral Research 46 (2011)

GROUPS: tuple[Text, Text] = (("Deltagere", "Participants"), ("Sammenligning", "Comparison"))
BEFORE: Text = ("Før matchning", "Before matching")
AFTER: Text = ("Efter matchning", "After matching")


def love_plot(differences: Sequence[Difference], stream: IO[bytes], kind: str = SVG, language: int = DANISH) -> None:
    """Standardised mean differences without sign, the largest before matching on top: before hollow, after filled.

    Rows without a difference before matching are not drawn; a note counts what is missing. Raises ValueError for
    another kind than SVG and PNG.
    """
    rows = [row for row in differences if row.smd_before is not None]
    rows.sort(key=lambda row: -abs(row.smd_before or 0.0))
    matched = any(row.smd_after is not None for row in differences)
    untold = sum(row.smd_before is None or (matched and row.smd_after is None) for row in differences)
    notes = [
        (
            "Gruppernes forskel i gennemsnit eller andel, delt med deltagernes standardafvigelse før matchning.",
            "The difference of the groups' means or shares, over the participants' standard deviation before matching.",
        )[language]
    ]
    if untold:
        says = (
            "Forskelle, der ikke må vises eller ikke kan beregnes: ",
            "Differences that may not be shown or cannot be computed: ",
        )
        notes.append(f"{says[language]}{untold}.")
    title = ("Hvor ens er grupperne?", "How alike are the groups?")[language]
    with style():
        labels = [wrapped(row.label[language], 2.6) for row in rows]
        heights = [0.09 + (label.count("\n") + 1) * NORMAL * 1.2 / 72 for label in labels]
        tall = max(sum(heights), 0.6)
        chart, top, bottom = page(title, 0.3 + tall + 0.5, notes)
        limit = ("Vejledende grænse ", "Usual threshold ")[language] + number(THRESHOLD, 1, language)
        threshold = Line2D([], [], color=QUIET, linewidth=0.9, linestyle=(0, (4, 3)), label=limit)
        dots = [_dot(BEFORE[language], hollow=True), _dot(AFTER[language])] if matched else []
        if rows:
            whole = tall_of(chart)
            axes = chart.add_axes((2.85 / WIDTH, bottom + 0.5 / whole, (WIDTH - 3.0) / WIDTH, tall / whole))
            largest = _love_rows(axes, rows, labels, heights)
            axes.set(xlim=(0, max(1.05 * largest, 0.25)), ylim=(tall, 0))
            axes.axvline(THRESHOLD, color=QUIET, linewidth=0.9, linestyle=(0, (4, 3)), zorder=2)
            _ticks(axes, language)
            axes.set_xlabel(("Standardiseret forskel uden fortegn", "Absolute standardised mean difference")[language])
            _legend(chart, [*dots, threshold], top)
        else:
            nothing = ("Der er ingen forskelle, der må vises.", "There is no difference that may be shown.")[language]
            chart.text(MARGIN / WIDTH, top, nothing, va="top")
        told = [_told(row, matched, language) for row in rows]
        save(chart, stream, kind, title, [*told, *notes])


def distributions(histograms: Sequence[Histogram], stream: IO[bytes], kind: str = SVG, language: int = DANISH) -> None:
    """A number in both groups, one below the other; before matching and, when there is one, after it.

    The area is the same for both groups, however many they are. Raises ValueError for another kind than SVG and PNG.
    """
    matched = any(item.groups[0].after is not None for item in histograms)
    title = ("Fordelinger i de to grupper", "Distributions in both groups")[language]
    notes = [
        (
            "Arealet er det samme for begge grupper. Søjler er lagt sammen, så ingen viser nogle få; de yderste "
            "rummer også dem, der ligger længere ude.",
            "The area is the same for both groups. Bars are joined so that none shows just a few; the outermost also "
            "hold those who lie beyond them.",
        )[language]
    ]
    with style():
        each, gap = 1.5, 0.62
        tall = len(histograms) * (each + gap)
        chart, top, bottom = page(title, 0.3 + tall + (0.2 if matched else 0), notes)
        whole = tall_of(chart)
        handles: list[Line2D | Patch] = [
            Line2D([], [], color=BLUE, linewidth=1.8, label=GROUPS[0][language]),
            Patch(facecolor=PALE, edgecolor=QUIET, linewidth=0.7, label=GROUPS[1][language]),
        ]
        _legend(chart, handles, top)
        for place, item in enumerate(histograms):
            foot = bottom + (tall - (place + 1) * (each + gap) + gap) / whole
            columns = 1 if item.groups[0].after is None else 2
            wide = (WIDTH - 0.4 - 0.15 * (columns - 1)) / columns
            highest = max(
                height for bars in item.groups for after in range(columns) for height in _heights(bars, after)
            )
            for after in range(columns):
                axes = chart.add_axes(((0.3 + after * (wide + 0.15)) / WIDTH, foot, wide / WIDTH, each / whole))
                _distribution(axes, item, after, language)
                axes.set(ylim=(0, 1.05 * highest), xlabel=item.label[language])
                if after == 0:
                    axes.set_ylabel(("Tæthed", "Density")[language])
                if columns == 2:
                    axes.set_title((BEFORE, AFTER)[after][language], fontsize=NORMAL, loc="left", color=QUIET)
        save(chart, stream, kind, title, [*(item.label[language] for item in histograms), *notes])


def _legend(chart: Figure, handles: Sequence[Line2D | Patch], top: float) -> None:
    place = (MARGIN / WIDTH, top)
    chart.legend(
        handles=handles,
        loc="upper left",
        bbox_to_anchor=place,
        ncols=3,
        borderpad=0,
        borderaxespad=0,
        handletextpad=0.5,
    )


def _dot(label: str, *, hollow: bool = False) -> Line2D:
    edge, fill, size = (INK, "white", 6.5) if hollow else (BLUE, BLUE, 4.5)  # both seen where they coincide
    return Line2D([], [], linestyle="", marker="o", markersize=size, color=edge, markerfacecolor=fill, label=label)


def _love_rows(axes: Axes, rows: Sequence[Difference], labels: Sequence[str], heights: Sequence[float]) -> float:
    """Returns the largest that was drawn."""
    place, middles = 0.0, []
    for row, height in zip(rows, heights, strict=True):
        middle = place + height / 2
        place += height
        middles.append(middle)
        ends = [abs(value) for value in (row.smd_before, row.smd_after) if value is not None]
        axes.plot([0, max(ends)], [middle, middle], color=RULE, linewidth=0.7, zorder=1)
        for dot, end in zip((_dot("", hollow=True), _dot("")), ends, strict=False):
            dot.set_data([end], [middle])
            dot.set(zorder=3, clip_on=False)
            axes.add_line(dot)
    axes.set_yticks(middles, labels)
    axes.tick_params(axis="y", length=0)
    axes.spines["left"].set_color(RULE)
    return max(abs(value) for row in rows for value in (row.smd_before, row.smd_after) if value is not None)


def _told(row: Difference, matched: bool, language: int) -> str:
    def shown(value: float | None) -> str:
        return number(None if value is None else abs(value), 3, language)

    before = f"{row.label[language]}: {shown(row.smd_before)}"
    return (
        f"{before} {('før', 'before')[language]}, {shown(row.smd_after)} {('efter', 'after')[language]}"
        if matched
        else before
    )


def _distribution(axes: Axes, item: Histogram, after: int, language: int) -> None:
    participants, comparison = item.groups
    axes.stairs(
        _heights(comparison, after), comparison.edges, fill=True, facecolor=PALE, edgecolor=QUIET, linewidth=0.7
    )
    axes.stairs(_heights(participants, after), participants.edges, color=BLUE, linewidth=1.8)
    whole = all(edge.is_integer() for bars in item.groups for edge in bars.edges)
    _ticks(axes, language, whole=whole)  # nobody has one and a half children
    axes.set_yticks([])


def _ticks(axes: Axes, language: int, *, whole: bool = False) -> None:
    """Round numbers below, all with the same decimals."""
    low, high = axes.get_xlim()
    round_ones = MaxNLocator(nbins=8, steps=[1, 2, 5, 10], integer=whole).tick_values(low, high)
    places = [x for x in round_ones if low <= x <= high]
    decimals = max(len(f"{x:.6f}".rstrip("0").split(".")[1]) for x in places)
    axes.set_xticks(places, [number(x, decimals, language) for x in places])


def _heights(bars: Bars, after: int) -> list[float]:
    shares = bars.after if after and bars.after is not None else bars.before
    return [share / (end - start) for share, start, end in zip(shares, bars.edges, bars.edges[1:], strict=False)]
