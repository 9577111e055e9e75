"""Small forms around participants and counts."""

from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from accounts.models import User
from collection.identities import Reason
from collection.models import Activity
from collection.policies import activities_of
from consent.models import Outcome


class _ActivityChoice(forms.ModelChoiceField):
    def label_from_instance(self, activity: Activity) -> str:
        return f"{activity.name} ({activity.plan.name})" if self.several_plans else activity.name

    several_plans = False


class ParticipantFilter(forms.Form):
    """Which participants a list shows; names are encrypted and can't be searched."""

    aktivitet = _ActivityChoice(
        label=_("Aktivitet"), queryset=Activity.objects.none(), required=False, empty_label=_("Alle aktiviteter")
    )

    def __init__(self, data: Any, *, user: User, several_plans: bool):
        super().__init__(data)
        field = self.fields["aktivitet"]
        field.queryset = activities_of(user).select_related("plan").order_by("name")  # type: ignore[attr-defined]
        field.several_plans = several_plans  # type: ignore[attr-defined]


class RevealForm(forms.Form):
    reason = forms.ChoiceField(label=_("Hvorfor skal du se hele nummeret?"), choices=Reason.choices)


class CountForm(forms.Form):
    """One press on a button of the count page."""

    year = forms.TypedChoiceField(coerce=int)
    outcome = forms.ChoiceField(choices=Outcome.choices)
    change = forms.TypedChoiceField(coerce=int, choices=[("1", "+1"), ("-1", "-1")])

    def __init__(self, data: Any, *, years: list[int]):
        super().__init__(data)
        self.fields["year"].choices = [(str(year), str(year)) for year in years]  # type: ignore[attr-defined]
