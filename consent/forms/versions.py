"""Forms of consent texts: writing, publishing, and what becomes of the consents to a version."""

from collections.abc import Mapping, Sequence
from datetime import date, timedelta
from typing import Any

from crispy_forms.helper import FormHelper
from crispy_forms.layout import HTML, Div, Layout, Submit
from django import forms
from django.utils.html import format_html
from django.utils.translation import gettext, ngettext
from django.utils.translation import gettext_lazy as _

from collection.fields import DayField
from collection.texts import has_cpr_shape
from consent.actions.texts import Earlier
from consent.models import Text
from consent.models.texts import DANISH, LANGUAGES
from consent.wording import DANISH_NAMES, RIGHT_TO_LEFT

LONGEST = timedelta(days=2 * 365)  # a day that is set once must not be a slip of the pen
REFUSALS = {
    "not_a_draft": _(
        "Udgaven er blevet offentliggjort eller slettet, mens du skrev, og kan ikke rettes. Kopiér din tekst, og "
        "begynd en ny udgave."
    ),
    "changed_meanwhile": _(
        "En anden har gemt denne tekst, mens du skrev. Gemmer du igen, er det din tekst, der bliver stående."
    ),
    "draft_exists": _("Der er allerede en kladde. Skriv videre i den."),
    "danish_missing": _("Den danske tekst mangler."),
    "to_fill_in": _("Noget i kantede parenteser er ikke udfyldt endnu."),
    "blanks_differ": _("Felterne er ikke de samme på alle sprog. Udfyld dem i hver tekst."),
    "lapse_is_set": _("Det er allerede fastsat, hvornår samtykkerne ophører. Det kan ikke ændres."),
    "lapse_in_past": _("Skriv en dag efter i dag."),
    "not_in_use": _("Udgaven bruges ikke længere."),
    "not_published": _("Udgaven er en kladde."),
}


def language_choices() -> list[tuple[str, str]]:
    """Danish names, with the language's own name after it."""
    return [(code, f"{DANISH_NAMES[code]} ({own})") for code, own in LANGUAGES.items()]


class TextForm(forms.Form):
    """A draft in one language. `seen`: the hash of the text that was being corrected, to notice another hand."""

    title = forms.CharField(
        label=_("Overskrift"), max_length=200, error_messages={"required": _("Skriv en overskrift.")}
    )
    body = forms.CharField(
        label=_("Tekst"),
        max_length=30_000,
        widget=forms.Textarea({"rows": 28}),
        error_messages={"required": _("Skriv teksten.")},
    )
    seen = forms.CharField(required=False, widget=forms.HiddenInput)

    def __init__(self, data: Any = None, *, language: str, text: Text | None, cancel: str):
        initial = {"title": text.title, "body": text.body, "seen": text.sha256} if text else {}
        super().__init__(data, initial=initial, use_required_attribute=False)
        side = "rtl" if language in RIGHT_TO_LEFT else "ltr"
        for field in ("title", "body"):
            self.fields[field].widget.attrs |= {"lang": language, "dir": side}
            self.fields[field].validators.append(_refuse_numbers)
        self.helper = FormHelper()
        self.helper.layout = Layout(
            "title",
            "body",
            "seen",
            HTML("{% include 'consent/parts/markdown_help.html' %}"),
            Div(
                Submit("save", _("Gem teksten")),
                Submit("preview", _("Vis den uden at gemme"), css_class="button-secondary"),
                HTML(format_html('<a href="{}">{}</a>', cancel, _("Fortryd"))),
                css_class="form-actions",
            ),
        )

    def refuse(self, code: str, text: Text | None) -> None:
        self.add_error(None, REFUSALS[code])
        self.data = {**self.data.dict(), "seen": text.sha256 if text else ""}  # type: ignore[attr-defined]


class BlanksForm(forms.Form):
    """What stands in square brackets in the Danish text of a draft, to be filled in for all languages at once."""

    def __init__(self, data: Any = None, *, blanks: list[str], cancel: str):
        super().__init__(data, use_required_attribute=False)
        for place, blank in enumerate(blanks):
            self.fields[f"blank_{place}"] = forms.CharField(
                label=blank[:1].upper() + blank[1:],
                max_length=300,
                validators=[_refuse_numbers, _refuse_brackets],
                error_messages={"required": _("Udfyld feltet.")},
            )
        back = HTML(format_html('<a href="{}">{}</a>', cancel, _("Fortryd")))
        self.helper = FormHelper()
        self.helper.layout = Layout(
            *self.fields, Div(Submit("save", _("Udfyld på alle sprog")), back, css_class="form-actions")
        )

    @property
    def values(self) -> list[str]:
        return [" ".join(self.cleaned_data[field].split()) for field in self.fields]


