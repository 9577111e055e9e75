"""Consent forms to print: for a group in an activity, and a single text to look at."""

from urllib.parse import urlencode
from uuid import UUID

from django.http import HttpResponse
from django.shortcuts import get_object_or_404, render
from django.urls import reverse
from django.utils.translation import gettext as _

from accounts.access import requires
from accounts.permissions import Permission
from collection.models import Activity
from collection.policies import activity_or_404
from consent import paper
from consent.forms.paper import PrintForm
from consent.models import Method, Text
from consent.views import SignedInRequest


@requires(Permission.ENROL)
def print_page(request: SignedInRequest, pk: UUID) -> HttpResponse:
    """Asks how many, and answers with one PDF. Nothing personal stands in either, so the address may."""
    activity = activity_or_404(request.user, pk)
    form = PrintForm(request.GET if "hvem" in request.GET else None)
    if form.is_valid():
        forms = [paper.Form(text, activity, enrol_address(request, activity, text), n) for text, n in form.wanted]
        try:
            return _pdf(paper.pdf(forms, two_sided=form.cleaned_data["tosidet"]), "samtykkeerklaeringer.pdf")
        except paper.PaperUnavailable:
            form.add_error(None, unavailable())
    context = {"activity": activity, "form": form, "may_manage": request.user.can(Permission.MANAGE_ACTIVITIES)}
    return render(request, "consent/print.html", context)


@requires(Permission.PUBLISH_TEXTS)
def text_pdf(request: SignedInRequest, pk: int) -> HttpResponse:
    """Any version in a language, drafts too, as it will look on paper; without an activity there is no QR code."""
    text = get_object_or_404(Text.objects.select_related("version__document"), pk=pk)
    try:
        return _pdf(paper.pdf([paper.Form(text)]), f"samtykketekst-{text.pk}.pdf")
    except paper.PaperUnavailable:
        return HttpResponse(unavailable(), status=503, content_type="text/plain; charset=utf-8")


def enrol_address(request: SignedInRequest, activity: Activity, text: Text) -> str:
    """What the QR code opens: registering in the activity, with this text, on paper."""
    query = urlencode({"tekst": text.pk, "metode": Method.PAPER.value})
    return request.build_absolute_uri(f"{reverse('consent:enrol', args=[activity.pk])}?{query}")


def unavailable() -> str:
    return _(
        "Blanketter kan ikke udskrives, fordi serveren mangler programmer til at tegne tekst. "
        "Bed driften om at installere de pakker, som installationsvejledningen nævner."
    )


def _pdf(content: bytes, name: str) -> HttpResponse:
    headers = {"Content-Disposition": f'inline; filename="{name}"'}
    return HttpResponse(content, content_type="application/pdf", headers=headers)
