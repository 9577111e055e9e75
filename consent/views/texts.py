"""A consent text to read, on a page or inside the enrolment form."""

from django.http import HttpResponse
from django.shortcuts import get_object_or_404, render

from accounts.access import requires
from accounts.permissions import Permission
from consent.models import Text
from consent.views import SignedInRequest
from consent.wording import shown


@requires(Permission.ENROL)
def text_page(request: SignedInRequest, pk: int) -> HttpResponse:
    published = Text.objects.filter(version__published_at__isnull=False).select_related("version__document")
    text = get_object_or_404(published, pk=pk)
    template = "consent/parts/text.html" if request.htmx else "consent/text.html"
    return render(request, template, shown(text))
