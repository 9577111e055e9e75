"""Two wrappers that keep identities out of logs, tracebacks and debug pages by never printing them."""

from dataclasses import dataclass


class _Unprintable:
    __slots__ = ()

    def __repr__(self) -> str:
        return f"<{type(self).__name__}>"

    __str__ = __repr__

    def __format__(self, spec: str) -> str:
        return repr(self)

    def __reduce__(self):
        raise TypeError(f"{type(self).__name__} can't be pickled: identities don't travel")


class Secret(_Unprintable):
    """A plain text in memory. `reveal()` gives it; nothing else does."""

    __slots__ = ("_text",)

    def __init__(self, text: str):
        if not isinstance(text, str):
            raise TypeError("Secret takes a str")
        self._text = text

    def reveal(self) -> str:
        return self._text

    def __eq__(self, other: object) -> bool:
        return isinstance(other, Secret) and self._text == other._text

    __hash__ = None  # type: ignore[assignment]  # a set or dict of secrets would invite look-ups by value


@dataclass(slots=True, repr=False, eq=False)
class Sealed(_Unprintable):
    """The encrypted record that a model field read from the database."""

    record: bytes
