"""Somebody who knows the program: who makes every table there could be, runs it on each, and keeps those of which the
same is told. What all of them have in common is what was given away, by figures and by the choice of what is hidden."""

from collections import defaultdict
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import replace
from itertools import product

import numpy as np

from exports.comparison.runner.disclosure import Release, protect
from exports.comparison.runner.tables import TableOne
from tests.unit.comparison.releases import described

Counts = tuple[int, ...]
World = tuple[tuple[TableOne, ...], tuple[Counts, ...]]  # what is told, and the secrets: counts, or differences of them


def splits(size: int, levels: int) -> Iterator[Counts]:
    if levels == 1:
        yield (size,)
        return
    for first in range(size + 1):
        for rest in splits(size - first, levels - 1):
            yield first, *rest


def parts(counts: Counts, size: int) -> list[Counts]:
    return [part for part in product(*(range(count + 1) for count in counts)) if sum(part) == size]


def single(sizes: tuple[int, int], codes: Sequence[str], minimum: int) -> Iterator[World]:
    """Every table of these sizes."""
    for first, second in product(*(splits(size, len(codes)) for size in sizes)):
        table = _table(codes, first, second)
        yield tuple(protect([table], minimum)), (first, second)


def nested(sizes: tuple[int, int], minimum: int, *, known: bool = True) -> Iterator[World]:
    """Every table of these sizes of two variables of yes and no, one of which lies within the other. known: to the
    program. The secrets are how many have yes to both, to the outer only, and to neither."""
    for first, second in product(*(splits(size, 3) for size in sizes)):
        counts = np.array([first, second]).T
        inner = yes_no("inner", counts[0], counts.sum(axis=0), within="outer" if known else "")
        outer = yes_no("outer", counts[:2].sum(axis=0), counts.sum(axis=0))
        yield tuple(protect([replace(outer, sections=inner.sections + outer.sections)], minimum)), (first, second)


def yes_no(name: str, yes: Sequence[int], sizes: Sequence[int], within: str = "") -> TableOne:
    counts = np.array([yes, np.subtract(sizes, yes)])
    table = described(["1", "0"], counts, counts)
    (section,) = table.sections
    return replace(table, sections=(replace(section, variable=replace(section.variable, name=name, within=within)),))


def matched(
    participants: int, others: Sequence[Counts], kept: Iterable[int], codes: Sequence[str], minimum: int
) -> Iterator[World]:
    """Every table of so many participants and of each of `others`, with every way to match some of them one to one."""
    for first, second, size in product(splits(participants, len(codes)), others, kept):
        whole = _table(codes, first, second)
        counts = np.array([first, second]).T
        for here, there in product(parts(first, size), parts(second, size)):
            part = described(codes, np.array([here, there]).T, counts, weighted=True)
            left = _less(first, here), _less(second, there)
            yield tuple(protect([whole, part], minimum)), (first, second, here, there, *left, (participants - size,))


def leaving(
    participants: int, others: Counts, staying: Iterable[int], codes: Sequence[str], minimum: int
) -> Iterator[World]:
    """Every table of so many participants beside the same comparison, with every way in which some of them left."""
    for first in splits(participants, len(codes)):
        before = protect([_table(codes, first, others)], minimum)
        for size in staying:
            for here in parts(first, size):
                now = protect([_table(codes, here, others)], minimum, [Release.of(before)])
                yield (*before, *now), (first, here, _less(first, here), (participants - size,))


def given_away(worlds: Iterable[World], minimum: int) -> tuple[int, list[tuple[TableOne, ...]]]:
    """How many worlds there were; and what was told where a small secret can be fewer things than there are small
    counts."""
    alike: dict[str, tuple[tuple[TableOne, ...], list[Counts]]] = defaultdict(lambda: ((), []))
    number = 0
    for told, secrets in worlds:
        key = repr(told)
        alike[key] = told, alike[key][1]
        alike[key][1].append(tuple(count for counts in secrets for count in counts))
        number += 1
    found = []
    for told, worlds_alike in alike.values():
        for secret in np.array(worlds_alike).T:
            values = np.unique(secret)
            if ((values > 0) & (values < minimum)).any() and len(values) < minimum - 1:
                found.append(told)
    return number, found


def _table(codes: Sequence[str], first: Counts, second: Counts) -> TableOne:
    counts = np.array([first, second]).T
    return described(codes, counts, counts)


def _less(first: Counts, second: Counts) -> Counts:
    return tuple(a - b for a, b in zip(first, second, strict=True))
