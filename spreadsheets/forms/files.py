"""Forms about a file as a whole: sending it, choosing a sheet, matching columns and activities, confirming."""

from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from crispy_forms.helper import FormHelper
from crispy_forms.layout import HTML, Div, Fieldset, Layout, Submit
from django import forms
from django.utils.html import format_html
from django.utils.translation import gettext, ngettext
from django.utils.translation import gettext_lazy as _

from collection.models import Activity, FamilyRole, Plan
from collection.queries import staff_of
from consent.forms.texts import texts_by_audience_and_wording, wordings
from consent.models import Method
from spreadsheets import wording
from spreadsheets.actions.rows import Sure
from spreadsheets.columns import BY_KEY, COLUMNS, REQUIRED
from spreadsheets.layouts import Layout as FileLayout
from spreadsheets.models import Spreadsheet
from spreadsheets.reading.limits import MOST_BYTES

SHOWN = 25  # characters of a heading in a list of choices


def helper_of(*fields: Any, submit: Any, cancel: str, conditional: Iterable[str] = ()) -> FormHelper:
    """Fields, one primary button and the way back."""
    helper = FormHelper()
    helper.conditional = tuple(conditional)
    back = HTML(format_html('<a href="{}">{}</a>', cancel, gettext("Fortryd")))
    helper.layout = Layout(*fields, Div(Submit("save", submit), back, css_class="form-actions"))
    return helper


