"""Recipients' keys: adding and confirming one."""

import re
from datetime import date, timedelta
from typing import Any

from django import forms
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from collection.fields import DayField, refuse_cpr
from crypto.agefile import BadAgeKey, public_key
from exports.forms.parts import check_ahead, helper
from exports.models import Recipient
from exports.recipients import MOST_DAYS

PROPOSED_DAYS = 365
_PRIVATE = re.compile(r"(AGE|PLUGIN)[\s-]*(SECRET|PLUGIN)|PRIVATE\s+KEY", re.IGNORECASE)
_PUBLIC = re.compile(r"\bage1[0-9a-z]+", re.IGNORECASE)


class RecipientForm(forms.Form):
    """A public key, alone or in the line that age-keygen prints. A private key is refused and not shown again."""

    name = forms.CharField(
        label=gettext_lazy("Hvem har den private nøgle?"),
        max_length=150,
        validators=[refuse_cpr],
        help_text=gettext_lazy("Navnet på den, der skal åbne filerne."),
    )
    public_key = forms.CharField(
        label=gettext_lazy("Offentlig nøgle"),
        max_length=500,
        widget=forms.Textarea(attrs={"rows": 3, "autocomplete": "off", "spellcheck": "false"}),
        help_text=gettext_lazy("Den begynder med age1 og er 62 tegn lang."),
    )
    expires_on = DayField(
        label=gettext_lazy("Gælder til og med"),
        help_text=gettext_lazy("Højst to år frem. Derefter skal der laves en ny nøgle."),
    )
    REFUSED = {
        "private": gettext_lazy(
            "Det, du satte ind, er en privat nøgle. Den er ikke gemt her, men den er ikke længere hemmelig. "
            "Smid den væk, lav en ny nøgle, og sæt den offentlige nøgle ind, som begynder med age1."
        ),
        "invalid": gettext_lazy(
            "Det er ikke en gyldig offentlig nøgle. Kopiér hele linjen, der begynder med age1, og prøv igen."
        ),
        "known": gettext_lazy("Nøglen har været føjet til projektet før. Lav en ny nøgle."),
        "other_reader": gettext_lazy(
            "Nøglen bruges allerede til den anden slags arkiv i projektet. Ingen må kunne åbne begge. Lav en ny nøgle."
        ),
    }

    def __init__(self, data: Any = None, *, today: date, cancel: str):
        initial = {"expires_on": today + timedelta(days=PROPOSED_DAYS)}
        super().__init__(data, initial=initial, use_required_attribute=False)
        self.today = today
        self.fields["name"].widget.attrs["class"] = "input-width-l"
        self.helper = helper("name", "public_key", "expires_on", submit=_("Tilføj nøglen"), cancel=cancel)
        self._forget_private_keys()

    def _forget_private_keys(self) -> None:
        """Takes private keys out of what was typed, in whatever field they are, before anything is made of it."""
        found = {name for name in self.fields if self.is_bound and _PRIVATE.search(self.data.get(name, ""))}
        self.private = bool(found)
        if found:
            self.data = {name: "" if name in found else value for name, value in self.data.items()}
            self.fields["public_key"].error_messages["required"] = self.REFUSED["private"]

    def clean_public_key(self) -> str:
        found = set(_PUBLIC.findall(self.cleaned_data["public_key"]))
        try:
            if len(found) != 1:
                raise BadAgeKey("not one key")
            return public_key(found.pop())
        except BadAgeKey:
            raise forms.ValidationError(self.REFUSED["invalid"], code="invalid") from None

    def clean_expires_on(self) -> date:
        day = self.cleaned_data["expires_on"]
        return check_ahead(day, self.today, most=MOST_DAYS, late=_("Nøglen må højst gælde to år."))

    def clean(self) -> dict:
        data = super().clean() or self.cleaned_data
        if self.private and "public_key" not in self.errors:
            self.add_error("public_key", self.REFUSED["private"])
        return data

    def refuse(self, code: str) -> None:
        self.add_error("public_key", self.REFUSED[code])


class ConfirmForm(forms.Form):
    """By which way the fingerprint was compared with the recipient."""

    way = forms.ChoiceField(label=gettext_lazy("Hvordan har du sammenlignet?"), widget=forms.RadioSelect)

    def __init__(self, data: Any = None, *, own: bool, cancel: str):
        """`own`: the key is the user's own."""
        super().__init__(data, use_required_attribute=False)
        self.fields["way"].choices = [  # type: ignore[attr-defined]
            (way.value, way.label) for way in Recipient.Way if (way == Recipient.Way.OWN) == own
        ]
        self.helper = helper("way", submit=_("Bekræft nøglen"), cancel=cancel)
