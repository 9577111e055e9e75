"""One spelling of a person's name, for the keyed index over name and birth date. Never shown, never stored.

It decides whether two registrations are the same person, always together with the birth date, so it forgives what
two people who write down the same name do differently:

- case, blanks, punctuation, apostrophes, invisible characters, and "Surname, Given" for "Given Surname";
- Danish letters and their spelling on foreign keyboards: å = aa, æ = ae, ø = oe (Ågård = Aagaard, Kjær = Kjaer);
- accents of Latin, Greek and Cyrillic letters (Nguyễn = Nguyen, Şahin = Sahin, Özlem = Ozlem, dotless ı = i).
  So ö and ü are o and u, as Turkish names are typed, not oe and ue;
- Arabic vowel signs, tatweel and hamza carriers, and the Persian and Urdu forms of yeh, kaf and heh.

All other letters and the vowel signs of other scripts are kept: a name is not transliterated.
"""

import re
import unicodedata
from datetime import date

# After decomposition. Letters that Unicode doesn't take apart, and å, whose ring is a letter's part in Danish.
_RING = ("a\u030a", "aa")
_LETTERS = str.maketrans(
    {"æ": "ae", "ø": "oe", "œ": "oe", "đ": "d", "ð": "d", "þ": "th", "ł": "l", "ħ": "h", "ı": "i", "ə": "e"}
    | {"ی": "ي", "ى": "ي", "ې": "ي", "ے": "ي", "ک": "ك", "ہ": "ه", "ھ": "ه", "ۂ": "ه", "ة": "ه"}
)
_DROPPED = re.compile(
    "[\u0300-\u036f"  # accents
    "\u064b-\u065f\u0670"  # Arabic vowel signs and hamza
    "\u0640"  # tatweel
    "'’‘ʼʻ`´ʹʾʿ]"  # apostrophes and their look-alikes
)


_NO_WORD = re.compile("[^0-9a-z]+")


def normalise(name: str) -> str:
    """The spelling of `name` for comparison: lower-case letters, digits and single blanks; may be empty."""
    surname, comma, given = name.partition(",")
    if comma and "," not in given:
        name = f"{given} {surname}"
    text = _DROPPED.sub("", _decomposed(name).replace(*_RING).translate(_LETTERS))
    if text.isascii():  # most names by now
        return " ".join(_NO_WORD.sub(" ", text).split())
    return " ".join("".join(_kept(char) for char in text).split())


def name_birth_key(name: str, birth_date: date) -> str:
    """What the keyed index of people without a CPR number is taken over."""
    return f"{normalise(name)}|{birth_date.isoformat()}"


def _decomposed(text: str) -> str:
    """Compatibility decomposition without case. Folding can compose and decomposing can raise case: until stable."""
    while (folded := unicodedata.normalize("NFKD", text.casefold())) != text:
        text = folded
    return text


def _kept(char: str) -> str:
    """Letters, marks and digits stay; invisible characters go; everything else parts words."""
    category = unicodedata.category(char)
    if category[0] in "LMN":
        return char
    return "" if category == "Cf" else " "
