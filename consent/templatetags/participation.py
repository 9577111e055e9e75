"""How a participation and a consent are shown."""

from django import template
from django.utils.formats import date_format
from django.utils.translation import gettext as _

from collection.models import Participation, Precision
from consent.models import Kind, Text
from consent.wording import DANISH_NAMES

register = template.Library()


@register.filter
def began(participation: Participation) -> str:
    """The start as exactly as it is known: "2015", "marts 2015", "3. marts 2015"."""
    if participation.start_precision == Precision.YEAR:
        return str(participation.start.year)
    if participation.start_precision == Precision.MONTH:
        return date_format(participation.start, "YEAR_MONTH_FORMAT").lower()
    return date_format(participation.start)


@register.filter
def language_name(text: Text) -> str:
    """The language of a consent text, in that of the page: "Arabisk"."""
    return str(DANISH_NAMES[text.language])


@register.inclusion_tag("consent/parts/status.html")
def consent_tag(status: Kind | None) -> dict:
    """The state of somebody's consent as a coloured word."""
    colour, word = {
        Kind.GIVEN: ("success", _("Samtykke")),
        Kind.LAPSED: ("warning", _("Udløbet")),
        Kind.WITHDRAWN: ("error", _("Trukket tilbage")),
        Kind.REFUSED: ("error", _("Sagde nej")),
        None: ("warning", _("Intet samtykke")),
    }[status]
    return {"colour": colour, "word": word}
