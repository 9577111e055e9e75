"""What may be told of a matching beside table 1: whether anybody was matched, why others weren't, and what to know of
the score.

Told once, with a group's first release: what is left of the group has other reasons, and two lists of them could be
subtracted.
"""

from typing import Any

import pandas as pd

from exports.comparison.frozen import Frozen
from exports.comparison.runner.disclosure import counts, has_room
from exports.comparison.runner.matching.propensity import Note
from exports.comparison.runner.matching.reasons import REASONS
from exports.comparison.runner.results import Described
from exports.comparison.runner.table_page import NOTHING_TOLD
from exports.comparison.runner.variables import MISSING

HIDDEN = "hidden"
GROUPS = {1: "participant", 0: "comparison"}


def told(frozen: Frozen, described: Described, minimum: int) -> dict[str, Any]:
    """Plain values; {} without matching, or where not even the sizes of the groups are told.

    nobody    whether no participant was matched. Fewer than `minimum` are hidden, as any small count; zero is told
    left_out  of each group: reason and count as text (HIDDEN where it is small, or would tell a small one)
    notes     of columns of the score whose counts table 1 tells
    """
    matched = frozen.matched()
    if matched is None or described.after is None or None in described.before.sizes:
        return {}
    nobody = matched.counts["participants_matched"] == 0
    participant = frozen.frame()["participant"].to_numpy()
    known = nobody or None not in described.after.sizes
    left_out = [
        [name, code, shown]
        for group, name in GROUPS.items()
        for code, shown in _reasons(matched.units["reason"][participant == group], minimum).items()
    ]
    return {
        "nobody": nobody,
        "left_out": left_out if known else [],
        "notes": [list(note.text) for note in matched.notes if _is_told(note, described)],
    }


def _reasons(given: pd.Series, minimum: int) -> dict[str, str]:
    """The sum is known: how many were matched is told. Nothing where small counts can't be hidden beside it."""
    of_each = {code: int((given == code).sum()) for code in REASONS}
    shown = counts(of_each, minimum)
    hidden = [of_each[code] for code, count in shown.items() if count is None]
    if not sum(of_each.values()) or (hidden and not has_room(hidden, minimum)):
        return {}
    return {code: HIDDEN if count is None else str(count) for code, count in shown.items() if count != 0}


def _is_told(note: Note, described: Described) -> bool:
    """A note of a level tells where its units are: only what table 1 tells of that level too."""
    section = next((each for each in described.before.sections if each.variable.name == note.variable), None)
    if section is None or section.withheld in NOTHING_TOLD:
        return False
    if section.spread is not None:
        return note.level != MISSING or None not in section.spread.missing
    joined = {code for codes in section.merged.values() for code in codes}
    return note.level not in joined and any(row.level == note.level and None not in row.counts for row in section.rows)
