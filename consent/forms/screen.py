"""Asking on the screen: which text is shown, and enrolment with the yes that was given to it."""

from typing import Any

from crispy_forms.helper import FormHelper
from crispy_forms.layout import HTML, Div, Layout, Submit
from django import forms
from django.urls import reverse
from django.utils.html import format_html
from django.utils.timezone import localdate
from django.utils.translation import gettext_lazy as _

from accounts.models import User
from collection.models import Activity
from consent.forms.enrolment import EnrolForm
from consent.forms.sentences import AUDIENCES
from consent.forms.texts import texts_by_audience_and_wording, wordings
from consent.models import Audience, Method, ScreenAnswer, Text


class ScreenForm(forms.Form):
    """Which text the participant is shown; `text` once the form is valid."""

    audience = forms.ChoiceField(
        label=_("Hvem skal svare?"), choices=AUDIENCES, initial=Audience.ADULT, widget=forms.RadioSelect
    )
    language = forms.ChoiceField(
        label=_("Hvilket sprog skal teksten være på?"),
        widget=forms.RadioSelect,
        error_messages={"required": _("Vælg et sprog.")},
    )

    def __init__(self, data: Any = None, *, activity: Activity):
        super().__init__(data, use_required_attribute=False)
        texts = texts_by_audience_and_wording()
        self.texts = {(who, wording): text for (who, wording), text in texts.items() if wording == text.language}
        self.text: Text | None = None
        self.fields["language"].choices = wordings(self.texts)  # type: ignore[attr-defined]
        cancel = format_html('<a href="{}">{}</a>', reverse("consent:activity", args=[activity.pk]), _("Fortryd"))
        self.helper = FormHelper()
        self.helper.layout = Layout(
            "audience",
            "language",
            Div(Submit("start", _("Giv enheden til deltageren")), HTML(cancel), css_class="form-actions"),
        )

    def clean(self) -> dict[str, Any]:
        audience, language = self.cleaned_data.get("audience"), self.cleaned_data.get("language")
        if audience and language:
            self.text = self.texts.get((audience, language))
            if self.text is None:
                self.add_error(
                    "language", _("Teksten findes ikke på dette sprog til denne aldersgruppe. Vælg et andet sprog.")
                )
        return self.cleaned_data


class AnsweredEnrolForm(EnrolForm):
    """Enrolment with a yes from the screen: the consent is settled, and only person and participation are asked for."""

    SETTLED = ("audience", "wording", "method", "decided_on", "obtained_by")
    MISFIT = _(
        "Personen var %(age)s år den %(day)s, og teksten er til en anden alder. Spørg igen med teksten til "
        "»%(audience)s«, og slet dette svar."
    )

    def __init__(self, data: Any = None, *, sitting: ScreenAnswer, **options: Any):
        super().__init__(data, **options)
        self.sitting = sitting
        assert sitting.answered_at
        text = sitting.text
        audience = text.version.document.audience
        self.texts = {(audience, text.language): text}
        self.fields["wording"].choices = [(text.language, text.language)]  # type: ignore[attr-defined]
        self.fields["obtained_by"].queryset = User.objects.filter(pk=sitting.started_by_id)  # type: ignore[attr-defined]
        day = localdate(sitting.answered_at)
        settled = (audience, text.language, Method.DIGITAL, (day.day, day.month, day.year), sitting.started_by_id)
        for name, value in zip(self.SETTLED, settled, strict=True):
            self.fields[name].disabled, self.fields[name].initial = True, value
        if audience != Audience.GUARDIAN:
            del self.fields["guardian_relation"]
        self.fields["cpr"].widget.attrs["hx-post"] += f"?svar={sitting.pk}"

    def add_error(self, field: str | None, error: Any) -> None:
        """What is wrong with the answer is said above the form: there is no field to change."""
        super().add_error(None if field in self.SETTLED else field, error)
