"""The list of activities, and setting one up."""

from datetime import date

from django.contrib import messages
from django.core.paginator import Paginator
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _

from accounts.access import FORM, requires
from accounts.permissions import Permission
from collection.actions.activities import save_activity
from collection.forms import ActivityFilter, ActivityForm
from collection.models import Plan
from collection.policies import activities_of, activity_or_404, plans_of
from collection.queries import in_reading_order, named

PAGE_SIZE = 25


@requires(Permission.SEE_ACTIVITIES)
def activities(request: HttpRequest) -> HttpResponse:
    today = date.today()
    form = ActivityFilter(request.GET)
    wanted = form.cleaned_data if form.is_valid() else {}
    ended = {"running": False, "ended": True}.get(wanted.get("state", ""))
    found = in_reading_order(activities_of(request.user), today, ended=ended)
    if wanted.get("q"):
        found = named(found, wanted["q"])
    page = Paginator(found, PAGE_SIZE).get_page(request.GET.get("page"))
    return render(
        request,
        "collection/activities.html",
        {
            "page": page,
            "plans": list(plans_of(request.user)),
            "filter": form,
            "filtered": any(wanted.values()),
            "today": today,
            "may_manage": request.user.can(Permission.MANAGE_ACTIVITIES),  # type: ignore[union-attr]
        },
    )


@requires(Permission.MANAGE_ACTIVITIES, FORM)
def activity_new(request: HttpRequest) -> HttpResponse:
    """With several plans, the first step is to choose one."""
    plans = list(plans_of(request.user))
    chosen = request.GET.get("plan", "")
    if chosen:
        plan = next((plan for plan in plans if str(plan.pk) == chosen), None)
    else:
        plan = plans[0] if len(plans) == 1 else None
    if plan is None:
        return render(request, "collection/choose_plan.html", {"plans": plans})
    form = ActivityForm(request.POST or None, plan=plan, cancel=reverse("collection:activities"))
    if form.is_valid():
        activity = save_activity(by=request.user, plan=plan, **form.cleaned_data)
        messages.success(request, _("Aktiviteten %(name)s er oprettet.") % {"name": activity.name})
        return redirect("consent:activity", activity.pk)
    return _activity_page(request, form, plan)


@requires(Permission.MANAGE_ACTIVITIES, FORM)
def activity_edit(request: HttpRequest, pk) -> HttpResponse:
    activity = activity_or_404(request.user, pk)
    back = reverse("consent:activity", args=[activity.pk])
    form = ActivityForm(request.POST or None, instance=activity, plan=activity.plan, cancel=back)
    if form.is_valid():
        save_activity(by=request.user, plan=activity.plan, activity=activity, **form.cleaned_data)
        messages.success(request, _("Ændringerne er gemt."))
        return redirect(back)
    return _activity_page(request, form, activity.plan)


def _activity_page(request: HttpRequest, form: ActivityForm, plan: Plan) -> HttpResponse:
    context = {"form": form, "plan": plan, "new": form.instance._state.adding}
    return render(request, "collection/activity_form.html", context)
