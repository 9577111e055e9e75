"""Comparison deliveries: loading a resident list, preparing (drawing and freezing the group), building its archive."""

from collections.abc import Iterator
from datetime import date
from pathlib import Path
from typing import Any

import pandas as pd
from django.conf import settings
from django.db.models import Sum
from django.utils.timezone import localdate
from django.utils.translation import override

from collection import identities
from collection.models import Activity, ActivityType, AddressKey, Department, Headcount
from collection.municipalities import REGIONS, region_of
from collection.queries import latest_headcounts
from consent import gate
from consent.paper import PaperUnavailable
from crypto.agefile import AgeWriter, open_age, recipient_of
from exports import approvals, ledger, recipients, storage, vault
from exports.actions.deliveries import mark_built, mark_prepared, prepare_again
from exports.actions.extracts import mark_loaded, mark_refused
from exports.comparison import archives
from exports.comparison.extract_file import UnreadableExtract, rows_of
from exports.comparison.extract_file import facts_of as extract_facts
from exports.comparison.keys import person_keys
from exports.comparison.residents import load_residents
from exports.comparison.row_checks import ListRefused, department_code
from exports.comparison.runner.definition import Definition, from_json, to_json
from exports.comparison.runner.definition_words import summary
from exports.comparison.runner.drawing import RegisterUnfit, Selection, pseudonymised, select
from exports.comparison.runner.texts import DANISH
from exports.comparison.spill import spill_folder
from exports.jobs import JobFailed, Progress
from exports.linkage.lint import LintBlocked
from exports.linkage.schema import Layout, ValueSet
from exports.linkage_delivery import (
    archive_of,
    check_approval,
    check_requester,
    delivery_of,
    facts_of,
    keys_of,
    report_of,
    settled,
    texts_of,
)
from exports.linkage_records import AT_ONCE, batched
from exports.models import Delivery, Job, Reader, RegisterExtract, State
from exports.pseudonyms import new_code
from exports.uploads import upload_path

EXTRACT = "residents.parquet"


def load(job: Job, progress: Progress) -> None:
    """Reads an uploaded resident list into its encrypted extract. A list with faults is refused whole."""
    extract = job.extract
    assert extract is not None
    if extract.state != RegisterExtract.State.WAITING:
        return
    progress.step("residents")
    departments = {department: code for department, code, _ in _departments()}
    addresses = pd.DataFrame(
        AddressKey.objects.values_list("municipality_code", "street_code", "house_from", "house_to", "department"),
        columns=["municipality_code", "street_code", "house_from", "house_to", "department"],
    )
    addresses["department"] = addresses["department"].map(departments)
    upload = upload_path(extract.pk)
    target = storage.extract_folder(extract.pk) / EXTRACT
    try:
        with open_age(upload, vault.archive_identity()) as source:
            loaded = load_residents(
                source,
                target,
                run_key=vault.run_key_of(extract),
                departments=set(departments.values()),
                addresses=addresses,
                progress=progress.advance,
            )
    except ListRefused as refused:
        with override(settings.LANGUAGE_CODE):
            mark_refused(extract, problems=refused.problems, count=refused.count)
    else:
        mark_loaded(extract, years=loaded.years, rows=loaded.rows)
    upload.unlink(missing_ok=True)


