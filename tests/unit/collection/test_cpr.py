"""CPR numbers: what is read, refused and asked about. No number written down here passes modulus 11 or is of 1 January;
numbers with a right check digit are made at random inside a test."""

import pickle
import random
import re
from datetime import date, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from collection.cpr import (
    PROBLEM_TEXTS,
    WARNING_TEXTS,
    Cpr,
    CprError,
    CprProblem,
    CprWarning,
    age_on,
    mask,
    parse,
    passes_modulus_11,
)

TODAY = date(2026, 11, 23)


def failing_number(start: str) -> str:
    """Ten digits that begin with these seven and fail modulus 11."""
    return next(number for tail in range(111, 1000) if not passes_modulus_11(number := f"{start}{tail}"))


def passing_number(birth_date: date, seventh: str) -> str:
    """A number with a right check digit, made at random and never written down."""
    while True:
        number = f"{birth_date:%d%m%y}{seventh}{random.randrange(1000):03}"
        if passes_modulus_11(number):
            return number


# The century table of the CPR office: seventh digit, the year's two digits, the century.
CENTURIES = [
    *[(seventh, yy, 19) for seventh in "0123" for yy in (0, 36, 37, 57, 58, 99)],
    *[(seventh, yy, 20) for seventh in "49" for yy in (0, 36)],
    *[(seventh, yy, 19) for seventh in "49" for yy in (37, 57, 58, 99)],
    *[(seventh, yy, 20) for seventh in "5678" for yy in (0, 36, 37, 57)],
    *[(seventh, yy, 18) for seventh in "5678" for yy in (58, 99)],
]


@pytest.mark.parametrize(("seventh", "yy", "century"), CENTURIES)
def test_the_seventh_digit_gives_the_century_at_each_boundary(seventh, yy, century):
    cpr = parse(failing_number(f"0707{yy:02}{seventh}"), today=date(2099, 1, 1))
    assert cpr.birth_date == date(century * 100 + yy, 7, 7)


@pytest.mark.parametrize("text", ["070761-4286", "0707614286", "070761 4286", "  070761-4286\n", "\u00a0070761-4286"])
def test_reads_the_ways_people_write_a_number(text):
    cpr = parse(text, TODAY)
    assert cpr.digits == "0707614286"
    assert cpr.birth_date == date(1961, 7, 7)
    assert (cpr.female, cpr.male) == (True, False)


@pytest.mark.parametrize(
    ("text", "problem"),
    [
        ("", CprProblem.EMPTY),
        (" ", CprProblem.EMPTY),
        ("٠٧٠٧٦١٤٢٨٦", CprProblem.FOREIGN_DIGITS),
        ("070761-428６", CprProblem.FOREIGN_DIGITS),
        ("070761-428²", CprProblem.FOREIGN_DIGITS),
        ("3.1E+09", CprProblem.SCIENTIFIC),
        ("3,1e+09", CprProblem.SCIENTIFIC),
        ("670761-4286", CprProblem.REPLACEMENT),
        ("910561-4286", CprProblem.REPLACEMENT),
        ("070761-AB12", CprProblem.REPLACEMENT),
        ("070761-42X6", CprProblem.REPLACEMENT),
        ("070761-428O", CprProblem.LETTERS),
        ("O70761-4286", CprProblem.LETTERS),
        ("ukendt", CprProblem.LETTERS),
        ("07-07-61-4286", CprProblem.CHARACTERS),
        ("0707-614286", CprProblem.CHARACTERS),
        ("070761--4286", CprProblem.CHARACTERS),
        ("070761–4286", CprProblem.CHARACTERS),
        ("070761\u20114286", CprProblem.CHARACTERS),
        ("-0707614286", CprProblem.CHARACTERS),
        ("0707614286.0", CprProblem.CHARACTERS),
        ("\u200e070761-4286", CprProblem.CHARACTERS),
        ("707614286", CprProblem.LOST_ZERO),
        ("70761-4286", CprProblem.LOST_ZERO),
        ("070761-428", CprProblem.TOO_SHORT),
        ("070761", CprProblem.TOO_SHORT),
        ("070761-42861", CprProblem.TOO_LONG),
        ("310461-4286", CprProblem.IMPOSSIBLE_DATE),
        ("001361-4286", CprProblem.IMPOSSIBLE_DATE),
        ("290261-4286", CprProblem.IMPOSSIBLE_DATE),
        ("910461-4286", CprProblem.IMPOSSIBLE_DATE),
        ("410761-4286", CprProblem.IMPOSSIBLE_DATE),
        ("241126-5286", CprProblem.FUTURE_DATE),
    ],
)
def test_refuses_what_is_no_number_and_says_why(text, problem):
    with pytest.raises(CprError) as caught:
        parse(text, TODAY)
    assert caught.value.code is problem


