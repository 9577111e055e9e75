"""Deliveries: the list, one with its progress and history, and what may be done with it."""

import json
from collections.abc import Iterable, Mapping
from uuid import UUID

from django.contrib import messages
from django.core.exceptions import PermissionDenied
from django.core.paginator import Paginator
from django.db.models import Count, Q
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _

from accounts.access import FORM, POST, requires
from accounts.models import User
from accounts.permissions import Permission
from audit import words
from audit.models import Event
from collection.models import ActivityType
from exports import comparison_results, groups, policies, wording
from exports.actions import deliveries as actions
from exports.comparison.runner.definition import from_json
from exports.comparison.runner.definition_words import summary
from exports.linkage.schema import Variable, layout_from_json
from exports.models import Archive, Delivery, Recipient, RegisterExtract, State
from exports.policies import NotAllowed, deliveries_of, delivery_or_404
from exports.recalls import open_recalls
from exports.recipients import READERS
from exports.states import WrongState
from exports.views import deletions
from exports.views.progress import answer, open_job, progress_of

PAGE_SIZE = 25


@requires(Permission.SEE_PROJECTS)
def deliveries(request: HttpRequest) -> HttpResponse:
    """For who approves, what waits comes first, in a table of its own."""
    found = deliveries_of(request.user).select_related("project", "requested_by")
    approves = request.user.can(Permission.APPROVE_DELIVERY)  # type: ignore[union-attr]
    waiting = list(found.filter(state=State.PREPARED).order_by("prepared_at")) if approves else []
    others = found.exclude(state=State.PREPARED) if approves else found
    page = Paginator(others, PAGE_SIZE).get_page(request.GET.get("page"))
    context = {
        "approves": approves,
        "waiting": [
            row | {"may_decide": row["delivery"].requested_by_id != request.user.pk} for row in rows_of(waiting)
        ],
        "page": page,
        "rows": rows_of(page.object_list),
        "recalled": open_recalls(request.user),
    }
    return render(request, "exports/deliveries.html", context)


@requires(Permission.SEE_PROJECTS)
def delivery(request: HttpRequest, pk: UUID) -> HttpResponse:
    delivery = delivery_or_404(request.user, pk)
    job = open_job(delivery.jobs)
    archives = list(delivery.archives.all())
    page, url = (reverse(f"exports:{name}", args=[delivery.pk]) for name in ("delivery", "progress"))
    may_request, may_approve = (
        request.user.can(permission)  # type: ignore[union-attr]
        for permission in (Permission.REQUEST_DELIVERY, Permission.APPROVE_DELIVERY)
    )
    waits = delivery.state == State.PREPARED
    why_not = policies.why_not_decide(request.user, delivery) if may_approve and waits else ""
    context = about(delivery) | {
        "progress": progress_of(job, url=url, page=page) if job else None,
        "archives": _archives(request.user, delivery, archives),
        "history": _history(delivery),
        "may_decide": may_approve and waits and not why_not,
        "why_not": wording.REFUSALS[why_not] if why_not else "",
        "missing": [reader.label for reader in policies.missing_recipients(delivery)] if waits else [],
        "may_cancel": policies.can_cancel(request.user, delivery),
        "may_order_again": may_request and groups.can_be_ordered_again(delivery),
        "deletion": deletions.shown(request.user, delivery),
        "may_retry": may_request and policies.can_retry(delivery),
    }
    return render(request, "exports/delivery.html", context)


@requires(Permission.SEE_PROJECTS)
def progress(request: HttpRequest, pk: UUID) -> HttpResponse:
    delivery = delivery_or_404(request.user, pk)
    page, url = (reverse(f"exports:{name}", args=[delivery.pk]) for name in ("delivery", "progress"))
    return answer(request, open_job(delivery.jobs), url=url, page=page)


@requires(Permission.REQUEST_DELIVERY, FORM)
def cancel(request: HttpRequest, pk: UUID) -> HttpResponse:
    """Asks once; only the requester."""
    delivery = delivery_or_404(request.user, pk)
    if delivery.requested_by_id != request.user.pk:
        raise PermissionDenied
    if not policies.can_cancel(request.user, delivery):
        return moved_on(request, delivery)
    if request.method == "POST":
        try:
            actions.cancel(by=request.user, delivery=delivery)
        except WrongState:
            return moved_on(request, delivery)
        messages.success(request, _("Bestillingen er annulleret."))
        return redirect("exports:delivery", delivery.pk)
    return render(request, "exports/delivery_cancel.html", {"delivery": delivery})


@requires(Permission.REQUEST_DELIVERY, POST)
def retry(request: HttpRequest, pk: UUID) -> HttpResponse:
    delivery = delivery_or_404(request.user, pk)
    try:
        actions.try_again(by=request.user, delivery=delivery)
    except (NotAllowed, WrongState):
        return moved_on(request, delivery)
    return redirect("exports:delivery", delivery.pk)


