"""Sections of levels as they may be told."""

from collections.abc import Mapping, Sequence

from ..tables import Section
from ..variables import MISSING
from .differences import differences_only
from .history import History
from .joining import joined, joined_part, sum_of
from .levels import Column, join
from .limits import Pair, true
from .releases import Codes, codes_of
from .withheld import nothing_of


def of_all(section: Section, minimum: int, history: History) -> Section:
    """Of all units: with neighbouring levels joined until nothing is hidden, or nothing of it."""
    counts: dict[Codes, Pair] = {(row.level,): row.counts for row in section.rows}
    blocks = None if history.hides_counts else _blocks(counts, [], minimum, history)
    return nothing_of(section, history.reason) if blocks is None else joined(section, blocks)


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
    """Of a part of the units: with the levels of `told`, which tells of `all_units`; or differences of these only; or
    with levels joined further; or nothing. equal: whether the part's participants all weigh the same."""
    if told.withheld:
        return nothing_of(section, told.withheld)
    levels = [codes_of(row, told) for row in told.rows]
    part = joined_part(section, levels, all_units, equal)
    counts: dict[Codes, Pair] = {codes: row.counts for codes, row in zip(levels, part.rows, strict=True)}
    left: list[Pair] = [_less(row.counts, here.counts) for row, here in zip(told.rows, part.rows, strict=True)]
    blocks = _blocks(counts, left, minimum, history) if sizes_told and not history.hides_counts else None
    if blocks == levels:
        return part
    differences = differences_only(part, told, minimum)
    if differences is not None and not history.forbids(differences):
        return differences
    if blocks is not None:
        return joined_part(section, blocks, all_units, equal)
    return nothing_of(section, history.reason)


def _blocks(counts: Mapping[Codes, Pair], left: Sequence[Pair], minimum: int, history: History) -> list[Codes] | None:
    """Which levels are told together, so that neither their counts nor what is left of the whole without them, nor what
    has changed since an earlier release, is small. What earlier releases joined stays joined."""
    levels = list(counts)
    if not levels:
        return None
    atoms = history.atoms(levels)
    codes = [tuple(code for place in atom for code in levels[place]) for atom in atoms]
    sums = [sum_of(counts[levels[place]] for place in atom) for atom in atoms]
    rest = [sum_of(left[place] for place in atom) for atom in atoms] if left else [(0, 0)] * len(atoms)
    columns = [Column([pair[group] for pair in sums]) for group in (0, 1)]
    columns += [Column([pair[group] for pair in rest], of_group=False) for group in (0, 1)]
    columns += [Column(change, of_group=False) for change in history.changes(codes, sums)]
    missing = next((place for place, each in enumerate(codes) if MISSING in each), None)
    ranges = join(columns, minimum, missing)
    return None if ranges is None else [tuple(code for place in each for code in codes[place]) for each in ranges]


def _less(first: Pair, second: Pair) -> Pair:
    (one, other), (less, lesser) = true(first), true(second)
    return one - less, other - lesser
