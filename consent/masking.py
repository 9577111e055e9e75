"""What people without access to a plan are told of its counts. Pure: counts in, what may be shown out.

The rule. A count of one activity and year from 1 to 4 is hidden; an estimate of 5 and more is rounded to the nearest
5. Everything else is worked out from what is left: sums, rates, steps of the funnel, totals of plans, types and years,
charts and files. In a sum a hidden count stands as the mean of all hidden counts of its kind on the whole site, that
mean told in quarters, never below 1.5 or above 3.5, and 2.5 where fewer than five counts are hidden.

Why it holds. Nothing that is shown depends on a hidden count but that mean, so no two tables, pages or files can be
subtracted to find one: they were all made from the same shown numbers. The counts are of separate people (valid and
known by number, valid and known by name, withdrawn, lapsed, refused, not asked, not reached), so one bounds no other;
an estimate is a guess and rounded, so those missing to it can't be counted out either. And a mean in quarters leaves
each of five or more hidden counts open: what it tells of their sum always allows one above the least and below the
greatest possible, so that any one of them can be traded against another.

What it can't do: who looks every day sees a count of 5 appear, and knows that it was 4 the day before.
"""

from collections.abc import Iterable, Mapping, Sequence
from functools import cached_property
from math import floor
from typing import NamedTuple, TypeVar

from consent.rates import Rate, together

SMALLEST = 5  # the least count that is told
COUNTS = ("linkable", "named", "withdrawn", "lapsed", "refused", "not_asked", "not_reached", "estimate")
CONSENTED = ("linkable", "named")
ASKED = (*CONSENTED, "withdrawn", "lapsed", "refused")
MIDDLE = 2.5

K = TypeVar("K")
Means = Mapping[str, float]


class Cell(NamedTuple):
    """An activity and year as a reader is told of it."""

    told: Rate  # a hidden count is 0
    hidden: Rate  # how many hidden counts: 0 or 1


class Figure(NamedTuple):
    """A number on a page or in a file."""

    value: float
    about: bool = False  # worked out from hidden counts
    under: bool = False  # 1 to 4, and not told


def open_cells(rates: Mapping[K, Rate]) -> dict[K, Cell]:
    """For who has access to the plans: the numbers as they are."""
    return {key: Cell(rate, _NOTHING) for key, rate in rates.items()}


def masked_cells(rates: Mapping[K, Rate]) -> dict[K, Cell]:
    return {key: _masked(rate) for key, rate in rates.items()}


def means_of(rates: Iterable[Rate]) -> Means:
    """What a hidden count of each kind stands for in a sum, from all counts of the site."""
    found: dict[str, list[int]] = {name: [] for name in COUNTS}
    for rate in rates:
        for name, count in zip(COUNTS, rate, strict=False):  # the counts are the first fields of a rate
            if 0 < count < SMALLEST:
                found[name].append(count)
    return {name: _mean(counts) for name, counts in found.items()}


class Figures:
    """The sum of some cells, as it is shown; added up when it is asked for."""

    def __init__(self, cells: Sequence[Cell], means: Means):
        self._cells, self._means = cells, means

    @cached_property
    def whole(self) -> Cell:
        return _sum(self._cells)

    @cached_property
    def _rated(self) -> Cell:
        """The rate is of the cells that have an estimate."""
        return _sum([cell for cell in self._cells if cell.told.estimated]) if self.lacking else self.whole

    @property
    def lacking(self) -> int:
        return self.whole.told.lacking

    @property
    def old(self) -> int:
        return self.whole.told.old

    @property
    def over(self) -> int:
        return self.whole.told.over

    def _figure(self, names: Iterable[str], cell: Cell | None = None) -> Figure:
        told, hidden = cell or self.whole
        known = sum(getattr(told, name) for name in names)
        if hidden is _NOTHING:
            return Figure(known)
        unknown = {name: count for name in names if (count := getattr(hidden, name))}
        if not unknown:
            return Figure(known)
        if not known and sum(unknown.values()) == 1:
            return Figure(MIDDLE, under=True)
        return Figure(known + sum(count * self._means[name] for name, count in unknown.items()), about=True)

    def __getattr__(self, name: str) -> Figure:
        """Any of COUNTS."""
        if name not in COUNTS:
            raise AttributeError(name)
        return self._figure((name,))

    @cached_property
    def consented(self) -> Figure:
        return self._figure(CONSENTED)

    @cached_property
    def asked(self) -> Figure:
        return self._figure(ASKED)

    @cached_property
    def estimate(self) -> Figure | None:
        return self._figure(("estimate",)) if self.whole.told.estimated else None

    @cached_property
    def share(self) -> Figure | None:
        """Consented of the estimate: over 1 when more have consented than it says. None without one, or of nobody.

        Where either is hidden the share is too: it is `under`.
        """
        consented, estimate = self._figure(CONSENTED, self._rated), self._figure(("estimate",), self._rated)
        if not estimate.value:
            return None
        share = consented.value / estimate.value
        return Figure(
            share if self.over else min(share, 1.0),
            about=consented.about or estimate.about,
            under=consented.under or estimate.under,
        )

    @property
    def marks(self) -> int:
        """How many estimates somebody should look at."""
        return self.lacking + self.old + self.over


_NOTHING = Rate()
_ESTIMATE, _OVER = (Rate._fields.index(name) for name in ("estimate", "over"))


def _sum(cells: Sequence[Cell]) -> Cell:
    hidden = [cell.hidden for cell in cells if cell.hidden is not _NOTHING]
    return Cell(together(cell.told for cell in cells), together(hidden) if hidden else _NOTHING)


def _masked(rate: Rate) -> Cell:
    told, hidden = list(rate), [0] * len(rate)
    for place in range(len(COUNTS)):
        if 0 < told[place] < SMALLEST:
            told[place], hidden[place] = 0, 1
    told[_ESTIMATE] = SMALLEST * floor(told[_ESTIMATE] / SMALLEST + 0.5)
    # "too low" from what is told alone: at least so many have consented, and the estimate was so high at most
    consented = told[0] + hidden[0] + told[1] + hidden[1]
    estimate = SMALLEST - 1 if hidden[_ESTIMATE] else told[_ESTIMATE] and told[_ESTIMATE] + SMALLEST // 2
    told[_OVER] = int(rate.estimated and consented > estimate)
    return Cell(Rate(*told), Rate(*hidden) if any(hidden) else _NOTHING)


def _mean(counts: list[int]) -> float:
    if len(counts) < SMALLEST:
        return MIDDLE
    return min(max(round(4 * sum(counts) / len(counts)) / 4, 1.5), 3.5)
