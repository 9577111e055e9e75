"""A linkage delivery's two jobs: prepare (freeze who and what) and build (write and seal the files).

Prepare takes what the consent gate lets through today; build takes the frozen set and leaves out whoever the gate
would no longer let through. Between the two somebody else has approved exactly the frozen set.
"""

from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from datetime import date
from pathlib import Path
from typing import Any
from uuid import UUID

import pyarrow as pa
import pyarrow.compute as pc
from django.db import transaction
from django.utils.timezone import localdate

from accounts.permissions import Permission
from collection import identities
from collection.models import ActivityType
from consent import gate
from consent.paper import PaperUnavailable
from crypto.agefile import AgeWriter, recipient_of
from crypto.errors import KeyUnavailable
from exports import approvals, ledger, recipients, storage, vault
from exports.actions.deliveries import mark_built, mark_prepared, prepare_again
from exports.jobs import JobFailed, Progress
from exports.linkage import kanonymity, readme
from exports.linkage.archives import (
    Built,
    IdentificationColumns,
    KeyColumns,
    lint_prepared,
    write_evaluator_archive,
    write_officer_archive,
)
from exports.linkage.codebook import masked
from exports.linkage.codes import IDENTIFICATIONS
from exports.linkage.frozen import FrozenSet, gathered, write_frozen
from exports.linkage.lint import Finding, LintBlocked, Severity
from exports.linkage.lint_texts import word_faults
from exports.linkage.manifest import LEFT_OUT, DeliveryFacts, LeftOut
from exports.linkage.rows import turned, typed_batch
from exports.linkage.schema import layout_from_json, layout_to_json
from exports.linkage_records import AT_ONCE, batched, layout_of, records_of
from exports.models import Archive, Delivery, EvaluationProject, Job, Reader, Recipient, State
from exports.policies import may_be_accepted, projects_of
from exports.pseudonymise import ProjectCodes
from exports.register_names import names_of


def prepare(job: Job, progress: Progress, folder: Path) -> None:
    """Freezes the delivery's rows and waits for approval. `folder`: of this attempt. Raises JobFailed."""
    delivery = delivery_of(job)
    if delivery.state != State.REQUESTED:
        return
    project, today = delivery.project, localdate()
    check_requester(delivery)
    begun = range(project.first_year, project.last_year + 1)
    layout = layout_of(project)
    codes = codes_to_give(project)
    progress.step("persons")
    done = 0
    for persons in batched(gate.export_persons(project.purpose_id, on=today, begun=begun), AT_ONCE):
        with transaction.atomic():
            codes.codes_for(persons)
        progress.advance(done := done + len(persons))
    progress.step("rows")
    records = records_of(project, codes, today, begun, progress)
    with AgeWriter(storage.frozen_path(delivery, folder), [recipient_of(vault.archive_identity())]) as out:
        frozen = write_frozen(out, records, layout, ActivityType.objects.all())
    if not frozen.persons:
        raise JobFailed("nobody")
    whole = frozen_set(delivery, frozen.sha256, folder)
    progress.step("ledger", frozen.rows)
    ledger.write(delivery, whole.told_of(codes.rows_key()), progress.advance, progress.confirm)
    progress.step("check")
    names = names_of(ledger.participants_of(delivery), delivery)
    k = kanonymity.measure(lambda: whole.data(layout), layout, project.k)
    findings = lint_prepared(whole, layout, project.minimum_count, names) + kanonymity.findings(k, layout)
    # what people wrote that stands in the texts, which are written when the delivery is built
    typed = f"{project.name}\n{project.purpose.name_da}\n{project.purpose.name_en}"
    findings += [Finding(readme.NAME, code) for code in word_faults(typed, names)]
    left_out = gate.left_out(project.purpose_id, on=today, begun=begun)
    rows = frozen.persons if layout.per_person else frozen.rows
    report = report_of(project, frozen.persons, rows, left_out, findings) | {
        "k": k,
        "variables": layout.names,
        "layout": layout_to_json(layout),
        "frozen_on": today.isoformat(),
        "recipients": recipients.report_of(delivery),
    }
    mark_prepared(delivery, prepared_hash=frozen.sha256, report=report, confirm=settled(progress, folder))


