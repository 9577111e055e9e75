"""What the forms are made of."""

from collections.abc import Iterable
from datetime import date, timedelta
from typing import Any

from crispy_forms.helper import FormHelper
from crispy_forms.layout import HTML, Div, Layout, Submit
from django import forms
from django.core.validators import MaxValueValidator, MinValueValidator
from django.utils.html import format_html
from django.utils.translation import gettext as _

from exports.comparison.runner.definition import EARLIEST_YEAR, LATEST_YEAR

# Proving who one is, before what the form does is done: the view's `confirm` (accounts.step_up), if it asks.
CONFIRM = HTML('{% include "accounts/parts/confirm.html" %}')


def helper(*fields: Any, submit: Any, cancel: str, conditional: Iterable[str] = (), grave: bool = False) -> FormHelper:
    """Fields, one button and the way back; `conditional` are needed in some cases only.

    The button is the primary one, or red where what it does is `grave` and can't be undone.
    """
    helper = FormHelper()
    helper.conditional = tuple(conditional)
    back = HTML(format_html('<a href="{}">{}</a>', cancel, _("Fortryd")))
    button = Submit("save", submit, css_class="button-warning" if grave else "")
    helper.layout = Layout(*fields, Div(button, back, css_class="form-actions"))
    return helper


def check_ahead(day: date, today: date, *, most: int, late: Any) -> date:
    """`day`, if it is after `today` and at most `most` days ahead. Raises ValidationError; `late` says the second."""
    if day <= today:
        raise forms.ValidationError(_("Vælg en dag efter i dag."), code="past")
    if day > today + timedelta(days=most):
        raise forms.ValidationError(late, code="late")
    return day


class YearField(forms.IntegerField):
    def __init__(self, **kwargs: Any):
        super().__init__(**{"min_value": EARLIEST_YEAR, "max_value": LATEST_YEAR} | kwargs)
        self.widget.attrs["class"] = "input-char-4"


class NumberList(forms.CharField):
    """Numbers with ; between them, as the page's language writes them. Clean value: a list, empty for nothing."""

    def __init__(self, **kwargs: Any):
        super().__init__(max_length=500, **kwargs)

    def clean(self, value: Any) -> list[float]:  # type: ignore[override]
        numbers = forms.FloatField(localize=True)
        return [numbers.clean(part.strip()) for part in super().clean(value).split(";") if part.strip()]


class SearchableChoices(forms.CheckboxSelectMultiple):
    """Many check boxes in a frame that scrolls; with scripts, a field above it finds those with the words typed."""

    search: Any = ""  # the label of that field


def searchable(*, search: Any, **kwargs: Any) -> forms.MultipleChoiceField:
    field = forms.MultipleChoiceField(widget=SearchableChoices, **kwargs)
    field.widget.search = search
    return field


def checkboxes(**kwargs: Any) -> forms.MultipleChoiceField:
    return forms.MultipleChoiceField(widget=forms.CheckboxSelectMultiple, **kwargs)


def whole_number(lowest: int, highest: int, **kwargs: Any) -> forms.IntegerField:
    field = forms.IntegerField(validators=[MinValueValidator(lowest), MaxValueValidator(highest)], **kwargs)
    field.widget.attrs["class"] = "input-char-4"
    return field


def radios(*choices: tuple[str, Any], hints: dict[str, Any] | None = None, **kwargs: Any) -> forms.ChoiceField:
    field = forms.ChoiceField(choices=choices, widget=forms.RadioSelect, **kwargs)
    field.widget.option_hints = hints or {}  # type: ignore[attr-defined]
    return field
