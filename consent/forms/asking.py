"""The form for asking somebody again."""

from datetime import date
from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from accounts.models import User
from collection.cpr import age_on
from collection.models import Plan
from consent.forms.given import GivenConsentForm
from consent.forms.texts import wordings
from consent.models import Audience, Text

YES, NO = "yes", "no"


class AskAgainForm(GivenConsentForm):
    """A yes is in `consent` once the form is valid; of a no there are only its day and the text."""

    CONDITIONAL = (*GivenConsentForm.CONDITIONAL, "method", "obtained_by")
    field_order = ("audience", "guardian_relation", "wording", "answer", "decided_on", "method", "obtained_by")

    answer = forms.ChoiceField(
        label=_("Hvad er svaret?"),
        choices=[(YES, _("Ja, der gives samtykke")), (NO, _("Nej, der gives ikke samtykke"))],
        widget=forms.RadioSelect,
        error_messages={"required": _("Vælg, hvad svaret er.")},
    )

    def __init__(self, data: Any = None, *, plan: Plan, by: User, today: date, born: date):
        super().__init__(data, plan=plan, by=by, today=today)
        self.born = born
        self.texts = {key: text for key, text in self.texts.items() if text.version.consents_lapse_on is None}
        self.fields["wording"].choices = wordings(self.texts)  # type: ignore[attr-defined]
        self.fields["audience"].label = _("Hvem skal svare?")
        self.fields["audience"].initial = Audience.for_age(age_on(born, today))
        self.fields["decided_on"].label = _("Hvornår blev svaret givet?")
        self.fields["decided_on"].error_messages["required"] = _("Skriv datoen for svaret.")

    def clean(self) -> dict[str, Any]:
        if self.cleaned_data.get("answer") == YES:
            self.clean_consent()
        else:  # of what only a yes needs, nothing counts
            for field in self.errors.keys() - {"answer", "decided_on"}:
                del self.errors[field]
        return self.cleaned_data

    @property
    def text(self) -> Text | None:
        """The text that was answered, if it is among those in use."""
        return self.texts.get((self.cleaned_data.get("audience", ""), self.cleaned_data.get("wording", "")))
