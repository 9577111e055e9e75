"""The log. Its door, `requires(Permission.READ_AUDIT)`, is in config/urls.py: permissions belong to an app above."""

from django.http import HttpRequest, HttpResponse
from django.views.decorators.cache import never_cache

from audit import pages, state
from audit.forms import EventFilter
from audit.naming import plan_names


@never_cache
def events(request: HttpRequest) -> HttpResponse:
    """All events, and whether the log is in order."""
    scope = pages.Scope(pages.people())
    form = EventFilter(request.GET, people=scope.names, plans=plan_names())
    return pages.answer(request, scope, form, "audit/events.html", {"state": state.now()})
