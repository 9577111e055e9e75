"""Who takes over, and what the leaver remembers."""

from collections.abc import Iterator, Sequence
from typing import Any

from django import forms
from django.core.validators import MaxValueValidator
from django.forms.boundfield import BoundField
from django.utils.translation import gettext_lazy as _

from accounts.models import User
from collection.models import Activity, Plan
from collection.queries import staff_of
from consent.worklists import ActivityWork

YEARS_TO_ASK_ABOUT = 6  # the latest ones, for each activity; the others have their page


class HandOverForm(forms.Form):
    """An estimate for each year that lacks one, the successor, and a tick that the leaver was asked."""

    successor = forms.ModelChoiceField(
        label=_("Hvem tager over?"),
        queryset=User.objects.none(),
        empty_label=_("Vælg medarbejder"),
        error_messages={"required": _("Vælg, hvem der tager over.")},
    )
    asked = forms.BooleanField(label=_("Der er spurgt, så godt det kan lade sig gøre"), required=False)

    def __init__(self, data: Any = None, *, plan: Plan, leaver: User, work: Sequence[ActivityWork], answers: int):
        super().__init__(data, use_required_attribute=False)
        self.work, self.answers = work, answers
        self.fields["successor"].queryset = staff_of(plan).exclude(pk=leaver.pk)  # type: ignore[attr-defined]
        for row in work:
            for year in row.years[-YEARS_TO_ASK_ABOUT:]:
                field = forms.IntegerField(
                    label=str(year),
                    required=False,
                    min_value=0,
                    validators=[MaxValueValidator(100_000)],
                    error_messages={"invalid": _("Skriv antallet som et helt tal.")},
                    widget=forms.NumberInput(attrs={"class": "input-char-8"}),
                )
                self.fields[self._name(row.activity, year)] = field
        self.order_fields([name for name in self.fields if name.startswith("estimate-")] + ["asked", "successor"])

    @property
    def asks(self) -> bool:
        """Whether there is something that only the leaver knows."""
        return bool(self.answers or any(row.years or row.unused for row in self.work))

    def rows(self) -> Iterator[dict]:
        """What to ask about, by activity: the fields of the years, and the years that have none here."""
        for row in self.work:
            if row.years or row.unused:
                fields: list[BoundField] = [
                    self[name] for year in row.years if (name := self._name(row.activity, year)) in self.fields
                ]
                yield {"work": row, "fields": fields, "earlier": row.years[:-YEARS_TO_ASK_ABOUT]}

    def estimates(self) -> list[tuple[Activity, int, int]]:
        """What was typed: (activity, year, headcount)."""
        return [
            (row.activity, year, typed)
            for row in self.work
            for year in row.years
            if (typed := self.cleaned_data.get(self._name(row.activity, year))) is not None
        ]

    def clean(self) -> dict:
        data = super().clean() or self.cleaned_data
        years = sum(len(row.years) for row in self.work)
        open_still = self.answers or any(row.unused for row in self.work) or len(self.estimates()) < years
        if open_still and not data.get("asked"):
            self.add_error(
                "asked", _("Spørg først. Sæt kryds, når det er gjort, eller når det ikke kan lade sig gøre.")
            )
        return data

    @staticmethod
    def _name(activity: Activity, year: int) -> str:
        return f"estimate-{activity.pk}-{year}"
