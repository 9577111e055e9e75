"""Recalls: who has withdrawn, or said no when asked again, since they were in files that a reader was given.

Nothing is stored of a recall but that it was acknowledged. The list of a project and reader is cumulative: it holds
codes only, of linkage deliveries. Codes of a comparison group are that delivery's own and are forgotten with it, so
of such a delivery the files are to be deleted and fetched anew.
"""

from collections.abc import Collection, Iterable, Iterator
from dataclasses import dataclass
from typing import Any
from uuid import UUID

from django.db.models import Count, Exists, OuterRef, Q, QuerySet, Subquery

from consent.models import Decision, Kind
from crypto.errors import KeyUnavailable
from exports import ledger, project_keys
from exports.models import Delivery, DeliveryPerson, EvaluationProject, Reader, RecallAcknowledgement
from exports.policies import projects_of, reader_of
from exports.pseudonymise import ProjectCodes


@dataclass(frozen=True)
class RecallList:
    """`codes` sorted, None where the project's key was destroyed; `new` of them since the last acknowledgement.

    `persons`: registrations behind the list; `up_to`: the last decision on it; `stale`: comparison deliveries whose
    files hold somebody, and the number of registrations in each.
    """

    codes: list[str] | None
    new: int
    persons: int
    up_to: int
    stale: list[tuple[Delivery, int]]
    acknowledged: RecallAcknowledgement | None

    @property
    def is_open(self) -> bool:
        return self.codes is not None and self.persons > (self.acknowledged.persons if self.acknowledged else 0)


def recall_list(project: EvaluationProject, reader: Reader) -> RecallList:
    last = _acknowledged([project], reader).get(project.pk)
    ended: dict[UUID, int] = {}
    linked: set[UUID] = set()
    compared: dict[UUID, set[UUID]] = {}
    for rows, by in _recalled([project], reader):
        for participant, delivery, kind, decision in rows.values_list("participant", "delivery", "delivery__kind", by):
            ended[participant] = decision
            if kind == Delivery.Kind.LINKAGE:
                linked.add(participant)
            else:
                compared.setdefault(delivery, set()).add(participant)
    since = last.up_to if last else 0
    codes: set[str] | None
    try:
        own = ProjectCodes(project)
        codes = own.ever(linked)
        new = codes - own.ever(row for row in linked if ended[row] <= since)
    except KeyUnavailable:
        codes, new = None, set()
    deliveries = Delivery.objects.filter(pk__in=compared).order_by("number")
    return RecallList(
        codes=None if codes is None else sorted(codes),
        new=len(new),
        persons=len(ended),
        up_to=max(ended.values(), default=0),
        stale=[(delivery, len(compared[delivery.pk])) for delivery in deliveries],
        acknowledged=last,
    )


def open_recalls(user: Any, projects: Iterable[EvaluationProject] | None = None) -> list[EvaluationProject]:
    """Projects of the user, or of `projects`, whose list holds something that their reader has not acknowledged."""
    reader = reader_of(user)
    if reader is None:
        return []
    mine = list(projects_of(user) if projects is None else projects)
    counts: dict[UUID, int] = {}
    for rows, _by in _recalled(mine, reader):
        counted = rows.order_by().values("delivery__project").annotate(n=Count("participant", distinct=True))
        for project, n in counted.values_list("delivery__project", "n"):
            counts[project] = counts.get(project, 0) + n
    known = _acknowledged(mine, reader)
    seen = {pk: known[pk].persons if pk in known else 0 for pk in counts}
    return [each for each in mine if counts.get(each.pk, 0) > seen.get(each.pk, 0) and project_keys.is_there(each.pk)]


def deliveries_holding(participants: Collection[UUID]) -> QuerySet[Delivery]:
    """Deliveries of which somebody was given files that hold one of `participants` or a row merged into them."""
    rows = Q(participant__in=participants) | Q(participant__merged_into__in=participants)
    given = Q()
    for reader in Reader:
        given |= Q(pk__in=ledger.given_out(reader).filter(rows).values("delivery"))
    return Delivery.objects.filter(given).select_related("project").order_by("project__name", "number")


def _recalled(
    projects: Collection[EvaluationProject], reader: Reader
) -> Iterator[tuple[QuerySet[DeliveryPerson], Subquery]]:
    """Ledger rows of those whose consent has ended: of themselves, and of rows that were merged into them.

    With the expression that gives the decision that ended it. Found from the decisions, which are few, to the ledger,
    which is long.
    """
    ended = Decision.objects.filter(kind__in=[Kind.WITHDRAWN, Kind.REFUSED])
    given = ledger.given_out(reader).filter(delivery__project__in=[project.pk for project in projects])
    for row in ("participant", "participant__merged_into"):
        by = ended.filter(participant=OuterRef(row), purpose=OuterRef("delivery__project__purpose")).order_by("pk")
        found = given.filter(Exists(by), **{f"{row}__in": ended.values("participant")})
        yield found, Subquery(by.values("pk")[:1])


def _acknowledged(projects: Collection[EvaluationProject], reader: Reader) -> dict[UUID, RecallAcknowledgement]:
    """The last acknowledgement of each project that has one."""
    found = RecallAcknowledgement.objects.filter(project__in=[project.pk for project in projects], reader=reader)
    return {each.project_id: each for each in found.select_related("by").order_by("pk")}
