"""Resident lists."""

from datetime import date, timedelta
from typing import Any

from django import forms
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from collection.fields import DayField, refuse_cpr
from exports.forms.parts import check_ahead, helper
from exports.uploads import MOST_BYTES

KEPT_DAYS, MOST_DAYS = 90, 365  # a resident list: proposed, and at most


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
        self.helper = helper("name", "delete_on", "file", submit=_("Indlæs listen"), cancel=cancel)

    def clean_delete_on(self) -> date:
        day = self.cleaned_data["delete_on"]
        return check_ahead(day, self.today, most=MOST_DAYS, late=_("Listen må højst gemmes et år."))

    def clean(self) -> dict:
        data = super().clean() or self.cleaned_data
        if self.errors and data.get("file"):
            self.add_error("file", _("Vælg filen igen. Den gemmes ikke, når der er fejl i skemaet."))
        return data
