"""The log of a plan, and of a person: who has seen and done what."""

from uuid import UUID

from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.utils.text import slugify
from django.views.decorators.cache import never_cache

from accounts.access import requires
from accounts.permissions import Permission
from audit import pages
from audit.forms import EventFilter, PersonFilter
from audit.recording import audited
from collection.policies import plan_or_404, plans_of
from consent import gate, logs
from consent.views import SignedInRequest


@requires(Permission.READ_PLAN_AUDIT)
def plan_logs(request: SignedInRequest) -> HttpResponse:
    """Which plan's. Who has one goes straight to it, and the data controller to the log of all."""
    if request.user.can(Permission.READ_AUDIT):
        return redirect("audit:events")
    plans = list(plans_of(request.user).order_by("name"))
    if len(plans) == 1:
        return redirect("consent:plan_log", plans[0].pk)
    return render(request, "consent/plan_logs.html", {"plans": plans})


@requires(Permission.READ_PLAN_AUDIT)
@never_cache
def plan_log(request: SignedInRequest, pk: UUID) -> HttpResponse:
    plan = plan_or_404(request.user, pk)
    scope = logs.of_plan(request.user, plan)
    form = EventFilter(request.GET, people=logs.colleagues(plan), without=scope.wanted.without)
    context = {"plan": plan, "several": plans_of(request.user)[:2].count() > 1}
    return pages.answer(
        request, scope, form, "consent/plan_log.html", context, name=f"log-{slugify(plan.lbf_number) or 'plan'}"
    )


@requires(Permission.READ_PLAN_AUDIT)
@never_cache
def participant_log(request: SignedInRequest, pk: UUID) -> HttpResponse:
    """Who has seen a person's details. Reading it concerns the person too, so it is in the log itself."""
    person = logs.person_or_404(request.user, pk)
    with audited(by=request.user) as log:
        log("log.person_read", person, plan=person.plan_id, subjects=[person.pk])
    held = person.erased_at is None
    context = {
        "person": person,
        "activities": sorted({row.activity.name for row in gate.of_participants([person])} if held else ()),
        "to_participant": held and request.user.can(Permission.SEE_PARTICIPANTS),
    }
    scope = logs.of_person(request.user, person)
    return pages.answer(
        request, scope, PersonFilter(request.GET), "consent/participant_log.html", context, name="log-deltager"
    )
