"""Labels within the room that a format has for them."""

from collections.abc import Callable

from exports.linkage.schema import Kind, Layout

LONGEST_LABELLED_IN_STATA = 29  # a set of labels has 32 characters: the variable's name and, behind it, a number


def size_in_utf8(text: str) -> int:
    return len(text.encode())


def fitted(text: str, most: int, size: Callable[[str], int] = size_in_utf8) -> str:
    """The text, or its beginning and "…" where its size is over `most` (at least 3)."""
    if size(text) <= most:
        return text
    while size(text) + size("…") > most:
        text = text[:-1]
    return text + "…"


def unlabelled_in_stata(layout: Layout) -> list[str]:
    """Variables with a value set that Stata can't show: of text, or with a very long name."""
    too_long = LONGEST_LABELLED_IN_STATA
    return [v.name for v in layout.variables if v.values and (v.kind is Kind.TEXT or len(v.name) > too_long)]
