"""The rules that stop a file from leaving. A finding says which rule, file and column, and how often.

A finding never holds a value: it is shown on pages and kept in the database. Its sentence is in the reader's language.
Source of the rules: Statistics Denmark on additional data (names, types, value sets, no identities), and our own
(order, codes, counts). Works on what a writer is about to write and on what was read back from a file as text.
"""

from collections import Counter
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import date
from enum import StrEnum
from typing import TYPE_CHECKING

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
from django.utils.translation import gettext_lazy as _

from collection.texts import MISSING_SIGNS
from exports.linkage.codebook import Tally
from exports.linkage.known_names import NOBODY, KnownNames
from exports.linkage.lint_texts import is_text, label_faults, member_faults, word_faults
from exports.linkage.schema import NAME, Kind, Klass, Layout, Variable
from exports.pseudonyms import LENGTH, are_codes

if TYPE_CHECKING:
    from django_stubs_ext import StrPromise


class Severity(StrEnum):
    BLOCK = "block"  # the file may not leave
    ACCEPT = "accept"  # nor this one, unless the approver accepts it in writing: see kanonymity
    WARN = "warn"  # the approver is told


_BLOCK, _ACCEPT, _WARN = Severity.BLOCK, Severity.ACCEPT, Severity.WARN
RULES: dict[str, tuple[Severity, "StrPromise"]] = {
    "variable_name": (
        _BLOCK,
        _("Et variabelnavn følger ikke reglerne: A-Z, 0-9 og _, et bogstav først, højst 32 tegn."),
    ),
    "variable_not_approved": (_BLOCK, _("Filen har en variabel, som ikke er godkendt til den.")),
    "variable_missing": (_BLOCK, _("En variabel, som filen skal have, mangler, eller rækkefølgen er en anden.")),
    "free_text": (
        _BLOCK,
        _("En variabel i datafilen har hverken værdisæt eller grænser. Kun tal og koder må udleveres."),
    ),
    "identity_in_data": (_BLOCK, _("En identitet står i en fil, der ikke må have identiteter.")),
    "pnr_form": (_BLOCK, _("PNR skal være præcis ti cifre uden bindestreg.")),
    "pnr_twice": (_BLOCK, _("Det samme PNR står på flere rækker.")),
    "cpr_shaped": (_BLOCK, _("Der står noget, der ligner et CPR-nummer, uden for PNR.")),
    "person_name": (_BLOCK, _("Der står et navn på en person i registret.")),
    "contact": (_BLOCK, _("En betegnelse har en e-mailadresse eller et telefonnummer.")),
    "k_anonymity": (_ACCEPT, _("Nogle personer er i en gruppe, der er mindre end projektets mindste gruppe.")),
    "pseudonym_wrong": (_BLOCK, _("Et pseudonym mangler eller har et forkert kontroltegn.")),
    "pseudonym_order": (_BLOCK, _("Rækkerne er ikke sorteret efter pseudonym.")),
    "grain": (_BLOCK, _("To rækker har samme nøgle, eller personens forløb er ikke nummereret fra 1 og op.")),
    "undocumented_code": (_BLOCK, _("Der er koder, som ikke står i kodebogen.")),
    "undocumented_variable": (
        _BLOCK,
        _("En variabel eller en kode mangler betegnelse på dansk eller engelsk, eller variablens kilde mangler."),
    ),
    "undocumented_delivery": (
        _BLOCK,
        _("Manifestet mangler befolkning, periode, antal personer eller rækker, eller beskrivelse af en variabel."),
    ),
    "codebook": (_BLOCK, _("Kodebogen passer ikke med datafilen: en variabel, en kode eller et antal.")),
    "small_count": (_BLOCK, _("Et antal under projektets mindste antal er ikke skjult.")),
    "out_of_bounds": (_BLOCK, _("Der er tal uden for variablens grænser.")),
    "number_form": (_BLOCK, _("Der står andet end et helt tal i en talvariabel.")),
    "date_form": (_BLOCK, _("Der er datoer, som ikke er skrevet som ÅÅÅÅ-MM-DD.")),
    "missing_sign": (_BLOCK, _("En manglende værdi er skrevet som et tegn. Den skal være et tomt felt.")),
    "control_character": (_BLOCK, _("En tekst har linjeskift eller andre styretegn.")),
    "formula": (_WARN, _("En tekst begynder med =, +, - eller @ og kan blive læst som en formel i et regneark.")),
    "row_count": (_BLOCK, _("Antallet af rækker er et andet end i manifestet.")),
    "person_count": (_BLOCK, _("Antallet af personer er et andet end i manifestet.")),
    "person_twice": (_BLOCK, _("En person står både i nøglefilen og på identifikationslisten.")),
    "no_rows": (_WARN, _("Filen har ingen rækker.")),
    "few_persons": (_WARN, _("Filen har færre personer end projektets mindste antal.")),
    "manifest": (_BLOCK, _("Manifestet mangler eller kan ikke læses.")),
    "file_missing": (_BLOCK, _("En fil, som manifestet nævner, mangler.")),
    "file_unlisted": (_BLOCK, _("Der er en fil, som manifestet ikke nævner, eller som ikke hører til denne modtager.")),
    "file_altered": (
        _BLOCK,
        _("En fil er en anden end den, manifestet nævner: størrelse eller kontrolsum passer ikke."),
    ),
    "project_differs": (_BLOCK, _("Manifestet nævner et andet projekt.")),
    "file_unreadable": (_BLOCK, _("Filen kan ikke læses i sit format.")),
    "format_differs": (
        _BLOCK,
        _("Filen har ikke samme variabler, rækker og værdier som CSV-filen."),
    ),
    "file_form": (_BLOCK, _("Filen kan ikke læses: UTF-8 uden BOM, semikolon og lige mange felter i hver linje.")),
}


