"""What is looked for in the log."""

from collections.abc import Collection, Mapping
from datetime import date
from typing import Any

from django import forms
from django.core.validators import MaxValueValidator, MinValueValidator
from django.utils.translation import gettext_lazy as _

from audit import words
from audit.queries import SYSTEM

DAY_FORMATS = ["%d.%m.%Y", "%d-%m-%Y", "%Y-%m-%d"]
READ = "read"


class PeriodFilter(forms.Form):
    """What every log can be narrowed to."""

    first = forms.DateField(label=_("Fra dag"), required=False, input_formats=DAY_FORMATS)
    last = forms.DateField(label=_("Til dag"), required=False, input_formats=DAY_FORMATS)

    def __init__(self, *args: Any, **kwargs: Any):
        super().__init__(*args, **kwargs)
        for name in ("first", "last"):
            field = self.fields[name]
            field.widget.attrs |= {"placeholder": _("dd.mm.åååå"), "autocomplete": "off"}
            # beyond these, a day has no midnight that can be told in UTC
            field.validators += [MinValueValidator(date(1900, 1, 1)), MaxValueValidator(date(9000, 1, 1))]
            for fault in ("invalid", "min_value", "max_value"):
                field.error_messages[fault] = _("Skriv datoen som dag.måned.år.")

    def wanted(self) -> dict[str, Any]:
        """The fields of `Wanted` that were asked for. What can't be read is told at its field and asks for nothing."""
        self.is_valid()
        return {name: value for name, value in self.cleaned_data.items() if value}


class EventFilter(PeriodFilter):
    """`people`, `plans`: names by id; without several plans there is no choice among them. `without`: codes that are
    not offered."""

    action = forms.ChoiceField(label=_("Handling"), required=False)
    who = forms.ChoiceField(label=_("Hvem"), required=False)
    plan = forms.ChoiceField(label=_("Helhedsplan"), required=False)
    field_order = ["action", "who", "plan", "first", "last"]

    def __init__(
        self,
        data: Any,
        *,
        people: Mapping[str, str],
        plans: Mapping[str, str] | None = None,
        without: Collection[str] = (),
    ):
        super().__init__(data)
        choices: dict[str, Any] = {
            "action": words.choices(without),
            "who": [*people.items(), (SYSTEM, _("systemet"))],
            "plan": (plans or {}).items(),
        }
        for name, offered in choices.items():
            self.fields[name].choices = [("", _("Alle")), *offered]  # type: ignore[attr-defined]
        if plans is None:
            del self.fields["plan"]


class PersonFilter(PeriodFilter):
    """All that concerned a person, or only who saw something."""

    kind = forms.ChoiceField(
        label=_("Vis"), required=False, choices=[("", _("Alt")), (READ, _("Kun hvem der har set oplysninger"))]
    )
    field_order = ["kind", "first", "last"]

    def wanted(self) -> dict[str, Any]:
        found = super().wanted()
        return found | {"only": words.READINGS} if found.pop("kind", "") else found