class UploadForm(forms.Form):
    """The file itself was sealed by the upload handler; here it is a name and a size."""

    plan = forms.ModelChoiceField(label=_("Helhedsplan"), queryset=Plan.objects.none(), empty_label=None)
    file = forms.FileField(
        label=_("Fil"),
        help_text=_("Excel (.xlsx) eller CSV, højst %(size)s MB. Filen krypteres, mens den modtages."),
        error_messages={"required": _("Vælg filen."), "empty": _("Filen er tom.")},
        widget=forms.FileInput(attrs={"accept": ".xlsx,.csv,.txt,.tsv"}),
    )

    def __init__(self, data: Any = None, files: Any = None, *, plans: Any, problem: str, cancel: str):
        """`problem`: why the upload handler refused the file, or empty."""
        super().__init__(data, files, use_required_attribute=False)
        self.fields["plan"].queryset = plans  # type: ignore[attr-defined]
        if plans.count() == 1:
            self.fields["plan"].initial = plans.get().pk
            self.fields["plan"].widget = forms.HiddenInput()
        file = self.fields["file"]
        file.help_text = str(file.help_text) % {"size": MOST_BYTES // 1024**2}
        if problem:
            file.error_messages["required"] = wording.refusal(problem)
        self.helper = helper_of("plan", "file", submit=_("Send filen"), cancel=cancel)

    def clean(self) -> dict:
        data = super().clean() or self.cleaned_data
        if self.errors and data.get("file"):
            self.add_error("file", _("Vælg filen igen. Den gemmes ikke, når der er fejl i skemaet."))
        return data


class SheetForm(forms.Form):
    sheet = forms.TypedChoiceField(
        label=_("Hvilket ark skal indlæses?"),
        coerce=int,
        widget=forms.RadioSelect,
        error_messages={"required": _("Vælg et ark.")},
    )

    def __init__(self, data: Any = None, *, layout: FileLayout, cancel: str):
        super().__init__(data, use_required_attribute=False)
        self.fields["sheet"].choices = [  # type: ignore[attr-defined]
            (sheet["place"], f"{sheet['name']} ({gettext('skjult')})" if sheet["hidden"] else sheet["name"])
            for sheet in layout.sheets
        ]
        self.helper = helper_of("sheet", submit=_("Læs arket"), cancel=cancel)


PARTS = (
    (_("Deltagelsen"), ("activity", "start", "end", "role")),
    (_("Personen"), ("cpr", "name", "birth_date", "address", "residence_date")),
    (_("Samtykket"), ("decided_on", "consent", "method", "text", "obtained_by", "guardian_relation")),
)
# Columns that may be chosen for the whole file, and by which name.
WHOLE_FILE = {
    "activity": "activity",
    "role": "role",
    "method": "method",
    "text": "wording",
    "obtained_by": "obtained_by",
}
WHOLE_FILE_OF = {name: key for key, name in WHOLE_FILE.items()}


class MatchForm(forms.Form):
    """A select per column of the register; `all_…`: what holds for rows that say nothing themselves."""

    def __init__(self, data: Any = None, *, spreadsheet: Spreadsheet, layout: FileLayout, header: int, cancel: str):
        super().__init__(data, use_required_attribute=False, initial={"header": header})
        self.fields["header"] = forms.IntegerField(widget=forms.HiddenInput, min_value=0)
        choices = [("", gettext("Ingen")), *_file_columns(layout)]
        for column in COLUMNS:
            self.fields[column.key] = forms.TypedChoiceField(
                label=str(column.label),
                help_text=str(column.hint),
                choices=choices,
                coerce=int,
                empty_value=None,
                required=column.key in REQUIRED,
                initial=layout.columns.get(column.key, ""),
                error_messages={"required": _("Vælg, hvilken kolonne i filen det er.")},
            )
        for key, offered in _whole_file(spreadsheet).items():
            self.fields[f"all_{key}"] = forms.ChoiceField(
                label=gettext("%(column)s, hvis rækken intet siger") % {"column": BY_KEY[WHOLE_FILE_OF[key]].label},
                choices=[("", gettext("Intet valgt")), *offered],
                required=False,
                initial=layout.defaults.get(key, ""),
            )
        parts = []
        for legend, keys in PARTS:
            rows = [
                Div(key, *([f"all_{WHOLE_FILE[key]}"] if key in WHOLE_FILE else []), css_class="match") for key in keys
            ]
            parts.append(Fieldset(legend, *rows))
        optional = [name for name in self.fields if name not in REQUIRED]
        self.helper = helper_of("header", *parts, submit=_("Kontrollér rækkerne"), cancel=cancel, conditional=optional)

    def clean(self) -> dict:
        data = super().clean() or self.cleaned_data
        if data.get("cpr") is None and data.get("name") is None:
            self.add_error("cpr", _("Vælg kolonnen med CPR-numre eller den med navne."))
        needed = {
            "activity": _("Vælg en kolonne, eller vælg aktiviteten for hele filen."),
            "role": _("Vælg en kolonne, eller vælg rollen for hele filen."),
            "method": _("Vælg en kolonne, eller vælg samtykkernes form for hele filen."),
            "text": _("Vælg en kolonne, eller vælg tekstens sprog for hele filen."),
            "obtained_by": _("Vælg en kolonne, eller vælg, hvem der tog imod samtykkerne."),
        }
        for key, sentence in needed.items():
            if data.get(key) is None and not data.get(f"all_{WHOLE_FILE[key]}") and key not in self.errors:
                self.add_error(key, sentence)
        used: dict[int, str] = {}
        for key, place in self.columns.items():
            if place in used:
                self.add_error(key, _("Kolonnen er allerede valgt til noget andet."))
            used[place] = key
        return data

    @property
    def columns(self) -> dict[str, int]:
        found = {column.key: self.cleaned_data.get(column.key) for column in COLUMNS}
        return {key: place for key, place in found.items() if place is not None}

    @property
    def defaults(self) -> dict[str, str]:
        return {name[4:]: value for name, value in self.cleaned_data.items() if name.startswith("all_") and value}


def _file_columns(layout: FileLayout) -> list[tuple[str, str]]:
    headings = layout.headings
    found = []
    for place in range(layout.width):
        heading = headings[place][:SHOWN] if place < len(headings) else ""
        found.append((str(place), f"{letters(place)}: {heading}" if heading else letters(place)))
    return found


def letters(place: int) -> str:
    """A column's name in a spreadsheet: A, B, … Z, AA."""
    name = ""
    place += 1
    while place:
        place, rest = divmod(place - 1, 26)
        name = chr(65 + rest) + name
    return name


def _whole_file(spreadsheet: Spreadsheet) -> dict[str, list[tuple[str, Any]]]:
    activities = Activity.objects.filter(plan=spreadsheet.plan_id).values_list("pk", "name")
    return {
        "activity": [(str(pk), name) for pk, name in activities],
        "role": list(FamilyRole.choices),
        "method": list(Method.choices),
        "wording": wordings(texts_by_audience_and_wording()),
        "obtained_by": [(str(user.pk), user.full_name) for user in staff_of(spreadsheet.plan)],
    }


class ActivitiesForm(forms.Form):
    """Names in the file that belong to no activity, or to several: which is meant."""

    def __init__(self, data: Any = None, *, unknown: Mapping[str, int], activities: Sequence[Activity], cancel: str):
        super().__init__(data, use_required_attribute=False)
        self.unknown = list(unknown)
        choices = [("", gettext("Ikke valgt: rækkerne har fejl"))]
        choices += [(str(activity.pk), f"{activity.name} ({activity.start.year})") for activity in activities]
        for place, (name, rows) in enumerate(unknown.items()):
            self.fields[f"name_{place}"] = forms.ChoiceField(
                label=ngettext("»%(name)s« på %(rows)s række", "»%(name)s« på %(rows)s rækker", rows)
                % {"name": name, "rows": rows},
                choices=choices,
                required=False,
            )
        self.helper = helper_of(*self.fields, submit=_("Kontrollér igen"), cancel=cancel, conditional=self.fields)

    @property
    def chosen(self) -> dict[str, str]:
        found = {name: self.cleaned_data[f"name_{place}"] for place, name in enumerate(self.unknown)}
        return {name: pk for name, pk in found.items() if pk}


class SureForm(forms.Form):
    """Confirms warnings of many rows at once."""

    sure = forms.BooleanField(label=_("Jeg har set efter: oplysningerne er rigtige"))
    reason = forms.ChoiceField(label=_("Hvordan ved du det?"), choices=Sure.choices, widget=forms.RadioSelect)

    def __init__(self, data: Any = None, *, cancel: str):
        super().__init__(data, use_required_attribute=False)
        self.fields["sure"].error_messages["required"] = _("Sæt kryds, hvis du har set efter.")
        self.fields["reason"].error_messages["required"] = _("Vælg, hvordan du ved det.")
        self.helper = helper_of("reason", "sure", submit=_("Bekræft"), cancel=cancel)


class WriteForm(forms.Form):
    """Asks once; and whether rows that are not ready stay out, where there are any."""

    leave_rest = forms.BooleanField(required=False)

    def __init__(self, data: Any = None, *, rest: int, submit: str, cancel: str):
        super().__init__(data, use_required_attribute=False)
        if rest:
            field = self.fields["leave_rest"]
            field.required = True
            field.label = gettext("Udelad de rækker, der har fejl eller ikke er bekræftet (%(rest)s)") % {"rest": rest}
            field.error_messages["required"] = _("Sæt kryds, eller gå tilbage, og ret rækkerne.")
            self.helper = helper_of("leave_rest", submit=submit, cancel=cancel)
        else:
            del self.fields["leave_rest"]
            self.helper = helper_of(submit=submit, cancel=cancel)
