"""Sections of levels as they may be told."""

from collections.abc import Iterable, Sequence
from dataclasses import replace
from math import sqrt

from ..balance import largest_remainder
from ..balance.differences import EQUAL
from ..balance.tests import of_counts
from ..tables import Number, Row, Section
from ..variables import MISSING
from .history import Codes, History
from .levels import Column, join
from .limits import Pair, small, true
from .releases import codes_of
from .withheld import (
    DIFFERENCES_ONLY,
    EARLIER_RELEASE,
    HIDDEN_CELLS,
    NOBODY,
    nothing_of,
    rounded_difference,
)


def of_all(section: Section, minimum: int, history: History) -> Section:
    """Of all units: with neighbouring levels joined until nothing is hidden, or nothing of it."""
    blocks = None if history.hides_counts else _blocks(section, minimum, history)
    if blocks is None:
        earlier = history.hides_counts or _blocks(section, minimum, History()) is not None
        return nothing_of(section, EARLIER_RELEASE if earlier else HIDDEN_CELLS)
    return _joined(section, blocks)


def of_part(
    section: Section,
    all_units: Section,
    told: Section,
    minimum: int,
    history: History,
    *,
    sizes_told: bool,
    equal: bool,
) -> Section:
    """Of a part of the units, whose levels are joined as in `told`, which tells of `all_units`: everything, differences
    only, or nothing. equal: whether the part's participants all weigh the same."""
    if told.withheld:
        return nothing_of(section, told.withheld)
    blocks = [codes_of(row, told) for row in told.rows]
    part = _joined_part(section, blocks, all_units, equal)
    if sizes_told and not history.hides_counts and not _points_at_somebody(part, told, minimum, history):
        return part
    rows = tuple(
        _difference_only(row, part, whole, told, minimum) for row, whole in zip(part.rows, told.rows, strict=True)
    )
    part = replace(part, rows=rows, withheld=DIFFERENCES_ONLY)
    if history.forbids(part):
        return nothing_of(section, EARLIER_RELEASE)
    return part if any(row.smd is not None for row in rows) else nothing_of(section, HIDDEN_CELLS)


def _blocks(section: Section, minimum: int, history: History) -> list[Codes] | None:
    counts = {row.level: row.counts for row in section.rows}
    atoms = history.atoms(list(counts))
    sums = [_sum(counts[code] for code in atom) for atom in atoms]
    columns = [Column([pair[group] for pair in sums]) for group in (0, 1)]
    columns += [Column(change, of_group=False) for change in history.changes(atoms, sums)]
    missing = next((place for place, atom in enumerate(atoms) if MISSING in atom), None)
    ranges = join(columns, minimum, missing) if atoms else None
    return None if ranges is None else [tuple(code for place in each for code in atoms[place]) for each in ranges]


def _points_at_somebody(part: Section, told: Section, minimum: int, history: History) -> bool:
    """Whether a count of the part, or what is left of the whole without the part, or what has changed since an earlier
    release, is small; or everybody in it is alike."""
    counts = [true(row.counts) for row in part.rows]
    left = [
        [all_of - here for here, all_of in zip(true(row.counts), true(whole.counts), strict=True)]
        for row, whole in zip(part.rows, told.rows, strict=True)
    ]
    changes = history.changes([codes_of(row, part) for row in part.rows], counts)
    if any(small(count, minimum) for each in (*counts, *left, *changes) for count in each):
        return True
    known = [true(row.counts) for row in part.rows if row.level != MISSING]
    return any(sum(column) and max(column) == sum(column) for column in zip(*known, strict=True))


def _difference_only(row: Row, part: Section, whole: Row, told: Section, minimum: int) -> Row:
    """Only where the level has `minimum` units, and as many haven't got it, in both groups."""
    sizes = _sum(each.counts for each in part.rows)
    enough = all(minimum <= count <= size - minimum for count, size in zip(true(row.counts), sizes, strict=True))
    smd = None
    if enough:
        scale = _scale(whole.counts, _sum(each.counts for each in told.rows))
        smd = rounded_difference(row.smd, 1 / (min(sizes) * scale))
    return replace(row, counts=NOBODY, percents=NOBODY, smd=smd)


def _joined(section: Section, blocks: Sequence[Codes]) -> Section:
    """The section of all units with a row for each of `blocks`, all worked out from the joined counts alone."""
    if all(len(block) == 1 for block in blocks):
        return section
    rows = [_row(section, block) for block in blocks]
    sizes = _sum(row.counts for row in rows)
    smds = [_over(_gap(row.counts, sizes), _scale(row.counts, sizes)) for row in rows]
    shares = [_percents([true(row.counts)[group] for row in rows]) for group in (0, 1)]
    return replace(_with(section, rows, blocks, smds, shares), test=of_counts([true(row.counts) for row in rows]))


def _joined_part(section: Section, blocks: Sequence[Codes], all_units: Section, equal: bool) -> Section:
    """The section of a part likewise. Its shares are weighted: the gap between the groups is known from the
    differences of the levels, and with it the comparison's share where the participants all weigh the same."""
    if all(len(block) == 1 for block in blocks):
        return section
    scales = {row.level: row.counts for row in all_units.rows}
    all_sizes = _sum(scales.values())
    gaps = {
        row.level: None if row.smd is None else row.smd * _scale(scales[row.level], all_sizes) for row in section.rows
    }
    rows = [_row(section, block) for block in blocks]
    joined = [_total([gaps[code] for code in block]) for block in blocks]
    smds = [
        _over(gap, _scale(_sum(scales[code] for code in block), all_sizes))
        for gap, block in zip(joined, blocks, strict=True)
    ]
    size = _sum(row.counts for row in rows)[0]
    shares = [_percents([true(row.counts)[0] for row in rows]), [None] * len(rows)]
    if size and equal and None not in joined:
        shares[1] = _percents(
            [max(true(row.counts)[0] / size - (gap or 0.0), 0.0) for row, gap in zip(rows, joined, strict=True)]
        )
    return _with(section, rows, blocks, smds, shares if equal else [[None] * len(rows)] * 2)


def _row(section: Section, block: Codes) -> Row:
    rows = [row for row in section.rows if row.level in block]
    label = " eller ".join(row.label[0] for row in rows), " or ".join(row.label[1] for row in rows)
    return replace(rows[0], level="+".join(block), label=label, counts=_sum(row.counts for row in rows))


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


def _scale(pair: Pair, sizes: tuple[int, int]) -> float:
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


def _sum(pairs: Iterable[Pair]) -> tuple[int, int]:
    counts = [true(pair) for pair in pairs]
    return sum(pair[0] for pair in counts), sum(pair[1] for pair in counts)


def _total(numbers: Sequence[Number]) -> Number:
    known = [number for number in numbers if number is not None]
    return sum(known) if len(known) == len(numbers) else None
