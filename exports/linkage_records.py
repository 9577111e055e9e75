"""What a linkage delivery may hold, the columns approved; and what goes into it, the gate's rows as plain records."""

from collections.abc import Iterable, Iterator
from datetime import date
from itertools import islice
from typing import TypeVar
from uuid import UUID

from collection import cpr as cpr_rules
from collection import identities
from collection.models import ActivityType, Plan
from consent import gate
from consent.models import Text
from exports.jobs import JobFailed, Progress
from exports.linkage.codes import version_code, version_label
from exports.linkage.rows import Record
from exports.linkage.schema import Layout, UnknownVariable, ValueSet, Variable, data_layout
from exports.linkage.variables import catalogue
from exports.models import EvaluationProject
from exports.pseudonymise import ProjectCodes

AT_ONCE = 2000  # persons looked up in one query
T = TypeVar("T")


def layout_of(project: EvaluationProject) -> Layout:
    """The data file's columns as of now: those approved for the project. A prepared set keeps its own.

    Raises JobFailed for an approved name that the catalogue has no more.
    """
    try:
        return data_layout(catalogue_of(project), project.variables, project.grain)
    except UnknownVariable:
        raise JobFailed("variable_gone") from None


def catalogue_of(project: EvaluationProject) -> dict[str, Variable]:
    """Every variable that could be approved for the project, with its value set as of now."""
    plans = dict(Plan.objects.values_list("lbf_number", "name"))
    versions = _versions(project.purpose_id)
    return catalogue(ActivityType.objects.all(), plans, project.first_year, project.last_year, versions)


def records_of(
    project: EvaluationProject, codes: ProjectCodes, today: date, begun: range, progress: Progress
) -> Iterator[Record]:
    """The participations that the gate lets through today, with people's codes and birth years."""
    version = _codes_of_texts(project.purpose_id)
    done = 0
    for rows in batched(gate.export_rows(project.purpose_id, on=today, begun=begun), AT_ONCE):
        code = codes.known(row.participant for row in rows)
        years = _birth_years(rows)
        for row in rows:
            if row.participant in code:  # who enrolled a moment ago is in the next delivery
                yield Record(
                    pseudonym=code[row.participant],
                    participant=row.participant.bytes,
                    decision=row.decision,
                    identification=row.identification,
                    birth_year=years[row.participant],
                    municipality=row.municipality,
                    plan=row.lbf_number,
                    activity_type=row.activity_type,
                    start=row.start,
                    start_precision=row.start_precision,
                    end=row.end if row.end is None or row.end <= today else None,  # planned, but still running
                    role=row.role,
                    method=row.method,
                    version=version[row.text],
                )
        progress.advance(done := done + len(rows))


def batched(items: Iterable[T], size: int) -> Iterator[list[T]]:
    iterator = iter(items)
    while chunk := list(islice(iterator, size)):
        yield chunk


def _versions(purpose: str) -> ValueSet:
    """The published versions of the purpose's consent texts by their codes."""
    published = Text.objects.filter(version__document__purpose=purpose, version__published_at__isnull=False)
    found = sorted(set(published.values_list("version__document__audience", "version__number")))
    return dict(sorted((version_code(*each), version_label(*each)) for each in found))


def _codes_of_texts(purpose: str) -> dict[int, int]:
    """The code of its version by the id of each text, whatever its language."""
    texts = Text.objects.filter(version__document__purpose=purpose)
    rows = texts.values_list("pk", "version__document__audience", "version__number")
    return {pk: version_code(audience, number) for pk, audience, number in rows}


def _birth_years(rows: list[gate.ExportRow]) -> dict[UUID, int]:
    numbered = {row.participant: row.cpr.record for row in rows if row.cpr is not None}
    named = {row.participant: row.birth_date.record for row in rows if row.cpr is None and row.birth_date is not None}
    numbers = identities.stream("cpr", ((pk.bytes, record) for pk, record in numbered.items()))
    dates = identities.stream("birth_date", ((pk.bytes, record) for pk, record in named.items()))
    years = {pk: cpr_rules.birth_year_of(number) for pk, number in zip(numbered, numbers, strict=True)}
    return years | {pk: int(text[:4]) for pk, text in zip(named, dates, strict=True)}
