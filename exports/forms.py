"""Forms of evaluation projects, comparison groups, decisions and resident lists."""

from collections.abc import Iterable
from datetime import date, timedelta
from typing import Any

from crispy_forms.helper import FormHelper
from crispy_forms.layout import HTML, Div, Fieldset, Layout, Submit
from django import forms
from django.core.validators import MaxValueValidator, MinValueValidator
from django.db.models import Q
from django.utils.html import format_html
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from accounts.models import User
from accounts.permissions import Role
from collection.fields import DayField, refuse_cpr
from collection.models import ActivityType
from consent.models import Purpose
from exports import wording
from exports.comparison.definition import EARLIEST_YEAR, LATEST_YEAR, OLDEST_CHILD, Definition, DefinitionInvalid
from exports.linkage.schema import ON_APPROVAL, STANDARD
from exports.models import EvaluationProject, RegisterExtract
from exports.uploads import MOST_BYTES

KEPT_DAYS, MOST_DAYS = 90, 365  # a resident list: proposed, and at most
EXCLUDED_SINCE = 2012  # the evaluation's report says both "in the period" and "since 2012"


def _helper(*fields: Any, submit: Any, cancel: str, conditional: Iterable[str] = ()) -> FormHelper:
    """Fields, one primary button and the way back; `conditional` are needed in some cases only."""
    helper = FormHelper()
    helper.conditional = tuple(conditional)
    back = HTML(format_html('<a href="{}">{}</a>', cancel, _("Fortryd")))
    helper.layout = Layout(*fields, Div(Submit("save", submit), back, css_class="form-actions"))
    return helper


class YearField(forms.IntegerField):
    def __init__(self, **kwargs: Any):
        super().__init__(**{"min_value": EARLIEST_YEAR, "max_value": LATEST_YEAR} | kwargs)
        self.widget.attrs["class"] = "input-char-4"


def _checkboxes(**kwargs: Any) -> forms.MultipleChoiceField:
    return forms.MultipleChoiceField(widget=forms.CheckboxSelectMultiple, **kwargs)


class ProjectForm(forms.ModelForm):
    """Sets up or changes a project. `variables` of the instance are the choices of both groups."""

    first_year = YearField(label=gettext_lazy("Første år"))
    last_year = YearField(label=gettext_lazy("Sidste år"))
    standard = _checkboxes(label=gettext_lazy("Almindelige variabler"), required=False)
    on_approval = _checkboxes(
        label=gettext_lazy("Kun med særlig godkendelse"),
        required=False,
        help_text=gettext_lazy(
            "Der er få deltagere hvert sted. Derfor kan kommune, helhedsplan og måned sammen pege på en bestemt "
            "familie. Vælg dem kun, hvis Danmarks Statistik har godkendt dem til netop dette projekt."
        ),
    )

    class Meta:
        model = EvaluationProject
        fields = ["name", "dst_number", "purpose", "first_year", "last_year", "minimum_count", "evaluators"]
        widgets = {"evaluators": forms.CheckboxSelectMultiple}
        help_texts = {
            "name": gettext_lazy("For eksempel: Evaluering af familieindsats."),
            "dst_number": gettext_lazy("Seks cifre."),
            "minimum_count": gettext_lazy("Celler med færre personer vises ikke. Mindst 3, normalt 5."),
            "evaluators": gettext_lazy("De kan se projektet, bestille leverancer og hente data uden identitet."),
        }

    def __init__(self, *args: Any, cancel: str, **kwargs: Any):
        super().__init__(*args, **kwargs)
        new = self.instance._state.adding
        self.fields["name"].validators.append(refuse_cpr)
        self.fields["dst_number"].widget.attrs |= {"class": "input-char-8", "inputmode": "numeric"}
        self.fields["minimum_count"].widget.attrs["class"] = "input-char-4"
        purposes = list(Purpose.objects.all())
        self.fields["purpose"].empty_label = gettext_lazy("Vælg formål")  # type: ignore[attr-defined]
        if len(purposes) == 1:
            self.fields["purpose"].initial = purposes[0].pk
        already = [] if new else list(self.instance.evaluators.values_list("pk", flat=True))
        self.fields["evaluators"].queryset = User.objects.filter(  # type: ignore[attr-defined]
            Q(role=Role.EVALUATOR, is_active=True) | Q(pk__in=already)
        )
        catalogue = wording.variables()
        chosen = STANDARD if new else self.instance.variables
        for group, names in (("standard", STANDARD), ("on_approval", ON_APPROVAL)):
            field = self.fields[group]
            field.choices = [(name, wording.label(catalogue[name])) for name in names]  # type: ignore[attr-defined]
            field.widget.option_hints = {name: name for name in names}  # type: ignore[attr-defined]
            field.initial = [name for name in names if name in chosen]
        self.helper = _helper(
            Fieldset(
                _("Projektet"), "name", "dst_number", "purpose", Div("first_year", "last_year", css_class="form-row")
            ),
            Fieldset(_("Hvad må leveres?"), "standard", "on_approval", "minimum_count"),
            Fieldset(_("Hvem arbejder med projektet?"), "evaluators"),
            submit=_("Opret projekt") if new else _("Gem"),
            cancel=cancel,
            conditional=["standard", "on_approval"],
        )

    def clean(self) -> dict:
        data = super().clean() or self.cleaned_data
        first, last = data.get("first_year"), data.get("last_year")
        if first and last and last < first:
            self.add_error("last_year", _("Det sidste år kan ikke ligge før det første."))
        chosen = {*data.get("standard", []), *data.get("on_approval", [])}
        if not chosen and not self.errors.keys() & {"standard", "on_approval"}:
            self.add_error("standard", _("Vælg mindst én variabel."))
        self.instance.variables = [name for name in wording.variables() if name in chosen]
        return data


