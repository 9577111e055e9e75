"""Who takes over from somebody who leaves their job."""

from collections.abc import Iterable
from typing import Any
from uuid import UUID

from django import forms
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from accounts.models import User
from collection.models import Plan
from collection.queries import staff_of


class LeavingForm(forms.Form):
    """One successor for each of `plans`; a plan where nobody else works has none to choose."""

    def __init__(self, data: Any = None, *, plans: Iterable[Plan], leaver: User, by: User):
        super().__init__(data, use_required_attribute=False)
        self.plans = list(plans)
        for plan in self.plans:
            colleagues = staff_of(plan).exclude(pk=leaver.pk)
            if colleagues.exists():
                self.fields[self._name(plan)] = forms.ModelChoiceField(
                    label=_("Hvem tager over i %(plan)s?") % {"plan": plan},
                    queryset=colleagues,
                    initial=by if colleagues.filter(pk=by.pk).exists() else None,
                    empty_label=gettext_lazy("Vælg medarbejder"),
                    error_messages={"required": gettext_lazy("Vælg, hvem der tager over.")},
                )

    def successors(self) -> dict[UUID, User]:
        return {plan.pk: self.cleaned_data[name] for plan in self.plans if (name := self._name(plan)) in self.fields}

    @staticmethod
    def _name(plan: Plan) -> str:
        return f"successor-{plan.pk}"
