"""Yes or no to a delivery."""

from typing import Any

from crispy_forms.layout import Div
from django import forms
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from collection.fields import refuse_cpr
from exports.forms.parts import CONFIRM, helper


def _words(label: Any, help_text: Any, **options: Any) -> forms.CharField:
    area = forms.Textarea(attrs={"rows": 4})
    return forms.CharField(
        label=label, help_text=help_text, max_length=500, validators=[refuse_cpr], widget=area, **options
    )


class DecisionForm(forms.Form):
    """Yes or no, with a reason, to exactly what was shown; what something hinders can only be rejected.

    `acceptance`: a yes takes a reason for the groups below the project's k, too.
    """

    shown = forms.CharField(widget=forms.HiddenInput)
    decision = forms.ChoiceField(
        label=gettext_lazy("Må leverancen dannes?"),
        widget=forms.RadioSelect,
        error_messages={"required": gettext_lazy("Vælg ja eller nej.")},
    )
    k_accepted = _words(
        gettext_lazy("Hvorfor må de små grupper leveres?"),
        gettext_lazy("Din accept gælder kun denne leverance, hvor datafilen bruges hos Danmarks Statistik."),
        required=False,
    )
    reason = _words(
        gettext_lazy("Begrundelse"),
        gettext_lazy(
            "Skriv, hvad du har lagt vægt på, både ved ja og ved nej. Bestilleren kan læse den. "
            "Skriv ingen personoplysninger."
        ),
        error_messages={"required": gettext_lazy("Skriv, hvad du har lagt vægt på.")},
    )
    YES, NO = "yes", "no"

    def __init__(self, data: Any = None, *, shown: str, hindered: bool, acceptance: bool, cancel: str):
        super().__init__(data, initial={"shown": shown}, use_required_attribute=False)
        choices = [(self.YES, _("Ja, godkend")), (self.NO, _("Nej, afvis"))]
        self.fields["decision"].choices = choices[1:] if hindered else choices  # type: ignore[attr-defined]
        parts: list[Any] = ["shown", "decision", "reason"]
        if acceptance and not hindered:
            part = Div("k_accepted", css_class="form-section-part", data_shown_when=f"decision={self.YES}")
            parts.insert(2, part)
        else:
            del self.fields["k_accepted"]
        self.helper = helper(*parts, CONFIRM, submit=_("Gem afgørelsen"), cancel=cancel, conditional=["k_accepted"])

    def clean(self) -> dict:
        data = super().clean() or self.cleaned_data
        missing = "k_accepted" in self.fields and not data.get("k_accepted") and "k_accepted" not in self.errors
        if missing and data.get("decision") == self.YES:
            self.add_error("k_accepted", _("Skriv, hvorfor de små grupper må leveres, eller afvis leverancen."))
        return data
