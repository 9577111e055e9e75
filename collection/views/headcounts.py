"""Estimates of how many took part in an activity in all."""

from datetime import date

from django.contrib import messages
from django.core.exceptions import PermissionDenied
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _

from accounts.access import FORM, requires
from accounts.permissions import Permission
from collection.actions.activities import estimate_headcount
from collection.forms import HeadcountForm
from collection.policies import activity_or_404
from collection.queries import estimates_of, years_of


@requires(Permission.SEE_ACTIVITIES, FORM)
def headcounts(request: HttpRequest, pk) -> HttpResponse:
    """Everybody in the plan reads the estimates; who has GIVE_ESTIMATE makes them."""
    activity = activity_or_404(request.user, pk)
    today = date.today()
    revisions: dict[int, list] = {}
    for estimate in estimates_of(activity):
        revisions.setdefault(estimate.year, []).append(estimate)
    lacking = [year for year in years_of(activity, today) if year not in revisions]
    form = None
    if request.user.can(Permission.GIVE_ESTIMATE):  # type: ignore[union-attr]
        year = request.GET.get("year") or max(lacking, default=None)
        form = HeadcountForm(request.POST or None, activity=activity, today=today, initial={"year": year})
    elif request.method == "POST":
        raise PermissionDenied
    if form and form.is_valid():
        saved = estimate_headcount(by=request.user, activity=activity, **form.cleaned_data)
        messages.success(request, _("Skønnet for %(year)s er gemt.") % {"year": saved.year})
        return redirect("collection:headcounts", activity.pk)
    rows = [{"latest": found[0], "earlier": found[1:]} for found in revisions.values()]
    return render(
        request,
        "collection/headcounts.html",
        {"activity": activity, "rows": rows, "lacking": lacking, "form": form, "begun": activity.start <= today},
    )
