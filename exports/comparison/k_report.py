"""How many families and persons are alike, for each file and group of a comparison delivery: report["k"].

As linkage/kanonymity has it, with what a comparison delivery needs: each group is counted by itself, since GRUPPE
stands in each row; and persons are counted with their family's variables too, since FAMILIE joins the two files.
`persons_below` is the sum over all parts, so that a family in a rare combination counts, and each of its persons.

    report["k"] = kanonymity's keys for the whole + {"parts": [{"rows": "families", "group": "participant", …}, …]}
"""

from typing import Any

import pyarrow as pa
import pyarrow.compute as pc

from exports.comparison.frozen import Frozen
from exports.comparison.layouts import FAMILIES, GROUPS, MEMBERS, PERSONS
from exports.linkage import kanonymity
from exports.linkage.lint import Finding
from exports.linkage.schema import Layout


def measure(frozen: Frozen, k: int) -> dict[str, Any]:
    parts = []
    for name in frozen.tables:
        rows, layout = _joined(frozen, name)
        for group, (number, _, _) in GROUPS.items():
            part = rows.filter(pc.equal(rows["GRUPPE"], number))
            found = kanonymity.measure(part.to_batches, layout, k)
            parts.append({"rows": name, "group": group, "size": part.num_rows} | found)
    without: dict[str, int] = {}
    for each in parts:
        for name in {name for part in parts for name in part["variables"]}:
            left_out = dict(each["without"])
            without[name] = without.get(name, 0) + left_out.get(name, each["persons_below"])
    return {
        "k": k,
        "variables": list(dict.fromkeys(name for each in parts for name in each["variables"])),
        "groups": sum(each["groups"] for each in parts),
        "groups_below": sum(each["groups_below"] for each in parts),
        "persons_below": sum(each["persons_below"] for each in parts),
        "smallest": min((each["smallest"] for each in parts if each["size"]), key=_least, default="0"),
        "without": sorted(([name, n] for name, n in without.items()), key=lambda row: (row[1], row[0])),
        "parts": parts,
    }


def findings(report: dict[str, Any]) -> list[Finding]:
    below = {part["rows"] for part in report["parts"] if part["persons_below"]}
    return [Finding(MEMBERS[name], "k_anonymity") for name in MEMBERS if name in below]


def _joined(frozen: Frozen, name: str) -> tuple[pa.Table, Layout]:
    """A table's rows; persons with the variables of their family."""
    rows, layout = frozen.rows(name), frozen.layouts[name]
    if name != PERSONS or FAMILIES not in frozen.tables:
        return rows, layout
    families = frozen.rows(FAMILIES)
    more = [variable for variable in frozen.layouts[FAMILIES].variables if variable.name not in layout.names]
    place = pc.index_in(rows["FAMILIE"], value_set=families["PSEUDONYM"].combine_chunks())
    for variable in more:
        rows = rows.append_column(variable.name, families[variable.name].take(place))
    return rows, Layout(layout.member, (*layout.variables, *more), layout.grain, layout.unit)


def _least(shown: str) -> int:
    """A masked count is smaller than all that are told."""
    return int(shown) if shown.isdecimal() else 0
