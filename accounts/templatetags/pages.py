"""What templates of every app share: controls of the design system, error summary, numbers, icons, bars."""

from collections.abc import Iterable, Sequence
from decimal import ROUND_HALF_UP, Decimal

from django import forms, template
from django.core.paginator import Page
from django.forms.boundfield import BoundField
from django.forms.formsets import BaseFormSet
from django.templatetags.static import static
from django.utils.formats import number_format
from django.utils.html import format_html
from django.utils.safestring import SafeString

register = template.Library()

MISSING = "–"


# --- Numbers, in the reader's format --------------------------------------------------------------


def _formatted(value: float | Decimal, decimals: int) -> str:
    # number_format cuts digits off; people expect them rounded.
    rounded = Decimal(str(value)).quantize(Decimal(1).scaleb(-decimals), ROUND_HALF_UP)
    return number_format(rounded, decimals, force_grouping=True)


@register.filter
def number(value: float | None, decimals: int = 0) -> str:
    """1234.5 -> "1.234,5" with one decimal; a dash for a number that isn't known."""
    return MISSING if value is None else _formatted(value, decimals)


@register.filter
def percent(share: float | None, decimals: int = 0) -> str:
    """A share (0.37) as Danish writes it: "37 %", with a space that doesn't break; a dash when it isn't known."""
    return MISSING if share is None else f"{_formatted(share * 100, decimals)}\N{NO-BREAK SPACE}%"


@register.filter
def year_spans(years: Iterable[int]) -> str:
    """[2014, 2016, 2017, 2018] -> "2014, 2016–2018"."""
    spans: list[list[int]] = []
    for year in sorted(years):
        if spans and year == spans[-1][-1] + 1:
            spans[-1].append(year)
        else:
            spans.append([year])
    return ", ".join(str(span[0]) if len(span) == 1 else f"{span[0]}–{span[-1]}" for span in spans)


# --- Drawings: SVG attributes instead of styles, which the content security policy forbids ---------


def _length(share: float) -> str:
    """A share between 0 and 1 as an SVG length; SVG knows the decimal point only."""
    return f"{min(max(share, 0.0), 1.0) * 100:.2f}%"


@register.simple_tag
def icon(name: str, label: str = "") -> SafeString:
    """An icon of the design system's sprite; without a label it is decoration and hidden from screen readers."""
    spoken = format_html('role="img" aria-label="{}"', label) if label else SafeString('aria-hidden="true"')
    source = static("vendor/dkfds/img/all-svg-icons.svg")
    return format_html('<svg class="icon-svg" focusable="false" {}><use href="{}#{}"/></svg>', spoken, source, name)


@register.simple_tag
def progress_value(share: float) -> int:
    """A share (0-1) in thousandths: whole numbers, which no language writes with a comma."""
    return round(min(max(share, 0.0), 1.0) * 1000)


@register.inclusion_tag("parts/bar.html")
def bar(share: float | None, text: str = "") -> dict:
    """A share (0-1, or None) as a bar with its value as text. Over 1 the bar is full and marked."""
    return {
        "known": share is not None,
        "over": share is not None and share > 1,
        "width": _length(share or 0.0),
        "text": text or percent(share),
    }


@register.inclusion_tag("parts/stack.html")
def stack(parts: Sequence[tuple[str, int]], label: str) -> dict:
    """Counts (label, number) as one bar in up to five shades with a legend that says the same in text."""
    total = sum(count for _, count in parts)
    start, drawn = 0, []
    for place, (name, count) in enumerate(parts, start=1):
        share = count / total if total else 0.0
        offset = start / total if total else 0.0
        drawn.append({"name": name, "count": count, "shade": place, "x": _length(offset), "width": _length(share)})
        start += count
    return {"parts": drawn, "label": label, "total": total}


# --- Forms ------------------------------------------------------------------------------------------


def _classes(field: BoundField) -> str:
    widget = field.field.widget
    own = widget.attrs.get("class", "")
    if isinstance(widget, forms.Select):
        name = "form-select"
    elif isinstance(widget, forms.CheckboxInput):
        name = "form-checkbox"
    elif isinstance(widget, forms.FileInput):
        name = "form-file"
    elif isinstance(field.field, (forms.IntegerField, forms.DateField)) and "input-" not in own:
        name = "form-input input-char-11"
    else:
        name = "form-input"
    return f"{name} {own}".strip()


