"""What single cells mean: numbers cleaned, words recognised. Pure."""

import re
import unicodedata
from functools import lru_cache

from collection.models import FamilyRole
from collection.texts import one_line
from consent.forms.texts import DANISH_NAMES
from consent.models import GuardianRelation, Method
from consent.models.texts import LANGUAGES

# Invisible signs that come along from other programs: soft hyphens, marks of direction, byte order marks.
_INVISIBLE = dict.fromkeys([0xAD, 0x200B, 0x200E, 0x200F, 0x2060, 0xFEFF])
_INVISIBLE |= dict.fromkeys([*range(0x202A, 0x202F), *range(0x2066, 0x206A)])
_DASHES = dict.fromkeys([*range(0x2010, 0x2016), 0x2212], "-")
_AS_TEXT = re.compile(r'="([^"]*)"')  # how programs keep a leading zero in a CSV file
_CLEAN = re.compile(r"[!-~À-ɏ]+(?: [!-~À-ɏ]+)*")  # composed letters of European languages, single spaces between
_PLAIN_NUMBER = re.compile(r"[0-9]+(?:-[0-9]+)*")
_WORDS = re.compile(r"[^\W_]")
_FORMULA = ("=", "+", "-", "@", "|", "%")
# UTF-8 that was read as Windows-1252 on its way: Ã¸ for ø. And signs for letters that got lost.
_DAMAGED = re.compile(r"Ã[\x80-\xbf¦¸¥†˜…¤¶¼©¨]|Â[\x80-\xbf]|�|\?[a-zæøå]|[a-zæøå]\?[a-zæøå]")

YES = frozenset({"ja", "j", "yes", "y", "x", "1", "sand", "true", "givet", "har givet samtykke", "ok", "✓", "✔"})
NO = frozenset({"nej", "n", "no", "0", "falsk", "false", "ikke givet", "afslag", "afvist", "nej tak", "ønsker ikke"})
NO |= {"ikke spurgt", "ikke truffet", "intet", "ingen", "mangler", "-", "–", "nej."}

ROLES = {"mor": FamilyRole.MOTHER, "moder": FamilyRole.MOTHER, "mother": FamilyRole.MOTHER, "m": FamilyRole.MOTHER}
ROLES |= {"far": FamilyRole.FATHER, "fader": FamilyRole.FATHER, "father": FamilyRole.FATHER, "f": FamilyRole.FATHER}
ROLES |= {"anden værge": FamilyRole.OTHER_GUARDIAN, "værge": FamilyRole.OTHER_GUARDIAN}
ROLES |= {"stedmor": FamilyRole.OTHER_GUARDIAN, "stedfar": FamilyRole.OTHER_GUARDIAN}
ROLES |= {"plejemor": FamilyRole.OTHER_GUARDIAN, "plejefar": FamilyRole.OTHER_GUARDIAN}
ROLES |= {"barn": FamilyRole.CHILD, "child": FamilyRole.CHILD, "søn": FamilyRole.CHILD, "datter": FamilyRole.CHILD}
ROLES |= {"b": FamilyRole.CHILD, "ung": FamilyRole.CHILD, "pige": FamilyRole.CHILD, "dreng": FamilyRole.CHILD}
ROLES |= {"anden": FamilyRole.OTHER, "andet": FamilyRole.OTHER, "other": FamilyRole.OTHER, "øvrig": FamilyRole.OTHER}
RELATIONS = {word: GuardianRelation(role) for word, role in ROLES.items() if role in ("mother", "father")}
RELATIONS |= {word: GuardianRelation.OTHER for word, role in ROLES.items() if role == FamilyRole.OTHER_GUARDIAN}
RELATIONS |= {"anden": GuardianRelation.OTHER}
METHODS = {"papir": Method.PAPER, "på papir": Method.PAPER, "skriftligt": Method.PAPER, "skriftlig": Method.PAPER}
METHODS |= {"underskrift": Method.PAPER, "underskrevet": Method.PAPER, "underskrevet på papir": Method.PAPER}
METHODS |= {"mundtligt": Method.ORAL_WITNESS, "mundtlig": Method.ORAL_WITNESS, "vidne": Method.ORAL_WITNESS}
METHODS |= {"mundtligt med vidne": Method.ORAL_WITNESS}
METHODS |= {"digitalt": Method.DIGITAL, "digital": Method.DIGITAL, "skærm": Method.DIGITAL, "på skærm": Method.DIGITAL}


def clean(text: str) -> str:
    """One line without invisible signs and without blanks at its ends; no-break spaces are spaces."""
    return text if _CLEAN.fullmatch(text) else one_line(text.translate(_INVISIBLE))


def clean_number(text: str) -> str:
    """A CPR number or date without what programs put around it: ="0101…", '0101…, 0101….0, long dashes."""
    if _PLAIN_NUMBER.fullmatch(text):
        return text
    if found := _AS_TEXT.fullmatch(text):
        text = found[1]
    text = re.sub(r"\s*-\s*", "-", text.removeprefix("'").translate(_DASHES).strip())
    return re.sub(r"(?<=\d{8})[.,]0+$", "", text)


def word(text: str) -> str:
    return text.casefold().rstrip(".")


def wording_of(text: str) -> tuple[str, int | None]:
    """(language or "", number of the version or None) of a text such as "Arabisk", "da", "Dansk, udgave 2"."""
    number = re.search(r"\d+", text)
    letters = " ".join(re.findall(r"[^\W\d_]+", text.casefold()))
    letters = re.sub(r"\b(udgave|version|nr|v|tekst|på)\b", "", letters).strip()
    return _languages().get(letters, ""), int(number[0][:4]) if number else None


@lru_cache
def _languages() -> dict[str, str]:
    names = {code: code for code in LANGUAGES} | {name.casefold(): code for code, name in LANGUAGES.items()}
    return names | {str(name).casefold(): code for code, name in DANISH_NAMES.items()} | {"somalisk": "so"}


def has_words(text: str) -> bool:
    """Whether the text has letters or digits in it."""
    return _WORDS.search(text) is not None


def is_formula(text: str) -> bool:
    """Whether a spreadsheet program would take the text for a formula."""
    return text.startswith(_FORMULA)


def is_damaged(text: str) -> bool:
    return not text.isascii() and _DAMAGED.search(text) is not None


def mixes_scripts(text: str) -> bool:
    """Whether one word has letters of several scripts: a Latin name with a Cyrillic а in it looks right and is not."""
    if text.isascii():
        return False
    return any(len({_script(sign) for sign in part} - {""}) > 1 for part in text.split())


@lru_cache(maxsize=4096)
def _script(sign: str) -> str:
    return unicodedata.name(sign, "").partition(" ")[0] if sign.isalpha() else ""
