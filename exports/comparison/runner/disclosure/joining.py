"""A section with some of its levels joined, as if they had never been told apart."""

from collections.abc import Iterable, Sequence
from dataclasses import replace
from math import sqrt

from ..balance import largest_remainder
from ..balance.differences import EQUAL
from ..balance.tests import of_counts
from ..tables import Number, Row, Section
from .limits import Pair, true
from .releases import Codes


def joined(section: Section, blocks: Sequence[Codes]) -> Section:
    """The section of all units with a row for each of `blocks`, all worked out from the joined counts alone."""
    if all(len(block) == 1 for block in blocks):
        return section
    rows = [_row(section, block) for block in blocks]
    sizes = sum_of(row.counts for row in rows)
    smds = [_over(_gap(row.counts, sizes), scale_of(row.counts, sizes)) for row in rows]
    shares = [_percents([true(row.counts)[group] for row in rows]) for group in (0, 1)]
    return replace(_with(section, rows, blocks, smds, shares), test=of_counts([true(row.counts) for row in rows]))


def joined_part(section: Section, blocks: Sequence[Codes], all_units: Section, equal: bool) -> Section:
    """The section of a part likewise. Its shares are weighted: the gap between the groups is known from the
    differences of the levels, and with it the comparison's share where the participants all weigh the same."""
    if all(len(block) == 1 for block in blocks):
        return section
    scales = {row.level: row.counts for row in all_units.rows}
    all_sizes = sum_of(scales.values())
    gaps = {
        row.level: None if row.smd is None else row.smd * scale_of(scales[row.level], all_sizes) for row in section.rows
    }
    rows = [_row(section, block) for block in blocks]
    joined = [_total([gaps[code] for code in block]) for block in blocks]
    smds = [
        _over(gap, scale_of(sum_of(scales[code] for code in block), all_sizes))
        for gap, block in zip(joined, blocks, strict=True)
    ]
    size = sum_of(row.counts for row in rows)[0]
    shares = [_percents([true(row.counts)[0] for row in rows]), [None] * len(rows)]
    if size and equal and None not in joined:
        shares[1] = _percents(
            [max(true(row.counts)[0] / size - (gap or 0.0), 0.0) for row, gap in zip(rows, joined, strict=True)]
        )
    return _with(section, rows, blocks, smds, shares if equal else [[None] * len(rows)] * 2)


def _row(section: Section, block: Codes) -> Row:
    rows = [row for row in section.rows if row.level in block]
    label = " eller ".join(row.label[0] for row in rows), " or ".join(row.label[1] for row in rows)
    return replace(rows[0], level="+".join(block), label=label, counts=sum_of(row.counts for row in rows))


def _with(
    section: Section,
    rows: Sequence[Row],
    blocks: Sequence[Codes],
    smds: Sequence[Number],
    shares: Sequence[Sequence[Number]],
) -> Section:
    told = [
        replace(row, percents=pair, smd=smd)
        for row, smd, pair in zip(rows, smds, zip(*shares, strict=True), strict=True)
    ]
    merged = {row.level: block for row, block in zip(rows, blocks, strict=True) if len(block) > 1}
    return replace(section, rows=tuple(told), merged=merged)


def _percents(shares: Sequence[float]) -> Sequence[Number]:
    return largest_remainder(shares) if any(shares) else [None] * len(shares)


def _gap(pair: Pair, sizes: tuple[int, int]) -> Number:
    counts = true(pair)
    return counts[0] / sizes[0] - counts[1] / sizes[1] if all(sizes) else None


def scale_of(pair: Pair, sizes: tuple[int, int]) -> float:
    """The standard deviation of having the level, as balance has it: the participants', or if they don't vary that of
    both groups."""
    shares = [count / size if size else 0.0 for count, size in zip(true(pair), sizes, strict=True)]
    variances = [share * (1 - share) for share in shares]
    if variances[0] > 0:
        return sqrt(variances[0])
    within = sizes[0] * variances[0] + sizes[1] * variances[1]
    return sqrt(within / (sum(sizes) or 1))


def _over(gap: Number, scale: float) -> Number:
    if gap is None or abs(gap) < EQUAL:
        return None if gap is None else 0.0
    return gap / scale if scale else None


def sum_of(pairs: Iterable[Pair]) -> tuple[int, int]:
    counts = [true(pair) for pair in pairs]
    return sum(pair[0] for pair in counts), sum(pair[1] for pair in counts)


def _total(numbers: Sequence[Number]) -> Number:
    known = [number for number in numbers if number is not None]
    return sum(known) if len(known) == len(numbers) else None
