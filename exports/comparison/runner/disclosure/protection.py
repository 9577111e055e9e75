"""Tables of one release as they may be told: the first of all units, the others of parts of them (after matching)."""

from collections.abc import Sequence
from dataclasses import replace

from ..tables import Section, TableOne, section_of
from . import nested, numbers, rows
from .history import History
from .limits import Pair, small, true
from .releases import Release
from .withheld import EARLIER_RELEASE, NOBODY, SMALL_GROUP, nothing_told

EQUAL = 1e-6  # an effective size this close to the size: all weigh the same


def protect(tables: Sequence[TableOne], minimum: int, earlier: Sequence[Release] = ()) -> list[TableOne]:
    """The tables as they may be told together, and beside what earlier releases of the same project told.

    tables   of the same variables: of all units first, then of parts of them (after matching); counts are of units
    minimum  smaller counts are hidden; 1 hides nothing
    earlier  releases whose tables stand in the same order

    Levels are joined until no count is hidden (Section.merged), alike in all tables; where that can't be, the section
    is withheld. Of a part whose counts, subtracted from those of all units, leave small ones, only rounded differences
    are told. A release in which a group is fewer than `minimum` units smaller or larger than before tells nothing.
    """
    if minimum <= 1:
        return list(tables)
    everybody = tables[0]
    if min(true(everybody.sizes)) < minimum:
        return [nothing_told(table, SMALL_GROUP) for table in tables]
    if any(_hardly_changed(table, place, minimum, earlier) for place, table in enumerate(tables)):
        return [nothing_told(table, EARLIER_RELEASE) for table in tables]
    first = replace(everybody, sections=tuple(_of_all(s, everybody, minimum, earlier) for s in everybody.sections))
    parts = [_part(tables[place], place, everybody, first, minimum, earlier) for place in range(1, len(tables))]
    return nested.apart([first, *parts], minimum, earlier)


def _of_all(section: Section, table: TableOne, minimum: int, earlier: Sequence[Release]) -> Section:
    form = rows if section.spread is None else numbers
    return form.of_all(section, minimum, History.of(table, 0, section.variable.name, table, earlier))


def _part(
    part: TableOne, place: int, everybody: TableOne, first: TableOne, minimum: int, earlier: Sequence[Release]
) -> TableOne:
    if min(true(part.sizes)) < minimum:
        return nothing_told(part, SMALL_GROUP)
    left_out = [a - b for a, b in zip(true(everybody.sizes), true(part.sizes), strict=True)]
    known = not any(small(count, minimum) for count in left_out) and not _sizes_hidden(place, earlier)
    effective = part.effective and part.effective[0]
    equal = effective is None or abs(effective - true(part.sizes)[0]) < EQUAL
    sections = []
    for section in part.sections:
        name = section.variable.name
        history = History.of(part, place, name, everybody, earlier)
        before, told = section_of(everybody, name), section_of(first, name)
        if section.spread is None:
            sections.append(rows.of_part(section, before, told, minimum, history, sizes_told=known, equal=equal))
        else:
            sections.append(numbers.of_part(section, before, told, minimum, history, sizes_told=known))
    if known:
        return replace(part, sections=tuple(sections))
    return replace(part, sizes=NOBODY, sections=tuple(sections), effective=None)


def _earlier_sizes(place: int, earlier: Sequence[Release]) -> list[Pair]:
    return [release.tables[place].sizes for release in earlier if place < len(release.tables)]


def _hardly_changed(table: TableOne, place: int, minimum: int, earlier: Sequence[Release]) -> bool:
    return any(
        was is not None and now is not None and small(was - now, minimum)
        for sizes in _earlier_sizes(place, earlier)
        for was, now in zip(sizes, table.sizes, strict=True)
    )


def _sizes_hidden(place: int, earlier: Sequence[Release]) -> bool:
    """Whether a release told of all units, but not how many are in this part: so it stays."""
    return any(
        None in release.tables[place].sizes and None not in release.tables[0].sizes
        for release in earlier
        if place < len(release.tables)
    )
