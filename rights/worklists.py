"""What waits on the page "Opgaver": requests that are to be answered, and what is soon to be erased."""

from collections.abc import Iterator
from datetime import timedelta
from typing import Any

from django.urls import reverse
from django.utils.timezone import localdate
from django.utils.translation import gettext as _

from accounts.permissions import Permission
from collection.policies import plans_of
from exports.policies import projects_of
from exports.worklists import Task
from rights.models import PlanRetention
from rights.policies import requests_of
from rights.retention import LAST_NOTICE, NOTICE, erasable

SOON = timedelta(days=7)


def tasks(user: Any) -> Iterator[Task]:
    yield from _requests(user)
    if user.can(Permission.SEE_RETENTION):
        yield from _retention(user)


def _requests(user: Any) -> Iterator[Task]:
    if not user.can(Permission.ANSWER_REQUEST):
        return
    waiting = requests_of(user).filter(outcome="")
    near = waiting.filter(due_on__lte=localdate() + SOON).count()
    yield Task(
        label=_("Anmodninger om egne oplysninger"),
        text=_("Fristen er nær eller overskredet for %(count)s.") % {"count": near}
        if near
        else _("En person vil se, rette eller slette sine oplysninger. Svar inden en måned."),
        action=_("Svar"),
        url=reverse("rights:requests"),
        count=waiting.count(),
    )


def _retention(user: Any) -> Iterator[Task]:
    """90 and 30 days ahead, of plans in which somebody is left, and of projects to who answers for them."""
    today = localdate()
    page = reverse("rights:retention")
    rows = PlanRetention.objects.filter(plan__in=plans_of(user), erase_on__lte=today + NOTICE)
    held = erasable([row.plan for row in rows.select_related("plan")]).values("plan")
    ahead = list(rows.filter(plan__in=held).values_list("erase_on", flat=True))
    yield Task(
        label=_("Helhedsplaner, hvis deltagere snart slettes"),
        text=_("Om 30 dage eller før slettes det, hvem deltagerne er. Det kan ikke fortrydes.")
        if any(day <= today + LAST_NOTICE for day in ahead)
        else _("Om 90 dage eller før slettes det, hvem deltagerne er. Det kan ikke fortrydes."),
        action=_("Se dagene"),
        url=page,
        count=len(ahead),
    )
    if user.can(Permission.SET_RETENTION):
        soon = projects_of(user).filter(ended_at__isnull=True, ends_on__lte=today + NOTICE)
        ends = [project.ends_on for project in soon if project.ends_on is not None]
        yield Task(
            label=_("Evalueringsprojekter, der snart slutter"),
            text=_("Om 30 dage eller før, eller allerede nu, skal alle data være slettet.")
            if any(day <= today + LAST_NOTICE for day in ends)
            else _("Om 90 dage eller før skal alle data være slettet."),
            action=_("Se dagene"),
            url=page,
            count=len(ends),
        )
