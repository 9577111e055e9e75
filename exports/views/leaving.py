"""Fratrådt: what somebody leaves behind, who takes it over, and one press that ends their access."""

from uuid import UUID

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _

from accounts.access import FORM, requires
from accounts.models import User
from accounts.permissions import Permission
from collection.models import Activity
from collection.policies import colleague_or_404
from consent.actions.handover import NotInPlan, open_work_of
from exports.actions.leaving import leave
from exports.forms.leaving import LeavingForm
from exports.models import EvaluationProject, Recipient
from exports.policies import open_requests_of


@requires(Permission.CLOSE_ACCOUNT, FORM)
def leave_page(request: HttpRequest, pk: UUID) -> HttpResponse:
    leaver = colleague_or_404(request.user, pk)
    plans = list(leaver.plans.all())
    responsible = set(Activity.objects.filter(responsible=leaver).values_list("plan", flat=True))
    form = LeavingForm(
        request.POST if request.method == "POST" else None,  # there may be nothing to choose
        plans=[plan for plan in plans if plan.pk in responsible],
        leaver=leaver,
        by=request.user,  # type: ignore[arg-type]
    )
    if form.is_valid():
        try:
            leave(by=request.user, user=leaver, successors=form.successors())
        except NotInPlan:
            form.add_error(None, _("Den, der skulle tage over, har ikke længere adgang til planen. Vælg en anden."))
        else:
            messages.success(request, _("%(name)s er fratrådt. Kontoen er lukket.") % {"name": leaver})
            manages_all = request.user.can(Permission.MANAGE_ACCOUNTS)  # type: ignore[union-attr]
            return redirect("collection:accounts" if manages_all else "collection:staff")
    work = [{"plan": plan, **{kind: list(rows) for kind, rows in open_work_of(leaver, plan).items()}} for plan in plans]
    context = {
        "leaver": leaver,
        "form": form,
        "work": [one for one in work if one["activities"] or one["answers"]],
        **_of_projects(leaver),
    }
    return render(request, "exports/leave.html", context)


def _of_projects(leaver: User) -> dict:
    """What is cancelled, and what a data controller should look at afterwards."""
    of_leaver = EvaluationProject.objects.filter(evaluators=leaver, ended_at=None)
    return {
        "requests": list(open_requests_of(leaver).select_related("project")),
        "projects": [project for project in of_leaver if project.evaluators.filter(is_active=True).count() == 1],
        "keys": list(Recipient.objects.filter(added_by=leaver, revoked_at=None).select_related("project")),
    }
