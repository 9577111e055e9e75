"""Comparison deliveries: loading a resident list, preparing (drawing and freezing the group), building its archive.

The group is drawn once (exports.groups). What is told of it in aggregate is told once too, unless so many have left
since that telling it anew points at nobody.
"""

import io
from collections.abc import Callable
from dataclasses import replace
from functools import partial
from pathlib import Path
from typing import Any
from uuid import UUID

import pandas as pd
from django.conf import settings
from django.utils.timezone import localdate
from django.utils.translation import override

from accounts.permissions import Permission
from collection.models import ActivityType, AddressKey
from consent.paper import PaperUnavailable
from crypto.agefile import AgeWriter, recipient_of
from exports import approvals, groups, ledger, recipients, storage, vault
from exports.actions.deliveries import mark_built, mark_prepared, prepare_again
from exports.actions.extracts import mark_loaded, mark_refused
from exports.comparison import archives, k_report
from exports.comparison import described as told
from exports.comparison.frozen import Frozen, freeze, read_frozen
from exports.comparison.layouts import FAMILIES
from exports.comparison.residents import load_residents
from exports.comparison.row_checks import ListRefused
from exports.comparison.runner.definition import Definition, from_json, to_json
from exports.comparison.runner.definition_words import summary
from exports.comparison.runner.disclosure import Release
from exports.comparison.runner.pictures import SVG, flow_chart, love_plot
from exports.comparison.runner.results import Described, describe
from exports.comparison.runner.texts import DANISH, ENGLISH
from exports.comparison_drawing import EXTRACT, complete, departments, draw
from exports.jobs import JobFailed, Progress
from exports.linkage import kanonymity
from exports.linkage.codebook import masked
from exports.linkage.lint import LintBlocked
from exports.linkage.schema import layout_to_json
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
from exports.models import Delivery, EvaluationProject, Job, Reader, RegisterExtract, State
from exports.policies import may_be_accepted
from exports.uploads import upload_path

LANGUAGES = {"da": DANISH, "en": ENGLISH}


