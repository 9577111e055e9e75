"""What is told to people without access to a plan: an attacker who knows the rule tries to find a hidden count.

The attacker sees everything that any page, chart or file tells of a small site and lists all sites that would have
looked the same. A hidden count is found when it is the same in all of them.
"""

from collections import defaultdict
from itertools import combinations, product

import pytest
from hypothesis import given
from hypothesis import strategies as st

from consent.masking import COUNTS, Figures, masked_cells, means_of
from consent.rates import Rate
from consent.tables import figure_text, file_row

SHOWN = (*COUNTS, "consented", "asked", "share")


def everything_told(rates: list[Rate]) -> tuple:
    """All figures of all sums: more than the pages show, which add up by plan, type, activity and year only."""
    cells = list(masked_cells(dict(enumerate(rates))).values())
    means = means_of(rates)
    told = []
    for size in range(1, len(cells) + 1):
        for chosen in combinations(cells, size):
            figures = Figures(chosen, means)
            texts = [figure_text(one, share=name == "share") for name in SHOWN if (one := getattr(figures, name))]
            exact = [getattr(figures, name) for name in SHOWN]
            told.append((*texts, *exact, *file_row(2016, figures)))
    return tuple(told)


def assert_nothing_found(worlds: list[list[Rate]], hidden: tuple[str, ...]) -> None:
    alike = defaultdict(list)
    for world in worlds:
        alike[everything_told(world)].append(world)
    for group in alike.values():
        for place in range(len(group[0])):
            for name in hidden:
                possible = {getattr(world[place], name) for world in group}
                assert len(possible) > 1 or not possible & {1, 2, 3, 4}, (name, group)


@pytest.mark.parametrize("name", ["linkable", "refused"])
def test_no_count_is_found_in_any_of_all_small_sites(name):
    """Three units of 0 to 6 people each, whatever else is told of them."""
    worlds = [
        [Rate(**{name: count, "estimate": 20, "estimated": 1}) for count in counts]
        for counts in product(range(7), repeat=3)
    ]
    assert_nothing_found(worlds, (name,))


def test_no_count_is_found_where_the_mean_of_all_hidden_ones_is_told():
    """Five and six hidden counts, with one that is told beside them."""
    for size in (5, 6):
        worlds = [[*(Rate(refused=count) for count in counts)] for counts in product(range(1, 5), repeat=size)]
        alike = defaultdict(list)
        for world in worlds:
            alike[tuple(sorted(means_of(world).items()))].append(world)
        for group in alike.values():
            for place in range(size):
                assert len({world[place].refused for world in group}) > 1


def test_no_count_is_found_from_the_estimate_and_the_mark_of_a_low_one():
    """One unit with every number of valid by number, valid by name, and estimate: nor is the complement found."""
    worlds = [
        [Rate(linkable=linkable, named=named, estimate=estimate, estimated=1, over=int(linkable + named > estimate))]
        for linkable, named, estimate in product(range(9), range(9), range(17))
    ]
    assert_nothing_found(worlds, ("linkable", "named", "estimate"))
    alike = defaultdict(list)
    for world in worlds:
        alike[everything_told(world)].append(world[0].estimate - world[0].consented)
    for complements in alike.values():
        assert len(set(complements)) > 1 or not set(complements) & {1, 2, 3, 4}


RATES = st.lists(
    st.builds(
        Rate,
        linkable=st.integers(0, 30),
        named=st.integers(0, 8),
        withdrawn=st.integers(0, 6),
        lapsed=st.just(0),
        refused=st.integers(0, 12),
        not_asked=st.just(0),
        not_reached=st.integers(0, 3),
        estimate=st.integers(0, 60),
        estimated=st.just(1),
        lacking=st.just(0),
        old=st.just(0),
        over=st.just(0),
    ),
    min_size=1,
    max_size=4,
)


@given(RATES)
def test_no_number_from_one_to_four_is_ever_told(rates):
    for unit in everything_told(rates):
        for cell in unit[: len(SHOWN)]:
            assert cell not in {"1", "2", "3", "4", "ca. 1", "ca. 2", "ca. 3", "ca. 4"}
        assert not [cell for cell in file_cells(unit) if cell in (1, 2, 3, 4)]


def file_cells(unit: tuple) -> list:
    """The counts of a row of a file, which ends with three numbers of estimates, not of people."""
    return list(unit[-15:][2:-3])


@given(RATES, st.integers(0, 5), st.integers(1, 4))
def test_what_is_told_does_not_change_with_a_hidden_count(rates, place, other):
    """But for the mean, which is held here."""
    rates = [rate._replace(over=0) for rate in rates]
    place %= len(rates)
    if not 0 < rates[place].refused < 5:
        return
    changed = [*rates]
    changed[place] = rates[place]._replace(refused=other)
    means = means_of(rates)
    for one, two in zip(
        masked_cells(dict(enumerate(rates))).values(), masked_cells(dict(enumerate(changed))).values(), strict=True
    ):
        assert one == two
        assert Figures([one], means).asked == Figures([two], means).asked


def test_large_sums_stay_near_the_truth():
    rates = [Rate(linkable=count % 9, refused=count % 3, estimate=10 + count % 7, estimated=1) for count in range(2000)]
    figures = Figures(list(masked_cells(dict(enumerate(rates))).values()), means_of(rates))
    for name in ("linkable", "refused", "estimate"):
        truth = sum(getattr(rate, name) for rate in rates)
        assert abs(getattr(figures, name).value - truth) < 0.05 * truth


def test_a_rate_over_all_is_not_made_by_rounding_the_estimate():
    (cell,) = masked_cells({1: Rate(linkable=22, estimate=22, estimated=1)}).values()
    figures = Figures([cell], means_of([]))
    assert figures.over == 0
    assert figures.share
    assert figures.share.value == 1
