"""How many consent forms to print, for whom and in which languages."""

from typing import Any

from crispy_forms.helper import FormHelper
from django import forms
from django.core.exceptions import ValidationError
from django.utils.translation import gettext_lazy as _

from consent.forms.sentences import AUDIENCES
from consent.models import Audience, Text
from consent.models.texts import DANISH, LANGUAGES
from consent.queries import texts_in_use
from consent.wording import DANISH_NAMES

MOST_COPIES = 200


class PrintForm(forms.Form):
    """`wanted` holds each text and its copies once the form is valid. Fields of languages go by their codes."""

    hvem = forms.ChoiceField(
        label=_("Hvem skal give samtykke?"), choices=AUDIENCES, initial=Audience.ADULT, widget=forms.RadioSelect
    )
    tosidet = forms.BooleanField(
        label=_("Jeg udskriver på begge sider af papiret"),
        required=False,
        initial=True,
        help_text=_("Så begynder hver blanket på et nyt ark."),
    )

    def __init__(self, data: Any = None):
        super().__init__(data, use_required_attribute=False)
        self.texts: dict[tuple[str, str], int] = {}
        for pk, audience, language in texts_in_use().values_list("pk", "version__document__audience", "language"):
            self.texts.setdefault((audience, language), pk)  # the newest version comes first
        self.languages = [language for language in LANGUAGES if any(code == language for _a, code in self.texts)]
        for language in self.languages:
            name = DANISH_NAMES[language]
            self.fields[language] = forms.IntegerField(
                label=name if language == DANISH else f"{name} ({LANGUAGES[language]})",
                required=False,
                min_value=0,
                max_value=MOST_COPIES,
                initial=1 if language == DANISH else None,
                widget=forms.NumberInput({"class": "input-char-4"}),
                error_messages={"invalid": _("Skriv antallet som et helt tal.")},
            )
        self.helper = FormHelper()
        self.helper.conditional = [*self.languages, "tosidet"]  # none is needed by itself: without a mark
        self.wanted: list[tuple[Text, int]] = []

    @property
    def copies(self) -> list[forms.BoundField]:
        return [self[language] for language in self.languages]

    def clean(self) -> dict[str, Any]:
        data = self.cleaned_data
        audience = data.get("hvem", "")
        copies = {language: data[language] for language in self.languages if data.get(language)}
        if not self.errors and not copies:
            raise ValidationError(_("Skriv, hvor mange du vil udskrive på mindst ét sprog."), code="none")
        if sum(copies.values()) > MOST_COPIES:
            raise ValidationError(_("Udskriv højst %(most)s ad gangen.") % {"most": MOST_COPIES}, code="too_many")
        for language in copies:
            if audience and (audience, language) not in self.texts:
                self.add_error(
                    language, _("Teksten findes ikke på dette sprog til denne aldersgruppe. Vælg et andet sprog.")
                )
        if not self.errors:
            chosen = {self.texts[audience, language]: number for language, number in copies.items()}
            texts = Text.objects.select_related("version__document").in_bulk(list(chosen))
            self.wanted = [(texts[pk], number) for pk, number in chosen.items()]
        return data
