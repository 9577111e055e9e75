"""When data go: the days of plans and projects, changing a plan's, and the certificates of what is gone."""

from uuid import UUID

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.template.loader import render_to_string
from django.utils.timezone import localdate
from django.utils.translation import gettext as _
from django.utils.translation import override
from django.views.decorators.cache import never_cache

from accounts.access import FORM, requires
from accounts.permissions import Permission
from collection.policies import plan_or_404, plans_of
from consent.paper import PaperUnavailable, page_pdf
from consent.views import SignedInRequest
from exports.policies import projects_of
from rights import retention
from rights.actions.retention import set_day
from rights.forms import DayForm
from rights.wording import COUNTS


@requires(Permission.SEE_RETENTION)
@never_cache
def overview(request: SignedInRequest) -> HttpResponse:
    may_set = request.user.can(Permission.SET_RETENTION)
    today = localdate()
    context = {
        "days": retention.days(plans_of(request.user), today),
        "projects": projects_of(request.user).filter(ended_at__isnull=True).order_by("ends_on", "name")
        if may_set
        else [],
        "certificates": retention.certificates_of(request.user)[:200],
        "may_set": may_set,
        "near": today + retention.NOTICE,
        "today": today,
    }
    return render(request, "rights/retention.html", context)


@requires(Permission.SET_RETENTION, FORM)
@never_cache
def change(request: SignedInRequest, pk: UUID) -> HttpResponse:
    plan = plan_or_404(request.user, pk)
    today = localdate()
    known = retention.days([plan], today)[0]
    form = DayForm(request.POST or None, today=today, erase_on=known.erase_on)
    if form.is_valid():
        set_day(by=request.user, plan=plan, **form.cleaned_data)
        messages.success(request, _("Dagen er gemt."))
        return redirect("rights:retention")
    return render(request, "rights/retention_day.html", {"form": form, "known": known})


@requires(Permission.SEE_RETENTION)
@never_cache
def certificate(request: SignedInRequest, pk: UUID) -> HttpResponse:
    """The certificate as a PDF, in Danish; it names nobody."""
    held = retention.certificate_or_404(request.user, pk)
    with override("da"):
        counts = [(text, held.counts[name]) for name, text in COUNTS.items() if name in held.counts]
        page = render_to_string("rights/certificate.html", {"held": held, "counts": counts})
    try:
        content = page_pdf(page, "report.css")
    except PaperUnavailable:
        messages.error(request, _("Attesten kan ikke dannes: Serveren mangler programmer til at tegne PDF-filer."))
        return redirect("rights:retention")
    answer = HttpResponse(content, "application/pdf")
    answer["Content-Disposition"] = f'attachment; filename="sletteattest-{held.finished_at:%Y-%m-%d}.pdf"'
    return answer
