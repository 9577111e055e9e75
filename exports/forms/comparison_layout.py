"""How the form of a comparison group stands on its page: sections, parts that choices show, the rule in words."""

from typing import Any

from crispy_forms.helper import FormHelper
from crispy_forms.layout import HTML, Div, Fieldset
from django.utils.translation import gettext as _

from exports.forms.comparison_rule import ASKED_WHEN, CUT, ELSEWHERE, GROUPED, LISTED, cut_field, group_field
from exports.forms.parts import helper


def laid_out(*, order: str, package: str, cancel: str) -> FormHelper:
    """`order`: the address that takes an order; "" when there is no list to order from: then the rule goes to
    `package`, which answers with a file."""
    fields = Div(
        Fieldset(_("Hvem?"), "unit", Div("youngest", "oldest", css_class="form-row")),
        Fieldset(_("Deltagere"), _columns("activity_types"), Div("first_year", "last_year", css_class="form-row")),
        Fieldset(
            _("Sammenligning"),
            "comparison_year",
            "areas",
            _part("chosen_departments"),
            "exclusion",
            _part(Div("window_from", "window_to", css_class="form-row"), when="window_from"),
            _part("excluded_since"),
            "excluding",
            _part(_columns("excluded_types"), when="excluded_types"),
        ),
        Fieldset(
            _("Hvad beskrives grupperne ved?"),
            _columns("characteristics"),
            *(_part(group_field(name)) for name in GROUPED if name in LISTED),
            HTML('{% include "exports/parts/more_opens.html" %}'),
            _columns("register_characteristics"),
            *(_part(group_field(name)) for name in GROUPED if name in ELSEWHERE),
            _part("leave_out", Div("most_residents", "most_rooms", css_class="form-row"), when="leave_out"),
            HTML("</div></details>"),
        ),
        Fieldset(
            _("Matchning"),
            "method",
            _part(_columns("match_on"), when="match_on"),
            *(_part(cut_field(name)) for name in CUT),
            _part(
                Div("ratio", "order", css_class="form-row"),
                _part("seed"),
                "replacement",
                Div("caliper", "caliper_unit", "distance", css_class="form-row"),
                _columns("equal_on"),
                when="ratio",
            ),
        ),
        Fieldset(_("Små tal"), Div("minimum", "k", css_class="form-row")),
        *([Fieldset(_("Grundlag"), "extract")] if order else []),
        css_class="form-fields",
    )
    form = helper(
        Div(fields, HTML('{% include "exports/parts/in_words.html" %}'), css_class="form-beside"),
        submit=_("Bestil sammenligningsgruppe") if order else _("Hent definitionspakke"),
        cancel=cancel,
        conditional=[
            *(name for name in ASKED_WHEN if name not in ("window_from", "window_to", "caliper")),
            *("characteristics", "register_characteristics"),
        ],
    )
    form.form_action = order or package  # the page may stand at another address, with what is wrong
    if order:  # after the button that orders, which Enter presses
        form.layout.append(HTML('{% include "exports/parts/package.html" %}'))
    else:  # nothing to order from: the rule can be taken along
        form.attrs = {"data-again": ""}
    return form


def _part(*fields: Any, when: str = "") -> Div:
    """Shown when the field `when`, or the first one, is asked for."""
    chooser, values = ASKED_WHEN[when or fields[0]]
    return Div(*fields, css_class="form-section-part", data_shown_when=f"{chooser}={'|'.join(values)}")


def _columns(name: str) -> Div:
    return Div(name, css_class="choice-columns")
