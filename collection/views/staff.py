"""The colleagues of one's plans, and inviting them."""

from uuid import UUID

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.cache import never_cache

from accounts.access import FORM, requires
from accounts.actions.invitations import invite_again
from accounts.confirming import ask_first
from accounts.models import User
from accounts.permissions import Permission
from accounts.step_up import ConfirmForm
from collection.actions.staff import invite_colleague
from collection.forms import InvitationForm
from collection.models import Activity
from collection.policies import activities_of, colleague_or_404, colleagues_of, plan_or_404, plans_of
from collection.queries import members_of

# A session left open must not become an account of whoever finds it.
LEADS_TO_LINK = gettext_lazy("Så laves linket, som kontoen åbnes med.")


@requires(Permission.MANAGE_STAFF)
def staff(request: HttpRequest) -> HttpResponse:
    plans = list(plans_of(request.user))
    responsible: dict[tuple, list[Activity]] = {}
    for activity in activities_of(request.user).select_related("responsible"):
        responsible.setdefault((activity.plan_id, activity.responsible_id), []).append(activity)
    own = set(colleagues_of(request.user).values_list("pk", flat=True))
    rows: dict = {plan.pk: [] for plan in plans}
    for member in members_of(plans):
        activities = responsible.pop((member.plan_id, member.user_id), [])
        rows[member.plan_id].append({"user": member.user, "activities": activities, "own": member.user_id in own})
    left: dict = {plan.pk: [] for plan in plans}  # whoever is responsible still, and works here no more
    for (plan, _responsible), activities in responsible.items():
        left[plan].append({"user": activities[0].responsible, "activities": activities})
    groups = [{"plan": plan, "rows": rows[plan.pk], "left": left[plan.pk]} for plan in plans]
    return render(request, "collection/staff.html", {"groups": groups})


@never_cache
@requires(Permission.MANAGE_STAFF, FORM)
def member_new(request: HttpRequest, plan: UUID) -> HttpResponse:
    of_plan = plan_or_404(request.user, plan)
    back = reverse("collection:staff")
    form = InvitationForm(request.POST or None, by=request.user, cancel=back)  # type: ignore[arg-type]
    if not form.is_valid():
        return render(request, "collection/member_new.html", {"plan": of_plan, "form": form, "back": back})
    confirm = ConfirmForm(request)
    if not confirm.is_valid():
        return ask_first(request, confirm, lead=str(LEADS_TO_LINK), back=back, label=_("Medarbejdere"))
    user, secret = invite_colleague(by=request.user, plans=[of_plan], **form.cleaned_data)
    return show_link(request, user, secret, back)


@requires(Permission.CLOSE_ACCOUNT)
def colleague(request: HttpRequest, pk: UUID) -> HttpResponse:
    user = colleague_or_404(request.user, pk)
    manages_all = request.user.can(Permission.MANAGE_ACCOUNTS)  # type: ignore[union-attr]
    context = {"colleague": user, "plans": list(user.plans.all()), "manages_all": manages_all}
    return render(request, "collection/colleague.html", context)


@never_cache
@requires(Permission.CLOSE_ACCOUNT, FORM)
def invite_anew(request: HttpRequest, pk: UUID) -> HttpResponse:
    user = colleague_or_404(request.user, pk)
    back = reverse("collection:colleague", args=[user.pk])
    if request.method == "POST":
        confirm = ConfirmForm(request)
        if not confirm.is_valid():
            return ask_first(request, confirm, lead=str(LEADS_TO_LINK), back=back, label=_("Kollega"))
        return show_link(request, user, invite_again(by=request.user, user=user), back)
    return render(request, "collection/invite_anew.html", {"colleague": user, "back": back})


def show_link(request: HttpRequest, user: User, secret: str, back: str) -> HttpResponse:
    """The link is on the answer to the POST only: it is kept neither in a session nor in a message."""
    link = request.build_absolute_uri(reverse("accounts:invitation", args=[secret]))
    context = {"invited": User.objects.select_related("invitation").get(pk=user.pk), "link": link, "back": back}
    return render(request, "collection/invited.html", context)
