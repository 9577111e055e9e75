"""Labels within the room that a format has for them."""

from collections.abc import Callable


def size_in_utf8(text: str) -> int:
    return len(text.encode())


def fitted(text: str, most: int, size: Callable[[str], int] = size_in_utf8) -> str:
    """The text, or its beginning and "…" where its size is over `most` (at least 3)."""
    if size(text) <= most:
        return text
    while size(text) + size("…") > most:
        text = text[:-1]
    return text + "…"
