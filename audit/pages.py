"""A page of the log: the site's, a plan's or a person's. Filter, table, pages that follow the sequence, file."""

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field, replace
from typing import Any

from django.contrib.auth import get_user_model
from django.http import HttpRequest, HttpResponse, StreamingHttpResponse
from django.shortcuts import render
from django.utils.timezone import localtime
from django.utils.translation import gettext as _

from audit import tables, words
from audit.forms import PeriodFilter
from audit.models import Event
from audit.naming import plan_names
from audit.queries import Wanted, each, stretch
from audit.recording import audited

PAGE_SIZE = 50
FILE_ROWS = 100_000


@dataclass(frozen=True)
class Scope:
    """Which events a log has: those that meet `wanted`.

    `names`: of the actors who may be named, by id; `others`: what stands for the others, their id without it.
    `about`: the object whose log this is.
    """

    names: Mapping[str, str]
    wanted: Wanted = field(default_factory=Wanted)
    others: str = ""
    about: Any = None


@dataclass(frozen=True)
class Line:
    """An event in words. `who` is empty for the system; `person`: the id of the participant that it is about."""

    event: Event
    sentence: str
    details: str
    who: str
    plan: str
    person: str


def answer(
    request: HttpRequest, scope: Scope, form: PeriodFilter, template: str, context: dict[str, Any], *, name: str = "log"
) -> HttpResponse:
    """The newest events first. `?before=` and `?after=` are sequences to go on from; `?format=csv` gives a file."""
    asked = form.wanted()
    wanted = replace(scope.wanted, **asked)
    if request.GET.get("format") == "csv":
        return _file(request, scope, wanted, name)  # type: ignore[return-value]
    page = stretch(wanted, size=PAGE_SIZE, before=_sequence(request, "before"), after=_sequence(request, "after"))
    rows = list(_lines(page.events, scope))
    context |= {"rows": rows, "page": page, "filter": form, "filtered": bool(asked), "most": FILE_ROWS}
    return render(request, template, context)


def people() -> dict[str, str]:
    """The names of all accounts by id, closed ones too."""
    return {str(pk): name for pk, name in get_user_model().objects.order_by("full_name").values_list("pk", "full_name")}


def _lines(events: list[Event], scope: Scope) -> Iterator[Line]:
    plans = plan_names()
    for event in events:
        person = event.object_id if event.object_type == "collection.participant" else ""
        who = scope.names.get(event.actor, scope.others or event.actor) if event.actor else ""
        plan = plans.get(event.plan, event.plan)
        yield Line(event, words.sentence(event.action), words.details(event.details), who, plan, person)


def _file(request: HttpRequest, scope: Scope, wanted: Wanted, name: str) -> StreamingHttpResponse:
    with audited(by=request.user) as log:
        log("log.taken", scope.about, plan=wanted.plan, subjects=wanted.subjects)
    response = StreamingHttpResponse(tables.lines(_rows(scope, wanted)), content_type="text/csv; charset=utf-8")
    response["Content-Disposition"] = f'attachment; filename="{name}.csv"'
    response["Cache-Control"] = "no-store"
    return response


def _rows(scope: Scope, wanted: Wanted) -> Iterator[Iterable[str]]:
    yield _("Nr."), _("Tidspunkt"), _("Hvem"), _("Handling"), _("Nærmere"), _("Helhedsplan")
    for events in each(wanted, at_most=FILE_ROWS):
        for line in _lines(events, scope):
            at = f"{localtime(line.event.at):%d.%m.%Y %H:%M:%S}"
            yield str(line.event.sequence), at, line.who or _("systemet"), line.sentence, line.details, line.plan


def _sequence(request: HttpRequest, name: str) -> int | None:
    text = request.GET.get(name, "")
    return int(text) if text.isascii() and text.isdigit() and len(text) < 19 else None