def _refuse_brackets(text: str) -> None:
    if "[" in text or "]" in text:
        raise forms.ValidationError(_("Skriv det uden kantede parenteser."))


def _refuse_numbers(text: str) -> None:
    if has_cpr_shape(text):
        raise forms.ValidationError(_("Skriv ikke CPR-numre her."), code="cpr")


class ConsentsForm(forms.Form):
    """What becomes of consents that people have given to published versions.

    `consents`: how many they are; `warnings`: what is to be confirmed in any case.
    """

    becomes = forms.ChoiceField(
        widget=forms.RadioSelect, error_messages={"required": _("Vælg, hvad der skal ske med samtykkerne.")}
    )
    until = DayField(
        label=_("Samtykkerne ophører den"),
        required=False,
        help_text=_("Fra den dag kan deltagere, der ikke har sagt ja igen, ikke indgå i leverancer."),
    )
    confirm = forms.BooleanField(label=_("Ja, det er rigtigt"), required=False)

    def __init__(
        self,
        data: Any = None,
        *,
        label: str,
        choices: Sequence[tuple[Any, Any]],
        hints: Mapping[Any, Any],
        consents: int,
        today: date,
        button: Any,
        cancel: str,
        warnings: list[str],
        grave: bool = False,
    ):
        super().__init__(data, use_required_attribute=False)
        self.today, self.consents, self.known_warnings = today, consents, warnings
        self.helper = FormHelper()
        self.helper.conditional = ["until", "confirm"]
        fields: list[Any] = []
        if choices:
            self.fields["becomes"].label = label
            self.fields["becomes"].choices = choices  # type: ignore[attr-defined]
            self.fields["becomes"].widget.option_hints = hints
            part = Div("until", css_class="form-section-part", data_shown_when=f"becomes={Earlier.ASK_AGAIN}")
            fields = ["becomes", part]
        else:
            del self.fields["becomes"], self.fields["until"]
        self.helper.layout = Layout(
            HTML("{% include 'parts/warnings.html' with warnings=form.warnings field=form.confirm %}"),
            *fields,
            Div(
                Submit("save", button, css_class="button-warning" if grave else ""),
                HTML(format_html('<a href="{}">{}</a>', cancel, _("Fortryd"))),
                css_class="form-actions",
            ),
        )

    def clean(self) -> dict[str, Any]:
        data = super().clean() or self.cleaned_data
        if data.get("becomes") == Earlier.ASK_AGAIN and "until" not in self.errors:
            day = data.get("until")
            if day is None:
                self.add_error("until", _("Skriv den dag, samtykkerne ophører."))
            elif day <= self.today:
                self.add_error("until", REFUSALS["lapse_in_past"])
            elif day > self.today + LONGEST:
                self.add_error("until", _("Skriv en dag inden for de næste to år."))
        return data

    @property
    def warnings(self) -> list[str]:
        ends = self.is_bound and self.data.get("becomes") == Earlier.END and self.consents
        if not ends:
            return self.known_warnings
        sentence = ngettext(
            "%(count)s samtykke ophører i dag. Deltageren kan ikke indgå i leverancer uden at sige ja igen. "
            "Det kan ikke fortrydes.",
            "%(count)s samtykker ophører i dag. Deltagerne kan ikke indgå i leverancer uden at sige ja igen. "
            "Det kan ikke fortrydes.",
            self.consents,
        )
        return [*self.known_warnings, sentence % {"count": self.consents}]

    @property
    def confirmed(self) -> bool:
        return not self.warnings or self.cleaned_data["confirm"]

    def refuse(self, code: str) -> None:
        self.add_error("until" if code == "lapse_in_past" and "until" in self.fields else None, REFUSALS[code])


class CompareForm(forms.Form):
    """Two published or drafted versions of a document, and a language. GET."""

    fra = forms.ChoiceField(label=_("Tidligere udgave"))
    til = forms.ChoiceField(label=_("Nyere udgave"))
    sprog = forms.ChoiceField(label=_("Sprog"))

    def __init__(self, data: Any, *, numbers: list[int], languages: list[str]):
        versions = [(str(number), gettext("Udgave %(number)s") % {"number": number}) for number in numbers]
        data = {"fra": str(numbers[1]), "til": str(numbers[0]), "sprog": DANISH} | {key: data[key] for key in data}
        super().__init__(data, use_required_attribute=False)
        self.fields["fra"].choices = self.fields["til"].choices = versions  # type: ignore[attr-defined]
        known = dict(language_choices())
        self.fields["sprog"].choices = [(code, known[code]) for code in languages]  # type: ignore[attr-defined]
