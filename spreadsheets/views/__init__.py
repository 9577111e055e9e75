"""Doors: parse, call, answer. Pages that show rows are kept by no cache."""

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.utils.translation import gettext as _

from spreadsheets.actions.files import NotNow
from spreadsheets.models import Spreadsheet


def steps(current: int) -> list[dict]:
    """The four steps, `current` from 1; 5: all done."""
    names = (_("Send filen"), _("Vælg kolonner"), _("Se rækkerne efter"), _("Indlæs"))
    return [
        {"number": place, "name": name, "done": place < current, "current": place == current}
        for place, name in enumerate(names, start=1)
    ]


def not_now(request: HttpRequest, spreadsheet: Spreadsheet, problem: NotNow) -> HttpResponse:
    """Says why, on the page where the file is now."""
    texts = {
        "too_often": _("Du har den seneste time mange gange sammenlignet med registrerede deltagere. Vent en time."),
        "nothing_ready": _("Ingen rækker er klar til at blive indlæst."),
    }
    text = texts.get(problem.code, _("Filen er kommet videre imens. Her står, hvordan den ser ud nu."))
    messages.warning(request, text)
    return redirect("spreadsheets:spreadsheet", spreadsheet.pk)