def build(job: Job, progress: Progress, folder: Path) -> None:
    """Seals and enters the approved set less those who left, in this attempt's `folder`. Raises JobFailed."""
    delivery = delivery_of(job)
    if delivery.state != State.APPROVED:
        return
    check_approval(delivery)
    if approvals.project_changed(delivery):
        prepare_again(delivery, why="project_changed", confirm=progress.confirm)
        return
    if project_codes(delivery.project).mixed():
        prepare_again(delivery, why="identity_changed", confirm=progress.confirm)
        return
    try:
        files = build_files(delivery, folder, progress)
    except IdentitiesChanged:
        prepare_again(delivery, why="identity_changed", confirm=progress.confirm)
        return
    except LintBlocked:
        prepare_again(delivery, why="blocked", confirm=progress.confirm)
        return
    except PaperUnavailable:
        raise JobFailed("no_paper") from None
    data = files.evaluator
    report = delivery.report | {"k": files.k}
    # as prepared: whoever has left since is added to these counts each time that it is built
    kept = {name: report[name] for name in ("period", "left_out_counts")}
    report |= report_of(delivery.project, data.persons, data.rows, files.left_out, files.findings) | kept
    confirm = settled(progress, folder)
    mark_built(delivery, archives=files.archives, taken_out=files.gone, report=report, confirm=confirm)


@dataclass(frozen=True)
class Files:
    """What building wrote."""

    gone: list[UUID]  # participants of the set who are not in the files
    evaluator: Built
    left_out: dict[str, int]
    archives: list[Archive]
    k: dict[str, Any]  # see kanonymity
    findings: list[Finding]


class IdentitiesChanged(Exception):
    """Somebody in the set is identified otherwise than when it was prepared: IDENT_ART and both lists would be
    wrong."""


def build_files(delivery: Delivery, folder: Path, progress: Progress, *, tries: int = 3) -> Files:
    """Writes both archives, sealed, into `folder`. The same set gives the same plain members.

    Raises LintBlocked when what is left may not go out as it is; IdentitiesChanged; JobFailed("unsettled") when people
    withdraw faster than files are written.
    """
    for _ in range(tries):
        files = _build_once(delivery, folder, progress)
        if files is not None:
            return files
    raise JobFailed("unsettled")


def _build_once(delivery: Delivery, folder: Path, progress: Progress) -> Files | None:
    """None when somebody withdrew between the writing of the two archives."""
    today = localdate()
    layout = layout_from_json(delivery.report["layout"])
    whole = frozen_set(delivery, delivery.prepared_hash)
    progress.step("check")
    gone = ledger.no_longer_usable(delivery, on=today)
    frozen = whole.without({participant.bytes for participant in gone})
    since = gate.reasons_unusable(delivery.project.purpose_id, gone)
    left_out = {code: n + delivery.report["left_out_counts"].get(code, 0) for code, n in since.items()}
    facts = facts_of(delivery, left_out)
    k, approved = kanonymity.measure(lambda: frozen.data(layout), layout, delivery.project.k), delivery.report["k"]
    accepted = bool(delivery.k_accepted) and may_be_accepted(delivery)
    if not kanonymity.still_covered(approved, k, accepted=accepted, left=len(gone)):
        raise LintBlocked([Finding(layout.member, "k_anonymity")])
    k["approved_below"] = kanonymity.approved_below(approved)
    names = names_of(ledger.participants_of(delivery), delivery)
    keys = keys_of(delivery)
    paths = {reader: folder / f"{reader.value}.zip.age" for reader in Reader}

    progress.step("data_file", delivery.report["rows"])
    with AgeWriter(paths[Reader.EVALUATOR], texts_of(keys[Reader.EVALUATOR])) as sealed_data:
        evaluator = write_evaluator_archive(
            sealed_data, frozen, layout, facts, lambda _member, rows: progress.advance(rows), names
        )
    progress.step("key_file", evaluator.persons)
    pa.default_memory_pool().release_unused()  # what the data file took; the key file takes most
    everybody = list(frozen.people())
    try:
        with AgeWriter(paths[Reader.OFFICER], texts_of(keys[Reader.OFFICER])) as sealed_keys:
            write_officer_archive(
                sealed_keys,
                _keys(delivery, everybody),
                _identifications(delivery, everybody),
                facts,
                persons=evaluator.persons,
                tick=_ticker(progress),
                names=names,
            )
    except BaseException as error:
        # half a delivery is none; what the writer itself had begun is gone already
        paths[Reader.EVALUATOR].unlink(missing_ok=True)
        if not isinstance(error, LintBlocked):
            raise
        if {finding.code for finding in error.findings if finding.severity is Severity.BLOCK} == {"person_count"}:
            _check_identified(delivery, everybody)
            return None
        raise
    written = {Reader.EVALUATOR: sealed_data, Reader.OFFICER: sealed_keys}
    archives = [archive_of(delivery, reader, writer, keys[reader]) for reader, writer in written.items()]
    return Files(gone, evaluator, left_out, archives, k, evaluator.findings + kanonymity.findings(k, layout))


