"""What earlier releases told of a section, and what that leaves to tell."""

from collections.abc import Sequence
from dataclasses import dataclass

from ..tables import Section, TableOne
from .limits import Pair, small
from .releases import Codes, Release, ToldSection
from .withheld import EARLIER_RELEASE, HIDDEN_CELLS


@dataclass(frozen=True)
class Before:
    """One release's section, of which something was told. `same_size`: its groups had as many units as now; `shrunk`:
    none has grown since."""

    told: ToldSection
    same_size: bool
    shrunk: bool


@dataclass(frozen=True)
class History:
    releases: tuple[Before, ...] = ()

    @classmethod
    def of(cls, table: TableOne, place: int, name: str, everybody: TableOne, earlier: Sequence[Release]) -> "History":
        """`everybody`: the table of all units. A size that wasn't told is taken for the same when theirs is."""
        found = []
        for release in earlier:
            if place >= len(release.tables) or name not in release.tables[place].sections:
                continue
            told = release.tables[place].sections[name]
            if told.nothing:
                continue  # no count and no difference to subtract from
            was = release.tables[place].sizes
            same = release.tables[0].sizes == everybody.sizes and (None in was or was == table.sizes)
            shrunk = all(a is None or b is None or b <= a for a, b in zip(was, table.sizes, strict=True))
            found.append(Before(told, same, shrunk))
        return cls(tuple(found))

    @property
    def reason(self) -> str:
        """Why nothing is told. Not whether it is for the counts or for their change: that would tell of both."""
        return EARLIER_RELEASE if self.releases else HIDDEN_CELLS

    @property
    def differs(self) -> bool:
        """Units came or went since a release."""
        return any(not before.same_size for before in self.releases)

    @property
    def hides_counts(self) -> bool:
        """Where differences or means were told without counts, the counts of what is left of a group stay hidden."""
        return any(before.shrunk and before.told.no_counts for before in self.releases)

    def forbids(self, section: Section) -> bool:
        """A section without counts may only be told as it was told before: two that differ could be subtracted, and
        there are no counts to judge the difference by."""
        return any(before.told != ToldSection.of(section) or not before.same_size for before in self.releases)

    def atoms(self, levels: Sequence[Codes]) -> list[list[int]]:
        """The places of levels; together those that an earlier release joined. So every count that a release told is a
        sum of atoms, and differences between releases can be worked out for sums of atoms alone."""
        atom = [[place] for place in range(len(levels))]
        for row in (row for before in self.releases for row in before.told.rows):
            first, *others = [place for place, codes in enumerate(levels) if {*codes} & {*row.codes}] or [-1]
            for other in others:
                if atom[other] is not atom[first]:
                    atom[first].extend(atom[other])
                    for place in atom[other]:
                        atom[place] = atom[first]
        return [sorted(each) for place, each in enumerate(atom) if place == min(each)]

    def changes(self, blocks: Sequence[Codes], counts: Sequence[Pair]) -> list[list[int]]:
        """For each release that told counts and each group, how many fewer are in each block now."""
        columns = []
        for before in self.releases:
            if before.told.no_counts:
                continue
            for group in (0, 1):
                was = [sum(row.counts[group] or 0 for row in before.told.rows if {*row.codes} & {*b}) for b in blocks]
                columns.append([a - (pair[group] or 0) for a, pair in zip(was, counts, strict=True)])
        return columns

    def hardly_changed(self, counts: Pair, missing: Pair, minimum: int) -> bool:
        """Whether few units with a value, or few without, came or went."""
        return any(
            was is not None and now is not None and small(was - now, minimum)
            for before in self.releases
            if before.told.numbers
            for then, today in zip(before.told.numbers[:2], (counts, missing), strict=True)
            for was, now in zip(then, today, strict=True)
        )