def prepare(job: Job, progress: Progress, folder: Path) -> None:
    """Draws the two groups, gives each family a code, and freezes them. Raises JobFailed."""
    delivery = delivery_of(job)
    if delivery.state != State.REQUESTED:
        return
    check_requester(delivery)
    today = localdate()
    definition = from_json(delivery.definition["definition"])
    extract = _extract(delivery, definition)
    run_key = vault.run_key_of(extract)
    progress.step("persons")
    starts, rows = _starts(delivery, definition, run_key, today, progress)
    if starts.empty:
        raise JobFailed("nobody")
    progress.step("families")
    minimum = delivery.project.minimum_count
    try:
        path = storage.extract_folder(extract.pk) / EXTRACT
        elsewhere = extract_facts(path, run_key)["elsewhere"].get(str(definition.comparison_year), 0)
        selection = select(
            definition,
            rows_of([path], run_key),
            departments=_areas(),
            starts=starts,
            spill=spill_folder(Path(settings.DATA_DIR) / "spill"),
            elsewhere=elsewhere,
            unseen=_unseen(definition, len(rows)),
            minimum=minimum,
            memory_limit=settings.COMPARISON_MEMORY,
            progress=lambda _stage, done, _total: progress.advance(done),
        )
    except (UnreadableExtract, RegisterUnfit):
        raise JobFailed("extract_unfit") from None
    progress.step("freeze")
    path = storage.frozen_path(delivery, folder)
    sha256 = _freeze(path, selection, rows, layout_of(definition))
    frozen = _frozen(path, sha256)
    ledger.write(delivery, batched(_relied_on(frozen), AT_ONCE), progress.advance, progress.confirm)
    names = dict(ActivityType.objects.values_list("code", "name_da"))
    report = _report(delivery, definition, frozen) | {
        "frozen_on": today.isoformat(),
        "summary": summary(definition, names)[DANISH],
        "flow": archives.flow_rows(selection.flow.frame(), minimum),
        "recipients": recipients.report_of(delivery),
    }
    mark_prepared(delivery, prepared_hash=sha256, report=report, confirm=settled(progress, folder))


def build(job: Job, progress: Progress, folder: Path) -> None:
    """Writes and seals the evaluator's archive of the frozen group, less those who have left since."""
    delivery = delivery_of(job)
    if delivery.state != State.APPROVED:
        return
    check_approval(delivery)
    if approvals.project_changed(delivery):
        prepare_again(delivery, why="project_changed", confirm=progress.confirm)
        return
    definition = from_json(delivery.definition["definition"])
    columns = layout_of(definition)
    progress.step("check")
    whole = _frozen(storage.frozen_path(delivery), delivery.prepared_hash)
    left = ledger.no_longer_usable(delivery, on=localdate())
    gone = {participant.bytes for participant in left}
    frozen = archives.without(whole, gone)
    facts = archives.Facts(
        delivery=facts_of(delivery, {}),
        summary=delivery.report["summary"],
        definition=to_json(definition),
        flow=delivery.report["flow"] + archives.flow_rows(pd.DataFrame(), delivery.project.minimum_count, len(gone)),
    )
    progress.step("data_file")
    keys = keys_of(delivery)[Reader.EVALUATOR]
    path = folder / storage.archive_path(delivery, Reader.EVALUATOR).name
    try:
        with AgeWriter(path, texts_of(keys)) as sealed:
            archives.write_archive(sealed, frozen, columns, facts)
    except LintBlocked:
        prepare_again(delivery, why="blocked", confirm=progress.confirm)
        return
    except PaperUnavailable:
        raise JobFailed("no_paper") from None
    report = delivery.report | _report(delivery, definition, frozen) | {"flow": facts.flow}
    mark_built(
        delivery,
        archives=[archive_of(delivery, Reader.EVALUATOR, sealed, keys)],
        taken_out=left,
        report=report,
        confirm=settled(progress, folder),
    )


def layout_of(definition: Definition) -> Layout:
    regions: ValueSet = {int(code): names for code, names in REGIONS.items()}
    return archives.layout(definition.years[0], definition.years[-1], regions)


# --- Parts ----------------------------------------------------------------------------------------------


def _extract(delivery: Delivery, definition: Definition) -> RegisterExtract:
    extract = RegisterExtract.objects.filter(
        pk=delivery.definition.get("extract"), state=RegisterExtract.State.READY
    ).first()
    if extract is None:
        raise JobFailed("no_extract")
    if definition.comparison_year not in extract.years:
        raise JobFailed("year_missing")
    return extract


def _departments() -> Iterator[tuple[int, str, Department]]:
    for department in Department.objects.select_related("plan"):
        code = department_code(department.organisation_number, department.department_number)
        yield department.pk, code, department


