"""Column charts as lengths for SVG attributes: the content security policy allows no styles. Pure."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import NamedTuple

WIDTH, HEIGHT = 240, 128
TOP, BOTTOM = 22, 104  # of the columns; above them their values, below them their labels
LABELLED = 7  # so many columns have room for a label each; of more, the first and the last have one


class Point(NamedTuple):
    label: str
    value: float | None  # None: not known
    text: str  # the value in words


class Column(NamedTuple):
    x: str
    y: str
    width: str
    height: str
    middle: str
    label: str  # empty where there is no room
    text: str
    known: bool
    over: bool


@dataclass(frozen=True)
class Chart:
    columns: list[Column]
    description: str
    width: int
    line: bool  # whether there is one at the top of the scale
    height: int = HEIGHT
    top: int = TOP
    bottom: int = BOTTOM


def chart(points: Sequence[Point], *, top: float = 1.0, width: int = WIDTH) -> Chart:
    """One column for each point, on a scale from 0 to `top`; higher ones end there."""
    room = width / max(len(points), 1)
    columns = []
    for place, point in enumerate(points):
        share = min(max((point.value or 0.0) / top, 0.0), 1.0) if top else 0.0
        height = share * (BOTTOM - TOP)
        thick = min(room * 0.72, 44.0)
        middle = room * (place + 0.5)
        told = len(points) * WIDTH <= LABELLED * width or place in (0, len(points) - 1)
        columns.append(
            Column(
                x=f"{middle - thick / 2:.1f}",
                y=f"{BOTTOM - height:.1f}",
                width=f"{thick:.1f}",
                height=f"{height:.1f}",
                middle=f"{middle:.1f}",
                label=point.label if told else "",
                text=point.text if told else "",
                known=point.value is not None,
                over=point.value is not None and point.value > top,
            )
        )
    return Chart(columns, ", ".join(f"{point.label}: {point.text}" for point in points), width, line=top == 1.0)
