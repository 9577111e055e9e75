"""Ending a project."""

import re
from typing import Any

from django import forms
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from exports.forms.parts import helper
from exports.models import EvaluationProject


class EndProjectForm(forms.Form):
    """The project's number, typed: what can't be undone is not done by a slip of the hand."""

    number = forms.CharField(
        label=gettext_lazy("Skriv projektets nummer hos Danmarks Statistik"),
        max_length=20,
        widget=forms.TextInput({"class": "input-char-8", "inputmode": "numeric", "autocomplete": "off"}),
    )

    def __init__(self, data: Any = None, *, project: EvaluationProject, cancel: str):
        super().__init__(data, use_required_attribute=False)
        self.project = project
        self.fields["number"].error_messages["required"] = _("Skriv projektets nummer.")
        self.helper = helper("number", submit=_("Afslut projektet"), cancel=cancel, grave=True)

    def clean_number(self) -> str:
        number = re.sub(r"\s", "", self.cleaned_data["number"])
        if number != self.project.dst_number:
            raise forms.ValidationError(_("Det er ikke dette projekts nummer. Det står øverst på projektets side."))
        return number
