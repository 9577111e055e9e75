"""Somebody who wants to know what was hidden in the tables of one variable, and works it out from all that was told.

They know every figure of every release, how the tables lie inside one another (who was matched is a part of all, who is
left now a part of who was there before), that counts are whole and not negative, and the rules of disclosure control.
What they find of a count is an interval, by linear programming; where whole numbers matter, by branch and bound.
"""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from itertools import product
from math import sqrt

import numpy as np
from scipy.optimize import Bounds, LinearConstraint, milp
from scipy.sparse import block_diag, csr_matrix

from exports.comparison.runner.balance.tests import of_counts
from exports.comparison.runner.disclosure.differences import STEPS
from exports.comparison.runner.tables import Section, TableOne

Place = tuple[int, str, int]  # table, level, group
Interval = tuple[int, int]
TOGETHER = 400  # problems that are solved as one: they share nothing, so the best of all is the best of each
SLACK = 1e-6


@dataclass
class Model:
    """Unknown counts and what is known of them: lowest ≤ sum of weight × count ≤ highest. `coupled`: not a network of
    flows, so that whole numbers have to be asked for."""

    unknown: dict[Place, int] = field(default_factory=dict)
    known: list[tuple[dict[int, float], float, float]] = field(default_factory=list)
    coupled: bool = False

    def add(self, weights: Mapping[Place, float], lowest: float, highest: float) -> None:
        self.known.append(({self.unknown[place]: weight for place, weight in weights.items()}, lowest, highest))

    def row(self, weights: Mapping[Place, float]) -> np.ndarray:
        found = np.zeros(len(self.unknown))
        for place, weight in weights.items():
            found[self.unknown[place]] = weight
        return found

    def matrix(self) -> csr_matrix:
        rows = [row for row, (weights, _, _) in enumerate(self.known) for _ in weights]
        columns = [column for weights, _, _ in self.known for column in weights]
        values = [value for weights, _, _ in self.known for value in weights.values()]
        return csr_matrix((values, (rows, columns)), shape=(len(self.known), len(self.unknown)))


def model_of(
    told: Sequence[TableOne],
    inside: Sequence[tuple[int, int]],
    name: str,
    minimum: int,
    sizes: Mapping[int, tuple] = {},
) -> Model:
    """told: all tables of all releases. inside: (part, whole) by their places. sizes: guesses of those not told."""
    sections = [next(s for s in table.sections if s.variable.name == name) for table in told]
    codes = list(dict.fromkeys(code for section in sections for row in section.rows for code in _codes(section, row)))
    model = Model()
    for place in product(range(len(told)), codes, (0, 1)):
        model.unknown[place] = len(model.unknown)
    for at, (table, section) in enumerate(zip(told, sections, strict=True)):
        size = sizes.get(at, table.sizes)
        for group in (0, 1):
            if size[group] is not None:
                model.add({(at, code, group): 1 for code in codes}, size[group], size[group])
            for row in section.rows:
                weights = {(at, code, group): 1 for code in _codes(section, row)}
                if row.counts[group] is not None:
                    model.add(weights, row.counts[group], row.counts[group])
                elif row.percents[group] is not None and not table.weighted:
                    share, step = row.percents[group] / 100, 0.001
                    model.add(weights, (share - step) * size[group], (share + step) * size[group])
    for part, whole in inside:
        for code, group in product(codes, (0, 1)):
            model.add({(whole, code, group): 1, (part, code, group): -1}, 0, np.inf)
        _differences(model, told, sections, part, whole, sizes)
    return model


