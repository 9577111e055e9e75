"""The definition of a comparison group."""

from typing import Any

from crispy_forms.layout import HTML, Div, Fieldset
from django import forms
from django.core.validators import MaxValueValidator, MinValueValidator
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from collection.models import ActivityType
from exports import wording
from exports.comparison.runner.definition import (
    OLDEST_CHILD,
    SINCE,
    WINDOW,
    Definition,
    DefinitionInvalid,
    from_json,
    to_json,
)
from exports.forms.parts import YearField, checkboxes, helper
from exports.models import EvaluationProject, RegisterExtract

FIELDS = {"excluded_from": "excluded_since"}  # where the form calls it otherwise
EXCLUDED_SINCE = 2012  # the evaluation's report says both "in the period" and "since 2012"


class ComparisonForm(forms.Form):
    """A Definition and the list to draw it from. After validation `definition` is set when the rule itself holds."""

    activity_types = checkboxes(
        label=gettext_lazy("Aktivitetstyper"),
        help_text=gettext_lazy("Deltagere er familier, der begyndte på en af dem."),
    )
    first_year = YearField(label=gettext_lazy("Fra og med år"))
    last_year = YearField(label=gettext_lazy("Til og med år"))
    youngest = forms.IntegerField(
        label=gettext_lazy("Fra alder"), validators=[MinValueValidator(0), MaxValueValidator(OLDEST_CHILD)]
    )
    oldest = forms.IntegerField(
        label=gettext_lazy("Til og med alder"), validators=[MinValueValidator(0), MaxValueValidator(OLDEST_CHILD)]
    )
    comparison_year = YearField(
        label=gettext_lazy("Sammenligningsår"),
        help_text=gettext_lazy("Familier, der boede i områderne dette år. De beskrives i samme år."),
    )
    exclusion = forms.ChoiceField(
        label=gettext_lazy("Hvem kan ikke være i sammenligningsgruppen?"),
        choices=[
            (WINDOW, gettext_lazy("Familier, der begyndte på en af aktiviteterne i deltagerårene")),
            (SINCE, gettext_lazy("Familier, der er begyndt på en af aktiviteterne siden et bestemt år")),
        ],
        widget=forms.RadioSelect,
    )
    excluded_since = YearField(label=gettext_lazy("Siden år"), required=False)
    extract = forms.ChoiceField(
        label=gettext_lazy("Beboerliste"),
        widget=forms.RadioSelect,
        help_text=gettext_lazy("Listen skal dække sammenligningsåret og helst også deltagerårene."),
    )

    def __init__(
        self, data: Any = None, *, project: EvaluationProject, extracts: list[RegisterExtract], words: str, cancel: str
    ):
        """`extracts`: lists that are ready; `words`: the address that answers with the rule in words."""
        types = {type_.code: str(type_) for type_ in ActivityType.objects.all()}
        since = min(EXCLUDED_SINCE, project.first_year)
        initial = {
            "activity_types": ["familieindsats"] if "familieindsats" in types else [],
            "first_year": project.first_year,
            "last_year": project.last_year,
            "youngest": 0,
            "oldest": 6,
            "comparison_year": project.last_year,
            "exclusion": WINDOW,
            "excluded_since": since,
            "extract": str(extracts[0].pk) if len(extracts) == 1 else None,
        }
        super().__init__(data, initial=initial, use_required_attribute=False)
        self.project, self.types = project, types
        self.extracts = {str(extract.pk): extract for extract in extracts}
        self.definition: Definition | None = None
        self.missing_years = ""  # years of participants that the list doesn't cover: said, not refused
        self.fields["activity_types"].choices = list(types.items())  # type: ignore[attr-defined]
        self.fields["extract"].choices = [(key, each.name) for key, each in self.extracts.items()]  # type: ignore[attr-defined]
        self.fields["extract"].widget.option_hints = {  # type: ignore[attr-defined]
            key: _("Dækker %(years)s") % {"years": wording.year_list(each.years)} for key, each in self.extracts.items()
        }
        for age in ("youngest", "oldest"):
            self.fields[age].widget.attrs["class"] = "input-char-4"
        self.fields["first_year"].help_text = self.fields["last_year"].help_text = _("I projektet: %(years)s") % {
            "years": wording.period(project.first_year, project.last_year)
        }
        self.helper = helper(
            Fieldset(_("Deltagere"), "activity_types", Div("first_year", "last_year", css_class="form-row")),
            Fieldset(_("Børnenes alder"), Div("youngest", "oldest", css_class="form-row")),
            Fieldset(
                _("Sammenligning"),
                "comparison_year",
                "exclusion",
                Div("excluded_since", css_class="form-section-part", data_shown_when="exclusion=since"),
            ),
            Fieldset(_("Grundlag"), "extract"),
            HTML('{% include "exports/parts/in_words.html" %}'),
            submit=_("Bestil sammenligningsgruppe"),
            cancel=cancel,
            conditional=["excluded_since"],
        )
        self.words = words

    def clean(self) -> dict:
        data = super().clean() or self.cleaned_data
        if data.get("exclusion") != SINCE:
            self.errors.pop("excluded_since", None)  # the field is not shown then
        elif data.get("excluded_since") is None and "excluded_since" not in self.errors:
            self.add_error("excluded_since", _("Skriv årstallet."))
        first, last = self.project.first_year, self.project.last_year
        for name in ("first_year", "last_year"):
            if data.get(name) and not first <= data[name] <= last:
                self.add_error(name, _("Projektet er godkendt for %(years)s.") % {"years": wording.period(first, last)})
        if self.errors.keys() <= {"extract"}:
            self._define(data)
        extract = self.extracts.get(data.get("extract", ""))
        if self.definition and extract:
            missing = set(self.definition.years) - set(extract.years)
            if self.definition.comparison_year in missing:
                self.add_error("extract", _("Listen dækker ikke sammenligningsåret."))
            self.missing_years = wording.year_list(missing & set(self.definition.participant_years))
        return data

    def _define(self, data: dict) -> None:
        values = {name: data[name] for name in ("first_year", "last_year", "youngest", "oldest", "comparison_year")}
        values["activity_types"] = data["activity_types"]
        values["exclusion"] = data["exclusion"]
        values["excluded_from"] = data["excluded_since"] if data["exclusion"] == SINCE else None
        try:
            self.definition = from_json(values, known_types=self.types)
        except DefinitionInvalid as error:
            for name, text in error.problems.items():
                self.add_error(FIELDS.get(name, name if name in self.fields else None), wording.in_language(text))

    @property
    def chosen(self) -> dict[str, Any]:
        """What a delivery keeps as its definition."""
        assert self.definition is not None
        return {"definition": to_json(self.definition), "extract": self.cleaned_data["extract"]}