# --- What the pages are given ---------------------------------------------------------------------------


def rows_of(found: Iterable[Delivery]) -> list[dict]:
    return [{"delivery": delivery, "tag": wording.TAGS[State(delivery.state)]} for delivery in found]


def about(delivery: Delivery) -> dict:
    """What the delivery's page and the page of the decision both show."""
    project, report = delivery.project, delivery.report
    known: Mapping[str, Variable] = wording.variables()
    names = project.variables
    group: dict = {}
    if delivery.kind == Delivery.Kind.COMPARISON:
        known, group = _group(delivery)
    elif "layout" in report:  # as prepared, with its value sets
        layout = layout_from_json(report["layout"])
        known = {variable.name: variable for variable in layout.variables}
        group = {"unit": wording.in_language(layout.unit)}
    return group | {
        "delivery": delivery,
        "project": project,
        "tag": wording.TAGS[State(delivery.state)],
        "what": wording.what_happens(delivery),
        "decided": delivery.decided_by is not None,
        "years": wording.period(*(report.get("period") or (project.first_year, project.last_year))),
        "project_years": wording.period(project.first_year, project.last_year),
        "report": report,
        "findings": wording.finding_texts(report.get("findings", [])),
        "k": wording.k_words(report.get("k", {}), known, project.data_at),
        "difference": wording.difference_words(report.get("difference", {})),
        "left_out": wording.left_out_rows(report.get("left_out", [])),
        "variables": wording.variable_rows(report.get("variables") or names, known),
        "counts_families": report.get("unit") == "families",
    }


def _group(delivery: Delivery) -> tuple[Mapping[str, Variable], dict]:
    """Of a comparison group: its variables; and its rule in words, the list it is drawn from, and what came of it."""
    from exports.comparison.runner.flow import LABELS  # loads pandas, which most pages don't need

    names = {type_.code: str(type_) for type_ in ActivityType.objects.all()}
    definition = from_json(delivery.definition["definition"])
    report = delivery.report
    known = comparison_results.variables_of(comparison_results.layouts_of(report))
    extract = RegisterExtract.objects.defer("run_key").filter(pk=delivery.definition["extract"]).first()
    return known, {
        "rule": wording.in_language(summary(definition, names)),
        "extract": extract,
        "permitted": delivery.definition.get("permitted", ""),
        "files": [*report.get("rows_by_file", {}).items()],
        "flow": comparison_results.flow_steps(report.get("flow", []), LABELS),
        "results": comparison_results.results_of(report),
        "k_parts": comparison_results.k_parts(report),
        "drawn_in": delivery.project.deliveries.filter(pk=report.get("group")).exclude(pk=delivery.pk).first(),
    }


def _archives(user, delivery: Delivery, archives: list[Archive]) -> list[dict]:
    fetched = dict(delivery.fetches.values_list("reader").annotate(times=Count("pk")))
    opens = Recipient.objects.filter(pk__in=[pk for archive in archives for pk in archive.sealed_to])
    names = {str(each.pk): each.name for each in opens}
    rows = []
    for archive in archives:
        archive.delivery = delivery
        name, content = wording.ARCHIVES[delivery.kind, archive.reader]
        rows.append(
            {
                "archive": archive,
                "name": name,
                "content": content,
                "sealed_to": [names[pk] for pk in archive.sealed_to if pk in names],
                "fetched": fetched.get(archive.reader, 0),
                "may_fetch": policies.can_fetch(user, archive),
                "who": wording.READERS[archive.reader],
            }
        )
    return rows


def _history(delivery: Delivery) -> list[dict]:
    """The audit events of the delivery and its archives: what, when, by whom. Oldest first."""
    told = Q(action__startswith="delivery.") | Q(action__startswith="archive.")
    events = list(Event.objects.filter(told, object_id=str(delivery.pk)).order_by("sequence"))
    ids = {UUID(event.actor) for event in events if event.actor}
    names = {str(user.pk): user.full_name for user in User.objects.filter(pk__in=ids)}
    which = {reader: wording.ARCHIVES[delivery.kind, reader][0] for reader in READERS[delivery.kind]}
    return [
        {
            "what": words.sentence(event.action),
            "which": which.get(json.loads(event.details).get("reader"), ""),
            "at": event.at,
            "who": names.get(event.actor, "") if event.actor else _("Systemet"),
        }
        for event in events
    ]


def moved_on(request: HttpRequest, delivery: Delivery) -> HttpResponse:
    messages.warning(request, str(wording.MOVED_ON))
    return redirect("exports:delivery", delivery.pk)
