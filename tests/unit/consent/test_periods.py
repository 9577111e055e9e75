"""Two rows' periods become one row's: no day on which somebody took part is lost, and none is made up between two."""

from datetime import date, timedelta

from hypothesis import given
from hypothesis import strategies as st

from consent.periods import Period, join

FIRST = date(2014, 1, 1)
END = FIRST + timedelta(days=60)  # stands for "still takes part"


def day(n: int) -> date:
    return FIRST + timedelta(days=n)


@st.composite
def periods(draw) -> list[Period]:
    found = []
    for key in range(draw(st.integers(0, 8))):
        start = draw(st.integers(0, 30))
        end = draw(st.none() | st.integers(start, 40))
        found.append(
            Period(
                key,
                draw(st.sampled_from("ab")),
                day(start),
                draw(st.sampled_from(["day", "month", "year"])),
                None if end is None else day(end),
                draw(st.sampled_from(["mother", "child"])),
                draw(st.booleans()),
            )
        )
    return found


def days(several) -> set[tuple[str, date]]:
    return {
        (one.activity, one.start + timedelta(days=n))
        for one in several
        for n in range(((one.end or END) - one.start).days + 1)
    }


@given(periods())
def test_exactly_the_days_of_both_rows_are_covered(before):
    assert days(joined.period for joined in join(before)) == days(before)


@given(periods())
def test_each_period_goes_into_exactly_one(before):
    into = [part.key for joined in join(before) for part in joined.of]
    assert sorted(into) == sorted(period.key for period in before)


@given(periods())
def test_what_both_rows_did_at_one_time_is_told_once(before):
    for joined in join(before):
        others = [other.period for other in join(before) if other.period.key != joined.period.key]
        both = {part.own for part in joined.of} == {True, False}
        if both:
            assert not days([joined.period]) & days(others)
            assert joined.period.own
            assert joined.period.start == min(part.start for part in joined.of)


@given(periods())
def test_joining_again_changes_nothing_of_what_was_joined(before):
    once = [joined.period for joined in join(before) if len(joined.of) > 1]
    assert {joined.period for joined in join(once)} == set(once)


def test_of_two_starts_on_one_day_the_more_exact_one_is_kept():
    year = Period(1, "a", FIRST, "year", None, "mother", own=True)
    exact = Period(2, "a", FIRST, "day", day(20), "child", own=False)
    [joined] = join([year, exact])
    assert (joined.period.start_precision, joined.period.end, joined.period.role) == ("day", None, "mother")


def test_two_periods_apart_stay_two():
    first = Period(1, "a", day(0), "day", day(5), "mother", own=True)
    second = Period(2, "a", day(9), "day", None, "mother", own=False)
    assert [joined.period for joined in join([second, first])] == [first, second]
