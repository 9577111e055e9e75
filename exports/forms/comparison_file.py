"""A definition that somebody has as JSON: it fills the form of a comparison group."""

import json
from collections.abc import Iterator
from typing import Any

from django import forms
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from collection.models import ActivityType
from exports import wording
from exports.comparison.runner.definition import Definition, DefinitionInvalid, from_json, to_json
from exports.forms.comparison_rule import LISTED
from exports.forms.comparisons import department_choices
from exports.forms.parts import helper

MOST_BYTES = 200_000  # every department of the country is less
MOST_NAMED, MOST_SIGNS = 5, 60  # of what is unknown, in an error


class DefinitionFileForm(forms.Form):
    """JSON as text or as a file, which is shown as text when something is wrong. After validation `definition` is
    set."""

    file = forms.FileField(
        label=gettext_lazy("Fil med definitionen"),
        required=False,
        widget=forms.FileInput(attrs={"accept": ".json"}),
        help_text=gettext_lazy("definition.json fra et arkiv, en pakke eller en leverances side."),
    )
    text = forms.CharField(
        label=gettext_lazy("Definitionen"),
        help_text=gettext_lazy("Eller sæt teksten ind her."),
        required=False,
        strip=False,  # or lines are counted from another one
        widget=forms.Textarea(attrs={"rows": 16, "autocomplete": "off", "spellcheck": "false", "class": "code"}),
    )

    def __init__(self, data: Any = None, files: Any = None, *, cancel: str):
        super().__init__(data, files, use_required_attribute=False)
        self.definition: Definition | None = None
        self.helper = helper("file", "text", submit=_("Udfyld felterne"), cancel=cancel, conditional=("file", "text"))

    def clean(self) -> dict:
        data = super().clean() or self.cleaned_data
        if self.errors:
            return data
        upload, text = data.get("file"), data.get("text", "")
        if upload is not None:
            text = self._read(upload)
        if self.errors:
            return data
        if not text.strip():
            self.add_error("text", _("Vælg en fil, eller sæt definitionen ind."))
        elif len(text) > MOST_BYTES:
            self.add_error("text", _too_large())
        else:
            self._define(text)
        return data

    def _read(self, upload: Any) -> str:
        if upload.size > MOST_BYTES:
            self.add_error("file", _too_large())
            return ""
        try:
            text = upload.read().decode("utf-8-sig")
        except UnicodeDecodeError:
            self.add_error("file", _("Filen er ikke tekst i UTF-8. Vælg en fil med JSON."))
            return ""
        typed = self.data.copy()  # type: ignore[attr-defined]
        typed["text"] = text  # what the file says can be mended on the page
        self.data = typed
        return text

    def _define(self, text: str) -> None:
        try:
            data = json.loads(text)
        except json.JSONDecodeError as error:
            place = {"line": error.lineno, "column": error.colno}
            self.add_error("text", _("Det er ikke gyldig JSON: se linje %(line)s, tegn %(column)s.") % place)
            return
        except (ValueError, RecursionError):  # a number of too many figures, or too deep
            self.add_error("text", _("Det er ikke gyldig JSON."))
            return
        try:
            definition = from_json(data, known_types=set(ActivityType.objects.values_list("code", flat=True)))
        except DefinitionInvalid as error:
            for name, sentences in error.problems.items():
                self.add_error("text", f"{_shown(name)}: {wording.in_language(sentences)}".removeprefix(": "))
            return
        for problem in _not_here(definition):
            self.add_error("text", problem)
        if not self.errors:
            self.definition = definition


def _too_large() -> str:
    return _("Definitionen er for stor. Den må højst fylde %(most)s kB.") % {"most": MOST_BYTES // 1000}


def _shown(name: str) -> str:
    """What stands in the text, for a page: JSON may have any sign, and any number of them."""
    return "".join(sign for sign in name[:MOST_SIGNS] if sign.isprintable())


def _not_here(definition: Definition) -> Iterator[str]:
    """What the form has no choice for."""
    known = {code for code, _name in department_choices()}
    if unknown := [_shown(code) for code in definition.chosen_departments if code not in known]:
        told = _("Disse boligafdelinger findes ikke her: %(codes)s.") % {"codes": ", ".join(unknown[:MOST_NAMED])}
        yield f"chosen_departments: {told}"
    for field in ("variables", "exact"):
        if elsewhere := [name for name in getattr(definition.matching, field) if name not in LISTED]:
            told = _(
                "Her kan der kun matches på det, som beboerlisten har, og ikke på %(names)s. Kør definitionen dér, "
                "hvor registrene er."
            ) % {"names": ", ".join(elsewhere)}
            yield f"matching.{field}: {told}"


def differing(asked: Definition, filled: Definition) -> list[str]:
    """Names of fields that the form can't show as they were asked for, as in JSON."""
    return sorted(_differing(to_json(asked), to_json(filled)))


def _differing(asked: dict[str, Any], filled: dict[str, Any], place: str = "") -> Iterator[str]:
    for name in asked.keys() | filled.keys():
        one, other = asked.get(name), filled.get(name)
        if isinstance(one, dict) and isinstance(other, dict):
            yield from _differing(one, other, f"{name}.")
        elif one != other:
            yield place + name
