"""The site's rules for CPR numbers: what is read, what is refused, what is only warned of.

A CPR number is ten digits DDMMYY-SSSS. The seventh digit gives the century and the last one the sex in the register
(odd male, even female):

    7th digit   YY 00-36   37-57   58-99
    0-3         19YY       19YY    19YY
    4, 9        20YY       19YY    19YY
    5-8         20YY       20YY    18YY

python-stdnum has the same table and is used for the calendar only: its reader takes Unicode digits and dashes
anywhere. A failing check digit (modulus 11) is a warning and never a refusal, because numbers without it have been
issued since 2007, most of them to people born on 1 January, a date that many refugees have in the register.

Nothing here quotes a number: neither a repr nor an exception.
"""

import re
from dataclasses import dataclass, field
from datetime import date
from enum import StrEnum

from django.utils.translation import gettext_lazy as _
from stdnum.dk import cpr as calendar
from stdnum.exceptions import ValidationError

OLDEST_UNASKED = 110  # years; an older person is possible and is asked about


class CprProblem(StrEnum):
    """Why a text is refused as a CPR number."""

    EMPTY = "empty"
    FOREIGN_DIGITS = "foreign_digits"
    SCIENTIFIC = "scientific"
    REPLACEMENT = "replacement"
    LETTERS = "letters"
    CHARACTERS = "characters"
    LOST_ZERO = "lost_zero"
    TOO_SHORT = "too_short"
    TOO_LONG = "too_long"
    IMPOSSIBLE_DATE = "impossible_date"
    FUTURE_DATE = "future_date"


class CprWarning(StrEnum):
    """What is asked about before a number is saved. The last two are known to the caller only."""

    CHECK_DIGIT = "check_digit"
    OVER_110 = "over_110"
    OUTSIDE_TARGET = "outside_target"
    REGISTERED = "registered"


PROBLEM_TEXTS = {
    CprProblem.EMPTY: _("Skriv CPR-nummeret: ti cifre, for eksempel som DDMMÅÅ-XXXX."),
    CprProblem.FOREIGN_DIGITS: _("CPR-nummeret er skrevet med andre taltegn end 0-9. Skriv det med cifrene 0-9."),
    CprProblem.SCIENTIFIC: _(
        "Regnearket har lavet CPR-nummeret om til et afrundet tal (som 3,1E+09), så cifre er gået tabt. "
        "Find det rigtige nummer, og sæt kolonnens format til tekst."
    ),
    CprProblem.REPLACEMENT: _(
        "Det ligner et erstatningsnummer. Erstatningsnumre kan ikke kobles med registre. "
        "Registrér i stedet personen med navn, fødselsdato, adresse og dato for bopæl."
    ),
    CprProblem.LETTERS: _("Der er bogstaver i CPR-nummeret. Skriv kun cifre, og se efter, om et O skulle være 0."),
    CprProblem.CHARACTERS: _(
        "Der er andre tegn end cifre i CPR-nummeret. Skriv ti cifre, eventuelt med én almindelig bindestreg "
        "efter de første seks."
    ),
    CprProblem.LOST_ZERO: _(
        "CPR-nummeret har kun ni cifre og har nok mistet et foranstillet nul. "
        "Se efter i kilden, og skriv alle ti cifre."
    ),
    CprProblem.TOO_SHORT: _("CPR-nummeret har for få cifre. Skriv alle ti cifre."),
    CprProblem.TOO_LONG: _("CPR-nummeret har for mange cifre. Skriv de ti cifre og ikke mere."),
    CprProblem.IMPOSSIBLE_DATE: _(
        "De første seks cifre er ikke en dato, der findes. Se efter, om dag, måned og år er skrevet rigtigt."
    ),
    CprProblem.FUTURE_DATE: _(
        "Fødselsdatoen i CPR-nummeret ligger i fremtiden. Se efter, om år og syvende ciffer er skrevet rigtigt."
    ),
}

WARNING_TEXTS = {
    CprWarning.CHECK_DIGIT: _(
        "Kontrolcifret passer ikke. Nummeret kan være rigtigt, især for personer født den 1. januar. "
        "Se efter, og skriv nummeret igen for at bekræfte det."
    ),
    CprWarning.OVER_110: _("Personen er over 110 år efter nummeret. Se efter, og skriv nummeret igen for at bekræfte."),
    CprWarning.OUTSIDE_TARGET: _(
        "Personens alder ligger uden for aktivitetens målgruppe. Se efter, og skriv nummeret igen for at bekræfte."
    ),
    CprWarning.REGISTERED: _("Personen er allerede registreret i denne helhedsplan."),
}

_NUMBER = re.compile(r"([0-9]{6})[- ]?([0-9]{4})")
_SCIENTIFIC = re.compile(r"[0-9]+([.,][0-9]+)?[eE]\+?[0-9]{1,2}")
_REPLACEMENT = re.compile(r"[0-9]{6}[- ]?(?=.*[^\W\d_])[^\W_]{4}")
_DIGITS = re.compile(r"([0-9]+)(?:[- ]([0-9]+))?")
_WEIGHTS = (4, 3, 2, 7, 6, 5, 4, 3, 2, 1)


