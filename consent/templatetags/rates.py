"""How figures of consent rates are shown."""

from django import template

from accounts.templatetags.pages import MISSING, bar
from consent.charts import Chart
from consent.masking import Figure
from consent.tables import figure_text

register = template.Library()


@register.filter
def figure(value: Figure | None) -> str:
    """A count: "1.234", "ca. 45", "under 5"; a dash where nobody knows."""
    return MISSING if value is None else figure_text(value)


@register.filter
def share(value: Figure | None) -> str:
    return MISSING if value is None else figure_text(value, share=True)


@register.inclusion_tag("parts/bar.html")
def share_bar(value: Figure) -> dict:
    return bar(value.value, figure_text(value, share=True))


@register.inclusion_tag("parts/chart.html")
def column_chart(chart: Chart, label: str) -> dict:
    """Columns with their values, and the same in words for who can't see them."""
    return {"chart": chart, "label": label}
