"""Form fields of our own."""

import re
from typing import Any

from django import forms
from django.core.exceptions import ValidationError
from django.utils.translation import gettext_lazy as _

DAY_FORMATS = ["%d.%m.%Y", "%d-%m-%Y", "%d/%m/%Y", "%d%m%Y", "%Y-%m-%d"]
_CPR_SHAPED = re.compile(r"\b\d{6}[- ]?\d{4}\b")


class DayField(forms.DateField):
    """A day as Danes write it, in both languages of the site. Typed, not picked: birth dates are far away."""

    default_error_messages = {"invalid": _("Skriv datoen som dag.måned.år, for eksempel 01.02.2016.")}

    def __init__(self, **kwargs: Any):
        kwargs.setdefault("widget", forms.DateInput(format=DAY_FORMATS[0], attrs={"autocomplete": "off"}))
        super().__init__(input_formats=DAY_FORMATS, **kwargs)


def refuse_cpr(text: str) -> None:
    """Validator of names that everybody in the plan sees and that are kept in clear."""
    if _CPR_SHAPED.search(text):
        raise ValidationError(_("Skriv ikke CPR-numre her."), code="cpr")
