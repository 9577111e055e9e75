"""Taking in a request, and answering it."""

from collections.abc import Iterable
from datetime import date
from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from consent.forms.dates import DatePartsField
from consent.forms.withdrawal import FindForm
from consent.models.restrictions import Ground
from rights.actions.requests import RESTRICTS
from rights.models import Extension, IdentityProof, Kind, Outcome, Reason, RefusalGround
from rights.policies import LATEST, NotAllowed, check_day

GROUND = {"required": _("Vælg grunden.")}
CHOOSE = {"required": _("Vælg en af mulighederne.")}
NOT_YET = ("not_yet", _("Det er ikke vist endnu"))


class RequestForm(forms.Form):
    """What is asked for, when, and how the person proved who they are."""

    kind = forms.ChoiceField(
        label=_("Hvad beder personen om?"), choices=Kind.choices, error_messages=CHOOSE, widget=forms.RadioSelect
    )
    received_on = DatePartsField(label=_("Hvornår kom anmodningen?"))
    identity_proof = forms.ChoiceField(
        label=_("Hvordan har personen vist, hvem de er?"),
        help_text=_("Tag ikke kopi af legitimation."),
        choices=[NOT_YET, *IdentityProof.choices],
        widget=forms.RadioSelect,
    )
    restricted = forms.BooleanField(
        label=_("Oplysningerne må kun opbevares, indtil anmodningen er besvaret"),
        help_text=_("Ved berigtigelse og indsigelse kan personen kræve det."),
        required=False,
    )

    def __init__(self, data: Any = None, *, today: date):
        initial = {"received_on": today, "identity_proof": NOT_YET[0]}
        super().__init__(data, initial=initial, use_required_attribute=False)
        self.today = today

    def clean_identity_proof(self) -> str:
        way = self.cleaned_data["identity_proof"]
        return "" if way == NOT_YET[0] else way

    def clean_received_on(self) -> date:
        day = self.cleaned_data["received_on"]
        if day > self.today:
            raise forms.ValidationError(_("Datoen ligger i fremtiden."))
        if day < self.today - LATEST:
            raise forms.ValidationError(_("Datoen ligger mere end ti år tilbage. Ret den."))
        return day

    def clean(self) -> dict[str, Any]:
        if self.cleaned_data.get("restricted") and self.cleaned_data.get("kind") not in RESTRICTS:
            self.add_error("restricted", _("Det kan kun vælges ved berigtigelse og indsigelse."))
        return self.cleaned_data


class FindAndRequestForm(RequestForm):
    """`person`: which of several that were found; their ids. The person's own words stand in `find`."""

    person = forms.ChoiceField(label=_("Hvem af dem er det?"), required=False, widget=forms.RadioSelect)

    def __init__(self, data: Any = None, *, today: date, people: Iterable[tuple[str, str]] = ()):
        super().__init__(data, today=today)
        self.find = FindForm(data, today=today)
        if choices := list(people):
            self.fields["person"].choices = choices  # type: ignore[attr-defined]
            self.fields["person"].required = True
        else:
            del self.fields["person"]


class ProofForm(forms.Form):
    identity_proof = forms.ChoiceField(
        label=_("Hvordan har personen vist, hvem de er?"),
        help_text=_("Tag ikke kopi af legitimation."),
        choices=IdentityProof.choices,
        error_messages=CHOOSE,
        widget=forms.RadioSelect,
    )


class ExtensionForm(forms.Form):
    why = forms.ChoiceField(
        label=_("Hvorfor er der brug for to måneder mere?"),
        help_text=_("Personen skal have det at vide, inden den første måned er gået."),
        choices=Extension.choices,
        error_messages=GROUND,
        widget=forms.RadioSelect,
    )


class AnswerForm(forms.Form):
    """`kind` decides which grounds can be named."""

    outcome = forms.ChoiceField(
        label=_("Hvad bliver svaret?"), choices=Outcome.choices, error_messages=CHOOSE, widget=forms.RadioSelect
    )
    ground = forms.ChoiceField(
        label=_("Hvorfor må oplysningerne kun opbevares?"),
        choices=Ground.choices,
        error_messages=GROUND,
        widget=forms.RadioSelect,
    )
    refusal = forms.ChoiceField(
        label=_("Hvorfor kan den ikke imødekommes, eller kun delvis?"),
        help_text=_("Personen skal have grunden at vide, og at de kan klage til Datatilsynet."),
        choices=[("", _("Den imødekommes")), *RefusalGround.choices],
        error_messages=GROUND,
        widget=forms.RadioSelect,
    )

    def __init__(self, data: Any = None, *, kind: str):
        super().__init__(data, use_required_attribute=False)
        if kind != Kind.RESTRICTION:
            del self.fields["ground"]
        if data is not None:
            refused = data.get("outcome") in (Outcome.REFUSED, Outcome.PARTLY)
            self.fields["refusal"].required = refused
            if "ground" in self.fields:
                self.fields["ground"].required = data.get("outcome") in (Outcome.GRANTED, Outcome.PARTLY)

    def clean(self) -> dict[str, Any]:
        data = self.cleaned_data
        refused = data.get("outcome") in (Outcome.REFUSED, Outcome.PARTLY)
        if data.get("outcome") and not refused and data.get("refusal"):
            self.add_error("refusal", _("Der er valgt en grund, men anmodningen er ikke afslået. Ret det ene."))
        return data


DAYS = {
    "too_soon": _("Vælg en dag, der ligger mindst 30 dage ude i fremtiden, så alle når at få det at vide."),
    "too_far": _("Vælg en dag inden for de næste ti år."),
}


class DayForm(forms.Form):
    """When it is forgotten who a plan's people are, and why then."""

    erase_on = DatePartsField(label=_("Hvornår skal deltagerne slettes?"))
    reason = forms.ChoiceField(
        label=_("Hvorfor ændres dagen?"), choices=Reason.choices, error_messages=GROUND, widget=forms.RadioSelect
    )

    def __init__(self, data: Any = None, *, today: date, erase_on: date):
        super().__init__(data, initial={"erase_on": erase_on}, use_required_attribute=False)
        self.today = today

    def clean_erase_on(self) -> date:
        day = self.cleaned_data["erase_on"]
        try:
            check_day(day, self.today)
        except NotAllowed as refusal:
            raise forms.ValidationError(DAYS[refusal.code]) from None
        return day
