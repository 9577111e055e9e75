"""One row: every cell as text, what is wrong at its field, and what is to be confirmed."""

from collections.abc import Iterable, Mapping
from typing import Any

from crispy_forms.layout import HTML, Fieldset
from django import forms
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from spreadsheets import wording
from spreadsheets.actions.rows import MOST_TYPED, Sure
from spreadsheets.columns import BY_KEY, COLUMNS, Column
from spreadsheets.forms.files import PARTS, WHOLE_FILE, helper_of
from spreadsheets.layouts import Layout
from spreadsheets.models import Finding, Level, Row

# Suggestions of the browser, and spelling services that send what is typed to somebody, are off.
PRIVATE = {"autocomplete": "off", "spellcheck": "false", "autocapitalize": "off"}
SAME, ANOTHER = "same", "another"


def _hint(column: Column, layout: Layout) -> str:
    """What the column holds; and that an empty one follows what was chosen for the whole file."""
    if layout.defaults.get(WHOLE_FILE.get(column.key, "")):
        return gettext("%(hint)s. Tom: som valgt for hele filen") % {"hint": column.hint}
    return str(column.hint)


class RowForm(forms.Form):
    """Shows the errors that were found, and takes what is typed instead. It refuses nothing itself: checking does."""

    confirm = forms.BooleanField(label=_("Jeg har set efter: oplysningerne er rigtige"), required=False)
    reason = forms.ChoiceField(label=_("Hvordan ved du det?"), choices=Sure.choices, required=False)
    whose = forms.ChoiceField(
        label=_("En person med samme navn og fødselsdato er allerede registreret. Er det den samme?"),
        choices=[(SAME, _("Ja, det er den samme person")), (ANOTHER, _("Nej, det er en anden person"))],
        widget=forms.RadioSelect,
        required=False,
    )

    def __init__(
        self,
        data: Any = None,
        *,
        row: Row,
        texts: Mapping[str, str],
        findings: Iterable[Finding],
        layout: Layout,
        cancel: str,
    ):
        super().__init__(data, use_required_attribute=False)
        self.row = row
        findings = list(findings)
        for column in COLUMNS:
            self.fields[column.key] = forms.CharField(
                label=str(column.label),
                required=False,
                max_length=MOST_TYPED,
                initial=texts.get(column.key, ""),
                help_text=_hint(column, layout),
                widget=forms.TextInput({**PRIVATE, "class": "input-width-xl"}),
            )
        self.found_errors = [each for each in findings if each.level == Level.ERROR]
        self.open_warnings = [each for each in findings if each.level == Level.WARNING and not each.settled]
        self.warnings = [wording.sentence(each.field, each.code, each.value) for each in self.open_warnings]
        if row.another or any(each.code in ("namesake", "namesakes") for each in findings):
            self.fields["whose"].initial = ANOTHER if row.another else SAME
        else:
            del self.fields["whose"]
        if not self.warnings:
            del self.fields["confirm"], self.fields["reason"]
        parts: list[Any] = [Fieldset(legend, *keys) for legend, keys in PARTS]
        if self.warnings:
            parts.insert(0, HTML("{% include 'spreadsheets/parts/row_warnings.html' %}"))
        if "whose" in self.fields:
            parts.insert(0, "whose")
        self.helper = helper_of(*parts, submit=_("Gem rækken"), cancel=cancel, conditional=self.fields)

    def show_errors(self) -> None:
        """Puts what was found at the fields, as if the texts had been sent."""
        self.is_bound = True
        self.data = {name: field.initial if field.initial is not None else "" for name, field in self.fields.items()}
        self.full_clean()
        for each in self.found_errors:
            where = each.field if each.field in BY_KEY else None
            self.add_error(where, wording.bare_sentence(each.code, each.value))

    def clean(self) -> dict:
        data = super().clean() or self.cleaned_data
        if data.get("confirm") and not data.get("reason"):
            self.add_error("reason", _("Vælg, hvordan du ved det."))
        return data

    @property
    def typed(self) -> dict[str, str]:
        return {column.key: self.cleaned_data[column.key] for column in COLUMNS}

    @property
    def another(self) -> bool:
        return self.cleaned_data.get("whose", "") == ANOTHER
