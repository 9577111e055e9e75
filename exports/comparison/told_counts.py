"""Counts that a delivery's page tells beside its tables, held against those told before in the same project.

What protects the tables (runner/disclosure) doesn't know of the flow, nor of how many rows the files have. From two
groups whose flows differ by one somebody could tell who it is.
"""

from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from exports.comparison.runner.disclosure.limits import small

Flow = Sequence[Sequence[object]]  # as archives.flow_rows has it
WITHDRAWN = "withdrawn"


def of_rows(k: Mapping[str, Any]) -> dict[tuple[str, ...], int]:
    """By file and group: how many rows. `k`: of k_report.measure."""
    return {(part["rows"], part["group"]): part["size"] for part in k["parts"]}


def of_flow(flow: Flow) -> dict[tuple[str, ...], int]:
    """What is told of each place of a flow; the note of who has left has its own rule."""
    return {
        (str(track), str(role), str(code)): int(str(shown))
        for track, _step, role, code, _unit, shown in flow
        if str(shown).isdecimal() and code != WITHDRAWN
    }


def hardly_differ(
    now: Mapping[tuple[str, ...], int], before: Iterable[Mapping[tuple[str, ...], int]], minimum: int
) -> bool:
    """Whether one of them, less what was told of the same before, points at fewer than `minimum`."""
    return any(small(now[place] - was[place], minimum) for was in before for place in now.keys() & was.keys())


def left_in(flow: Flow) -> int:
    """How many units a flow tells to have left."""
    return next((int(str(row[-1])) for row in flow if row[3] == WITHDRAWN), 0)


def with_left(flow: Flow, unit: str, left: int, before: int, minimum: int) -> list[list[object]]:
    """The flow with a note of how many units have left since the group was drawn. `before`: as was told of it last,
    which stands until so many have left that the next number points at nobody."""
    rows = [list(row) for row in flow if row[3] != WITHDRAWN]
    told = left if left - before >= minimum else before
    return [*rows, ["participant", 99, "note", WITHDRAWN, unit, str(told)]] if rows and told else rows
