"""Ratios within one run: the two sides take turns, so that a slow moment of the machine hits both."""

import gc
import statistics
import time
from collections.abc import Callable
from dataclasses import dataclass


@dataclass(frozen=True)
class Result:
    """`ratio`: median of ours / theirs, pair by pair; seconds are medians; `limit`: the most it should be."""

    what: str
    against: str
    ours: float
    theirs: float
    ratio: float
    limit: float | None = None
    note: str = ""

    def row(self) -> str:
        limit = "" if self.limit is None else f"≤ {self.limit:g}"
        met = "" if self.limit is None else ("yes" if self.ratio <= self.limit else "**no**")
        figures = f"{self.ours:.3f} | {self.theirs:.3f} | {self.ratio:.2f}"
        return f"| {self.what} | {self.against} | {figures} | {limit} | {met} | {self.note} |"


HEAD = "| what | against | ours, s | theirs, s | ratio | wanted | met | note |\n|---|---|---|---|---|---|---|---|"


def seconds(function: Callable[[], object]) -> float:
    gc.collect()
    start = time.perf_counter()
    function()
    return time.perf_counter() - start


def compare(
    what: str,
    against: str,
    ours: Callable[[], object],
    theirs: Callable[[], object],
    *,
    limit: float | None = None,
    rounds: int = 7,
    note: str = "",
) -> Result:
    """One warm-up each, then `rounds` pairs in turn."""
    ours(), theirs()
    pairs = [(seconds(ours), seconds(theirs)) for _ in range(rounds)]
    return Result(
        what,
        against,
        statistics.median(a for a, _ in pairs),
        statistics.median(b for _, b in pairs),
        statistics.median(a / b for a, b in pairs),
        limit,
        note,
    )
