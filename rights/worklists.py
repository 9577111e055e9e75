"""What waits on the page "Opgaver": requests that are to be answered."""

from collections.abc import Iterator
from datetime import timedelta
from typing import Any

from django.urls import reverse
from django.utils.timezone import localdate
from django.utils.translation import gettext as _

from accounts.permissions import Permission
from exports.worklists import Task
from rights.policies import requests_of

SOON = timedelta(days=7)


def tasks(user: Any) -> Iterator[Task]:
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
