"""An activity's page, and counting those without consent."""

from contextlib import suppress
from datetime import date
from uuid import UUID

from django.core.paginator import Paginator
from django.http import HttpResponse, HttpResponseBadRequest
from django.shortcuts import redirect, render
from django.utils.timezone import localdate
from django.views.decorators.cache import never_cache

from accounts.access import FORM, requires
from accounts.permissions import Permission
from collection import identities
from collection.models import Activity
from collection.policies import activity_or_404
from collection.queries import years_of
from consent import gate
from consent.actions.count import NothingToLower, count_without_consent
from consent.forms.participants import CountForm
from consent.models import Outcome
from consent.queries import consent_status, latest_decisions, tally_sums, waiting_answers
from consent.rates import activity_years
from consent.views import SignedInRequest

PAGE_SIZE = 25


@requires(Permission.SEE_PARTICIPANTS)
@never_cache
def activity_page(request: SignedInRequest, pk: UUID) -> HttpResponse:
    activity = activity_or_404(request.user, pk)
    today = localdate()
    page = Paginator(gate.in_activity(activity).order_by("-start", "pk"), PAGE_SIZE).get_page(request.GET.get("page"))
    people = [participation.participant for participation in page]
    names = identities.names(people, by=request.user, plan=activity.plan_id)
    decisions = latest_decisions(people)
    rows = [
        {
            "participation": participation,
            "name": names[participation.participant_id],
            "status": consent_status(decisions.get(participation.participant_id), today),
        }
        for participation in page
    ]
    return render(
        request,
        "consent/activity.html",
        {
            "activity": activity,
            "page": page,
            "rows": rows,
            "answers": waiting_answers([activity]),
            "years": sorted(activity_years(activity).items(), reverse=True),
            "may_manage": request.user.can(Permission.MANAGE_ACTIVITIES),
        },
    )


@requires(Permission.ENROL, FORM)
@never_cache
def count_page(request: SignedInRequest, pk: UUID) -> HttpResponse:
    activity = activity_or_404(request.user, pk)
    years = _countable_years(activity, localdate())
    if request.method == "POST":
        form = CountForm(request.POST, years=years)
        if not form.is_valid():
            return HttpResponseBadRequest()
        wanted = form.cleaned_data
        with suppress(NothingToLower):  # pressed twice, or a colleague was faster: the page shows that it is nought
            count_without_consent(
                by=request.user,
                activity=activity,
                year=wanted["year"],
                outcome=Outcome(wanted["outcome"]),
                change=wanted["change"],
            )
        if not request.htmx:
            return redirect(f"{request.path}?aar={wanted['year']}")
        year = wanted["year"]
    else:
        asked = request.GET.get("aar", "")
        year = int(asked) if asked.isdecimal() and int(asked) in years else years[-1]
    sums = tally_sums(activity)
    context = {
        "activity": activity,
        "years": years,
        "year": year,
        "counts": [(outcome, sums.get((year, outcome.value), 0)) for outcome in Outcome],
    }
    part = request.htmx and request.method == "POST"
    return render(request, "consent/parts/counts.html" if part else "consent/count.html", context)


def _countable_years(activity: Activity, today: date) -> list[int]:
    """At least one: an activity that begins later this year can be asked about already."""
    return years_of(activity, today) or [activity.start.year]
