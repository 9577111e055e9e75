"""Lists of people of whom something waits: to be asked again, to be looked at again.

`?vis=mine` shows only those in the activities that the user is responsible for. The names on a page are one reading.
"""

from uuid import UUID

from django.core.paginator import Paginator
from django.db.models import QuerySet
from django.http import HttpResponse
from django.shortcuts import render
from django.utils.timezone import localdate
from django.views.decorators.cache import never_cache

from accounts.access import requires
from accounts.permissions import Permission
from collection import identities
from collection.models import Participant
from collection.policies import activities_of, plans_of
from consent import gate
from consent.actions.lapse import erase_on
from consent.views import SignedInRequest
from consent.worklists import in_doubt, to_ask_again

PAGE_SIZE = 25


@requires(Permission.ENROL)
@never_cache
def to_ask(request: SignedInRequest) -> HttpResponse:
    """The most urgent first."""
    today = localdate()
    context = _page(request, to_ask_again(plans_of(request.user), today))
    for row in context["rows"]:
        ends = row["person"].lapses
        row |= {"ends": ends, "lapsed": ends <= today, "erased_on": erase_on(ends)}
    return render(request, "consent/to_ask.html", context)


@requires(Permission.CORRECT)
@never_cache
def doubts(request: SignedInRequest) -> HttpResponse:
    found = in_doubt(plans_of(request.user)).order_by("-registered_at", "pk")
    return render(request, "consent/doubts.html", _page(request, found))


def _page(request: SignedInRequest, found: QuerySet[Participant]) -> dict:
    mine = request.GET.get("vis") == "mine"
    if mine:
        own = activities_of(request.user).filter(responsible=request.user)
        found = found.filter(pk__in=gate.in_activities(own).values("participant"))
    page = Paginator(found, PAGE_SIZE).get_page(request.GET.get("page"))
    people = list(page)
    names = identities.names(people, by=request.user)
    rows = [row | {"name": names[row["person"].pk]} for row in with_activities(people)]
    return {"page": page, "rows": rows, "mine": mine}


def with_activities(people: list[Participant]) -> list[dict]:
    """Each person, with the activities that they take part in."""
    taking_part: dict[UUID, dict] = {}
    for participation in gate.of_participants(people):
        taking_part.setdefault(participation.participant_id, {})[participation.activity_id] = participation.activity
    return [{"person": person, "activities": list(taking_part.get(person.pk, {}).values())} for person in people]
