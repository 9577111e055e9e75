"""Handing over the work of a colleague, and letting them out of a plan."""

from uuid import UUID

from django.contrib import messages
from django.http import Http404, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.timezone import localdate
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from accounts.access import FORM, requires
from accounts.permissions import Permission
from collection.models import Activity, Plan
from collection.policies import plan_or_404
from collection.queries import in_reading_order, staff_of
from consent.actions import handover as actions
from consent.forms.handover import HandOverForm
from consent.views import SignedInRequest
from consent.worklists import ActivityWork, activity_work, by_activity, in_doubt, to_ask_again


@requires(Permission.HAND_OVER, FORM)
def hand_over(request: SignedInRequest, plan: UUID, user: UUID) -> HttpResponse:
    """First what only the leaver knows, then who takes over: one press."""
    of_plan = plan_or_404(request.user, plan)
    leaver = get_object_or_404(actions.may_have_work(of_plan), pk=user)
    today = localdate()
    work = activity_work(in_reading_order(Activity.objects.filter(plan=of_plan, responsible=leaver), today), today)
    answers = list(actions.open_work_of(leaver, of_plan)["answers"].select_related("activity"))
    form = HandOverForm(request.POST or None, plan=of_plan, leaver=leaver, work=work, answers=len(answers))
    if form.is_valid():
        successor = form.cleaned_data["successor"]
        try:
            count = actions.hand_over(
                by=request.user, plan=of_plan, leaver=leaver, successor=successor, estimates=form.estimates()
            )
        except actions.NotInPlan:
            form.add_error("successor", _("Medarbejderen har ikke længere adgang til planen. Vælg en anden."))
        else:
            told = ngettext(
                "%(count)s aktivitet er overdraget fra %(leaver)s til %(successor)s.",
                "%(count)s aktiviteter er overdraget fra %(leaver)s til %(successor)s.",
                count,
            )
            messages.success(request, told % {"count": count, "leaver": leaver, "successor": successor})
            return redirect("collection:staff")
    return render(
        request,
        "consent/hand_over.html",
        {
            "plan": of_plan,
            "leaver": leaver,
            "rows": _rows(work, of_plan),
            "answers": answers,
            "to_ask": list(form.rows()),
            "form": form,
            "several": staff_of(of_plan).count() > 1,
        },
    )


def _rows(work: list[ActivityWork], plan: Plan) -> list[dict]:
    """What goes with each activity."""
    activities = [row.activity for row in work]
    to_ask = by_activity(to_ask_again([plan], localdate()), activities)
    doubts = by_activity(in_doubt([plan]), activities)
    return [
        {"work": row, "to_ask": to_ask.get(row.activity.pk, 0), "in_doubt": doubts.get(row.activity.pk, 0)}
        for row in work
    ]


@requires(Permission.HAND_OVER, FORM)
def member_remove(request: SignedInRequest, plan: UUID, user: UUID) -> HttpResponse:
    of_plan = plan_or_404(request.user, plan)
    member = get_object_or_404(staff_of(of_plan), pk=user)
    if member == request.user:
        raise Http404  # the page offers no such button: who leaves is let out by a colleague
    if request.method == "POST":
        try:
            closed = actions.remove_member(by=request.user, plan=of_plan, user=member)
        except actions.WorkIsOpen:
            messages.error(
                request,
                _("%(name)s har åbent arbejde i %(plan)s. Overdrag det, eller gør det færdigt, først.")
                % {"name": member, "plan": of_plan},
            )
            return redirect("consent:hand_over", of_plan.pk, member.pk)
        words = (
            _("%(name)s har ikke længere adgang til %(plan)s. Kontoen er lukket.")
            if closed
            else _("%(name)s har ikke længere adgang til %(plan)s.")
        )
        messages.success(request, words % {"name": member, "plan": of_plan})
        return redirect("collection:staff")
    work = actions.open_work_of(member, of_plan)
    return render(
        request,
        "consent/member_remove.html",
        {
            "plan": of_plan,
            "member": member,
            "activities": list(work["activities"]),
            "answers": work["answers"].count(),
            "last_plan": not member.memberships.exclude(plan=of_plan).exists(),
        },
    )
