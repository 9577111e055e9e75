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
from django.db import transaction
from django.utils.timezone import localdate
from django.utils.translation import override

from accounts.permissions import Permission
from collection.models import ActivityType, AddressKey
from consent.paper import PaperUnavailable
from crypto.agefile import AgeWriter, recipient_of
from exports import approvals, group_sets, groups, ledger, recipients, storage, vault
from exports.actions.deliveries import mark_built, mark_prepared, prepare_again
from exports.actions.extracts import mark_loaded, mark_refused
from exports.comparison import archives, k_report, told_counts, unmatched
from exports.comparison import described as told
from exports.comparison.frozen import Frozen
from exports.comparison.layouts import FAMILIES
from exports.comparison.residents import load_residents
from exports.comparison.row_checks import ListRefused
from exports.comparison.runner.definition import Definition, from_json
from exports.comparison.runner.definition_words import summary
from exports.comparison.runner.disclosure import Release
from exports.comparison.runner.pictures import SVG, distributions, flow_chart, love_plot
from exports.comparison.runner.results import describe
from exports.comparison.runner.texts import DANISH, ENGLISH
from exports.comparison_drawing import EXTRACT, complete, departments, draw
from exports.jobs import JobFailed, Progress
from exports.linkage import kanonymity
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
    earlier = _told(delivery)
    group = groups.drawn(delivery.project, delivery.definition)
    if group is None:
        drawn, flow = draw(delivery, definition, minimum, today, progress)
        of_group: dict[str, Any] = {"group": str(delivery.pk), "drawn": drawn.size, "flow": flow}
    else:
        drawn = group_sets.left_of(group, group_sets.read_of(group))
        of_group = {name: group.report[name] for name in ("group", "drawn", "flow", "described", "matching")}
    progress.step("freeze")
    sha256 = group_sets.write(folder, drawn)
    frozen = group_sets.read(folder, sha256)
    _check_size(frozen, minimum)
    _write_ledger(delivery, frozen, progress)
    progress.step("describe")
    measured = k_report.measure(frozen, k)
    telling = _telling(frozen, measured, minimum, earlier, of_group)
    _draw_pictures(folder, telling)
    progress.step("check")
    names = dict(ActivityType.objects.values_list("code", "name_da"))
    report = (
        of_group
        | _report(delivery, frozen, definition, measured)
        | {
            "frozen_on": today.isoformat(),
            "summary": summary(definition, names)[DANISH],
            "layouts": {name: layout_to_json(layout) for name, layout in frozen.layouts.items()},
            "recipients": recipients.report_of(delivery),
        }
    )
    confirm = _alone(delivery, settled(progress, folder), earlier)
    mark_prepared(delivery, prepared_hash=sha256, report=report | _with_release(delivery, telling), confirm=confirm)
    _tidy(delivery)


