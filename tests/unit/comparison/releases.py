"""Random releases of a project, with much that is small: who is there, who was matched, who left before the second."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from itertools import product

import numpy as np

from exports.comparison.runner.balance import chi_squared, largest_remainder
from exports.comparison.runner.disclosure import Release, protect
from exports.comparison.runner.tables import Row, Section, TableOne
from exports.comparison.runner.variables import CATEGORICAL, MISSING, Level, Variable
from tests.unit.comparison.attacker import Interval, Place, intervals, model_of

NAME = "x"
# the tables in their order: all and matched of the first release, all and matched of the second; which lie in which
INSIDE = [(1, 0), (2, 0), (3, 1), (3, 2)]


@dataclass(frozen=True)
class Case:
    """What is true, and what is told of it."""

    true: list[TableOne]
    told: list[TableOne]
    minimum: int


def cases(seed: int, how_many: int, minimum: int = 5) -> Iterator[Case]:
    rng = np.random.default_rng(seed)
    for _case_number in range(how_many):
        yield _case(rng, minimum)


def _case(rng: np.random.Generator, minimum: int) -> Case:
    levels = int(rng.integers(2, 7))
    codes = [str(level) for level in range(levels - 1)] + [str(rng.choice([MISSING, str(levels - 1)]))]
    few, many = int(rng.integers(8, 90)), int(10 ** rng.uniform(1.3, 3.3))
    group = np.repeat([0, 1], [few, many])
    odds = rng.dirichlet(np.full(levels, rng.choice([0.3, 1.0, 3.0])), size=2)
    value = np.concatenate([rng.choice(levels, few, p=odds[0]), rng.choice(levels, many, p=odds[1])])
    left = _without(rng, group, 0, [0, 0, 2, 6, 12]) | _without(rng, group, 1, [0, 0, 0, 7])
    matched = ~_without(rng, group, 0, [0, 1, 3, 6, 20])
    rest = max(many - int(matched[group == 0].sum()), 0)
    matched &= ~_without(rng, group, 1, [0, 2, rest, rest])
    counted = [
        np.array([np.bincount(value[who & (group == g)], minlength=levels) for g in (0, 1)]).T
        for kept in (np.ones(len(group), bool), ~left)
        for who in (kept, kept & matched)
    ]
    if min(counts.sum(axis=0).min() for counts in counted) < minimum:
        return _case(rng, minimum)
    true = [
        described(codes, counts, whole, weighted=counts is not whole)
        for whole, part in (counted[:2], counted[2:])
        for counts in (whole, part)
    ]
    first = protect(true[:2], minimum)
    return Case(true, [*first, *protect(true[2:], minimum, [Release.of(first)])], minimum)


def described(codes: Sequence[str], counts: np.ndarray, whole: np.ndarray, *, weighted: bool = False) -> TableOne:
    """What table_one says of these counts (a row for each level); `whole`: of all units, before matching."""
    variable = Variable(name=NAME, label=(NAME, NAME), kind=CATEGORICAL, levels=tuple(Level(c, (c, c)) for c in codes))
    sizes, all_units = counts.sum(axis=0), whole.sum(axis=0)
    percents = np.array([largest_remainder(column.tolist()) for column in counts.T]).T
    share = whole / all_units
    spread = share * (1 - share)
    scale = np.sqrt(np.where(spread[:, 0] > 0, spread[:, 0], (spread * all_units).sum(axis=1) / all_units.sum()))
    gap = counts[:, 0] / sizes[0] - counts[:, 1] / sizes[1]
    rows = tuple(
        Row(code, (code, code), (int(c[0]), int(c[1])), (float(p[0]), float(p[1])), float(g / s) if s else 0.0)
        for code, c, p, g, s in zip(codes, counts, percents, gap, scale, strict=True)
    )
    test = None if weighted else chi_squared(counts.tolist())
    return TableOne((int(sizes[0]), int(sizes[1])), (Section(variable, rows, None, test, {}),), weighted)


def _without(rng: np.random.Generator, group: np.ndarray, of: int, numbers: list[int]) -> np.ndarray:
    inside = np.flatnonzero(group == of)
    found = np.zeros(len(group), dtype=bool)
    found[rng.permutation(inside)[: min(rng.choice(numbers), len(inside))]] = True
    return found


def secrets(case: Case) -> list[dict[Place, float]]:
    """Every count that is small, and every difference between two tables that is: what nobody should find."""
    counts = {
        (at, row.level, group): row.counts[group]
        for at, table in enumerate(case.true)
        for row in table.sections[0].rows
        for group in (0, 1)
    }
    levels = {(level, group) for _, level, group in counts}
    found: list[dict[Place, float]] = [{place: 1.0} for place, count in counts.items() if 0 < count < case.minimum]
    for part, whole in [*INSIDE, (3, 0)]:
        for level, group in sorted(levels):
            here, there = (part, level, group), (whole, level, group)
            if 0 < counts.get(there, 0) - counts.get(here, 0) < case.minimum:
                found.append({there: 1.0, here: -1.0})
    return found


def recovered(found: list[Case], each: int = 4) -> Iterator[tuple[Case, Mapping[Place, float], Interval]]:
    """Of each case's secrets (at most `each` of them) those of which the attacker is left with fewer whole numbers than
    there are small counts. Sizes that aren't told are granted; where that helps too much, they try those that can be.
    """
    asked = [(case, target) for case in found for target in secrets(case)[:: max(1, len(secrets(case)) // each)]]
    models = {id(case): model_of(case.told, INSIDE, NAME, _granted(case)) for case in found}
    for (case, target), answer in zip(asked, intervals((models[id(c)], t) for c, t in asked), strict=True):
        assert answer is not None, "what is told is not true"
        if _narrow(answer, case):
            others = [model_of(case.told, INSIDE, NAME, sizes) for sizes in _guesses(case)]
            answers = [other for other in intervals((model, target) for model in others) if other is not None]
            answer = min(low for low, _ in answers), max(high for _, high in answers)
            if _narrow(answer, case):
                yield case, target, answer


def _narrow(answer: Interval, case: Case) -> bool:
    return answer[1] - answer[0] + 1 < case.minimum - 1


def _granted(case: Case) -> dict[int, tuple[int, int]]:
    return {
        at: true.sizes
        for at, (true, told) in enumerate(zip(case.true, case.told, strict=True))
        if told.sections[0].withheld == "differences_only"
    }


def _guesses(case: Case) -> list[dict[int, tuple[int, int]]]:
    """Sizes that aren't told: each number of units left out that is small, and what is granted of the rest."""
    guesses: list[dict[int, tuple[int, int]]] = [{}]
    for at, true in _granted(case).items():
        ranges = [[size] for size in true]
        if None in case.told[at].sizes:
            whole = case.true[at - 1].sizes
            group = next((g for g in (0, 1) if 0 < whole[g] - true[g] < case.minimum), None)
            if group is not None:
                ranges[group] = [whole[group] - number for number in range(1, case.minimum)]
        guesses = [guess | {at: pair} for guess in guesses for pair in product(*ranges)]
    return guesses


def with_only_small_hidden(case: Case) -> Case:
    """As somebody would do it who hides small counts and nothing beside them."""
    told = [
        replace(
            table,
            sections=tuple(
                replace(
                    section,
                    test=None,
                    rows=tuple(
                        replace(
                            row,
                            smd=None,
                            percents=(None, None),
                            counts=tuple(None if 0 < c < case.minimum else c for c in row.counts),
                        )
                        for row in section.rows
                    ),
                )
                for section in table.sections
            ),
        )
        for table in case.true
    ]
    return replace(case, told=told)
