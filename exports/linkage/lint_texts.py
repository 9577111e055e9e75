"""What the linter asks of words: labels of variables and codes, and the texts that go with the tables.

Labels become part of every format (a Stata file holds them, the codebook prints them), so they are asked once, in the
layout. Texts are asked as they are written: codebook, read-me, manifest, programs.
"""

import html
import json
import re
from collections.abc import Iterator
from pathlib import PurePath

from collection.texts import has_cpr_shape
from exports.linkage.known_names import KnownNames
from exports.linkage.schema import Layout, Variable

TEXTS = {".txt", ".csv", ".html", ".json", ".sas", ".do", ".sps", ".md"}
_SUM = re.compile(r"\b[0-9a-f]{64}\b")  # a checksum has runs of digits that mean nothing
_DECIMAL = re.compile(r"(?<![\w.])-?\d{1,5}\.\d{5,}(?:e-?\d+)?(?![\w.])")  # so has a number with many decimals
_LINE_END = re.compile(r"(?<!\n)\n(?!\n)")  # within a paragraph
_ABOUT_BYTES = {"sha256", "hash", "size", "bytes"}  # keys of checksums and sizes in JSON
FORMULA = ("=", "+", "-", "@")  # what a spreadsheet takes for the beginning of a formula
_CONTACT = re.compile(
    r"[\w.+-]+@[\w-]+\.\w"  # an e-mail address
    r"|(?:\+45|\b(?:tlf|tel|telefon|mobil|phone)\b\.?:?)\s*(?:\d[ .-]?){8}",
    re.IGNORECASE,
)


def label_faults(layout: Layout, names: KnownNames) -> Iterator[tuple[str, str]]:
    """(rule, variable) of each label that may not go out, or is not there."""
    for v in layout.variables:
        labels = [v.label_da, v.label_en, v.source, *_value_labels(v)]
        if not all(label.strip() for label in labels):
            yield "undocumented_variable", v.name
        for label in labels:
            yield from ((code, v.name) for code in word_faults(label, names))
            if _CONTACT.search(label):
                yield "contact", v.name
            if label.startswith(FORMULA):  # the codebook's CSV file has them in cells
                yield "formula", v.name


def word_faults(text: str, names: KnownNames) -> Iterator[str]:
    """Rules that a text breaks by what it says of somebody."""
    if has_cpr_shape(text):
        yield "cpr_shaped"
    if names.in_text(text):
        yield "person_name"


def is_text(member: str) -> bool:
    return PurePath(member).suffix in TEXTS


def member_faults(member: str, text: str, names: KnownNames) -> set[str]:
    """Rules that a file of words breaks. Its checksums and sizes are passed over."""
    suffix = PurePath(member).suffix
    texts = [text]
    if suffix == ".json":
        try:
            texts = [*_words_of(json.loads(text))]
        except ValueError:
            return {"file_unreadable"}
    elif suffix == ".html":
        texts = [html.unescape(text)]
    elif suffix == ".txt":
        texts = [_LINE_END.sub(" ", text)]
    return {code for each in texts for code in word_faults(_DECIMAL.sub(" ", _SUM.sub(" ", each)), names)}


def _value_labels(variable: Variable) -> Iterator[str]:
    for labels in (variable.values or {}).values():
        yield from labels


def _words_of(value: object, key: str = "") -> Iterator[str]:
    if isinstance(value, dict):
        for name, inner in value.items():
            yield name
            yield from _words_of(inner, name)
    elif isinstance(value, list):
        for inner in value:
            yield from _words_of(inner, key)
    elif isinstance(value, str | int) and key not in _ABOUT_BYTES:
        yield str(value)
