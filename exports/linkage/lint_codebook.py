"""Whether a codebook says what the data file holds: every variable and code, and counts that are right or hidden."""

import csv
import io
from collections.abc import Iterator

from exports.linkage.codebook import SECONDARY, Tally
from exports.linkage.lint import Finding
from exports.linkage.schema import Layout


def codebook_faults(member: str, text: str, layout: Layout, tally: Tally, minimum: int) -> Iterator[Finding]:
    """`text`: the codebook as CSV; `tally`: the data file's values, counted."""
    rows = [*csv.DictReader(io.StringIO(text), delimiter=";")]
    try:
        counts = {(row["VARIABEL"], row["KODE"]): row["ANTAL"] for row in rows}
    except KeyError:
        yield Finding(member, "codebook")
        return
    for v in layout.variables:
        fits = any(name == v.name for name, _ in counts)
        if v.values is not None:
            counted = {str(code): tally.counts[v.name][code] for code in v.values}
            if missing := tally.counts[v.name][None]:
                counted[""] = missing
            told = {code: count for (name, code), count in counts.items() if name == v.name}
            fits &= counted.keys() == told.keys() and all(_says(told[code], n) for code, n in counted.items())
            small = sum(0 < n < minimum and told.get(code) == str(n) for code, n in counted.items())
            if small:
                yield Finding(member, "small_count", v.name, small)
        if not fits:
            yield Finding(member, "codebook", v.name)


def _says(told: str | None, count: int) -> bool:
    """Whether a count as told ("12", "<5", "*") can be of `count`."""
    if told is None:
        return False
    if told.startswith("<"):
        return told[1:].isdecimal() and 0 < count < int(told[1:])
    return told == SECONDARY or told == str(count)
