"""Evaluation projects."""

from typing import Any

from crispy_forms.layout import Div, Fieldset
from django import forms
from django.db.models import Q
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from accounts.models import User
from accounts.permissions import Role
from collection.fields import refuse_cpr
from consent.models import Purpose
from exports import wording
from exports.forms.parts import YearField, checkboxes, helper
from exports.linkage.schema import ON_APPROVAL, STANDARD
from exports.models import EvaluationProject


class ProjectForm(forms.ModelForm):
    """Sets up or changes a project. `variables` of the instance are the choices of both groups."""

    first_year = YearField(label=gettext_lazy("Første år"))
    last_year = YearField(label=gettext_lazy("Sidste år"))
    standard = checkboxes(label=gettext_lazy("Almindelige variabler"), required=False)
    on_approval = checkboxes(
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
        self.helper = helper(
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
