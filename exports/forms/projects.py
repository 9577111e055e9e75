"""Evaluation projects."""

from typing import Any, cast

from crispy_forms.layout import HTML, Div, Fieldset
from django import forms
from django.db.models import Q
from django.http import QueryDict
from django.utils.timezone import localdate
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from accounts.models import User
from accounts.permissions import Role
from collection.fields import DayField, refuse_cpr
from consent.models import Purpose
from exports import groups, ledger, wording
from exports.forms.parts import YearField, checkboxes, helper
from exports.forms.registers import RegisterLines
from exports.linkage.schema import ON_APPROVAL, STANDARD
from exports.models import EvaluationProject
from exports.register_catalogue import SNAPSHOT, Found, look_up_all


class ProjectForm(forms.ModelForm):
    """Sets up or changes a project. `variables` of the instance are the choices of both groups."""

    first_year = YearField(label=gettext_lazy("Første år"))
    last_year = YearField(label=gettext_lazy("Sidste år"))
    standard = checkboxes(
        label=gettext_lazy("Almindelige variabler"),
        required=False,
        help_text=gettext_lazy(
            "De er grove med vilje: Der er få deltagere hvert sted, så en plan og en måned kan pege på en familie."
        ),
    )
    on_approval = checkboxes(
        label=gettext_lazy("Kræver særlig godkendelse"),
        required=False,
        help_text=gettext_lazy(
            "De er finere og gør grupperne mindre. Vælg dem kun, hvis Danmarks Statistik har godkendt dem til netop "
            "dette projekt."
        ),
    )
    register_variables = RegisterLines(
        label=gettext_lazy("Registervariabler, som projektet beder Danmarks Statistik om"),
        required=False,
        help_text=gettext_lazy(
            "Én på hver linje: register, variabel og år, for eksempel BEF KOM 2014-2016. De kommer ikke fra "
            "Deltagerdata, men bliver koblet på hos Danmarks Statistik."
        ),
    )
    ends_on = DayField(
        label=gettext_lazy("Data slettes senest"),
        required=False,
        help_text=gettext_lazy("Den dag, hvor alle modtagere senest har slettet, hvad de har hentet."),
    )
    another_group_shown = forms.CharField(widget=forms.HiddenInput, required=False)

    class Meta:
        model = EvaluationProject
        fields = [
            *("name", "dst_number", "purpose", "first_year", "last_year", "grain", "minimum_count", "k"),
            *("register_variables", "data_at", "ends_on", "evaluators", "another_group"),
        ]
        widgets = {
            "grain": forms.RadioSelect,
            "data_at": forms.RadioSelect,
            "evaluators": forms.CheckboxSelectMultiple,
            "another_group": forms.Textarea(attrs={"rows": 4}),
        }
        help_texts = {
            "name": gettext_lazy("For eksempel: Evaluering af familieindsats."),
            "dst_number": gettext_lazy("Seks cifre."),
            "minimum_count": gettext_lazy("Celler med færre personer vises ikke. Mindst 3, normalt 5."),
            "k": gettext_lazy(
                "Så mange personer skal mindst ligne hinanden i de variabler, der sammen kan pege på nogen. "
                "Mindst 3, normalt 5."
            ),
            "evaluators": gettext_lazy("De kan se projektet, bestille leverancer og hente data uden identitet."),
            "another_group": gettext_lazy(
                "Projektet har en sammenligningsgruppe. Den, der får en til efter en anden regel, kan trække dem fra "
                "hinanden og måske finde en familie. Skriv kun noget her, hvis projektet alligevel må bestille en "
                "gruppe mere. Det gælder én bestilling."
            ),
        }

    def __init__(self, *args: Any, cancel: str, **kwargs: Any):
        super().__init__(*args, **kwargs)
        new = self.instance._state.adding
        self.fields["name"].validators.append(refuse_cpr)
        self.fields["dst_number"].widget.attrs |= {"class": "input-char-8", "inputmode": "numeric"}
        for name in ("minimum_count", "k"):
            self.fields[name].widget.attrs["class"] = "input-char-4"
        self.fields["ends_on"].widget.attrs["class"] = "input-char-11"
        self.fields["grain"].widget.option_hints = {  # type: ignore[attr-defined]
            "participation": _("En person kan stå på flere rækker. FORLOEB_NR nummererer dem."),
            "person": _("Rækken er om personens første forløb. ANTAL_FORLOEB siger, om der er 1, 2 eller flere."),
        }
        self.fields["data_at"].widget.option_hints = {  # type: ignore[attr-defined]
            "dst": _("Den dataansvarlige kan skriftligt acceptere grupper, der er mindre end k."),
            "own": _("Er en gruppe mindre end k, kan leverancen ikke godkendes."),
        }
        if not new and ledger.was_built(self.instance):
            for name in ("dst_number", "purpose"):
                self.fields[name].disabled = True
                self.fields[name].help_text = gettext_lazy("Kan ikke ændres, når der er dannet filer til projektet.")
        purposes = list(Purpose.objects.all())
        self.fields["purpose"].empty_label = gettext_lazy("Vælg formål")  # type: ignore[attr-defined]
        if len(purposes) == 1:
            self.fields["purpose"].initial = purposes[0].pk
        already = [] if new else list(self.instance.evaluators.values_list("pk", flat=True))
        self.fields["evaluators"].queryset = User.objects.filter(  # type: ignore[attr-defined]
            Q(role=Role.EVALUATOR, is_active=True) | Q(pk__in=already)
        )
        self.fields["another_group"].validators.append(refuse_cpr)
        has_group = not new and groups.told(self.instance).exists()
        if has_group:
            self.fields["another_group_shown"].initial = groups.mark(self.instance.another_group)
        else:
            del self.fields["another_group"], self.fields["another_group_shown"]
        catalogue = wording.variables()
        chosen = STANDARD if new else self.instance.variables
        for group, names in (("standard", STANDARD), ("on_approval", ON_APPROVAL)):
            field = self.fields[group]
            field.choices = [(name, wording.label(catalogue[name])) for name in names]  # type: ignore[attr-defined]
            field.widget.option_hints = {name: name for name in names}  # type: ignore[attr-defined]
            field.initial = [name for name in names if name in chosen]
        self.helper = helper(
            Fieldset(
                _("Projektet"), "name", "dst_number", "purpose", Div("first_year", "last_year", css_class="form-row")
            ),
            Fieldset(
                _("Hvad må leveres?"),
                "standard",
                "on_approval",
                "grain",
                Div("minimum_count", "k", css_class="form-row"),
            ),
            Fieldset(
                _("Hvad bliver koblet på?"),
                "register_variables",
                HTML("{% include 'exports/parts/register_notes.html' with found=form.found date=form.snapshot %}"),
            ),
            Fieldset(_("Hvem bruger data, hvor og hvor længe?"), "evaluators", "data_at", "ends_on"),
            *(
                [Fieldset(_("Endnu en sammenligningsgruppe"), "another_group", "another_group_shown")]
                if has_group
                else []
            ),
            submit=_("Opret projekt") if new else _("Gem"),
            cancel=cancel,
            conditional=["standard", "on_approval"],
        )

    snapshot = SNAPSHOT

    @property
    def found(self) -> list[Found]:
        """What the lists say of the lines that can be read."""
        lines = self.cleaned_data.get("register_variables") if self.is_bound else self.instance.register_variables
        return look_up_all(lines or [])

    @property
    def another_group(self) -> tuple[str, str] | None:
        """After validation: the decision about another group as the page showed it and as it is to be."""
        if "another_group" not in self.fields:
            return None
        return self.cleaned_data["another_group_shown"], self.cleaned_data["another_group"]

    def show_moved(self, now: str) -> None:
        """The decision about another group is another by now, and is shown as it is."""
        data = cast(QueryDict, self.data).copy()
        data["another_group"], data["another_group_shown"] = now, groups.mark(now)
        self.data = data
        self.add_error(
            "another_group",
            _(
                "Tilladelsen er brugt eller ændret, siden du åbnede siden, og intet er gemt. Her står, hvad der gælder "
                "nu. Skal projektet have endnu en gruppe, så skriv hvorfor, og gem igen."
            ),
        )

    def clean_ends_on(self) -> Any:
        day = self.cleaned_data["ends_on"]
        if day and "ends_on" in self.changed_data and day < localdate():
            raise forms.ValidationError(_("Dagen er gået. Skriv en senere dag."))
        return day

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
