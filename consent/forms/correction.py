"""Correcting who a registered person is. What is unusual but possible is asked about once, as on registering."""

from collections.abc import Iterable
from datetime import date
from typing import Any

from crispy_forms.helper import FormHelper
from django import forms
from django.utils.translation import gettext_lazy as _

from collection.cpr import OLDEST_UNASKED, PROBLEM_TEXTS, Cpr, CprError, CprWarning, age_on, parse
from collection.models import Participation, Precision
from consent.forms.dates import PartialDate
from consent.forms.identity import NUMBER, PRIVATE, NamedForm, outside_target
from consent.forms.sentences import MISSING

OTHER_BIRTH_DATE = _("Fødselsdatoen i nummeret er en anden end den, personen er registreret med.")
WARNINGS = {
    CprWarning.CHECK_DIGIT: _("Kontrolcifret passer ikke. Nummeret kan være rigtigt."),
    CprWarning.OVER_110: _("Personen er over 110 år."),
    CprWarning.OUTSIDE_TARGET: _("Personens alder ligger uden for aktivitetens målgruppe."),
}
REFUSALS = {
    "text_does_not_fit_age": _(
        "Med den fødselsdato passer samtykkets tekst ikke til personens alder, så samtykket gælder ikke. Spørg først "
        "igen: registrér personen i aktiviteten med de rigtige oplysninger og et samtykke, der passer. Slå derefter "
        "de to registreringer sammen."
    ),
    "decided_before_birth": _("Med den fødselsdato er samtykket givet før personens fødsel."),
}


class _BirthDateForm(forms.Form):
    """What a corrected birth date is held against. `asks` after a valid form: `warnings` are to be confirmed."""

    confirm = forms.BooleanField(label=_("Jeg har set efter, og det er rigtigt"), required=False)

    def __init__(self, data: Any = None, *, today: date, participations: Iterable[Participation], initial: Any = None):
        super().__init__(data, initial=initial, use_required_attribute=False)
        self.helper = FormHelper()
        self.helper.conditional = ("confirm", "cpr", "cpr_again", *MISSING)  # asked for, or said so in the hint
        self.today = today
        self.participations = [
            (each.activity, PartialDate(each.start, Precision(each.start_precision))) for each in participations
        ]
        self.warnings: list[Any] = []

    @property
    def asks(self) -> bool:
        return bool(self.warnings) and not self.cleaned_data["confirm"]

    def judge(self, born: date, field: str) -> None:
        if any(start.last < born for _activity, start in self.participations):
            self.add_error(field, _("Personen har deltaget i en aktivitet før den dato."))
        if age_on(born, self.today) > OLDEST_UNASKED:
            self.warnings.append(WARNINGS[CprWarning.OVER_110])
        if any(outside_target(activity, born, start.first, start.last) for activity, start in self.participations):
            self.warnings.append(WARNINGS[CprWarning.OUTSIDE_TARGET])


class NumberForm(_BirthDateForm):
    """A CPR number, typed twice. `number` holds it once the form is valid; `born`: the birth date known before."""

    cpr = forms.CharField(
        label=_("CPR-nummer"), help_text=_("Ti cifre."), required=False, widget=forms.TextInput(NUMBER)
    )
    cpr_again = forms.CharField(
        label=_("Skriv CPR-nummeret igen"),
        help_text=_("For at bekræfte, at det er rigtigt."),
        required=False,
        widget=forms.TextInput(NUMBER),
    )

    def __init__(self, data: Any = None, *, born: date | None = None, **kwargs: Any):
        super().__init__(data, **kwargs)
        self.born = born
        self.number: Cpr | None = None

    def clean(self) -> dict[str, Any]:
        data = self.cleaned_data
        try:
            self.number = parse(data.get("cpr", ""), self.today)
        except CprError as error:
            self.add_error("cpr", forms.ValidationError(PROBLEM_TEXTS[error.code], code=error.code))
            return data
        try:
            same = parse(data.get("cpr_again", ""), self.today).digits == self.number.digits
        except CprError:
            same = False
        if not same:
            self.add_error(
                "cpr_again", _("De to numre er ikke ens. Se efter i kilden, og skriv det rigtige begge steder.")
            )
        if CprWarning.CHECK_DIGIT in self.number.warnings:
            self.warnings.append(WARNINGS[CprWarning.CHECK_DIGIT])
        if self.born and self.born != self.number.birth_date:
            self.warnings.append(OTHER_BIRTH_DATE)
        self.judge(self.number.birth_date, "cpr")
        return data


class NumberedForm(NumberForm):
    """Of somebody with a number: another number, or none for the one that is held, and the working name."""

    working_name = forms.CharField(
        label=_("Kaldenavn"),
        help_text=_("Så du kan kende personen på listen. Navnet krypteres og sendes aldrig videre."),
        required=False,
        max_length=150,
        widget=forms.TextInput(PRIVATE),
    )

    def __init__(self, data: Any = None, **kwargs: Any):
        super().__init__(data, **kwargs)
        self.fields["cpr"].label = _("Nyt CPR-nummer")
        self.fields["cpr"].help_text = _("Ti cifre. Lad stå tomt, hvis nummeret er rigtigt.")
        self.fields["cpr_again"].label = _("Skriv det nye nummer igen")

    def clean(self) -> dict[str, Any]:
        data = self.cleaned_data
        return super().clean() if data.get("cpr") or data.get("cpr_again") else data


class CorrectNamedForm(_BirthDateForm, NamedForm):
    """Of somebody without a number. `named` holds what was typed; `was_born`: the birth date held so far."""

    def __init__(self, data: Any = None, *, was_born: date, **kwargs: Any):
        super().__init__(data, **kwargs)
        self.was_born = was_born

    def clean(self) -> dict[str, Any]:
        self.clean_named()
        if self.born and self.born != self.was_born:
            self.judge(self.born, "birth_date")
        return self.cleaned_data