def test_a_birth_date_of_today_is_not_in_the_future():
    number = failing_number("2311265")
    assert parse(number, TODAY).birth_date == TODAY
    with pytest.raises(CprError):
        parse(number, TODAY - timedelta(days=1))


def test_a_leap_day_counts_in_its_own_century_only():
    assert parse(failing_number("2902005"), TODAY).birth_date == date(2000, 2, 29)
    with pytest.raises(CprError):
        parse(failing_number("2902001"), TODAY)  # 1900 had none


def test_a_failing_check_digit_is_a_warning_and_never_a_refusal():
    cpr = parse("070761-4286", TODAY)
    assert not cpr.passes_modulus_11
    assert cpr.warnings == (CprWarning.CHECK_DIGIT,)


def test_a_birth_on_1_january_is_read_like_any_other():
    for _ in range(50):
        number = passing_number(date(random.choice([1964, 1965, 1980, 1992]), 1, 1), "1")
        assert parse(number, TODAY).warnings == ()


@pytest.mark.parametrize(("born", "asked"), [("221116", True), ("231116", False), ("221115", True), ("241116", False)])
def test_asks_about_people_over_110_and_not_on_the_birthday(born, asked):
    warnings = parse(
        failing_number(f"{born}1"), date(2026, 11, 23) if born != "221116" else date(2027, 11, 22)
    ).warnings
    assert (CprWarning.OVER_110 in warnings) is asked


def test_numbers_with_a_right_check_digit_pass_without_a_question():
    for _ in range(200):
        birth_date = date(1937, 1, 1) + timedelta(days=random.randrange(62 * 365))
        cpr = parse(passing_number(birth_date, random.choice("01234")), TODAY)
        assert (cpr.birth_date, cpr.warnings, cpr.passes_modulus_11) == (birth_date, (), True)


def test_one_wrong_digit_always_fails_modulus_11():
    number = passing_number(date(1961, 7, 7), "4")
    for position in range(10):
        for digit in "0123456789".replace(number[position], ""):
            assert not passes_modulus_11(number[:position] + digit + number[position + 1 :])


def read(text: str) -> Cpr | CprError:
    """What came of a text: a number or the named error; any other exception is let through."""
    try:
        return parse(text, TODAY)
    except CprError as error:
        return error


TYPED = st.text("0123456789- –OIabE+.,٠١\u200e\u00a0", max_size=14) | st.from_regex(r"\A[0-9]{6}-?[0-9]{4}\Z")


@given(st.text() | TYPED)
def test_any_text_gives_a_date_or_the_named_error(text):
    result = read(text)
    if isinstance(result, CprError):
        assert result.code in PROBLEM_TEXTS
    else:
        assert result.birth_date <= TODAY
        assert re.fullmatch("[0-9]{10}", result.digits)


@given(st.dates(date(1938, 1, 2), date(1999, 12, 31)), st.sampled_from("01234"), st.integers(0, 999))
def test_a_date_and_any_sequence_number_are_read_back(birth_date, seventh, tail):
    assert parse(f"{birth_date:%d%m%y}-{seventh}{tail:03}", TODAY).birth_date == birth_date


@given(st.from_regex(r"\A[0-9]{6}[-–]?[0-9]{3,5}[a-z]?\Z"))
def test_no_error_quotes_what_was_typed(text):
    result = read(text)
    if isinstance(result, CprError):
        assert result.__cause__ is None
        assert not any(text[:6] in spoken for spoken in (str(result), repr(result), repr(result.args)))


def test_a_repr_shows_nothing():
    assert repr(parse("070761-4286", TODAY)) == "<Cpr>"


def test_an_error_travels_between_processes():
    error = pickle.loads(pickle.dumps(CprError(CprProblem.LOST_ZERO)))
    assert error.code is CprProblem.LOST_ZERO
    assert "foranstillet nul" in str(error)


def test_every_problem_and_warning_has_a_sentence():
    assert set(PROBLEM_TEXTS) == set(CprProblem)
    assert set(WARNING_TEXTS) == set(CprWarning)


def test_a_saved_number_is_shown_without_its_last_four_digits():
    assert mask("0707614286") == "070761-••••"


@pytest.mark.parametrize(
    ("born", "day", "age"),
    [
        (date(2008, 2, 29), date(2026, 2, 28), 17),
        (date(2008, 2, 29), date(2026, 3, 1), 18),
        (date(2011, 11, 23), TODAY, 15),
        (date(2011, 11, 24), TODAY, 14),
    ],
)
def test_age_is_counted_in_full_years(born, day, age):
    assert age_on(born, day) == age