def _differences(
    model: Model,
    told: Sequence[TableOne],
    sections: Sequence[Section],
    part: int,
    whole: int,
    sizes: Mapping[int, tuple],
) -> None:
    """A difference of a part in which all weigh the same, told without its counts, measured by the whole's spread."""
    if sections[part].withheld != "differences_only" or told[whole].weighted:
        return
    here, all_units = sizes.get(part, told[part].sizes), told[whole].sizes
    for row, above in zip(sections[part].rows, sections[whole].rows, strict=True):
        codes = _codes(sections[part], row)
        if row.smd is None or None in here or None in above.counts:
            continue
        share = above.counts[0] / all_units[0]
        scale = sqrt(share * (1 - share))
        step = next(step for step in STEPS if step >= 1 / (min(here) * scale))
        weights = {(part, code, 0): 1 / here[0] for code in codes} | {(part, code, 1): -1 / here[1] for code in codes}
        model.add(weights, (row.smd - step / 2) * scale - SLACK, (row.smd + step / 2) * scale + SLACK)
        model.coupled = True


def intervals(problems: Iterable[tuple[Model, Mapping[Place, float]]]) -> Iterator[Interval | None]:
    """The least and greatest that each sum of unknowns can be; None where nothing fits what is known."""
    waiting: list[tuple[Model, np.ndarray]] = []
    for model, target in problems:
        waiting.append((model, model.row(target)))
        if len(waiting) == TOGETHER:
            yield from _solved(waiting)
            waiting = []
    yield from _solved(waiting)


def _solved(waiting: list[tuple[Model, np.ndarray]]) -> list[Interval | None]:
    found: list[Interval | None] = [None] * len(waiting)
    simple = [place for place, (model, _) in enumerate(waiting) if not model.coupled]
    for places, whole_numbers in [(simple, 0), *(([p], 1) for p in range(len(waiting)) if waiting[p][0].coupled)]:
        if not places:
            continue
        models = [waiting[place][0] for place in places]
        aims = [waiting[place][1] for place in places]
        limits = LinearConstraint(
            csr_matrix(block_diag([model.matrix() for model in models])),
            [low for model in models for _, low, _ in model.known],
            [high for model in models for _, _, high in model.known],
        )
        ends = []
        for sign in (1, -1):
            result = milp(
                sign * np.concatenate(aims), integrality=whole_numbers, bounds=Bounds(0, np.inf), constraints=limits
            )
            if result.status == 2:
                break
            assert result.status == 0, result.message
            split = np.split(result.x, np.cumsum([len(aim) for aim in aims])[:-1])
            ends.append([float(aim @ x) for aim, x in zip(aims, split, strict=True)])
        else:
            for place, low, high in zip(places, *ends, strict=True):
                found[place] = int(np.ceil(low - SLACK)), int(np.floor(high + SLACK))
    return found


def from_statistics(table: TableOne, name: str) -> dict[tuple[str, int], set[int]]:
    """What the hidden counts of one table can be, by trying all that add up, where a test or a difference of its own
    levels is printed beside them."""
    section = next(s for s in table.sections if s.variable.name == name)
    ways = [_ways(section, group, table.sizes[group]) for group in (0, 1)]
    possible: dict[tuple[str, int], set[int]] = {}
    for first, second in product(*ways):
        if section.test is not None:
            test = of_counts(list(zip(first, second, strict=True)))
            if test is None or test.name != section.test.name or abs(test.p - section.test.p) > SLACK:
                continue
            if test.statistic is not None and abs(test.statistic - section.test.statistic) > SLACK:
                continue
        if not all(_fits(row.smd, a, b, table.sizes) for row, a, b in zip(section.rows, first, second, strict=True)):
            continue
        for group, counts in enumerate((first, second)):
            for row, count in zip(section.rows, counts, strict=True):
                possible.setdefault((row.level, group), set()).add(count)
    return possible


def _ways(section: Section, group: int, size: int) -> list[tuple[int, ...]]:
    ranges = [range(size + 1) if row.counts[group] is None else [row.counts[group]] for row in section.rows]
    return [way for way in product(*ranges) if sum(way) == size]


def _fits(smd: float | None, first: int, second: int, sizes: tuple[int, int]) -> bool:
    share = first / sizes[0]
    if smd is None or not 0 < share < 1:
        return True
    return abs((share - second / sizes[1]) / sqrt(share * (1 - share)) - smd) < SLACK


def _codes(section: Section, row) -> tuple[str, ...]:
    return section.merged.get(row.level, (row.level,))
