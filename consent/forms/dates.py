"""A date typed as day, month and year: quick on a phone's number pad, and honest where only the year is known."""

import calendar
from dataclasses import dataclass
from datetime import date
from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from collection.models import Precision


@dataclass(frozen=True)
class PartialDate:
    """A day, month or year; `first` is the first day of it, as participations store it."""

    first: date
    precision: Precision

    @property
    def last(self) -> date:
        """The last day that it may stand for."""
        if self.precision == Precision.DAY:
            return self.first
        month = self.first.month if self.precision == Precision.MONTH else 12
        return date(self.first.year, month, calendar.monthrange(self.first.year, month)[1])


class DatePartsWidget(forms.MultiWidget):
    """Three inputs NAME_day, NAME_month and NAME_year, each with its label."""

    template_name = "widgets/date_parts.html"
    labels = (_("Dag"), _("Måned"), _("År"))

    def __init__(self, attrs: dict | None = None):
        parts = zip(("day", "month", "year"), self.labels, (2, 2, 4), strict=True)
        super().__init__(
            {
                name: forms.TextInput(
                    {"inputmode": "numeric", "maxlength": length, "autocomplete": "off", "aria-label": label}
                )
                for name, label, length in parts
            },
            attrs,
        )

    def decompress(self, value: date | None) -> list[Any]:
        return [value.day, value.month, value.year] if value else [None, None, None]

    def get_context(self, name: str, value: Any, attrs: dict | None) -> dict:
        context = super().get_context(name, value, attrs)
        for part, label in zip(context["widget"]["subwidgets"], self.labels, strict=True):
            part["label"] = label
        return context


class DatePartsField(forms.Field):
    """Cleans to a date, or with `partial` to a PartialDate (day, or day and month, may be left empty)."""

    widget = DatePartsWidget
    default_error_messages = {
        "incomplete": _("Skriv både dag, måned og år."),
        "no_year": _("Skriv årstallet."),
        "no_month": _("Skriv også måneden, eller lad dagen stå tom."),
        "year": _("Skriv årstallet med fire cifre, for eksempel 2016."),
        "impossible": _("Datoen findes ikke. Se efter, om dag og måned er skrevet rigtigt."),
    }

    def __init__(self, *, partial: bool = False, **kwargs: Any):
        self.partial = partial
        super().__init__(**kwargs)

    def to_python(self, value: Any) -> date | PartialDate | None:
        day, month, year = (str(part or "").strip() for part in value or ("", "", ""))
        if not (day or month or year):
            return None
        if not self.partial and not (day and month and year):
            raise self._error("incomplete")
        if not year:
            raise self._error("no_year")
        if day and not month:
            raise self._error("no_month")
        if not (len(year) == 4 and year.isascii() and year.isdigit()):
            raise self._error("year")
        try:
            first = date(int(year), int(month or 1), int(day or 1))
        except (ValueError, OverflowError):  # a number of another field may be pasted here
            raise self._error("impossible") from None
        if not self.partial:
            return first
        return PartialDate(first, Precision.DAY if day else Precision.MONTH if month else Precision.YEAR)

    def _error(self, code: str) -> forms.ValidationError:
        return forms.ValidationError(self.error_messages[code], code=code)
