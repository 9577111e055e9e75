"""The log. Its door, `requires(Permission.READ_AUDIT)`, is in config/urls.py: permissions belong to an app above."""

from uuid import UUID

from django.contrib.auth import get_user_model
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render

from audit import words
from audit.forms import EventFilter
from audit.models import Event
from audit.queries import found, stretch

PAGE_SIZE = 50


def events(request: HttpRequest) -> HttpResponse:
    """The newest events first. `?before=` and `?after=` are sequences to go on from."""
    form = EventFilter(request.GET)
    form.is_valid()  # a date that can't be read is told at the field; the other filters count
    wanted = {name: value for name, value in form.cleaned_data.items() if value}
    page = stretch(
        found(**wanted), size=PAGE_SIZE, before=_sequence(request, "before"), after=_sequence(request, "after")
    )
    actors = _names(page.events)
    rows = [
        {
            "event": event,
            "actor": actors.get(event.actor, event.actor),
            "sentence": words.sentence(event.action),
            "details": words.details(event.details),
            "plan": form.plans.get(event.plan, event.plan),
        }
        for event in page.events
    ]
    return render(request, "audit/events.html", {"rows": rows, "page": page, "filter": form, "filtered": bool(wanted)})


def _names(events: list[Event]) -> dict[str, str]:
    """Names of the actors on a page, by id. Users without an account any more stay an id."""
    ids = {UUID(event.actor) for event in events if event.actor}
    return {str(user.pk): str(user) for user in get_user_model().objects.filter(pk__in=ids)} if ids else {}


def _sequence(request: HttpRequest, name: str) -> int | None:
    text = request.GET.get(name, "")
    return int(text) if text.isascii() and text.isdigit() and len(text) < 19 else None
