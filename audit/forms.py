"""What is looked for in the log."""

from datetime import date
from typing import Any

from django import forms
from django.core.validators import MaxValueValidator, MinValueValidator
from django.utils.translation import gettext_lazy as _

from audit import words
from audit.naming import plan_names

DAY_FORMATS = ["%d.%m.%Y", "%d-%m-%Y", "%Y-%m-%d"]


class EventFilter(forms.Form):
    action = forms.ChoiceField(label=_("Handling"), required=False)
    plan = forms.ChoiceField(label=_("Helhedsplan"), required=False)
    first = forms.DateField(label=_("Fra dag"), required=False, input_formats=DAY_FORMATS)
    last = forms.DateField(label=_("Til dag"), required=False, input_formats=DAY_FORMATS)

    def __init__(self, *args: Any, **kwargs: Any):
        super().__init__(*args, **kwargs)
        self.plans = plan_names()
        self.fields["action"].choices = [("", _("Alle")), *words.choices()]  # type: ignore[attr-defined]
        self.fields["plan"].choices = [("", _("Alle")), *self.plans.items()]  # type: ignore[attr-defined]
        for name in ("first", "last"):
            field = self.fields[name]
            field.widget.attrs |= {"placeholder": _("dd.mm.åååå"), "autocomplete": "off"}
            # beyond these, a day has no midnight that can be told in UTC
            field.validators += [MinValueValidator(date(1900, 1, 1)), MaxValueValidator(date(9000, 1, 1))]
            for fault in ("invalid", "min_value", "max_value"):
                field.error_messages[fault] = _("Skriv datoen som dag.måned.år.")
