"""What is held about one person: the report that article 15 of the General Data Protection Regulation gives a right to.

Who has seen the data is told by role and plan, without the names of employees: those are a person's own data too, and
are only told where that is needed to use the right (Court of Justice, C-579/21, Pankki S, 22 June 2023).
"""

from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from uuid import UUID

from django.template.loader import render_to_string
from django.utils import timezone
from django.utils.translation import override

from accounts.models import User
from audit.models import Event
from audit.queries import Wanted, each
from audit.recording import audited
from audit.words import sentence
from collection import identities
from collection.identities import FIELDS, Reason
from collection.models import Participant, Participation, Plan
from consent import gate
from consent.models import Decision, Proof, Restriction, Text
from consent.paper import page_pdf
from consent.wording import as_html, direction
from exports.holdings import Holding, holding
from rights.models import Kind, Request
from rights.policies import NotAllowed, check_open
from rights.retention import days

MOST_EVENTS = 20_000  # about one person; the report says so when there are more


@dataclass(frozen=True)
class Registration:
    """One of the person's rows. `identity`: in clear, by field (collection.identities.FIELDS). `erase_on`: the day by
    which it is forgotten who the people of the plan are."""

    row: Participant
    identity: dict[str, str]
    imported: bool
    participations: list[Participation]
    decisions: list[Decision]
    proofs: list[Proof]
    restrictions: list[Restriction]
    erase_on: date


@dataclass(frozen=True)
class Seen:
    """How often somebody in a role did something with the person's data on a day."""

    day: date
    what: str
    role: str
    plan: str
    count: int


@dataclass(frozen=True)
class Report:
    request: Request
    made_at: datetime
    registrations: list[Registration]
    texts: list[Text]
    seen: list[Seen]
    more_seen: bool
    holdings: list[Holding]
    requests: list[Request]


def make(*, by: User, request: Request) -> Report:
    """Reads all of it, which is audited as readings of the person's identity. Raises NotAllowed: the request is
    answered, asks for something else, or it is not known who asks."""
    with audited(by=by) as log:
        request.refresh_from_db(from_queryset=Request.objects.select_for_update())
        check_open(request)
        if request.kind != Kind.ACCESS or not request.identity_proof:
            raise NotAllowed("not_identified")
        rows = gate.as_registered_now([row.pk for row in request.people.all()])
        registrations = [_registration(row, by) for row in rows]
        known = gate.with_merged([row.pk for row in rows])
        events = [event for part in each(Wanted(subjects=tuple(known)), at_most=MOST_EVENTS) for event in part]
        request.reported_at = timezone.now()
        request.save(update_fields=["reported_at"])
        log("request.reported", request, subjects=[row.pk for row in rows])
    return Report(
        request=request,
        made_at=request.reported_at,
        registrations=registrations,
        texts=_texts(registrations),
        seen=seen(events),
        more_seen=len(events) == MOST_EVENTS,
        holdings=holding([row.pk for row in rows]) if rows else [],
        requests=list(Request.objects.filter(people__in=known).exclude(pk=request.pk).distinct()),
    )


def pdf(report: Report) -> bytes:
    """In Danish, tagged (PDF/UA-1). Raises consent.paper.PaperUnavailable."""
    with override("da"):
        texts = [(text, as_html(text), direction(text)) for text in report.texts]
        return page_pdf(render_to_string("rights/report.html", {"report": report, "texts": texts}), "report.css")


def seen(events: Iterable[Event]) -> list[Seen]:
    """The latest day first; what happened several times on a day is one line. In the language that is active."""
    events = list(events)
    actors = _uuids(event.actor for event in events)
    roles = {str(user.pk): user.get_role_display() for user in User.objects.filter(pk__in=actors)}
    plans = {str(pk): name for pk, name in Plan.objects.values_list("pk", "name")}
    counts = Counter(
        (
            timezone.localdate(event.at),
            sentence(event.action),
            roles.get(event.actor, ""),
            plans.get(event.plan, ""),
        )
        for event in events
    )
    return [Seen(*what, count) for what, count in sorted(counts.items(), key=lambda each: each[0], reverse=True)]


def _registration(row: Participant, by: User) -> Registration:
    held = [field for field in FIELDS if getattr(row, field) is not None]
    secrets = {field: identities.read(row, field, by=by, reason=Reason.REQUEST) for field in held}
    decisions = Decision.objects.filter(participant=row).order_by("decided_on", "pk")
    imported = Wanted(subjects=(row.pk,), action="participant.imported")
    return Registration(
        row=row,
        identity={field: secret.reveal() for field, secret in secrets.items() if secret is not None},
        imported=any(True for part in each(imported, at_most=1) for _ in part),
        participations=list(gate.of_participants([row])),
        decisions=list(decisions.select_related("text__version__document", "purpose")),
        proofs=list(Proof.objects.filter(decision__participant=row, deleted_at__isnull=True).order_by("added_at")),
        restrictions=list(Restriction.objects.filter(participant=row).order_by("restricted_at")),
        erase_on=days([row.plan], timezone.localdate())[0].erase_on,
    )


def _texts(registrations: Sequence[Registration]) -> list[Text]:
    """The texts that the person said yes to, each once."""
    decisions = [decision for each in registrations for decision in each.decisions]
    return list({decision.text_id: decision.text for decision in decisions if decision.text is not None}.values())


def _uuids(texts: Iterable[str]) -> set[UUID]:
    return {UUID(text) for text in set(texts) if text}


def file_name(request: Request) -> str:
    """Of nobody: downloads stand in a browser's list."""
    return f"indsigt-{request.received_on:%Y-%m-%d}.pdf"
