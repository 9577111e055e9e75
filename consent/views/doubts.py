"""A second look at registered people: a number whose check digit fails, or two people of one name and birth date."""

from datetime import date
from uuid import UUID

from django.contrib import messages
from django.core.paginator import Paginator
from django.db.models import QuerySet
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.utils.formats import date_format
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache

from accounts.access import requires
from accounts.permissions import Permission
from collection import identities
from collection.models import Participant
from collection.policies import activities_of, plans_of
from consent import gate
from consent.actions.settle import settle_doubt
from consent.policies import participant_or_404
from consent.views import SignedInRequest
from consent.worklists import in_doubt, namesakes_of

PAGE_SIZE = 25


@requires(Permission.CORRECT)
@never_cache
def doubts(request: SignedInRequest) -> HttpResponse:
    """`?vis=mine`: only those in the activities that the user is responsible for."""
    found: QuerySet[Participant] = in_doubt(plans_of(request.user))
    mine = request.GET.get("vis") == "mine"
    if mine:
        own = activities_of(request.user).filter(responsible=request.user)
        found = found.filter(pk__in=gate.in_activities(own).values("participant"))
    page = Paginator(found.order_by("-registered_at", "pk"), PAGE_SIZE).get_page(request.GET.get("page"))
    people = list(page)
    names = identities.names(people, by=request.user)
    rows = [row | {"name": names[row["person"].pk]} for row in _with_activities(people)]
    return render(request, "consent/doubts.html", {"page": page, "rows": rows, "mine": mine})


@requires(Permission.CORRECT)
@never_cache
def doubt(request: SignedInRequest, pk: UUID) -> HttpResponse:
    """One person in doubt beside their namesakes, with all that is held. POST says that everything is right."""
    person = participant_or_404(request.user, pk)
    doubtful = in_doubt([person.plan]).filter(pk=pk).first()
    if doubtful is None:
        messages.info(request, _("Der er allerede set efter."))
        return redirect("consent:participant", pk)
    namesakes = list(namesakes_of(person)) if doubtful.namesake else []  # type: ignore[attr-defined]
    if request.method == "POST":
        shown = set(request.POST.getlist("shown"))  # who was registered since is looked at another time
        settle_doubt(by=request.user, participant=person, namesakes=[row for row in namesakes if str(row.pk) in shown])
        messages.success(request, _("Det er noteret, at der er set efter."))
        return redirect("consent:doubts")
    people = [row | _held(row["person"], request) for row in _with_activities([person, *namesakes])]
    return render(
        request,
        "consent/doubt.html",
        {
            "person": person,
            "shown_as": people[0]["shown_as"],
            "failing": doubtful.failing,  # type: ignore[attr-defined]
            "people": people,
            "namesakes": namesakes,
        },
    )


def _with_activities(people: list[Participant]) -> list[dict]:
    taking_part: dict[UUID, dict] = {}
    for participation in gate.of_participants(people):
        taking_part.setdefault(participation.participant_id, {})[participation.activity_id] = participation.activity
    return [{"person": person, "activities": list(taking_part.get(person.pk, {}).values())} for person in people]


def _held(person: Participant, request: SignedInRequest) -> dict:
    held = identities.read_all(person, by=request.user)
    dates = {"birth_date", "residence_date"} & held.keys()
    held |= {field: date_format(date.fromisoformat(held[field])) for field in dates}
    return {"held": held, "shown_as": held.get("name") or held["cpr"]}
