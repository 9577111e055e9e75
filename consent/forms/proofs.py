"""Adding scans or photos of a signed form."""

from typing import Any

from crispy_forms.helper import FormHelper
from crispy_forms.layout import HTML, Div, Layout, Submit
from django import forms
from django.core.exceptions import ValidationError
from django.utils.html import format_html
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from consent.scans import MOST_BYTES, Scan, ScanRefused, read_scan
from consent.uploads import MOST_FILES, MOST_TOGETHER

_MB = 1024 * 1024
_LIMITS = {"most": MOST_BYTES // _MB, "files": MOST_FILES, "together": MOST_TOGETHER // _MB}
REFUSALS = {
    "empty": _("Filen er tom."),
    "too_large": _("En fil er for stor. Den må højst fylde %(most)s MB. Tag billedet igen i en mindre størrelse."),
    "too_many": _("Vælg højst %(files)s filer ad gangen."),
    "too_much": _("Filerne er for store tilsammen. De må højst fylde %(together)s MB. Tilføj dem ad flere gange."),
    "heic": _(
        "Billedet er i formatet HEIC, som ikke kan læses her. Gem det som JPEG, og prøv igen. På en iPhone vælger du "
        "Indstillinger, Kamera, Formater, Mest kompatible."
    ),
    "unknown_type": _("Filen er hverken et billede (JPEG eller PNG) eller en PDF. Vælg en anden fil."),
    "too_many_pixels": _("Billedet er for stort til at blive læst. Tag det igen i en mindre størrelse."),
    "broken": _("Filen er beskadiget og kan ikke læses. Tag billedet eller scan blanketten igen."),
    "pdf_locked": _("PDF-filen er beskyttet med adgangskode. Gem den uden, og prøv igen."),
    "pdf_active": _("PDF-filen indeholder programkode eller andre filer. Scan blanketten igen, eller tag et billede."),
}


def sentence(code: str) -> str:
    return str(REFUSALS[code]) % _LIMITS


class _SeveralFiles(forms.FileInput):
    allow_multiple_selected = True


class ScansField(forms.FileField):
    """One or several files, each read by what it holds; cleans to a list of Scan."""

    def clean(self, data: Any, initial: Any = None) -> list[Scan]:  # type: ignore[override]
        if not data:
            raise ValidationError(self.error_messages["required"], code="required")
        scans, refusals = [], []
        for number, file in enumerate(data, start=1):
            try:
                scans.append(read_scan(file.read()))
            except ScanRefused as refused:
                told = sentence(refused.code)
                if len(data) > 1:
                    told = gettext("Fil %(number)s: %(sentence)s") % {"number": number, "sentence": told}
                refusals.append(ValidationError(told, code=refused.code))
        if refusals:
            raise ValidationError(refusals)
        return scans


class ScansForm(forms.Form):
    """`problem`: why the upload handler passed a file over."""

    scans = ScansField(
        label=_("Billede eller scanning af blanketten"),
        help_text=_("JPEG, PNG eller PDF, højst %(most)s MB hver. Vælg flere filer, hvis blanketten har flere sider."),
        error_messages={"required": _("Vælg et billede eller en fil.")},
        # without HEIC in the list, an iPhone hands over a JPEG by itself
        widget=_SeveralFiles({"accept": "image/jpeg,image/png,application/pdf"}),
    )

    def __init__(self, data: Any = None, files: Any = None, *, problem: str = "", cancel: str):
        super().__init__(data, files, use_required_attribute=False)
        self.problem = problem
        self.fields["scans"].help_text = str(self.fields["scans"].help_text) % _LIMITS
        self.helper = FormHelper()
        self.helper.layout = Layout(
            "scans",
            Div(
                Submit("save", _("Gem blanketten")),
                HTML(format_html('<a href="{}">{}</a>', cancel, _("Fortryd"))),
                css_class="form-actions",
            ),
        )

    def clean(self) -> dict[str, Any]:
        if self.problem:
            self.errors.pop("scans", None)
            self.add_error("scans", sentence(self.problem))
        return self.cleaned_data
