"""A box with one register variable on each line."""

from typing import Any

from django import forms
from django.core.exceptions import ValidationError
from django.utils.translation import gettext as _

from exports.register_catalogue import Asked, BadLine, look_up, parse_line

MOST_LINES = 500


class RegisterLines(forms.CharField):
    """Text of lines like "BEF KOM 2014-2016"; clean value: what EvaluationProject.register_variables keeps.

    Refuses, line by line, what can't be read and what does not exist. What is only to be known of a line (the register
    is closed, a year is missing) is no error: see register_catalogue.Found.notes.
    """

    widget = forms.Textarea

    def __init__(self, **kwargs: Any):
        super().__init__(max_length=MOST_LINES * 100, **kwargs)
        self.widget.attrs |= {"rows": 8, "autocomplete": "off", "autocapitalize": "characters", "spellcheck": "false"}

    def prepare_value(self, value: Any) -> Any:
        return "\n".join(str(Asked(**each)) for each in value) if isinstance(value, list) else value

    def clean(self, value: Any) -> list[dict[str, Any]]:  # type: ignore[override]
        text = super().clean(value)
        asked: list[Asked] = []
        errors: list[str] = []
        for number, line in enumerate(text.splitlines(), start=1):
            if not line.strip():
                continue
            try:
                one = parse_line(line)
            except BadLine as bad:
                problem = str(bad)
            else:
                problem = _("Linjen står der allerede.") if one in asked else look_up(one).refusal
                asked.append(one)
            if problem:
                errors.append(_("Linje %(number)s: %(problem)s") % {"number": number, "problem": problem})
        if len(asked) > MOST_LINES:
            errors = [_("Skriv højst %(most)s linjer.") % {"most": MOST_LINES}]
        if errors:
            raise ValidationError(errors)
        return [one.to_json() for one in asked]
