"""A signature drawn on the screen: from the points that the browser sends to an SVG picture, numbers only."""

import json

WIDTH, HEIGHT = 1000, 500  # the box that the points lie in, however large the canvas is
MOST_CHARACTERS = 64 * 1024
MOST_POINTS = 5000


class StrokesRefused(ValueError):
    """What was sent is no signature."""


def path_of(text: str) -> str:
    """SVG path data of strokes: a JSON list of strokes, each a list of [x, y] in whole numbers within the box.

    Raises StrokesRefused, also when there is no stroke.
    """
    if len(text) > MOST_CHARACTERS:
        raise StrokesRefused("too long")
    try:
        strokes = json.loads(text)
    except (ValueError, RecursionError):
        raise StrokesRefused("not JSON") from None
    if not isinstance(strokes, list) or not strokes or not all(isinstance(stroke, list) for stroke in strokes):
        raise StrokesRefused("not a list of strokes")
    if sum(map(len, strokes)) > MOST_POINTS:
        raise StrokesRefused("too many points")
    return "".join(map(_stroke, strokes))


def _stroke(points: list) -> str:
    if not points or not all(_is_point(point) for point in points):
        raise StrokesRefused("not points within the box")
    ends = points[1:] or points  # a dot is a line to where it began
    return "".join(f"{letter}{x} {y}" for letter, (x, y) in [("M", points[0]), *(("L", point) for point in ends)])


def _is_point(point: object) -> bool:
    return (
        isinstance(point, list)
        and len(point) == 2
        and all(type(number) is int for number in point)  # no bool
        and 0 <= point[0] <= WIDTH
        and 0 <= point[1] <= HEIGHT
    )


def svg_of(path: str) -> bytes:
    """The picture of a signature's path data."""
    return (
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {WIDTH} {HEIGHT}" width="{WIDTH}" height="{HEIGHT}">'
        f'<path d="{path}" fill="none" stroke="#000" stroke-width="6" stroke-linecap="round" stroke-linejoin="round"/>'
        "</svg>\n"
    ).encode()