class ComparisonForm(forms.Form):
    """A Definition and the list to draw it from. After validation `definition` is set when the rule itself holds."""

    activity_types = _checkboxes(
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
            ("period", gettext_lazy("Familier, der begyndte på en af aktiviteterne i deltagerårene")),
            ("since", gettext_lazy("Familier, der er begyndt på en af aktiviteterne siden et bestemt år")),
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
            "exclusion": "period",
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
        self.helper = _helper(
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
        if data.get("exclusion") != "since":
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
        values["excluded_since"] = data["excluded_since"] if data["exclusion"] == "since" else None
        try:
            self.definition = Definition.from_json(values, known_types=self.types)
        except DefinitionInvalid as error:
            for name, text in error.problems.items():
                self.add_error(name if name in self.fields else None, str(text))

    @property
    def chosen(self) -> dict[str, Any]:
        """What a delivery keeps as its definition."""
        assert self.definition is not None
        return {"definition": self.definition.to_json(), "extract": self.cleaned_data["extract"]}


class DecisionForm(forms.Form):
    """Yes or no to exactly the set that was shown; a blocked set can only be rejected."""

    prepared_hash = forms.CharField(widget=forms.HiddenInput)
    decision = forms.ChoiceField(label=gettext_lazy("Må leverancen dannes?"), widget=forms.RadioSelect)
    reason = forms.CharField(
        label=gettext_lazy("Begrundelse"),
        required=False,
        max_length=500,
        validators=[refuse_cpr],
        widget=forms.Textarea(attrs={"rows": 4}),
        help_text=gettext_lazy(
            "Skal skrives, når svaret er nej. Bestilleren kan læse den. Skriv ingen personoplysninger."
        ),
    )
    YES, NO = "yes", "no"

    def __init__(self, data: Any = None, *, prepared_hash: str, blocked: bool, cancel: str):
        super().__init__(data, initial={"prepared_hash": prepared_hash}, use_required_attribute=False)
        choices = [(self.YES, _("Ja, godkend")), (self.NO, _("Nej, afvis"))]
        self.fields["decision"].choices = choices[1:] if blocked else choices  # type: ignore[attr-defined]
        self.helper = _helper(
            "prepared_hash", "decision", "reason", submit=_("Gem afgørelsen"), cancel=cancel, conditional=["reason"]
        )

    def clean(self) -> dict:
        data = super().clean() or self.cleaned_data
        if data.get("decision") == self.NO and not data.get("reason") and "reason" not in self.errors:
            self.add_error("reason", _("Skriv, hvorfor leverancen afvises."))
        return data


class ExtractForm(forms.Form):
    """A resident list to be loaded. The file itself was sealed by the upload handler; here it is a name and a size."""

    name = forms.CharField(
        label=gettext_lazy("Navn"),
        max_length=150,
        validators=[refuse_cpr],
        help_text=gettext_lazy("Så evaluatorerne kan kende den, for eksempel: Beboere 2014-2016, Aarhus."),
    )
    delete_on = DayField(
        label=gettext_lazy("Slettes den"),
        help_text=gettext_lazy("Listen og alt, der er læst af den, slettes denne dag. Højst et år frem."),
    )
    file = forms.FileField(
        label=gettext_lazy("Fil"),
        help_text=gettext_lazy("CSV eller Parquet, højst %(size)s MB. Filen krypteres, mens den modtages."),
        error_messages={"required": gettext_lazy("Vælg filen."), "empty": gettext_lazy("Filen er tom.")},
        widget=forms.FileInput(attrs={"accept": ".csv,.txt,.parquet"}),
    )
    PROBLEMS = {
        "too_large": gettext_lazy("Filen er for stor. Del den op, for eksempel efter år eller boligorganisation."),
        "workbook": gettext_lazy("Det er en Excel-fil. Gem arket som CSV (UTF-8), og vælg den fil."),
        "disk_full": gettext_lazy("Der er ikke plads på serverens disk til filen. Kontakt driften."),
    }

    def __init__(self, data: Any = None, files: Any = None, *, today: date, problem: str, cancel: str):
        """`problem`: why the upload handler refused the file, or empty."""
        initial = {"delete_on": today + timedelta(days=KEPT_DAYS)}
        super().__init__(data, files, initial=initial, use_required_attribute=False)
        self.today = today
        file = self.fields["file"]
        file.help_text = str(file.help_text) % {"size": MOST_BYTES // 1024**2}
        if problem:
            file.error_messages["required"] = self.PROBLEMS[problem]
        self.helper = _helper("name", "delete_on", "file", submit=_("Indlæs listen"), cancel=cancel)

    def clean_delete_on(self) -> date:
        day = self.cleaned_data["delete_on"]
        if day <= self.today:
            raise forms.ValidationError(_("Vælg en dag efter i dag."), code="past")
        if day > self.today + timedelta(days=MOST_DAYS):
            raise forms.ValidationError(_("Listen må højst gemmes et år."), code="late")
        return day

    def clean(self) -> dict:
        data = super().clean() or self.cleaned_data
        if self.errors and data.get("file"):
            self.add_error("file", _("Vælg filen igen. Den gemmes ikke, når der er fejl i skemaet."))
        return data