def build(job: Job, progress: Progress, folder: Path) -> None:
    """Writes and seals the evaluator's archive of the frozen group, less those who have left since."""
    delivery = delivery_of(job)
    if delivery.state != State.APPROVED:
        return
    check_approval(delivery)
    if approvals.project_changed(delivery):
        prepare_again(delivery, why="project_changed", confirm=progress.confirm)
        return
    definition = complete(from_json(delivery.definition["definition"]))
    minimum, k = _limits(delivery, definition)
    progress.step("check")
    earlier = _told(delivery)
    whole = group_sets.read_of(delivery)
    frozen = group_sets.left_of(delivery, whole)
    taken_out = sorted(UUID(bytes=each) for each in whole.relied_on().keys() - frozen.relied_on().keys())
    _check_size(frozen, minimum)
    measured, approved = k_report.measure(frozen, k), delivery.report["k"]
    measured["approved_below"] = kanonymity.approved_below(approved)
    measured["approved_rows"] = approved.get("approved_rows", _rows(whole))
    accepted, left = bool(delivery.k_accepted) and may_be_accepted(delivery), measured["approved_rows"] - _rows(frozen)
    if not kanonymity.still_covered(approved, measured, accepted=accepted, left=left):
        prepare_again(delivery, why="blocked", confirm=progress.confirm)
        return
    report = delivery.report | _report(delivery, frozen, definition, measured)
    if taken_out:
        telling = _telling(frozen, measured, minimum, earlier, delivery.report)
        report |= _with_release(delivery, telling) | {"set": group_sets.write(folder, frozen)}
        _draw_pictures(folder, telling)  # or they are those of the prepared set
    facts = archives.Facts(
        delivery=replace(facts_of(delivery, {}), minimum_count=minimum),
        summary=report["summary"],
        definition=definition,
        flow=report["flow"],
        described=told.from_json(report["described"]),
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
    mark_built(
        delivery,
        archives=[archive_of(delivery, Reader.EVALUATOR, sealed, keys)],
        taken_out=taken_out,
        report=report,
        confirm=_alone(delivery, settled(progress, folder), earlier),
    )
    _tidy(delivery)


# --- The set --------------------------------------------------------------------------------------------


def _write_ledger(delivery: Delivery, frozen: Frozen, progress: Progress) -> None:
    """Who is in the set. Of a delivery that was prepared before, whose page has told of it, nobody is forgotten: who
    has left since is taken out, so that they stay out of the group's other deliveries too (groups.left)."""
    rests_on = frozen.relied_on()
    progress.step("ledger", len(rests_on))
    if groups.is_kept(delivery):
        before = ledger.participants_of(delivery).values_list("participant", flat=True)
        with transaction.atomic():
            progress.confirm()
            ledger.take_out(delivery, sorted({*before} - {UUID(bytes=each) for each in rests_on}))
        return
    rows = ((each.participant, each.decision, None) for each in rests_on.values())
    ledger.write(delivery, batched(rows, AT_ONCE), progress.advance, progress.confirm)


def _check_size(frozen: Frozen, minimum: int) -> None:
    """Of a group below the minimum nothing is told, not even its size. Raises JobFailed."""
    participants = int((frozen.frame()["participant"].astype(int) == 1).sum())
    if min(participants, frozen.size - participants) < minimum:
        raise JobFailed("too_few")


def _alone(delivery: Delivery, confirm: Callable[[], None], earlier: list[dict[str, Any]]) -> Callable[[], None]:
    """Asks once more, under the project's lock, what was asked before the work: another job of the project may have
    ended meanwhile. Then confirms. Raises JobFailed."""

    def check() -> None:
        EvaluationProject.objects.select_for_update().get(pk=delivery.project_id)
        if groups.is_refused(delivery):
            raise JobFailed("another_group")
        if _told(delivery) != earlier:
            raise JobFailed("another_meanwhile")
        confirm()

    return check


def _tidy(delivery: Delivery) -> None:
    """Once the group has a newer set. Done anew by the daily clean-up, should the job be killed before."""
    for each in groups.of_one(delivery):
        storage.remove_old_sets(each)


def _rows(frozen: Frozen) -> int:
    return sum(table.num_rows for table in frozen.tables.values())


def _limits(delivery: Delivery, definition: Definition) -> tuple[int, int]:
    """Least count of a cell, and k: the project's, or what the definition asks for beyond them."""
    project = delivery.project
    return max(project.minimum_count, definition.minimum), max(project.k, definition.k)


# --- What is told of it ---------------------------------------------------------------------------------


def _told(delivery: Delivery) -> list[dict[str, Any]]:
    """All that was told in the project, also of deliveries that came to nothing: their pages were seen."""
    parts = ("group", "releases", "counted", "k", "flow")
    return [{part: each.report.get(part) for part in parts} for each in groups.told(delivery.project)]


def _telling(
    frozen: Frozen,
    measured: dict[str, Any],
    minimum: int,
    earlier: list[dict[str, Any]],
    before: dict[str, Any],
) -> dict[str, Any]:
    """What may be told of the groups beside all that was told `earlier` in the project: parts of a report.

    described   the groups in aggregate
    matching    who is not matched, and why
    counted     whether sizes and rows may be told: no size, and no number of rows, is nearly one that was told before
    flow        as drawn; empty when it could be subtracted from another

    `before`: the group's report as it was told last, or `group`, `drawn` and `flow` of one just drawn. What was told of
    it stands when too few have left since to tell it anew.
    """
    described = describe(
        frozen.frame(),
        group="participant",
        variables=frozen.variables[frozen.units],
        matched=frozen.matched(),
        minimum=minimum,
        earlier=[Release.from_json(release) for each in earlier for release in each["releases"]],
    )
    rows = [told_counts.of_rows(each["k"]) for each in earlier if each["counted"]]
    counted = None not in described.before.sizes
    counted = counted and not told_counts.hardly_differ(told_counts.of_rows(measured), rows, minimum)
    matching = {} if earlier else unmatched.told(frozen, described, minimum)
    if "described" in before:
        of_group = [told_counts.left_in(each["flow"]) for each in earlier if each["group"] == before["group"]]
        left = before["drawn"] - frozen.size
        flow = told_counts.with_left(before["flow"], frozen.units, left, max(of_group), minimum)
        if told.tells_nothing(described):
            described, matching = told.from_json(before["described"]), before["matching"]
    else:
        flow = before["flow"]
        flows = [told_counts.of_flow(each["flow"]) for each in earlier]
        if not counted or told_counts.hardly_differ(told_counts.of_flow(flow), flows, minimum):
            flow = []
    return {"described": told.to_json(described), "matching": matching, "counted": counted, "flow": flow}


def _with_release(delivery: Delivery, telling: dict[str, Any]) -> dict[str, Any]:
    """With what the delivery has told before, and tells with this."""
    before = delivery.report.get("releases", [])
    release = told.release_of(told.from_json(telling["described"])).to_json()
    return telling | {"releases": before if release in before else [*before, release]}


def _draw_pictures(folder: Path, telling: dict[str, Any]) -> None:
    """Love plot and, where they are told, flow chart and distributions for the delivery's page, in each language."""
    described = told.from_json(telling["described"])
    drawings: dict[str, Callable[..., None]] = {"love": partial(love_plot, described.differences)}
    if telling["flow"]:
        drawings["flow"] = partial(flow_chart, archives.flow_frame(telling["flow"]))
    if described.distributions:
        drawings["distributions"] = partial(distributions, described.distributions)
    for code, language in LANGUAGES.items():
        for name, draw_one in drawings.items():
            picture = io.BytesIO()
            draw_one(picture, SVG, language)
            path = storage.picture_path(folder, name, code)
            with AgeWriter(path, [recipient_of(vault.archive_identity())]) as out:
                out.write(picture.getbuffer())


def _report(delivery: Delivery, frozen: Frozen, definition: Definition, measured: dict[str, Any]) -> dict[str, Any]:
    findings = archives.lint(frozen, delivery.project.minimum_count) + k_report.findings(measured)
    return report_of(delivery.project, frozen.size, _rows(frozen), {}, findings) | {
        "unit": "families" if frozen.units == FAMILIES else "persons",
        "rows_by_file": {frozen.layouts[name].member: table.num_rows for name, table in frozen.tables.items()},
        "variables": [name for layout in frozen.layouts.values() for name in layout.names],
        "unknown": [variable.label for variable in frozen.unknown()],
        "period": [definition.first_year, definition.last_year],
        "k": measured,
    }