def _areas() -> pd.DataFrame:
    """department, plan (LBF number), municipality_code, region: a row for each plan of a department."""
    rows = [
        (code, item.plan.lbf_number, item.plan.municipality_code, region_of(item.plan.municipality_code))
        for _, code, item in _departments()
    ]
    return pd.DataFrame(rows, columns=["department", "plan", "municipality_code", "region"]).drop_duplicates()


def _starts(
    delivery: Delivery, definition: Definition, run_key: bytes, today: date, progress: Progress
) -> tuple[pd.DataFrame, dict[bytes, gate.ExportRow]]:
    """Starts of people whose consent is valid, under the run's keys; and by key the row that each relies on.

    People without a CPR number can't be found in a list of numbers; they are among the unseen.
    """
    first = min(definition.first_year, definition.excluded_years[0])
    begun = range(first, max(definition.last_year, definition.excluded_years[-1]) + 1)
    rows = gate.export_rows(delivery.project.purpose_id, on=today, begun=begun, types=definition.activity_types)
    columns: dict[str, list[Any]] = {"person": [], "activity_type": [], "year": [], "plan": []}
    relied_on: dict[bytes, gate.ExportRow] = {}
    for part in batched((row for row in rows if row.cpr is not None), AT_ONCE):
        sealed = ((row.participant.bytes, row.cpr.record) for row in part if row.cpr is not None)
        keys = person_keys(run_key, identities.stream("cpr", sealed))
        for key, row in zip(keys, part, strict=True):
            relied_on.setdefault(key, row)
        columns["person"] += keys
        columns["activity_type"] += [row.activity_type for row in part]
        columns["year"] += [row.start.year for row in part]
        columns["plan"] += [row.lbf_number for row in part]
        progress.advance(len(columns["person"]))
    return pd.DataFrame(columns), relied_on


def _unseen(definition: Definition, seen: int) -> int | None:
    """Estimated participants of the selected activities less those seen; None where nobody has estimated."""
    activities = Activity.objects.filter(type__in=definition.activity_types)
    estimates: Any = latest_headcounts(activities).filter(
        year__gte=definition.first_year, year__lte=definition.last_year
    )
    total = Headcount.objects.filter(pk__in=estimates.values("pk")).aggregate(total=Sum("estimate"))["total"]
    return None if total is None else max(total - seen, 0)


def _freeze(path: Path, selection: Selection, rows: dict[bytes, gate.ExportRow], columns: Layout) -> str:
    # a code for each participant's key first, so that the row it relies on can be kept beside the code
    own = {key: new_code() for key in rows}
    families = pseudonymised(selection.families, new_code, own.get)
    relied_on = {code: (rows[key].participant.bytes, rows[key].decision) for key, code in own.items()}
    with AgeWriter(path, [recipient_of(vault.archive_identity())]) as out:
        return archives.freeze(out, families, relied_on, columns)


def _relied_on(frozen) -> list[tuple[bytes, int, None]]:
    """Participant and decision of each participant family. Their codes are this delivery's own: nothing to compare."""
    pairs = zip(*(frozen.column(name).to_pylist() for name in ("participant", "decision")), strict=True)
    decisions = {participant: decision for participant, decision in pairs if participant is not None}
    return [(participant, decision, None) for participant, decision in decisions.items()]


def _frozen(path: Path, sha256: str):
    with open_age(path, vault.archive_identity()) as stream:
        return archives.read_frozen(stream, sha256)


def _report(delivery: Delivery, definition: Definition, frozen) -> dict[str, Any]:
    minimum = delivery.project.minimum_count
    findings = archives.lint(frozen, layout_of(definition), minimum)
    report = report_of(delivery.project, frozen.num_rows, frozen.num_rows, {}, findings)
    return report | {
        "unit": "families",
        "variables": layout_of(definition).names,
        "period": [definition.first_year, definition.last_year],
        "counted_by": archives.COUNTED_BY,
        "counts": archives.count_rows(frozen, minimum),
    }
