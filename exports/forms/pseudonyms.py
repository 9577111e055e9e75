"""Looking one code up."""

from typing import Any

from django import forms
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from exports.actions.pseudonyms import LookUpReason
from exports.forms.parts import CONFIRM, helper
from exports.pseudonyms import NotACode, normalise


class LookUpForm(forms.Form):
    """`code` is cleaned to the code as it stands in files."""

    code = forms.CharField(
        label=gettext_lazy("Kode"),
        max_length=40,
        help_text=gettext_lazy("13 tegn, som de står i evaluators data. Små bogstaver og mellemrum gør ikke noget."),
        widget=forms.TextInput(
            {"class": "input-width-m", "autocomplete": "off", "autocapitalize": "characters", "spellcheck": "false"}
        ),
    )
    reason = forms.ChoiceField(
        label=gettext_lazy("Hvorfor slår du koden op?"), choices=LookUpReason.choices, widget=forms.RadioSelect
    )

    def __init__(self, data: Any = None, *, cancel: str):
        super().__init__(data, use_required_attribute=False)
        self.fields["code"].error_messages["required"] = _("Skriv koden.")
        self.fields["reason"].error_messages["required"] = _("Vælg, hvorfor du slår koden op.")
        self.helper = helper("code", "reason", CONFIRM, submit=_("Slå koden op"), cancel=cancel)

    def clean_code(self) -> str:
        try:
            return normalise(self.cleaned_data["code"])
        except NotACode as wrong:
            raise forms.ValidationError(str(wrong)) from None