def _typed_as_text(field: BoundField) -> dict[str, str]:
    """`type=number` swallows what it can't read and changes under a mouse wheel: a number pad is enough."""
    widget = field.field.widget
    if not isinstance(widget, forms.NumberInput):
        return {}
    widget.input_type = "text"
    for name in ("min", "max", "step"):
        widget.attrs.pop(name, None)
    return {"inputmode": "decimal" if isinstance(field.field, (forms.DecimalField, forms.FloatField)) else "numeric"}


@register.simple_tag
def control(field: BoundField) -> SafeString:
    """The field's widget with the design system's classes; ids and aria attributes are Django's own.

    A field with `hx-post` gets its answer in the live region below it unless it names another target.
    """
    widget = field.field.widget
    attrs = {**_typed_as_text(field), **widget.attrs, "class": _classes(field)}
    if kind(field) == "group" and widget.template_name.startswith("django/"):  # a template of ours labels its inputs
        attrs["aria-labelledby"] = f"{field.auto_id}_legend"
    if "hx-post" in attrs:
        attrs.setdefault("hx-target", f"#feedback_{field.auto_id}")
    return field.as_widget(attrs=attrs)


@register.filter
def kind(field: BoundField) -> str:
    """How the template pack draws a field: hidden, checkbox, choices, group (several inputs) or single."""
    widget = field.field.widget
    if field.is_hidden:
        return "hidden"
    if isinstance(widget, forms.CheckboxInput):
        return "checkbox"
    if isinstance(widget, forms.RadioSelect):  # check boxes in a group are a subclass
        return "choices"
    return "group" if field.use_fieldset else "single"


@register.filter
def choice_shape(field: BoundField) -> str:
    # Django's check boxes are a kind of radio buttons, so ask for the check boxes.
    return "checkbox" if isinstance(field.field.widget, forms.CheckboxSelectMultiple) else "radio"


@register.filter
def choices(field: BoundField) -> list[dict]:
    """The inputs of radio buttons or check boxes: tag, id, label and hint.

    A widget may carry `option_hints`, a dict from the choice's value to a line of help below it.
    """
    widget = field.field.widget
    widget.attrs["class"] = f"form-{choice_shape(field)}"
    hints = getattr(widget, "option_hints", {})
    drawn = []
    for choice in field.subwidgets:
        hint = hints.get(choice.data["value"], "")
        if hint:
            choice.data["attrs"]["aria-describedby"] = f"{choice.id_for_label}_helptext"
        drawn.append({"tag": choice.tag(), "id": choice.id_for_label, "label": choice.choice_label, "hint": hint})
    return drawn


def _first_input(field: BoundField) -> str:
    """The id that a link to the field goes to; of several inputs the first one's."""
    if field.is_hidden:
        return ""
    widget = field.field.widget
    if isinstance(widget, forms.RadioSelect):
        return widget.id_for_label(field.auto_id, "0")
    if isinstance(widget, (forms.MultiWidget, forms.SelectDateWidget)):
        parts = widget.get_context(field.html_name, field.value(), {"id": field.auto_id})["widget"]["subwidgets"]
        return parts[0]["attrs"]["id"]
    return field.id_for_label


def _form_errors(form: forms.BaseForm) -> Iterable[dict]:
    for message in form.non_field_errors():
        yield {"target": "", "message": message}
    for field in form:
        for message in field.errors:
            name = field.label if field.label.endswith(("?", ".", ":")) else f"{field.label}:"
            yield {"target": _first_input(field), "label": name, "message": message}


@register.filter
def error_links(form: forms.BaseForm | BaseFormSet) -> list[dict]:
    """All errors of a form or formset in the order of the page: message, label and the id of the input to mend."""
    if isinstance(form, BaseFormSet):
        whole = [{"target": "", "message": message} for message in form.non_form_errors()]
        return whole + [error for each in form.forms for error in _form_errors(each)]
    return list(_form_errors(form))


@register.filter
def page_numbers(page: Page) -> list[int | str]:
    """Page numbers to offer, with an ellipsis where some are left out."""
    return list(page.paginator.get_elided_page_range(page.number, on_each_side=1, on_ends=1))
