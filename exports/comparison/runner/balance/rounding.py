"""Percentages that add up."""

from collections.abc import Sequence
from fractions import Fraction
from math import floor


def largest_remainder(counts: Sequence[float], decimals: int = 1) -> list[float]:
    """The share of each count in their sum as a percentage with `decimals` decimals; together exactly 100.

    Every share is cut off after its last decimal, and what is then missing from 100 goes one unit each to those that
    lost most; among equals to the first (Hamilton's method). So each is within one unit of its true value. Whole
    numbers and sums of weights are taken exactly as they are. Nothing to share (no counts, or only zeros) gives zeros.
    """
    exact = [Fraction(count) for count in counts]
    total = sum(exact)
    if total == 0:
        return [0.0] * len(exact)
    units = 100 * 10**decimals
    shares = [count * units / total for count in exact]
    cut = [floor(share) for share in shares]
    by_loss = sorted(range(len(shares)), key=lambda place: cut[place] - shares[place])  # stable: the first of equals
    for place in by_loss[: units - sum(cut)]:
        cut[place] += 1
    return [share / 10**decimals for share in cut]
