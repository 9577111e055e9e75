"""Finding a person, and taking a consent back."""

from collections.abc import Iterable
from datetime import date
from typing import Any

from crispy_forms.helper import FormHelper
from django import forms
from django.utils.translation import gettext_lazy as _

from collection.cpr import PROBLEM_TEXTS, Cpr, CprError, parse
from collection.models import Identification
from collection.names import normalise
from consent.forms.dates import DatePartsField
from consent.forms.identity import NUMBER, PRIVATE
from consent.models import Reason

KNOWN = [(Identification.CPR, _("CPR-nummer")), (Identification.NAME_ADDRESS, _("Navn og fødselsdato"))]


class FindForm(forms.Form):
    """What the person says: a number, or name and birth date. `number` holds the number once the form is valid."""

    identification = forms.ChoiceField(
        label=_("Hvad oplyser personen?"), choices=KNOWN, initial=Identification.CPR, widget=forms.RadioSelect
    )
    cpr = forms.CharField(
        label=_("CPR-nummer"), help_text=_("Ti cifre."), required=False, widget=forms.TextInput(NUMBER)
    )
    name = forms.CharField(
        label=_("Navn"),
        help_text=_("Skriv det, som personen er registreret med."),
        required=False,
        max_length=150,
        widget=forms.TextInput(PRIVATE),
    )
    birth_date = DatePartsField(label=_("Fødselsdato"), required=False)

    def __init__(self, data: Any = None, *, today: date):
        super().__init__(data, use_required_attribute=False)
        self.helper = FormHelper()
        self.helper.conditional = ("cpr", "name", "birth_date")
        self.today = today
        self.number: Cpr | None = None

    def clean(self) -> dict[str, Any]:
        by_number = self.cleaned_data.get("identification") == Identification.CPR
        for field in ("name", "birth_date") if by_number else ("cpr",):
            self.errors.pop(field, None)  # of what isn't chosen, and may be hidden, nothing counts
        if by_number:
            try:
                self.number = parse(self.cleaned_data.get("cpr", ""), self.today)
            except CprError as error:
                self.add_error("cpr", forms.ValidationError(PROBLEM_TEXTS[error.code], code=error.code))
            return self.cleaned_data
        if "name" in self.cleaned_data and not normalise(self.cleaned_data["name"]):
            self.add_error("name", _("Skriv personens navn."))
        if "birth_date" in self.cleaned_data and not self.cleaned_data["birth_date"]:
            self.add_error("birth_date", _("Skriv fødselsdatoen."))
        return self.cleaned_data


class WithdrawForm(forms.Form):
    """`namesakes`: (id, what tells one from another) of those in the plan who may be the same person."""

    withdrawn_on = DatePartsField(label=_("Hvornår blev samtykket trukket tilbage?"))
    also = forms.MultipleChoiceField(
        label=_("Er det også denne?"),
        help_text=_(
            "Samme navn og fødselsdato er registreret i planen mere end én gang. Sæt kryds, hvis det er samme person."
        ),
        required=False,
        widget=forms.CheckboxSelectMultiple,
    )
    reason = forms.ChoiceField(
        label=_("Vil personen sige hvorfor?"),
        help_text=_("Ingen skal begrunde det."),
        choices=[("", _("Ikke oplyst")), *Reason.choices],
        required=False,
        widget=forms.RadioSelect,
    )

    def __init__(self, data: Any = None, *, today: date, namesakes: Iterable[tuple[str, str]] = ()):
        super().__init__(data, initial={"withdrawn_on": today}, use_required_attribute=False)
        if choices := list(namesakes):
            self.fields["also"].choices = choices  # type: ignore[attr-defined]
        else:
            del self.fields["also"]
