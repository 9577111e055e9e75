"""Forms of activities, estimates and colleagues."""

from datetime import date
from typing import Any

from crispy_forms.helper import FormHelper
from crispy_forms.layout import HTML, Div, Layout, Submit
from django import forms
from django.contrib.auth.forms import UsernameField
from django.contrib.auth.validators import UnicodeUsernameValidator
from django.core.exceptions import ValidationError
from django.core.validators import MaxValueValidator, RegexValidator
from django.db.models import QuerySet
from django.utils.html import format_html
from django.utils.translation import gettext_lazy as _

from accounts.actions.invitations import is_taken
from accounts.models import User
from accounts.permissions import INVITES, Role
from collection.fields import DayField, refuse_cpr
from collection.models import Activity, ActivityType, Headcount, Plan, Theme
from collection.queries import staff_of, years_of


def _helper(*fields: Any, submit: Any, cancel: str = "") -> FormHelper:
    """One column of fields, one primary button and, if given, the way back."""
    actions = [Submit("save", submit)]
    if cancel:
        actions.append(HTML(format_html('<a href="{}">{}</a>', cancel, _("Fortryd"))))
    helper = FormHelper()
    helper.layout = Layout(*fields, Div(*actions, css_class="form-actions"))
    return helper


class ActivityForm(forms.ModelForm):
    """Sets up or changes an activity of `plan`."""

    start = DayField(
        label=_("Start"),
        help_text=_("For eksempel 01.02.2016."),
        error_messages={"required": _("Skriv, hvornår aktiviteten begyndte.")},
    )
    end = DayField(label=_("Slut"), required=False, help_text=_("Lad feltet stå tomt, så længe aktiviteten er i gang."))

    class Meta:
        model = Activity
        fields = ["name", "type", "start", "end", "responsible", "age_from", "age_to"]
        help_texts = {
            "name": _("Det navn, I selv bruger. Skriv ikke navne på deltagere."),
            "responsible": _("Den medarbejder, der kender aktivitetens deltagere."),
        }
        labels = {"age_from": _("Målgruppe: fra alder"), "age_to": _("Målgruppe: til alder")}
        error_messages = {
            "name": {"required": _("Skriv aktivitetens navn.")},
            "type": {"required": _("Vælg en type.")},
            "responsible": {"required": _("Vælg, hvem der er ansvarlig.")},
        }

    def __init__(self, *args: Any, plan: Plan, cancel: str, **kwargs: Any):
        super().__init__(*args, **kwargs)
        self.fields["name"].validators.append(refuse_cpr)
        self.fields["responsible"].queryset = staff_of(plan)  # type: ignore[attr-defined]
        types: dict[str, list] = {}
        for type_ in ActivityType.objects.all():
            types.setdefault(str(Theme(type_.theme).label), []).append((type_.pk, str(type_)))
        self.fields["type"].choices = [("", _("Vælg type")), *types.items()]  # type: ignore[attr-defined]
        self.fields["responsible"].empty_label = _("Vælg medarbejder")  # type: ignore[attr-defined]
        for age in ("age_from", "age_to"):
            self.fields[age].validators.append(MaxValueValidator(120))
            self.fields[age].widget.attrs["class"] = "input-char-4"
        self.helper = _helper(
            "name",
            "type",
            Div("start", "end", css_class="form-row"),
            "responsible",
            Div("age_from", "age_to", css_class="form-row"),
            submit=_("Opret aktivitet") if self.instance._state.adding else _("Gem"),
            cancel=cancel,
        )

    def clean(self) -> dict:
        data = super().clean() or self.cleaned_data
        start, end = data.get("start"), data.get("end")
        if start and end and end < start:
            self.add_error("end", _("Slut skal være efter start."))
        if start and start.year < 1990:
            self.add_error("start", _("Se efter, om årstallet er rigtigt."))
        youngest, oldest = data.get("age_from"), data.get("age_to")
        if youngest is not None and oldest is not None and oldest < youngest:
            self.add_error("age_to", _("Den højeste alder kan ikke være under den laveste."))
        return data


class ContactForm(forms.ModelForm):
    """Who answers at a plan's office."""

    class Meta:
        model = Plan
        fields = ["contact_name", "contact_phone", "contact_email"]
        help_texts = {"contact_name": _("Den, deltagerne kan spørge. Det kan også være kontorets navn.")}

    def __init__(self, *args: Any, cancel: str, **kwargs: Any):
        super().__init__(*args, **kwargs)
        self.fields["contact_name"].validators.append(refuse_cpr)
        self.fields["contact_phone"].validators.append(
            RegexValidator(r"^[+()\d -]{8,}$", _("Skriv telefonnummeret med cifre, for eksempel 12 34 56 78."))
        )
        self.helper = _helper("contact_name", "contact_phone", "contact_email", submit=_("Gem kontakt"), cancel=cancel)