def _check_identified(delivery: Delivery, everybody: list[pa.RecordBatch]) -> None:
    """Raises IdentitiesChanged. `everybody`: FrozenSet.people."""
    now = dict(gate.identified_by(ledger.participants_of(delivery)))
    for batch in everybody:
        then = zip(batch.column("participant").to_pylist(), batch.column("identification").to_pylist(), strict=True)
        if any(row in now and IDENTIFICATIONS[now[row]][0] != kind for row, kind in then):
            raise IdentitiesChanged


# --- Shared with comparison deliveries -----------------------------------------------------------------


def settled(progress: Progress, folder: Path) -> Callable[[], None]:
    """Confirms the claim, and only then puts this attempt's files in the place of what was there."""

    def confirm() -> None:
        progress.confirm()
        storage.put_in_place(folder)

    return confirm


def check_requester(delivery: Delivery) -> None:
    """The right to ask for it is checked again when the job runs. Raises JobFailed."""
    by = delivery.requested_by
    if not by.can(Permission.REQUEST_DELIVERY) or not projects_of(by).filter(pk=delivery.project_id).exists():
        raise JobFailed("requester_left")


def check_approval(delivery: Delivery) -> None:
    """The approval is checked again: of this set, by somebody else, who still may. Raises JobFailed."""
    check_requester(delivery)
    approver = delivery.decided_by
    if approver is None or approver.pk == delivery.requested_by_id or not approver.can(Permission.APPROVE_DELIVERY):
        raise JobFailed("approval_void")
    if not delivery.prepared_hash or delivery.decided_hash != delivery.prepared_hash:
        raise JobFailed("approval_void")


def project_codes(project: EvaluationProject) -> ProjectCodes:
    try:
        return ProjectCodes(project)
    except KeyUnavailable:
        raise JobFailed("project_key_missing") from None


def codes_to_give(project: EvaluationProject) -> ProjectCodes:
    """For giving people their codes: none stands for two of them (ProjectCodes.part). Raises JobFailed."""
    codes = project_codes(project)
    with transaction.atomic():
        codes.part()
    return codes


def report_of(
    project: EvaluationProject, persons: int, rows: int, left_out: dict[str, int], findings: Iterable[Finding]
) -> dict[str, Any]:
    """What pages show of a prepared or built set, in codes that `wording` puts into the reader's language.

    `left_out`: reason and its count, masked (`left_out_counts`: the true ones). `findings`: severity, file, rule and
    variable ("" for the file as a whole).
    """
    found = list(findings)
    stops = {Severity.BLOCK} | ({Severity.ACCEPT} if project.data_at == EvaluationProject.DataAt.OWN else set())
    return {
        "persons": persons,
        "rows": rows,
        "period": [project.first_year, project.last_year],
        "left_out": [[code, masked(n, project.minimum_count)] for code, n in left_out.items()],
        "left_out_counts": left_out,
        "findings": [[each.severity.value, each.member, each.code, each.variable] for each in found],
        "blocked": any(finding.severity in stops for finding in found),
    }


def keys_of(delivery: Delivery) -> dict[Reader, list[Recipient]]:
    """To whom each archive of the delivery is sealed now. Raises JobFailed when nobody is left for one of them."""
    keys = recipients.still_usable(delivery, on=localdate())
    if not all(keys.values()):
        raise JobFailed("no_recipient")
    return keys


def texts_of(keys: Iterable[Recipient]) -> list[str]:
    return [each.public_key for each in keys]


