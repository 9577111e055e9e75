"""The consent part of a form: which text, from whom, how, when. Enrolment and asking again share it."""

import re
from datetime import date
from typing import Any

from crispy_forms.helper import FormHelper
from django import forms
from django.urls import reverse
from django.utils.formats import date_format
from django.utils.translation import gettext_lazy as _

from accounts.models import User
from collection.cpr import age_on
from collection.models import Plan
from collection.queries import staff_of
from consent.actions.given import GivenConsent
from consent.forms.dates import DatePartsField
from consent.forms.sentences import AUDIENCES, REFUSALS, REQUIRED
from consent.forms.texts import texts_by_audience_and_wording, wordings
from consent.models import Audience, GuardianRelation, Method, Text

_ID = re.compile(r"[0-9]{1,9}")


class GivenConsentForm(forms.Form):
    """`consent` holds what was typed, once `clean_consent` has found it whole; `born`: whom it must fit, if known."""

    # every field marked here is needed, or not, by what was chosen before it
    CONDITIONAL: tuple[str, ...] = ("guardian_relation",)
    MISFIT = _("Personen var %(age)s år den %(day)s. Vælg »%(audience)s«, og vis den tekst.")

    audience = forms.ChoiceField(
        label=_("Hvem giver samtykke?"), choices=AUDIENCES, initial=Audience.ADULT, widget=forms.RadioSelect
    )
    guardian_relation = forms.ChoiceField(
        label=_("Den, der giver samtykke, er barnets"),
        help_text=_("Kun relationen til barnet gemmes, ikke navnet."),
        choices=GuardianRelation.choices,
        widget=forms.RadioSelect,
        required=False,
    )
    wording = forms.ChoiceField(label=_("Sproget på den tekst, personen har læst eller hørt"))
    method = forms.ChoiceField(
        label=_("Hvordan blev samtykket givet?"), choices=Method.choices, widget=forms.RadioSelect
    )
    decided_on = DatePartsField(label=_("Hvornår blev samtykket givet?"))
    obtained_by = forms.ModelChoiceField(
        label=_("Hvem tog imod samtykket?"), queryset=User.objects.none(), empty_label=None
    )

    def __init__(self, data: Any = None, *, plan: Plan, by: User, today: date):
        super().__init__(data, use_required_attribute=False)
        self.today = today
        self.born: date | None = None
        self.consent: GivenConsent | None = None
        self.helper = FormHelper()
        self.helper.conditional = self.CONDITIONAL
        self.texts = texts_by_audience_and_wording()
        self.paper_outdated = False
        self.fields["wording"].choices = wordings(self.texts)  # type: ignore[attr-defined]
        for field, sentence in REQUIRED.items():
            if field in self.fields:
                self.fields[field].error_messages["required"] = sentence
        self.fields["decided_on"].initial = today
        self.fields["obtained_by"].queryset = staff_of(plan)  # type: ignore[attr-defined]
        self.fields["obtained_by"].initial = by.pk

    def begin_with(self, text: str, method: str) -> None:
        """What the QR code of a printed form says (id of its text, method): where the form begins, no more than that.

        What isn't known is passed over. `paper_outdated` where the text may no longer be consented to.
        """
        if method in Method.values:
            self.initial["method"] = method
        for (audience, wording), known in self.texts.items():
            if str(known.pk) == text:
                self.initial.update(audience=audience, wording=wording)
                return
        self.paper_outdated = bool(_ID.fullmatch(text)) and Text.objects.filter(pk=int(text)).exists()

    @property
    def shown_texts(self) -> list[dict[str, str]]:
        """Every text that can be chosen, with the choices it belongs to."""
        labels = dict(self.fields["wording"].choices)  # type: ignore[attr-defined]
        return [
            {
                "audience": audience,
                "wording": wording,
                "label": f"{Audience(audience).label}, {labels[wording]}",
                "url": reverse("consent:text", args=[text.pk]),
            }
            for (audience, wording), text in self.texts.items()
        ]

    def clean_consent(self) -> None:
        data = self.cleaned_data
        audience, decided_on = data.get("audience"), data.get("decided_on")
        text = self.texts.get((audience or "", data.get("wording", "")))
        if audience and data.get("wording") and text is None:
            self.add_error(
                "wording", _("Teksten findes ikke på dette sprog til denne aldersgruppe. Vælg et andet sprog.")
            )
        if (
            audience == Audience.GUARDIAN
            and not data.get("guardian_relation")
            and "guardian_relation" not in self.errors
        ):
            self.add_error("guardian_relation", _("Vælg, hvem der giver samtykke for barnet."))
        if decided_on and decided_on > self.today:
            self.add_error("decided_on", _("Datoen ligger i fremtiden."))
        elif decided_on and self.born:
            if decided_on < self.born:
                self.add_error("decided_on", _("Datoen ligger før personens fødsel."))
            elif audience:
                self._fit_text(audience, age_on(self.born, decided_on), decided_on)
        if text and not {"audience", "method", "decided_on", "obtained_by", "guardian_relation"} & set(self.errors):
            self.consent = GivenConsent(
                text=text,
                method=Method(data["method"]),
                decided_on=data["decided_on"],
                obtained_by=data["obtained_by"],
                guardian_relation=data["guardian_relation"] if audience == Audience.GUARDIAN else "",
            )

    def _fit_text(self, audience: str, age: int, decided_on: date) -> None:
        fitting = Audience.for_age(age)
        if audience != fitting:
            sentence = self.MISFIT % {
                "age": age,
                "day": date_format(decided_on),
                "audience": dict(AUDIENCES)[fitting],
            }
            self.add_error("audience", forms.ValidationError(sentence, code="text_does_not_fit_age"))

    def refuse(self, code: str) -> None:
        """Says at its field why the verb refused, with its code."""
        field, sentence = REFUSALS.get(code, (None, _("Registreringen kunne ikke gemmes. Se den efter, og prøv igen.")))
        self.add_error(field, sentence)