@dataclass(frozen=True, slots=True, order=True)
class Finding:
    """A rule that a file breaks. `rows`: how many rows (or 1 for the file as a whole)."""

    member: str
    code: str
    variable: str = ""
    rows: int = 1

    @property
    def severity(self) -> Severity:
        return RULES[self.code][0]

    @property
    def sentence(self) -> str:
        """The rule in words, in the language of the page."""
        return str(RULES[self.code][1])


class LintBlocked(Exception):
    """Findings that block. `findings` holds all of them, warnings too."""

    def __init__(self, findings: list[Finding]):
        self.findings = findings
        super().__init__(", ".join(sorted({f.code for f in findings if f.severity is Severity.BLOCK})))


def stop_if_blocked(findings: list[Finding]) -> None:
    """Raises LintBlocked when one of them blocks."""
    if any(finding.severity is Severity.BLOCK for finding in findings):
        raise LintBlocked(findings)


class TextLinter:
    """Checks what goes with the tables, text by text (`check`): no number, no name of one of `names`."""

    def __init__(self, names: KnownNames = NOBODY):
        self.names = names
        self.findings: list[Finding] = []

    def check(self, member: str, text: str) -> None:
        if is_text(member):
            self.findings += (Finding(member, code) for code in sorted(member_faults(member, text, self.names)))


