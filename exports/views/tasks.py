"""Opgaver: what waits for somebody, and the way to its remedy. The first page of every role."""

from django.core.paginator import Paginator
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils.timezone import localdate

from accounts.access import requires
from accounts.permissions import Permission
from consent.worklists import ActivityWork
from exports.worklists import MORE, PlanWork, Task, export_tasks

PAGE_SIZE = 25


@requires(Permission.SEE_TASKS)
def tasks(request: HttpRequest) -> HttpResponse:
    """`?vis=mine`: only what belongs to the activities that the user is responsible for."""
    user = request.user
    mine = request.GET.get("vis") == "mine"
    found: list[Task] = []
    activities: list[ActivityWork] = []
    works_in_plans, several, has_own = user.can(Permission.ENROL), False, False  # type: ignore[union-attr]
    if works_in_plans:
        work = PlanWork(user, localdate(), mine=mine)
        found += work.tasks()
        activities = work.activities()
        several, has_own = len(work.plans) > 1, work.own.exists()
    if user.can(Permission.SEE_PROJECTS):  # type: ignore[union-attr]
        found += export_tasks(user)
    for more in MORE:
        found += more(user)
    return render(
        request,
        "exports/tasks.html",
        {
            "tasks": [task for task in found if task.count],
            "page": Paginator(activities, PAGE_SIZE).get_page(request.GET.get("page")),
            "mine": mine,
            "several": several,
            "has_own": has_own,
            "works_in_plans": works_in_plans,
            "approves": user.can(Permission.APPROVE_DELIVERY),  # type: ignore[union-attr]
            "may_estimate": user.can(Permission.GIVE_ESTIMATE),  # type: ignore[union-attr]
        },
    )