def load(job: Job, progress: Progress) -> None:
    """Reads an uploaded resident list into its encrypted extract. A list with faults is refused whole."""
    extract = job.extract
    assert extract is not None
    if extract.state != RegisterExtract.State.WAITING:
        return
    if job.requested_by is None or not job.requested_by.can(Permission.LOAD_REGISTER):
        raise JobFailed("loader_left")
    progress.step("residents")
    known = {department: code for department, code, _ in departments()}
    addresses = pd.DataFrame(
        AddressKey.objects.values_list("municipality_code", "street_code", "house_from", "house_to", "department"),
        columns=["municipality_code", "street_code", "house_from", "house_to", "department"],
    )
    addresses["department"] = addresses["department"].map(known)
    upload = upload_path(extract.pk)
    target = storage.extract_folder(extract.pk) / EXTRACT
    try:
        with vault.open_sealed(upload) as source:
            loaded = load_residents(
                source,
                target,
                run_key=vault.run_key_of(extract),
                departments=set(known.values()),
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
    """Draws the two groups, or takes what is left of the project's; freezes and describes them. Raises JobFailed."""
    delivery = delivery_of(job)
    if delivery.state != State.REQUESTED:
        return
    check_requester(delivery)
    if groups.is_refused(delivery):
        raise JobFailed("another_group")
    definition, today = complete(from_json(delivery.definition["definition"])), localdate()
    minimum, k = _limits(delivery, definition)
    group = groups.drawn(delivery.project, delivery.definition)
    if group is None:
        drawn, flow = draw(delivery, definition, minimum, today, progress)
        before, origin = None, str(delivery.pk)
    else:
        drawn, flow, before = _left_of(group, minimum)
        origin = group.report["group"]
    progress.step("freeze")
    with AgeWriter(storage.frozen_path(delivery, folder), [recipient_of(vault.archive_identity())]) as out:
        sha256 = freeze(out, drawn)
    frozen = _frozen(storage.frozen_path(delivery, folder), sha256)
    _check_size(frozen, minimum)
    progress.step("ledger", len(frozen.relied_on()))
    relied_on = ((participant, decision, None) for participant, decision in frozen.relied_on().items())
    ledger.write(delivery, batched(relied_on, AT_ONCE), progress.advance, progress.confirm)
    progress.step("describe")
    told_before = _releases(delivery)
    described = _described(frozen, minimum, told_before, before)
    _draw_pictures(folder, described, flow)
    progress.step("check")
    names = dict(ActivityType.objects.values_list("code", "name_da"))
    report = _report(delivery, frozen, definition, k_report.measure(frozen, k)) | {
        "group": origin,
        "frozen_on": today.isoformat(),
        "summary": summary(definition, names)[DANISH],
        "layouts": {name: layout_to_json(layout) for name, layout in frozen.layouts.items()},
        "flow": flow,
        "described": told.to_json(described),
        "releases": _with_release(delivery, described),
        "recipients": recipients.report_of(delivery),
    }
    confirm = _alone(delivery, settled(progress, folder), told_before)
    mark_prepared(delivery, prepared_hash=sha256, report=report, confirm=confirm)


def build(job: Job, progress: Progress, folder: Path) -> None:
    """Writes and seals the evaluator's archive of the frozen group, less those who have left since."""
    delivery = delivery_of(job)
    if delivery.state != State.APPROVED:
        return
    check_approval(delivery)
    if groups.is_refused(delivery):
        raise JobFailed("another_group")
    if "group" not in delivery.report:  # prepared before groups were frozen in this form
        prepare_again(delivery, why="project_changed", confirm=progress.confirm)
        return
    if approvals.project_changed(delivery) or groups.was_drawn_elsewhere(delivery):
        prepare_again(delivery, why="project_changed", confirm=progress.confirm)
        return
    definition = complete(from_json(delivery.definition["definition"]))
    minimum, k = _limits(delivery, definition)
    progress.step("check")
    whole = _frozen(storage.frozen_path(delivery), delivery.prepared_hash)
    gone = sorted({*ledger.no_longer_usable(delivery, on=localdate()), *groups.left(delivery)})
    frozen = whole.without({participant.bytes for participant in gone})
    _check_size(frozen, minimum)
    flow, described = delivery.report["flow"], told.from_json(delivery.report["described"])
    told_before = _releases(delivery)
    if gone:
        flow = _with_left(flow, whole, frozen, minimum)
        described = _described(frozen, minimum, told_before, described)
    measured, approved = k_report.measure(frozen, k), delivery.report["k"]
    accepted = bool(delivery.k_accepted) and may_be_accepted(delivery)
    if not kanonymity.still_covered(approved, measured, accepted=accepted, left=_rows(whole) - _rows(frozen)):
        prepare_again(delivery, why="blocked", confirm=progress.confirm)
        return
    measured["approved_below"] = kanonymity.approved_below(approved)
    facts = archives.Facts(
        delivery=replace(facts_of(delivery, {}), minimum_count=minimum),
        summary=delivery.report["summary"],
        definition=to_json(definition),
        flow=flow,
        described=described,
    )
    progress.step("data_file")
    keys = keys_of(delivery)[Reader.EVALUATOR]
    path = folder / storage.archive_path(delivery, Reader.EVALUATOR).name
    try:
        with AgeWriter(path, texts_of(keys)) as sealed:
            archives.write_archive(sealed, frozen, facts)
    except LintBlocked:
        prepare_again(delivery, why="blocked", confirm=progress.confirm)
        return
    except PaperUnavailable:
        raise JobFailed("no_paper") from None
    if gone:  # or the pictures are those of the prepared set
        _draw_pictures(folder, described, flow)
    report = delivery.report | _report(delivery, frozen, definition, measured)
    report |= {
        "flow": flow,
        "described": told.to_json(described),
        "releases": _with_release(delivery, described),
    }
    # with somebody who left goes the family: others who took part from it are in the files no more
    taken_out = {*gone, *(UUID(bytes=each) for each in whole.relied_on().keys() - frozen.relied_on().keys())}
    mark_built(
        delivery,
        archives=[archive_of(delivery, Reader.EVALUATOR, sealed, keys)],
        taken_out=sorted(taken_out),
        report=report,
        confirm=_alone(delivery, settled(progress, folder), told_before),
    )


# --- The set --------------------------------------------------------------------------------------------


def _frozen(path: Path, sha256: str) -> Frozen:
    with vault.open_sealed(path) as stream:
        return read_frozen(stream, sha256)


def _left_of(group: Delivery, minimum: int) -> tuple[Frozen, list[list[object]], Described]:
    """What is left of the project's group, its flow, and what was told of it last."""
    whole = _frozen(storage.frozen_path(group), group.prepared_hash)
    gone = {*ledger.no_longer_usable(group, on=localdate()), *groups.left(group)}
    frozen = whole.without({participant.bytes for participant in gone})
    flow = _with_left(group.report["flow"], whole, frozen, minimum)
    return frozen, flow, told.from_json(group.report["described"])


def _with_left(flow: list[list[object]], whole: Frozen, frozen: Frozen, minimum: int) -> list[list[object]]:
    """The flow with a note of how many units have left."""
    left = whole.tables[whole.units].num_rows - frozen.tables[frozen.units].num_rows
    rows = [row for row in flow if row[3] != "withdrawn"]
    if not left:
        return flow
    return [*rows, ["participant", 99, "note", "withdrawn", whole.units, masked(left, minimum)]]


def _check_size(frozen: Frozen, minimum: int) -> None:
    """Of a group below the minimum nothing is told, not even its size. Raises JobFailed."""
    participants = int((frozen.frame()["participant"].astype(int) == 1).sum())
    others = frozen.tables[frozen.units].num_rows - participants
    if min(participants, others) < minimum:
        raise JobFailed("too_few")


def _alone(delivery: Delivery, confirm: Callable[[], None], told_before: list[dict[str, Any]]) -> Callable[[], None]:
    """Asks once more, under the project's lock, what was asked before the work: another job of the project may have
    ended meanwhile. Then confirms. Raises JobFailed."""

    def check() -> None:
        EvaluationProject.objects.select_for_update().get(pk=delivery.project_id)
        if groups.is_refused(delivery):
            raise JobFailed("another_group")
        if _releases(delivery) != told_before or (
            delivery.state == State.APPROVED and groups.was_drawn_elsewhere(delivery)
        ):
            raise JobFailed("another_meanwhile")
        confirm()

    return check


def _rows(frozen: Frozen) -> int:
    return sum(table.num_rows for table in frozen.tables.values())


def _limits(delivery: Delivery, definition: Definition) -> tuple[int, int]:
    """Least count of a cell, and k: the project's, or what the definition asks for beyond them."""
    project = delivery.project
    return max(project.minimum_count, definition.minimum), max(project.k, definition.k)


# --- What is told of it ---------------------------------------------------------------------------------


def _described(frozen: Frozen, minimum: int, earlier: list[dict[str, Any]], before: Described | None) -> Described:
    """The groups in aggregate, protected beside all that was told in the project. `before`: what was told of this
    group last; it stands when too few have left since to tell it anew."""
    described = describe(
        frozen.frame(),
        group="participant",
        variables=frozen.variables[frozen.units],
        matched=frozen.matched(),
        minimum=minimum,
        earlier=[Release.from_json(each) for each in earlier],
    )
    return before if before is not None and told.tells_nothing(described) else described


def _releases(delivery: Delivery) -> list[dict[str, Any]]:
    """All that was told in the project, also of deliveries that came to nothing: their pages were seen."""
    reports = delivery.project.deliveries.filter(kind=Delivery.Kind.COMPARISON).order_by("number")
    return [release for report in reports.values_list("report", flat=True) for release in report.get("releases", [])]


def _with_release(delivery: Delivery, described: Described) -> list[dict[str, Any]]:
    """Those of the delivery itself, with this one."""
    before, release = delivery.report.get("releases", []), told.release_of(described).to_json()
    return before if release in before else [*before, release]


def _draw_pictures(folder: Path, described: Described, flow: list[list[object]]) -> None:
    """Flow chart and Love plot for the delivery's page, in each language."""
    frame = archives.flow_frame(flow)
    for code, language in LANGUAGES.items():
        for name, draw_one in (
            ("flow", partial(flow_chart, frame)),
            ("love", partial(love_plot, described.differences)),
        ):
            picture = io.BytesIO()
            draw_one(picture, SVG, language)
            path = storage.picture_path(folder, name, code)
            with AgeWriter(path, [recipient_of(vault.archive_identity())]) as out:
                out.write(picture.getbuffer())


def _report(delivery: Delivery, frozen: Frozen, definition: Definition, measured: dict[str, Any]) -> dict[str, Any]:
    findings = archives.lint(frozen, delivery.project.minimum_count) + k_report.findings(measured)
    units = frozen.tables[frozen.units].num_rows
    return report_of(delivery.project, units, _rows(frozen), {}, findings) | {
        "unit": "families" if frozen.units == FAMILIES else "persons",
        "rows_by_file": {frozen.layouts[name].member: table.num_rows for name, table in frozen.tables.items()},
        "variables": [name for layout in frozen.layouts.values() for name in layout.names],
        "period": [definition.first_year, definition.last_year],
        "k": measured,
    }