class MemberLinter:
    """Checks one file's batches as they pass (`watch`); `finish` gives the findings. Memory: 8 bytes per PNR.

    `names`: of people who may not be named in the columns and labels of a file that is not for identities.
    """

    def __init__(self, layout: Layout, names: KnownNames = NOBODY):
        self.layout = layout
        self.names = names
        self.tally = Tally(layout)
        self.rows = self.persons = 0
        self._counts: Counter[tuple[str, str]] = Counter()
        self._variables = {variable.name: variable for variable in layout.variables}
        self._numbers: list[np.ndarray] = []
        self._last_pseudonym = ""
        self._last_number = 0
        self._columns: list[str] | None = None
        self._check_layout()

    def watch(self, batches: Iterable[pa.RecordBatch]) -> Iterator[pa.RecordBatch]:
        for batch in batches:
            self.check(batch)
            yield batch

    def check(self, batch: pa.RecordBatch) -> None:
        """One batch, columns typed as in the layout or all text."""
        if batch.schema.names != self._columns:
            self.check_columns(batch.schema.names)
        if not batch.num_rows:
            return
        self.rows += batch.num_rows
        typed: dict[str, pa.Array] = {}
        for name, column in zip(batch.schema.names, batch.columns, strict=True):
            variable = self._variables.get(name)
            if variable is None:
                self._check_words(name, column.cast(pa.string()))
            else:
                typed[name] = self._check_column(variable, column)
        self._check_order(typed)
        self.tally.add(typed)

    def check_columns(self, names: list[str]) -> None:
        """The names in the file's first line."""
        self._columns = names
        for name in names:
            self._found("variable_name", name, not NAME.fullmatch(name))
            self._found("variable_not_approved", name, name not in self._variables)
        ours = [name for name in names if name in self._variables]
        self._found("variable_missing", "", ours != self.layout.names)

    def finish(self, *, rows: int | None = None, persons: int | None = None, minimum: int = 0) -> list[Finding]:
        """All findings. `rows`, `persons`: what the manifest says, where it does; `minimum`: the project's k."""
        for name, variable in self._variables.items():
            if variable.values is not None:
                known = {*variable.values, None}
                unknown = (count for code, count in self.tally.counts[name].items() if code not in known)
                self._found("undocumented_code", name, sum(unknown))
        if self._numbers:
            numbers = np.sort(np.concatenate(self._numbers))
            self._found("pnr_twice", "PNR", int((numbers[1:] == numbers[:-1]).sum()))
        self._found("row_count", "", rows is not None and rows != self.rows)
        self._found("person_count", "", persons is not None and persons != self.persons)
        self._found("no_rows", "", self.rows == 0)
        self._found("few_persons", "", 0 < self.persons < minimum)
        return sorted(
            Finding(self.layout.member, code, variable, count) for (code, variable), count in self._counts.items()
        )

    def _found(self, code: str, variable: str, count: int | bool) -> None:
        if count:
            self._counts[code, variable] += int(count)

    def _check_layout(self) -> None:
        for v in self.layout.variables:
            self._found("variable_name", v.name, not NAME.fullmatch(v.name))
            if not self.layout.identities:
                self._found("identity_in_data", v.name, v.klass is Klass.IDENTITY)
                is_open = v.values is None and v.bounds is None and not _is_code(v)
                self._found("free_text", v.name, is_open and v.klass is not Klass.IDENTITY)
        for code, name in label_faults(self.layout, self.names):
            self._found(code, name, True)

    def _check_column(self, variable: Variable, column: pa.Array) -> pa.Array:
        """Counts what is wrong and gives the column in its type, null where it can't be read."""
        name = variable.name
        if variable.kind is Kind.INTEGER:
            column = self._integers(name, column)
            if variable.bounds:
                low, high = variable.bounds
                outside = pc.or_(pc.less(column, low), pc.greater(column, high))
                self._found("out_of_bounds", name, pc.sum(outside).as_py() or 0)
        elif variable.kind is Kind.DATE:
            if pa.types.is_string(column.type):
                self._check_dates(name, column)
        elif name == "PNR":
            right = pc.fill_null(pc.match_substring_regex(column, r"^[0-9]{10}$"), False)
            self._found("pnr_form", name, len(column) - pc.sum(right).as_py())
            self._numbers.append(column.filter(right).cast(pa.int64()).to_numpy())
        elif _is_code(variable):
            self._check_pseudonyms(name, column)
        else:
            self._check_text(name, column)
        return column

    def _integers(self, name: str, column: pa.Array) -> pa.Array:
        if pa.types.is_integer(column.type):
            return column
        text = column.cast(pa.string())
        right = pc.match_substring_regex(text, r"^(0|-?[1-9][0-9]{0,8})$")
        self._found("number_form", name, len(column) - column.null_count - (pc.sum(right).as_py() or 0))
        self._check_words(name, text.filter(pc.invert(right)))
        return pc.if_else(right, text, None).cast(pa.int32())

    def _check_dates(self, name: str, column: pa.Array) -> None:
        for text in column.drop_null().unique().to_pylist():
            if not _is_date(text):
                self._found("date_form", name, pc.sum(pc.equal(column, text)).as_py())

    def _check_pseudonyms(self, name: str, column: pa.Array) -> None:
        fit = column.filter(pc.equal(pc.binary_length(column), LENGTH))  # bytes: other than ASCII fails below
        symbols = np.frombuffer("".join(fit.to_pylist()).encode(), dtype=np.uint8)
        wrong = len(column) - int(are_codes(symbols.reshape(-1, LENGTH)).sum())
        self._found("pseudonym_wrong", name, wrong)
        if wrong:  # a right code can't look like a CPR number: its alphabet has no 0 and no 1, so no month
            self._check_words(name, column)

    def _check_words(self, name: str, column: pa.Array) -> None:
        names = NOBODY if self.layout.identities else self.names
        values, counts = pc.value_counts(column.drop_null()).flatten()
        for text, count in zip(values.to_pylist(), counts.to_pylist(), strict=True):
            for code in word_faults(text, names):
                self._found(code, name, count)

    def _check_text(self, name: str, column: pa.Array) -> None:
        self._check_words(name, column)
        self._found("missing_sign", name, pc.sum(pc.is_in(column, pa.array(MISSING_SIGNS))).as_py())
        for code, pattern in (
            ("control_character", r"[\x00-\x1f\x{7f}-\x{9f}\x{2028}\x{2029}]"),
            ("formula", r"^[=+@-]."),
        ):
            self._found(code, name, pc.sum(pc.match_substring_regex(column, pattern)).as_py() or 0)

    def _check_order(self, typed: dict[str, pa.Array]) -> None:
        """Sorted by pseudonym; within it numbered 1, 2, 3 … (data), or never twice (one row per person)."""
        if "PSEUDONYM" not in typed:
            return
        codes = typed["PSEUDONYM"].fill_null("")
        before = pa.concat_arrays([pa.array([self._last_pseudonym]), codes[:-1]])
        self._found("pseudonym_order", "PSEUDONYM", pc.sum(pc.less(codes, before)).as_py())
        is_new = pc.not_equal(codes, before).to_numpy(zero_copy_only=False)
        self.persons += int(is_new.sum())
        self._last_pseudonym = codes[-1].as_py()
        if len(self.layout.grain) == 1:
            self._found("grain", "PSEUDONYM", int((~is_new).sum()))
        elif (number_name := self.layout.grain[1]) in typed:
            numbers = typed[number_name].fill_null(0).to_numpy()
            expected = np.where(is_new, 1, np.concatenate([[self._last_number], numbers[:-1]]) + 1)
            self._found("grain", number_name, int((numbers != expected).sum()))
            self._last_number = int(numbers[-1])


def _is_code(v: Variable) -> bool:
    """A person's or family's pseudonym."""
    return v.klass is Klass.KEY and v.kind is Kind.TEXT


def _is_date(text: str) -> bool:
    try:
        return date.fromisoformat(text).isoformat() == text
    except ValueError:
        return False
