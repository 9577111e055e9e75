"""Who somebody is, typed without a CPR number, and what is asked of an age: enrolment and correction share it."""

from datetime import date
from typing import Any

from django import forms
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from collection.cpr import age_on
from collection.models import Activity
from collection.names import normalise
from collection.texts import has_cpr_shape, one_line, says_nothing
from consent.actions.enrol import NameIdentity
from consent.forms.dates import DatePartsField
from consent.forms.sentences import MISSING

# Suggestions of the browser, and spelling services that send what is typed to somebody, are off.
PRIVATE = {"autocomplete": "off", "spellcheck": "false", "autocapitalize": "off"}
NUMBER = {**PRIVATE, "inputmode": "numeric", "class": "input-char-11"}


class NamedForm(forms.Form):
    """`named` and `born` hold what was typed, once `clean_named` has found it whole."""

    name = forms.CharField(label=_("Fulde navn"), required=False, max_length=150, widget=forms.TextInput(PRIVATE))
    birth_date = DatePartsField(label=_("Fødselsdato"), required=False)
    address = forms.CharField(
        label=_("Adresse"),
        help_text=_("Vej, nummer, etage, postnummer og by."),
        required=False,
        max_length=200,
        widget=forms.TextInput(PRIVATE),
    )
    residence_date = DatePartsField(
        label=_("Boede på adressen den"),
        help_text=_("En dag, hvor personen med sikkerhed boede der."),
        required=False,
    )
    today: date
    born: date | None = None
    named: NameIdentity | None = None

    def clean_named(self) -> None:
        data: dict[str, Any] = self.cleaned_data
        for field, sentence in MISSING.items():
            if not data.get(field) and field not in self.errors:
                self.add_error(field, sentence)
        for field in ("name", "address"):
            if field in data and (says_nothing(data[field]) or not normalise(data[field])):
                self.add_error(field, MISSING[field])
            elif field in data and has_cpr_shape(one_line(data[field])):
                self.add_error(field, gettext("Skriv ikke CPR-numre her."))
        if "birth_date" in data:
            if data["birth_date"] > self.today:
                self.add_error("birth_date", _("Fødselsdatoen ligger i fremtiden."))
            else:
                self.born = data["birth_date"]
        if "residence_date" in data:
            if data["residence_date"] > self.today:
                self.add_error("residence_date", _("Datoen ligger i fremtiden."))
            elif self.born and data["residence_date"] < self.born:
                self.add_error("residence_date", _("Datoen ligger før fødselsdatoen."))
        if all(field in data for field in MISSING):
            self.named = NameIdentity(**{field: data[field] for field in MISSING})


def outside_target(activity: Activity, birth_date: date, first: date, last: date) -> bool:
    """Whether no day from `first` to `last` has an age within the activity's target."""
    youngest, oldest = activity.age_from, activity.age_to
    return (youngest is not None and age_on(birth_date, last) < youngest) or (
        oldest is not None and age_on(birth_date, first) > oldest
    )
