"""Recalls: who has withdrawn, or said no when asked again, since they were in files that a reader was given.

Nothing is stored of a recall but that it was acknowledged. The list of a project and reader is cumulative: it holds
codes only, of linkage deliveries. Codes of a comparison group are that delivery's own and are forgotten with it, so
of such a delivery the files are to be deleted and fetched anew.
"""

from collections.abc import Collection, Iterable
from dataclasses import dataclass
from typing import Any
from uuid import UUID

from consent import gate
from crypto.errors import KeyUnavailable
from exports import ledger, project_keys
from exports.models import Delivery, EvaluationProject, Reader, RecallAcknowledgement
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
    since = last.up_to if last else 0
    ended = gate.ended(project.purpose_id)
    linkages = project.deliveries.filter(kind=Delivery.Kind.LINKAGE)
    linked = {row for _, row in ledger.given_out(ended, reader, linkages, by="delivery__project")}
    comparisons = project.deliveries.filter(kind=Delivery.Kind.COMPARISON).order_by("number")
    compared: dict[UUID, set[UUID]] = {}
    for delivery, row in ledger.given_out(ended, reader, comparisons):
        compared.setdefault(delivery, set()).add(row)
    persons = linked.union(*compared.values())
    codes: set[str] | None
    try:
        own = ProjectCodes(project)
        codes = own.ever(linked)
        new = codes - own.ever(row for row in linked if ended[row] <= since)
    except KeyUnavailable:
        codes, new = None, set()
    return RecallList(
        codes=None if codes is None else sorted(codes),
        new=len(new),
        persons=len(persons),
        up_to=max((ended[row] for row in persons), default=0),
        stale=[(each, len(compared[each.pk])) for each in comparisons if each.pk in compared],
        acknowledged=last,
    )


def open_recalls(user: Any, projects: Iterable[EvaluationProject] | None = None) -> list[EvaluationProject]:
    """Projects of the user, or of `projects`, whose list holds something that their reader has not acknowledged."""
    reader = reader_of(user)
    if reader is None:
        return []
    mine = list(projects_of(user) if projects is None else projects)
    # asked first: of what nobody has fetched there is nothing to recall, and who has withdrawn need not be read
    fetched = ledger.fetched_from([each.pk for each in mine], reader)
    mine = [each for each in mine if each.pk in fetched]
    known = _acknowledged(mine, reader)
    persons: dict[UUID, set[UUID]] = {}
    for purpose in {each.purpose_id for each in mine}:
        deliveries = Delivery.objects.filter(project__in=[each.pk for each in mine if each.purpose_id == purpose])
        for project, row in ledger.given_out(gate.ended(purpose), reader, deliveries, by="delivery__project"):
            persons.setdefault(project, set()).add(row)
    seen = {pk: known[pk].persons if pk in known else 0 for pk in persons}
    return [
        each
        for each in mine
        if each.pk in persons and len(persons[each.pk]) > seen[each.pk] and project_keys.is_there(each.pk)
    ]


def _acknowledged(projects: Collection[EvaluationProject], reader: Reader) -> dict[UUID, RecallAcknowledgement]:
    """The last acknowledgement of each project that has one."""
    found = RecallAcknowledgement.objects.filter(project__in=[project.pk for project in projects], reader=reader)
    return {each.project_id: each for each in found.select_related("by").order_by("pk")}
