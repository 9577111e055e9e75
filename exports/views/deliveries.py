"""Deliveries: the list, one with its progress and history, and what may be done with it."""

from collections.abc import Iterable, Mapping
from uuid import UUID

import structlog
from django.contrib import messages
from django.core.exceptions import PermissionDenied
from django.core.paginator import Paginator
from django.db.models import Q
from django.http import FileResponse, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_POST

from accounts.access import requires
from accounts.models import User
from accounts.permissions import Permission
from audit import words
from audit.models import Event
from collection.models import ActivityType
from crypto.agefile import AgeError, open_age
from exports import ledger, policies, storage, vault, wording
from exports.actions import deliveries as actions
from exports.comparison.definition import Definition, summary
from exports.forms.decisions import DecisionForm
from exports.linkage.schema import Variable
from exports.models import Archive, Delivery, Reader, RegisterExtract, State
from exports.policies import NotAllowed, deliveries_of, delivery_or_404
from exports.recalls import open_recalls
from exports.states import WrongState
from exports.views.progress import answer, open_job, progress_of

log = structlog.get_logger(__name__)

PAGE_SIZE = 25
FILE_NAMES = {Reader.OFFICER: "noegle", Reader.EVALUATOR: "data"}


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
            row | {"may_decide": policies.can_decide(request.user, row["delivery"])} for row in rows_of(waiting)
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
    waits_for_another = delivery.state == State.PREPARED and delivery.requested_by_id == request.user.pk
    context = _shown(delivery) | {
        "progress": progress_of(job, url=url, page=page) if job else None,
        "archives": [_archive(request.user, delivery, archive) for archive in archives],
        "history": _history(delivery, archives),
        "may_decide": policies.can_decide(request.user, delivery),
        "why_not": wording.REFUSALS["own_request"] if may_approve and waits_for_another else "",
        "may_cancel": policies.can_cancel(request.user, delivery),
        "may_retry": may_request and delivery.state == State.FAILED and not ledger.was_given_out(delivery),
    }
    return render(request, "exports/delivery.html", context)


@requires(Permission.SEE_PROJECTS)
def progress(request: HttpRequest, pk: UUID) -> HttpResponse:
    delivery = delivery_or_404(request.user, pk)
    page, url = (reverse(f"exports:{name}", args=[delivery.pk]) for name in ("delivery", "progress"))
    return answer(request, open_job(delivery.jobs), url=url, page=page)


@requires(Permission.REQUEST_DELIVERY)
def cancel(request: HttpRequest, pk: UUID) -> HttpResponse:
    """Asks once; only the requester."""
    delivery = delivery_or_404(request.user, pk)
    if delivery.requested_by_id != request.user.pk:
        raise PermissionDenied
    if not policies.can_cancel(request.user, delivery):
        return _moved_on(request, delivery)
    if request.method == "POST":
        try:
            actions.cancel(by=request.user, delivery=delivery)
        except WrongState:
            return _moved_on(request, delivery)
        messages.success(request, _("Bestillingen er annulleret."))
        return redirect("exports:delivery", delivery.pk)
    return render(request, "exports/delivery_cancel.html", {"delivery": delivery})


@requires(Permission.REQUEST_DELIVERY)
@require_POST
def retry(request: HttpRequest, pk: UUID) -> HttpResponse:
    delivery = delivery_or_404(request.user, pk)
    try:
        actions.try_again(by=request.user, delivery=delivery)
    except WrongState:
        return _moved_on(request, delivery)
    return redirect("exports:delivery", delivery.pk)


@requires(Permission.APPROVE_DELIVERY)
def decide(request: HttpRequest, pk: UUID) -> HttpResponse:
    """Everything needed to say yes or no to the prepared set; somebody's own request says why they can't."""
    delivery = delivery_or_404(request.user, pk)
    try:
        policies.check_can_decide(request.user, delivery)
    except NotAllowed as refused:
        if refused.code != "own_request":
            messages.warning(request, str(wording.REFUSALS["not_prepared"]))
            return redirect("exports:delivery", delivery.pk)
        context = _shown(delivery) | {"why_not": wording.REFUSALS["own_request"]}
        return render(request, "exports/decide.html", context, status=403)
    form = DecisionForm(
        request.POST or None,
        prepared_hash=delivery.prepared_hash,
        blocked=bool(delivery.report.get("blocked")),
        cancel=reverse("exports:delivery", args=[delivery.pk]),
    )
    if form.is_valid():
        try:
            _decide(request, delivery, form.cleaned_data)
        except (WrongState, NotAllowed):
            messages.warning(
                request, _("Leverancen er ændret, siden du åbnede siden. Se den igennem igen, før du tager stilling.")
            )
            return redirect("exports:decide", delivery.pk)
        return redirect("exports:delivery", delivery.pk)
    context = _shown(delivery) | {
        "form": form,
        "recipients": [
            (reader.label, content)
            for reader in Reader
            if (content := wording.ARCHIVES.get((delivery.kind, reader), ("", ""))[1])
        ],
    }
    return render(request, "exports/decide.html", context)


def _decide(request: HttpRequest, delivery: Delivery, answer: dict) -> None:
    if answer["decision"] == DecisionForm.YES:
        actions.approve(by=request.user, delivery=delivery, prepared_hash=answer["prepared_hash"])
        messages.success(request, _("Leverancen er godkendt. Filerne dannes nu."))
    elif answer["prepared_hash"] == delivery.prepared_hash:
        actions.reject(by=request.user, delivery=delivery, reason=answer["reason"])
        messages.success(request, _("Leverancen er afvist. Bestilleren kan læse begrundelsen."))
    else:
        raise WrongState("another set")


