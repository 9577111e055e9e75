"""Sections and tables of which nothing, or not all, is told."""

from dataclasses import replace

from ..tables import Section, Spread, TableOne

HIDDEN_CELLS = "hidden_cells"
SMALL_GROUP = "small_group"
EARLIER_RELEASE = "earlier_release"
DIFFERENCES_ONLY = "differences_only"
ROUNDED = "rounded"

NOBODY = (None, None)


def nothing_told(table: TableOne, reason: str) -> TableOne:
    """The names of the table's variables and levels; the sizes aren't told either."""
    sections = tuple(nothing_of(section, reason) for section in table.sections)
    return replace(table, sizes=NOBODY, sections=sections, effective=None)


def nothing_of(section: Section, reason: str) -> Section:
    rows = tuple(replace(row, counts=NOBODY, percents=NOBODY, smd=None) for row in section.rows)
    spread = None if section.spread is None else Spread(NOBODY, NOBODY, NOBODY, NOBODY)
    return replace(section, rows=rows, spread=spread, test=None, merged={}, withheld=reason)