def archive_of(delivery: Delivery, reader: Reader, writer: AgeWriter, sealed_to: Iterable[Recipient]) -> Archive:
    return Archive(
        delivery=delivery,
        reader=reader,
        path=storage.relative(storage.archive_path(delivery, reader)),
        size=writer.size,
        sha256=writer.sha256,
        sealed_to=[str(each.pk) for each in sealed_to],
    )


# --- Parts ----------------------------------------------------------------------------------------------


def delivery_of(job: Job) -> Delivery:
    assert job.delivery_id is not None
    return Delivery.objects.select_related("project", "requested_by", "decided_by").get(pk=job.delivery_id)


def facts_of(delivery: Delivery, left_out: dict[str, int]) -> DeliveryFacts:
    project = delivery.project
    first_year, last_year = delivery.report["period"]  # as prepared: the project may cover more years by now
    return DeliveryFacts(
        delivery_id=f"{project.dst_number}-{delivery.number}",
        project_name=project.name,
        dst_number=project.dst_number,
        purpose=project.purpose.name_da,
        first_year=first_year,
        last_year=last_year,
        frozen_on=date.fromisoformat(delivery.report["frozen_on"]),
        minimum_count=project.minimum_count,
        left_out=tuple(LeftOut(code, *LEFT_OUT[code], n) for code, n in left_out.items()),
    )


def frozen_set(delivery: Delivery, sha256: str, folder: Path | None = None) -> FrozenSet:
    path = storage.frozen_path(delivery, folder)
    return FrozenSet(lambda: vault.open_sealed(path), sha256)


def _opened(
    delivery: Delivery, everybody: list[pa.RecordBatch], kind: str, fields: tuple[str, ...]
) -> Iterator[tuple[list[str], list[list[str]]]]:
    """Pseudonyms, and for each field the plain values, of those of `everybody` (FrozenSet.people) identified by `kind`.

    The sealed records are read at once, in the order in which they lie, and put in the order of the set here: some
    100 bytes a person are in memory. Who withdrew a moment ago is missing; the archive's writer notices.
    """
    schema = pa.schema([("participant", pa.binary(16)), *((field, pa.binary()) for field in fields)])
    rows = gate.sealed_identities(ledger.participants_of(delivery), kind, fields)
    held = gathered((typed_batch(columns, schema) for columns in turned(rows)), schema)
    of_kind = [pc.equal(batch.column("identification"), IDENTIFICATIONS[kind][0]) for batch in everybody]
    chosen = [batch.column("participant").filter(mask) for batch, mask in zip(everybody, of_kind, strict=True)]
    if not chosen:
        return
    places = pc.index_in(pa.concat_arrays(chosen), value_set=held.column("participant"))
    held = held.drop_columns(["participant"])
    del chosen
    start = 0
    for batch, mask in zip(everybody, of_kind, strict=True):
        batch = batch.filter(mask)
        place = places[start : (start := start + batch.num_rows)]
        found = pc.is_valid(place)
        batch, records = batch.filter(found), held.take(place.filter(found))
        opened = [
            list(
                identities.stream(
                    field, zip(batch.column("participant").to_pylist(), records.column(field).to_pylist(), strict=True)
                )
            )
            for field in fields
        ]
        yield batch.column("pseudonym").to_pylist(), opened


def _keys(delivery: Delivery, everybody: list[pa.RecordBatch]) -> Iterator[KeyColumns]:
    for codes, (numbers,) in _opened(delivery, everybody, "cpr", ("cpr",)):
        yield KeyColumns(numbers, codes)


def _identifications(delivery: Delivery, everybody: list[pa.RecordBatch]) -> Iterator[IdentificationColumns]:
    fields = ("name", "birth_date", "address", "residence_date")
    for codes, (names, births, addresses, residences) in _opened(delivery, everybody, "name_address", fields):
        dates = (list(map(date.fromisoformat, column)) for column in (births, residences))
        yield IdentificationColumns(codes, names, next(dates), addresses, next(dates))


def _ticker(progress: Progress) -> Callable[[str, int], None]:
    """Counts the tables of an archive together."""
    rows_of: dict[str, int] = {}

    def tick(member: str, rows: int) -> None:
        rows_of[member] = rows
        progress.advance(sum(rows_of.values()))

    return tick
