"""A second look at somebody: a number whose check digit fails, or people of one name and birth date."""

from datetime import date
from uuid import UUID

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.utils.formats import date_format
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache

from accounts.access import FORM, requires
from accounts.permissions import Permission
from collection import identities
from collection.policies import plans_of
from consent.actions.settle import settle_doubt
from consent.policies import usable_participant_or_404
from consent.views import SignedInRequest
from consent.views.worklists import with_activities
from consent.worklists import in_doubt, namesakes_of


@requires(Permission.CORRECT, FORM)
@never_cache
def doubt(request: SignedInRequest, pk: UUID) -> HttpResponse:
    """One person in doubt beside their namesakes, with all that is held. POST says that everything is right."""
    person = in_doubt(plans_of(request.user)).filter(pk=pk).first()
    if person is None:
        usable_participant_or_404(request.user, pk)
        messages.info(request, _("Der er allerede set efter."))
        return redirect("consent:participant", pk)
    namesakes = list(namesakes_of(person)) if person.namesake else []  # type: ignore[attr-defined]
    if request.method == "POST":
        shown = set(request.POST.getlist("shown"))  # who was registered since is looked at another time
        settle_doubt(by=request.user, participant=person, namesakes=[row for row in namesakes if str(row.pk) in shown])
        messages.success(request, _("Det er noteret, at der er set efter."))
        return redirect("consent:doubts")
    held = identities.read_all_of([person, *namesakes], by=request.user)
    people = [row | _shown(held[row["person"].pk]) for row in with_activities([person, *namesakes])]
    return render(
        request,
        "consent/doubt.html",
        {
            "person": person,
            "shown_as": people[0]["shown_as"],
            "failing": person.failing,  # type: ignore[attr-defined]
            "people": people,
            "namesakes": namesakes,
        },
    )


def _shown(held: dict[str, str]) -> dict:
    dates = {"birth_date", "residence_date"} & held.keys()
    held |= {field: date_format(date.fromisoformat(held[field])) for field in dates}
    return {"held": held, "shown_as": held.get("name") or held["cpr"]}
