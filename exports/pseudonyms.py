"""Pseudonym codes: random, typeable, and self-checking. Making and checking a code; no mapping to people is here.

A code is 13 symbols of an alphabet of 23 without look-alikes and without vowels: 12 drawn from the operating system's
randomness and a check symbol.

**The check symbol.** A code is right when the sum of weight x value over its 13 symbols is 0 modulo 23, with the
weights 13, 12, ... 2 for the data symbols and 1 for the check symbol. 23 is prime, so that a product of two factors
is 0 only when a factor is. Replacing the symbol a by b at a place of weight w changes the sum by w(b - a); swapping
neighbours a and b of weights w and w - 1 changes it by (w - (w - 1))(b - a) = b - a. Neither is 0 modulo 23 when
a and b differ: every single substitution and every swap of neighbours is caught, the check symbol included. (As all
weights differ, so is a swap of any two places.) tests/unit/linkage/test_pseudonyms.py tries each case.

**Collisions.** There are 23^12 = 2.19 x 10^16 codes. Among n codes, n(n - 1)/2 pairs can collide: with 10,000,000
codes in a project the chance that any two were drawn alike is 5.0 x 10^13 / 2.19 x 10^16 = 0.23 %. That is rare but
not never. So the codes of one call are distinct by construction, and a code that the project has used already is drawn
again (`exports.pseudonymise`), under a lock of the project: no code is ever given to two persons.
"""

import re
import secrets

import numpy as np
from django.utils.translation import gettext_lazy as _

ALPHABET = "34679CDFGHJKLMNPQRTVWXY"
LENGTH = 13  # 12 random symbols and the check symbol

_BASE = len(ALPHABET)
_WEIGHTS = np.arange(LENGTH, 0, -1, dtype=np.int64)  # 13 … 2 and 1 for the check symbol
_SYMBOLS = np.frombuffer(ALPHABET.encode("ascii"), dtype=np.uint8)
_VALUE_OF = {symbol: value for value, symbol in enumerate(ALPHABET)}
_VALUE_OF_BYTE = np.full(256, -1, dtype=np.int64)
_VALUE_OF_BYTE[_SYMBOLS] = np.arange(_BASE)


class NotACode(ValueError):
    """What somebody typed is no pseudonym. The message is a sentence for that person and never quotes the text."""


def new_code() -> str:
    """One code of 13 symbols, no dash."""
    return new_codes(1)[0]


def new_codes(count: int) -> list[str]:
    """`count` codes, distinct among themselves, in random order."""
    codes: dict[str, None] = dict.fromkeys(_draw(count))
    while len(codes) < count:
        codes.update(dict.fromkeys(_draw(count - len(codes))))
    return list(codes)


def is_code(text: str) -> bool:
    """Whether `text` is a code as written in files: 13 symbols in capitals, the check symbol right."""
    return len(text) == LENGTH and all(symbol in _VALUE_OF for symbol in text) and _sum(text) == 0


def normalise(typed: str) -> str:
    """The code that a person typed: lower case, spaces and dashes are accepted. Raises NotACode."""
    text = re.sub(r"[\s\u2010-\u2015-]", "", typed).upper()
    if len(text) != LENGTH:
        raise NotACode(_("En kode har 13 tegn. Se efter, om der mangler et tegn, eller om der er et for meget."))
    if not all(symbol in _VALUE_OF for symbol in text):
        raise NotACode(_("Der er tegn, som ikke bruges i koder. Koder har kun tegnene 34679CDFGHJKLMNPQRTVWXY."))
    if _sum(text) != 0:
        raise NotACode(_("Koden er ikke rigtig: et tegn er forkert, eller to tegn er byttet om. Læs den igennem igen."))
    return text


def are_codes(symbols: np.ndarray) -> np.ndarray:
    """For `symbols`, ASCII bytes of shape (n, 13), n booleans: which rows are codes."""
    values = _VALUE_OF_BYTE[symbols]
    return (values >= 0).all(axis=1) & ((values @ _WEIGHTS) % _BASE == 0)


def _sum(text: str) -> int:
    return sum((LENGTH - place) * _VALUE_OF[symbol] for place, symbol in enumerate(text)) % _BASE


def _draw(count: int) -> list[str]:
    values = np.empty((count, LENGTH), dtype=np.int64)
    values[:, :-1] = _random_values(count * (LENGTH - 1)).reshape(count, LENGTH - 1)
    values[:, -1] = -(values[:, :-1] @ _WEIGHTS[:-1]) % _BASE
    text = _SYMBOLS[values].tobytes().decode("ascii")
    return [text[start : start + LENGTH] for start in range(0, len(text), LENGTH)]


def _random_values(count: int) -> np.ndarray:
    """`count` values 0-22, each equally likely: bytes from 230 on are thrown away, as 256 is no multiple of 23."""
    kept = np.empty(0, dtype=np.uint8)
    while len(kept) < count:
        # one byte in ten is thrown away; draw so many that a second round is rare
        drawn = np.frombuffer(secrets.token_bytes((count - len(kept)) * 8 // 7 + 16), dtype=np.uint8)
        kept = np.concatenate([kept, drawn[drawn < 10 * _BASE]])
    return kept[:count] % _BASE