class CprError(ValueError):
    """A text that isn't a CPR number the site can use; `str()` is a sentence for the person who typed it."""

    def __init__(self, code: CprProblem):
        super().__init__(code)
        self.code = code

    def __str__(self) -> str:
        return str(PROBLEM_TEXTS[self.code])


@dataclass(frozen=True, slots=True, repr=False)
class Cpr:
    """A CPR number that was read: ten digits as text, the birth date in them, and what to ask about."""

    digits: str
    birth_date: date
    warnings: tuple[CprWarning, ...] = field(default=())

    def __repr__(self) -> str:
        return "<Cpr>"

    @property
    def male(self) -> bool:
        return int(self.digits[-1]) % 2 == 1

    @property
    def female(self) -> bool:
        return not self.male

    @property
    def passes_modulus_11(self) -> bool:
        return passes_modulus_11(self.digits)


def parse(text: str, today: date) -> Cpr:
    """Read what somebody typed: DDMMYY-SSSS, DDMMYYSSSS or DDMMYY SSSS, blanks around it ignored.

    `today` is the day on which a birth date counts as future and a person as over 110.
    Raises CprError, and nothing else, for every other text.
    """
    text = text.strip()
    match = _NUMBER.fullmatch(text)
    if match is None:
        raise CprError(_problem(text))
    digits = match[1] + match[2]
    try:
        birth_date = calendar.get_birth_date(digits)
    except ValidationError:
        raise CprError(_calendar_problem(digits)) from None
    if birth_date > today:
        raise CprError(CprProblem.FUTURE_DATE)
    warnings = []
    if not passes_modulus_11(digits):
        warnings.append(CprWarning.CHECK_DIGIT)
    if age_on(birth_date, today) > OLDEST_UNASKED:
        warnings.append(CprWarning.OVER_110)
    return Cpr(digits, birth_date, tuple(warnings))


def birth_date_of(digits: str) -> date:
    """The birth date in ten digits that `parse` has accepted before."""
    return calendar.get_birth_date(digits)


def birth_year_of(digits: str) -> int:
    """The birth year in ten digits that `parse` has accepted before: the table above, fast enough for a million."""
    year, seventh = int(digits[4:6]), digits[6]
    if seventh in "0123":
        return 1900 + year
    if seventh in "49":
        return (2000 if year <= 36 else 1900) + year
    return (2000 if year <= 57 else 1800) + year


def passes_modulus_11(digits: str) -> bool:
    """Whether the check digit of ten digits is right (all numbers until 2007, most since)."""
    return sum(weight * int(digit) for weight, digit in zip(_WEIGHTS, digits, strict=True)) % 11 == 0


def mask(digits: str) -> str:
    """How a saved number is shown: the birth date, the rest hidden."""
    return f"{digits[:6]}-••••"


def age_on(birth_date: date, day: date) -> int:
    """Full years of age on `day`; who was born on 29 February has a birthday on 1 March in ordinary years."""
    return day.year - birth_date.year - ((day.month, day.day) < (birth_date.month, birth_date.day))


def _problem(text: str) -> CprProblem:
    """What is wrong with a text that hasn't the form of a number."""
    if not text:
        return CprProblem.EMPTY
    if any(char.isdigit() and not char.isascii() for char in text):
        return CprProblem.FOREIGN_DIGITS
    if _SCIENTIFIC.fullmatch(text):
        return CprProblem.SCIENTIFIC
    letters = {char.upper() for char in text if char.isalpha()}
    if letters:
        # O and I are slips of the finger for 0 and 1 more often than parts of a replacement number.
        replacement = _REPLACEMENT.fullmatch(text) and letters - {"O", "I", "L"}
        return CprProblem.REPLACEMENT if replacement else CprProblem.LETTERS
    match = _DIGITS.fullmatch(text)
    if match is None:
        return CprProblem.CHARACTERS
    first, last = match[1], match[2] or ""
    length = len(first + last)
    if length == 9 and len(last) in (0, 4):  # 707614286 and 70761-4286
        return CprProblem.LOST_ZERO
    if length == 10:
        return CprProblem.CHARACTERS  # the dash is in the wrong place
    return CprProblem.TOO_SHORT if length < 10 else CprProblem.TOO_LONG


def _calendar_problem(digits: str) -> CprProblem:
    """Day + 60 marks a replacement number of the care systems; other days that don't exist are mistakes."""
    day = int(digits[:2]) - 60
    if day > 0:
        try:
            calendar.get_birth_date(f"{day:02}{digits[2:]}")
        except ValidationError:
            return CprProblem.IMPOSSIBLE_DATE
        return CprProblem.REPLACEMENT
    return CprProblem.IMPOSSIBLE_DATE
