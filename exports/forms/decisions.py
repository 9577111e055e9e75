"""Yes or no to a delivery."""

from typing import Any

from django import forms
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from collection.fields import refuse_cpr
from exports.forms.parts import helper


class DecisionForm(forms.Form):
    """Yes or no to exactly the set that was shown; a blocked set can only be rejected."""

    prepared_hash = forms.CharField(widget=forms.HiddenInput)
    decision = forms.ChoiceField(label=gettext_lazy("Må leverancen dannes?"), widget=forms.RadioSelect)
    reason = forms.CharField(
        label=gettext_lazy("Begrundelse"),
        required=False,
        max_length=500,
        validators=[refuse_cpr],
        widget=forms.Textarea(attrs={"rows": 4}),
        help_text=gettext_lazy(
            "Skal skrives, når svaret er nej. Bestilleren kan læse den. Skriv ingen personoplysninger."
        ),
    )
    YES, NO = "yes", "no"

    def __init__(self, data: Any = None, *, prepared_hash: str, blocked: bool, cancel: str):
        super().__init__(data, initial={"prepared_hash": prepared_hash}, use_required_attribute=False)
        choices = [(self.YES, _("Ja, godkend")), (self.NO, _("Nej, afvis"))]
        self.fields["decision"].choices = choices[1:] if blocked else choices  # type: ignore[attr-defined]
        self.helper = helper(
            "prepared_hash", "decision", "reason", submit=_("Gem afgørelsen"), cancel=cancel, conditional=["reason"]
        )

    def clean(self) -> dict:
        data = super().clean() or self.cleaned_data
        if data.get("decision") == self.NO and not data.get("reason") and "reason" not in self.errors:
            self.add_error("reason", _("Skriv, hvorfor leverancen afvises."))
        return data
