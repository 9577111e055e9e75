"""Variables of yes and no that lie in one another (Variable.within): income under 50 % of the median in that under
60 %, misuse of cannabis in misuse. Each may be told by itself; beside one another, what is between them is told too.

    between   yes to the outer and not to the inner: the outer's count less the inner's, by yes and by no
    overlap   yes to several inner ones: their sum less the outer's, where they are all that it consists of

These are counted as if they were levels: in each table, from all units to a part of them, and from an earlier release.
Where one is small the inner variable is withheld.
"""

from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace

from ..tables import TableOne, section_of
from .limits import small, true
from .releases import Codes, Release, Told, ToldSection
from .withheld import EARLIER_RELEASE, HIDDEN_CELLS, nothing_of

YES, NO = ("1",), ("0",)
Sum = Mapping[tuple[str, Codes], int]  # counts to be added or subtracted, by variable and level


def apart(tables: Sequence[TableOne], minimum: int, earlier: Sequence[Release]) -> list[TableOne]:
    """Of protected tables: without the inner variables that can't be told beside the others."""
    told, kept = list(tables), defaultdict[str, list[str]](list)
    inner = [section.variable for section in tables[0].sections if section.variable.within]
    for name, outer in ((variable.name, variable.within) for variable in inner):
        between: Sum = {(outer, YES): 1, (name, YES): -1}
        outside: Sum = {(outer, NO): -1, (name, NO): 1}
        overlap: Sum = {(outer, YES): -1, (name, YES): 1, **{(other, YES): 1 for other in kept[outer]}}
        counts = (count for each in (between, outside, overlap) for count in _worked_out(each, told, earlier))
        if any(small(count, minimum) for count in counts):
            told = [_without(table, name, earlier) for table in told]
        elif _is_counted(told[0], name, outer):
            kept[outer].append(name)
            # in a part that tells differences there are no counts to judge by
            told[1:] = [part if _is_counted(part, name, outer) else _without(part, name, earlier) for part in told[1:]]
    return told


def _worked_out(each: Sum, tables: Sequence[TableOne], earlier: Sequence[Release]) -> Iterator[int]:
    """What a reader knows of the sum: what it is, of who was left out of a part, and of who came or went."""
    now = [_value(each, table) for table in Release.of(tables).tables]
    for place, here in enumerate(now):
        if here is None:
            continue
        yield from here
        others = [now[0], *(_value(each, release.tables[place]) for release in earlier if place < len(release.tables))]
        yield from (a - b for other in others if other is not None for a, b in zip(other, here, strict=True))


def _value(each: Sum, table: Told) -> tuple[int, int] | None:
    """Of participants and comparison; None where not all of it is told."""
    found = (0, 0)
    for (name, codes), sign in each.items():
        rows = table.sections[name].rows if name in table.sections else ()
        pair = next((row.counts for row in rows if row.codes == codes and None not in row.counts), None)
        if pair is None:
            return None
        found = found[0] + sign * true(pair)[0], found[1] + sign * true(pair)[1]
    return found


def _is_counted(table: TableOne, *names: str) -> bool:
    there = {section.variable.name for section in table.sections}
    return there.issuperset(names) and not any(ToldSection.of(section_of(table, name)).no_counts for name in names)


def _without(table: TableOne, name: str, earlier: Sequence[Release]) -> TableOne:
    section = section_of(table, name)
    if ToldSection.of(section).nothing:
        return table
    place = table.sections.index(section)
    reason = EARLIER_RELEASE if earlier else HIDDEN_CELLS
    return replace(table, sections=(*table.sections[:place], nothing_of(section, reason), *table.sections[place + 1 :]))
