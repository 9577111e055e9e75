"""When a count may be told, and when hidden counts are hidden enough.

A count of 1 to `minimum` - 1 is small: it is hidden. Zero is told (that nobody is in a cell points at nobody), unless
it says that everybody is in another one: see levels.join.
"""

from collections.abc import Collection, Mapping
from typing import TypeVar

K = TypeVar("K")
Pair = tuple[int | None, int | None]  # participants, comparison; None is hidden


def true(pair: Pair) -> tuple[int, int]:
    """Of figures that aren't hidden."""
    first, second = pair
    assert first is not None
    assert second is not None
    return first, second


def small(count: int, minimum: int) -> bool:
    """Also of a difference of two counts, which may be negative."""
    return 0 < abs(count) < minimum


def counts(given: Mapping[K, int], minimum: int) -> dict[K, int | None]:
    """The counts of separate people whose sum the reader knows, None where they may not be told: the small ones, and
    beside them the smallest others until the small ones are open (has_room). Where all of them together don't give
    room, all are hidden that aren't zero; their sum is then as small as they are, and the caller's to hide."""
    hidden = {key for key, count in given.items() if small(count, minimum)}
    others = sorted((key for key, count in given.items() if count >= minimum), key=lambda key: given[key])
    while hidden and others and not has_room([given[key] for key in hidden], minimum, given[others[0]]):
        hidden.add(others.pop(0))
    return {key: None if key in hidden else count for key, count in given.items()}


def has_room(hidden: Collection[int], minimum: int, most: int | None = None) -> bool:
    """Whether each of the hidden counts could be anything from 1 to `minimum` - 1, for a reader who knows their sum,
    that each is at least 1 and, as the smallest are hidden first, at most `most` (None: no such bound).

    The protection that is asked of a cell is that its feasibility interval holds all small counts (Hundepool et al.,
    Statistical Disclosure Control, Wiley 2012, chapter 4).
    """
    total, rest = sum(hidden), len(hidden) - 1
    greatest = total - rest
    least = 1 if most is None and rest else total - rest * (most or 0)
    return greatest >= minimum - 1 and least <= 1
