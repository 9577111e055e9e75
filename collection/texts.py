"""Names and addresses as they go out: on one line, no sign for something missing, nothing that looks like a number.

Staff type these texts, and the linter of deliveries stops a whole delivery for one that breaks the rules. So the same
rules are asked where they are typed.
"""

import re
import unicodedata

MISSING_SIGNS = (".", "NA", "N/A", "NaN", "nan", "NULL", "null", "None", "-", "?", "#N/A")
_CONTROL = re.compile("[\x00-\x1f\x7f-\x9f\u2028\u2029]")  # control characters, separators of lines and paragraphs
# DDMMYY-SSSS with a day of 1-31 (or 61-91, replacement numbers) and a month: anywhere in a text, with or without
# signs between the parts. Overlapping tries (lookahead), so that a longer run of digits hides nothing.
_CPR = re.compile(r"(?=((\d{2})[ .-]?(\d{2})[ .-]?\d{2}[\s.\u2010-\u2015-]{0,3}\d{4}))")


def one_line(text: str) -> str:
    """A text as one line of composed characters (NFC): every run of white space and control characters is one space."""
    return unicodedata.normalize("NFC", " ".join(_CONTROL.sub(" ", text).split()))


def has_cpr_shape(text: str) -> bool:
    """Whether something in the text could be read as a CPR number (any Unicode digits)."""
    for found in _CPR.finditer(text):
        day, month = int(found[2]), int(found[3])
        if 1 <= month <= 12 and (1 <= day <= 31 or 61 <= day <= 91):
            return True
    return False


def says_nothing(text: str) -> bool:
    """Whether the text is empty or a sign for something missing."""
    return one_line(text) in ("", *MISSING_SIGNS)
