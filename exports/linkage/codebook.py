"""The codebook: each variable with label, type, value set and counts, as CSV. Counts below k are hidden.

To read it is codebook_page.
"""

import csv
import io
from collections import Counter
from collections.abc import Iterable, Mapping
from typing import TypeVar

import pyarrow as pa
import pyarrow.compute as pc

from exports.linkage.schema import Kind, Layout, Variable

K = TypeVar("K")

SECONDARY = "*"
KINDS = {Kind.TEXT: ("tekst", "text"), Kind.INTEGER: ("heltal", "integer"), Kind.DATE: ("dato", "date")}
HEADER = ["VARIABEL", "LABEL_DA", "LABEL_EN", "TYPE", "KLASSE", "KILDE", "KODE", "KODE_DA", "KODE_EN", "ANTAL"]


class Tally:
    """Counts the values of the columns that have a value set, batch by batch. Memory goes by distinct values."""

    def __init__(self, layout: Layout):
        self.counts: dict[str, Counter] = {v.name: Counter() for v in layout.variables if v.values is not None}

    def add(self, columns: Mapping[str, pa.Array]) -> None:
        for name, counter in self.counts.items():
            if name in columns:
                for entry in pc.value_counts(columns[name]):
                    counter[entry["values"].as_py()] += entry["counts"].as_py()


def masked(count: int, minimum: int) -> str:
    """A single count: "<5" for 1-4 when the minimum is 5. Zero is told."""
    return f"<{minimum}" if 0 < count < minimum else str(count)


def masked_counts(counts: Mapping[K, int], minimum: int) -> dict[K, str]:
    """The counts of one variable, whose sum is known to the reader.

    1 to minimum - 1 become "<minimum". Where the sum would then tell one of them more closely than that, the
    smallest of the others become "*" too, as many as it takes.
    """
    small = {key for key, count in counts.items() if 0 < count < minimum}
    others = sorted((key for key, count in counts.items() if count >= minimum), key=lambda key: counts[key])
    also: list[K] = []
    while small and _narrowed([counts[key] for key in small], [counts[key] for key in also], minimum) and others:
        also.append(others.pop(0))
    hidden = dict.fromkeys(small, f"<{minimum}") | dict.fromkeys(also, SECONDARY)
    return {key: hidden.get(key, str(count)) for key, count in counts.items()}


def _narrowed(small: list[int], also: list[int], minimum: int) -> bool:
    """Whether the sum of the hidden counts leaves less than 1 … minimum - 1 for one of the small ones.

    One small count x is the sum less the other k - 1 small ones (each 1 … minimum - 1) and the m starred ones (each
    at least minimum, no upper bound): x can reach minimum - 1 and, without starred ones, 1 only within these limits.
    """
    total = sum(small) + sum(also)
    most = total - (len(small) - 1) - minimum * len(also)
    least = 1 if also else total - (len(small) - 1) * (minimum - 1)
    return most < minimum - 1 or least > 1


def lines_of(layout: Layout, tally: Tally, minimum: int, told: bool = True) -> Iterable[tuple[Variable, list[tuple]]]:
    """(variable, [(code, Danish, English, count)]); the last entry is of missing values, where there are any. Where
    counts are not `told`, all are "*"."""
    for variable in layout.variables:
        entries = []
        if variable.values is not None:
            counter = tally.counts[variable.name]
            counts = {code: counter[code] for code in variable.values} | {None: counter[None]}
            shown = masked_counts(counts, minimum) if told else dict.fromkeys(counts, SECONDARY)
            entries = [(code, *labels, shown[code]) for code, labels in variable.values.items()]
            if counter[None]:
                entries.append(("", "Mangler", "Missing", shown[None]))
        yield variable, entries


def codebook_csv(layout: Layout, tally: Tally, minimum: int, told: bool = True) -> str:
    """One line for each value of each variable; a variable without a value set has one line."""
    text = io.StringIO()
    writer = csv.writer(text, delimiter=";", quoting=csv.QUOTE_ALL, lineterminator="\n")
    writer.writerow(HEADER)
    for v, entries in lines_of(layout, tally, minimum, told):
        about = [v.name, v.label_da, v.label_en, KINDS[v.kind][0], v.klass.value, v.source]
        writer.writerows([*about, *entry] for entry in entries or [("", "", "", "")])
    return text.getvalue()