class HeadcountForm(forms.ModelForm):
    """An estimate for one of the years in which the activity has run."""

    year = forms.TypedChoiceField(
        label=_("År"), coerce=int, error_messages={"invalid_choice": _("Vælg et år, hvor aktiviteten var i gang.")}
    )

    class Meta:
        model = Headcount
        fields = ["year", "estimate", "basis"]
        widgets = {"basis": forms.RadioSelect}
        labels = {"basis": _("Hvad bygger skønnet på?")}
        error_messages = {
            "estimate": {"required": _("Skriv et antal."), "invalid": _("Skriv antallet som et helt tal.")},
            "basis": {"required": _("Vælg, hvad skønnet bygger på.")},
        }
        help_texts = {"estimate": _("Alle, der har deltaget i løbet af året: både med og uden samtykke.")}

    def __init__(self, *args: Any, activity: Activity, today: date, **kwargs: Any):
        super().__init__(*args, **kwargs)
        years = sorted(years_of(activity, today), reverse=True)
        self.fields["year"].choices = [(year, str(year)) for year in years]  # type: ignore[attr-defined]
        self.fields["basis"].choices = Headcount.Basis.choices  # type: ignore[attr-defined]
        self.fields["estimate"].validators.append(MaxValueValidator(100_000))
        self.fields["estimate"].widget.attrs["class"] = "input-char-8"
        self.helper = _helper("year", "estimate", "basis", submit=_("Gem skøn"))


class InvitationForm(forms.Form):
    """A new colleague's account: in a plan that is given, or, where `plans` are, in one of them if the role has one."""

    full_name = forms.CharField(
        label=_("Navn"),
        max_length=150,
        validators=[refuse_cpr],
        error_messages={"required": _("Skriv kollegaens navn.")},
    )
    username = UsernameField(  # one spelling first, which may be longer than what was typed
        label=_("Brugernavn"),
        max_length=150,
        validators=[UnicodeUsernameValidator(), refuse_cpr],
        help_text=_("Bruges til at logge ind, for eksempel arbejdsmailen."),
        error_messages={"required": _("Skriv et brugernavn.")},
        widget=forms.TextInput(attrs={"autocapitalize": "none", "autocomplete": "off", "spellcheck": "false"}),
    )
    role = forms.TypedChoiceField(
        label=_("Rolle"), coerce=Role, widget=forms.RadioSelect, error_messages={"required": _("Vælg en rolle.")}
    )
    plan = forms.ModelChoiceField(
        label=_("Helhedsplan"),
        queryset=Plan.objects.none(),
        required=False,
        empty_label=_("Ingen"),
        help_text=_("Kun for en koordinator."),
    )

    ROLE_HINTS = {
        Role.STAFF.value: _("registrerer deltagere og samtykke"),
        Role.COORDINATOR.value: _("registrerer også, opretter aktiviteter og skøn og inviterer medarbejdere"),
        Role.EVALUATOR.value: _("bestiller og henter data uden identitet i sine projekter"),
        Role.CONTROLLER.value: _("offentliggør samtykketekster, godkender leverancer og læser loggen"),
    }

    def __init__(self, *args: Any, by: User, cancel: str, plans: QuerySet[Plan] | None = None, **kwargs: Any):
        super().__init__(*args, **kwargs)
        roles = INVITES[by.role]
        self.fields["role"].choices = [(role.value, role.label) for role in roles]  # type: ignore[attr-defined]
        self.fields["role"].widget.option_hints = self.ROLE_HINTS  # type: ignore[attr-defined]
        if plans is None:
            self.fields["role"].initial = roles[0].value
            del self.fields["plan"]
        else:
            self.fields["plan"].queryset = plans  # type: ignore[attr-defined]
        self.helper = _helper(*self.fields, submit=_("Invitér"), cancel=cancel)

    def clean(self) -> dict:
        data = super().clean() or self.cleaned_data
        named = {name: data[name] for name in ("username", "full_name", "role") if name in data}
        if len(named) == 3 and is_taken(**named):
            self.add_error("username", ValidationError(_("Brugernavnet er optaget. Vælg et andet."), code="taken"))
        if "plan" in self.fields and "role" in data and not self.errors:
            if data["role"] == Role.COORDINATOR and data["plan"] is None:
                self.add_error("plan", _("Vælg den helhedsplan, som koordinatoren arbejder i."))
            elif data["role"] != Role.COORDINATOR and data["plan"] is not None:
                self.add_error("plan", _("Kun en koordinator hører til en helhedsplan. Vælg »Ingen«."))
        return data


class AccountFilter(forms.Form):
    """What is looked for in the list of accounts."""

    STATES = [("", _("Har adgang")), ("invited", _("Inviteret")), ("idle", _("Bruges ikke")), ("closed", _("Lukket"))]

    q = forms.CharField(label=_("Søg efter navn"), required=False, max_length=100)
    role = forms.ChoiceField(label=_("Rolle"), required=False, choices=[("", _("Alle")), *Role.choices])
    state = forms.ChoiceField(label=_("Adgang"), required=False, choices=STATES)


class ActivityFilter(forms.Form):
    """What is looked for in the list of activities."""

    STATES = [("", _("Alle")), ("running", _("I gang")), ("ended", _("Afsluttet"))]

    q = forms.CharField(label=_("Søg efter navn"), required=False, max_length=100)
    state = forms.ChoiceField(label=_("Status"), required=False, choices=STATES)