@never_cache
@requires(Permission.SEE_PROJECTS)
@require_POST
def fetch(request: HttpRequest, pk: UUID, reader: str) -> HttpResponse:
    """Streams the decrypted archive to its reader. It is recorded before the first byte leaves."""
    delivery = delivery_or_404(request.user, pk)
    archive = get_object_or_404(delivery.archives, reader=reader)
    archive.delivery = delivery
    try:
        policies.check_can_fetch(request.user, archive)
    except NotAllowed as refused:
        if refused.code == "wrong_state":
            return _moved_on(request, delivery)
        raise PermissionDenied from None
    try:
        plain = open_age(storage.absolute(archive), vault.archive_identity(), sha256=archive.sha256)
    except (AgeError, OSError) as error:
        log.error("archive does not open", archive=str(archive.pk), error=type(error).__name__)
        messages.error(request, _("Arkivet kan ikke åbnes: filen mangler eller er ændret. Kontakt driften."))
        return redirect("exports:delivery", delivery.pk)
    try:
        actions.record_fetch(by=request.user, archive=archive)
    except actions.SomebodyLeft:
        plain.close()
        return _build_again(request, delivery)
    except (NotAllowed, WrongState):  # built again by somebody else a moment ago
        plain.close()
        return _moved_on(request, delivery)
    except BaseException:
        plain.close()
        raise
    name = f"leverance-{delivery.project.dst_number}-{delivery.number}-{FILE_NAMES[Reader(reader)]}.zip"
    return FileResponse(  # type: ignore[return-value]
        plain, as_attachment=True, filename=name, content_type="application/zip"
    )


def _build_again(request: HttpRequest, delivery: Delivery) -> HttpResponse:
    try:
        actions.build_again(by=request.user, delivery=delivery)
    except WrongState:
        return _moved_on(request, delivery)
    messages.warning(
        request,
        _(
            "Et samtykke er trukket tilbage eller udløbet, siden filerne blev dannet. "
            "De dannes nu igen uden personen. Hent dem, når de er klar."
        ),
    )
    return redirect("exports:delivery", delivery.pk)


# --- What the pages are given ---------------------------------------------------------------------------


def rows_of(found: Iterable[Delivery]) -> list[dict]:
    return [{"delivery": delivery, "tag": wording.TAGS[State(delivery.state)]} for delivery in found]


def _shown(delivery: Delivery) -> dict:
    """What the delivery's page and the page of the decision both show."""
    project, report = delivery.project, delivery.report
    known: Mapping[str, Variable] = wording.variables()
    names = project.variables
    group: dict = {}
    if delivery.kind == Delivery.Kind.COMPARISON:
        known, group = _group(delivery)
        names = list(known)
    return group | {
        "delivery": delivery,
        "project": project,
        "tag": wording.TAGS[State(delivery.state)],
        "what": wording.what_happens(delivery),
        "rejected": delivery.state == State.REJECTED,
        "years": wording.period(*(report.get("period") or (project.first_year, project.last_year))),
        "project_years": wording.period(project.first_year, project.last_year),
        "report": report,
        "findings": wording.finding_texts(report.get("findings", [])),
        "left_out": wording.left_out_rows(report.get("left_out", [])),
        "variables": wording.variable_rows(report.get("variables") or names, known),
        "counts_families": report.get("unit") == "families",
    }


def _group(delivery: Delivery) -> tuple[Mapping[str, Variable], dict]:
    """Of a comparison group: its variables; and its rule in words, the list it is drawn from, its flow and counts."""
    from exports.comparison.flow import LABELS
    from exports.comparison_delivery import layout_of  # loads DuckDB and pandas, which most pages don't need

    names = {type_.code: str(type_) for type_ in ActivityType.objects.all()}
    definition = Definition.from_json(delivery.definition["definition"])
    known = {variable.name: variable for variable in layout_of(definition).variables}
    extract = RegisterExtract.objects.defer("run_key").filter(pk=delivery.definition["extract"]).first()
    report = delivery.report
    return known, {
        "rule": summary(definition, names),
        "extract": extract,
        "flow": wording.flow_texts(report.get("flow", []), LABELS),
        "counts": wording.count_table(report.get("counted_by", []), report.get("counts", []), known),
    }


def _archive(user, delivery: Delivery, archive: Archive) -> dict:
    archive.delivery = delivery
    name, content = wording.ARCHIVES[delivery.kind, archive.reader]
    return {
        "archive": archive,
        "name": name,
        "content": content,
        "may_fetch": policies.can_fetch(user, archive),
        "who": wording.READERS[archive.reader],
    }


def _history(delivery: Delivery, archives: list[Archive]) -> list[dict]:
    """The audit events of the delivery and its archives: what, when, by whom. Oldest first."""
    objects = {
        str(delivery.pk): "",
        **{str(archive.pk): wording.ARCHIVES[delivery.kind, archive.reader][0] for archive in archives},
    }
    told = Q(action__startswith="delivery.") | Q(action__startswith="archive.")
    events = list(Event.objects.filter(told, object_id__in=objects).order_by("sequence"))
    ids = {UUID(event.actor) for event in events if event.actor}
    names = {str(user.pk): user.full_name for user in User.objects.filter(pk__in=ids)}
    return [
        {
            "what": words.sentence(event.action),
            "which": objects[event.object_id],
            "at": event.at,
            "who": names.get(event.actor, "") if event.actor else _("Systemet"),
        }
        for event in events
    ]


def _moved_on(request: HttpRequest, delivery: Delivery) -> HttpResponse:
    messages.warning(request, str(wording.MOVED_ON))
    return redirect("exports:delivery", delivery.pk)
