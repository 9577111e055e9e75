"""The colleagues of one's plans."""

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.views.decorators.cache import never_cache

from accounts.access import requires
from accounts.passwords import generate_password
from accounts.permissions import Permission
from collection.actions.staff import add_member
from collection.forms import MemberForm
from collection.models import Activity
from collection.policies import activities_of, plan_or_404, plans_of
from collection.queries import members_of


@requires(Permission.MANAGE_ACTIVITIES)
def staff(request: HttpRequest) -> HttpResponse:
    plans = list(plans_of(request.user))
    responsible: dict[tuple, list[Activity]] = {}
    for activity in activities_of(request.user):
        responsible.setdefault((activity.plan_id, activity.responsible_id), []).append(activity)
    rows: dict = {plan.pk: [] for plan in plans}
    for member in members_of(plans):
        activities = responsible.get((member.plan_id, member.user_id), [])
        rows[member.plan_id].append({"user": member.user, "activities": activities})
    groups = [{"plan": plan, "rows": rows[plan.pk]} for plan in plans]
    return render(request, "collection/staff.html", {"groups": groups})


@never_cache
@requires(Permission.MANAGE_ACTIVITIES)
def member_new(request: HttpRequest, plan) -> HttpResponse:
    """The password is on the answer to the POST only: it is kept neither in a session nor in a message."""
    plan = plan_or_404(request.user, plan)
    form = MemberForm(request.POST or None, cancel=reverse("collection:staff"))
    if not form.is_valid():
        return render(request, "collection/member_new.html", {"plan": plan, "form": form})
    password = generate_password()
    user = add_member(by=request.user, plan=plan, password=password, **form.cleaned_data)
    return render(request, "collection/member_added.html", {"plan": plan, "member": user, "password": password})
