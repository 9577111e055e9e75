"""Drawing a comparison group on the site: what the register of participants gives to it, and codes for everybody."""

from collections.abc import Iterator
from dataclasses import dataclass, replace
from datetime import date
from pathlib import Path
from typing import Any
from uuid import UUID

import pandas as pd
import pyarrow as pa
from django.conf import settings
from django.db import transaction
from django.db.models import Sum

from collection import identities
from collection.models import Activity, Department, Headcount
from collection.municipalities import REGIONS, region_of
from collection.queries import latest_headcounts
from consent import gate
from exports import storage, vault
from exports.comparison import archives, layouts
from exports.comparison.departments import department_code
from exports.comparison.extract_file import UnreadableExtract, rows_of
from exports.comparison.extract_file import facts_of as extract_facts
from exports.comparison.frozen import Frozen, RestsOn, table_of
from exports.comparison.keys import person_keys
from exports.comparison.runner.characteristics import variables_of
from exports.comparison.runner.definition import FAMILY, Chosen, Definition
from exports.comparison.runner.drawing import RegisterUnfit, Selection, select
from exports.comparison.runner.matching.matched import match
from exports.comparison.runner.matching.spec import NONE
from exports.comparison.runner.texts import Refused
from exports.comparison.runner.variables import NUMERIC, Variable
from exports.comparison.spill import spill_folder
from exports.jobs import JobFailed, Progress
from exports.linkage.schema import ValueSet
from exports.linkage_delivery import codes_to_give, project_codes
from exports.linkage_records import AT_ONCE, batched
from exports.models import Delivery, RegisterExtract
from exports.pseudonymise import ProjectCodes

EXTRACT = "residents.parquet"
# what a group is described by when nothing was chosen: all that every resident list gives
STANDARD = (Chosen("family_type"), Chosen("children_group"), Chosen("sex"), Chosen("age", "bands"))
DRAW = "draw_"  # before a stage's name, in the name of the job's step


@dataclass
class Starters:
    """People whose consent is valid and who started, by their key of the run: starts, and what each rests on."""

    starts: pd.DataFrame
    rests_on: dict[bytes, RestsOn]


def draw(
    delivery: Delivery, definition: Definition, minimum: int, today: date, progress: Progress
) -> tuple[Frozen, list[list[object]]]:
    """The group with a code for everybody, and its flow (archives.flow_rows). Raises JobFailed."""
    definition = complete(definition)
    extract = _extract(delivery, definition)
    run_key = vault.run_key_of(extract)
    progress.step("persons")
    starters = _starters(delivery, definition, run_key, today, progress)
    if starters.starts.empty:
        raise JobFailed("nobody")
    try:
        path = storage.extract_folder(extract.pk) / EXTRACT
        elsewhere = extract_facts(path, run_key)["elsewhere"].get(str(definition.comparison_year), 0)
        selection = select(
            definition,
            rows_of([path], run_key),
            departments=_areas(),
            starts=starters.starts,
            spill=spill_folder(Path(settings.DATA_DIR) / "spill"),
            elsewhere=elsewhere,
            unseen=_unseen(definition, len(starters.rests_on)),
            minimum=minimum,
            kind=settings.COMPARISON_ENGINE,
            memory_limit=settings.COMPARISON_MEMORY,
            progress=lambda stage, done, total: _tell(progress, stage, done, total),
        )
    except (UnreadableExtract, RegisterUnfit):
        raise JobFailed("extract_unfit") from None
    progress.step("codes")
    frozen = _with_codes(delivery, definition, selection, starters)
    return _matched(frozen, definition, progress), archives.flow_rows(selection.flow.frame())


def complete(definition: Definition) -> Definition:
    """With characteristics to describe the groups by, ages of persons in bands."""
    chosen = definition.characteristics or STANDARD
    coarse = tuple(Chosen("age", "bands") if each == Chosen("age") else each for each in chosen)
    return replace(definition, characteristics=coarse)


def departments() -> Iterator[tuple[int, str, Department]]:
    """Id, code and row of every department; one that is under several plans comes once for each."""
    for department in Department.objects.select_related("plan"):
        code = department_code(department.organisation_number, department.department_number)
        yield department.pk, code, department


# --- What goes in ---------------------------------------------------------------------------------------


def _tell(progress: Progress, stage: str, done: int, total: int) -> None:
    if stage:
        progress.step(DRAW + stage, total)
        progress.advance(done)


def _extract(delivery: Delivery, definition: Definition) -> RegisterExtract:
    extract = RegisterExtract.objects.filter(
        pk=delivery.definition.get("extract"), state=RegisterExtract.State.READY
    ).first()
    if extract is None:
        raise JobFailed("no_extract")
    if definition.comparison_year not in extract.years:
        raise JobFailed("year_missing")
    return extract


def _areas() -> pd.DataFrame:
    """department, plan (LBF number), municipality_code, region: a row for each plan of a department."""
    rows = [
        (code, item.plan.lbf_number, item.plan.municipality_code, region_of(item.plan.municipality_code))
        for _, code, item in departments()
    ]
    return pd.DataFrame(rows, columns=["department", "plan", "municipality_code", "region"]).drop_duplicates()


def _starters(delivery: Delivery, definition: Definition, run_key: bytes, today: date, progress: Progress) -> Starters:
    """People without a CPR number can't be found in a list of numbers; they are among the unseen."""
    years = {*definition.participant_years, *definition.excluded_years}
    types = {*definition.activity_types, *definition.excluding_types}
    rows = gate.export_rows(
        delivery.project.purpose_id, on=today, begun=range(min(years), max(years) + 1), types=sorted(types)
    )
    codes = project_codes(delivery.project)
    columns: dict[str, list[Any]] = {"person": [], "activity_type": [], "year": [], "plan": []}
    found: dict[bytes, RestsOn] = {}
    for part in batched((row for row in rows if row.cpr is not None), AT_ONCE):
        sealed = ((row.participant.bytes, row.cpr.record) for row in part if row.cpr is not None)
        numbers = list(identities.stream("cpr", sealed))
        keys = person_keys(run_key, numbers)
        for key, number, row in zip(keys, numbers, part, strict=True):
            if row.activity_type in definition.activity_types and row.start.year in definition.participant_years:
                one = row.participant.bytes
                before = found.get(key) or RestsOn(one, row.decision, codes.person_digest(number), ())
                found[key] = replace(before, rows=tuple(sorted({*before.rows, one})))
        columns["person"] += keys
        columns["activity_type"] += [row.activity_type for row in part]
        columns["year"] += [row.start.year for row in part]
        columns["plan"] += [row.lbf_number for row in part]
        progress.advance(len(columns["person"]))
    return Starters(pd.DataFrame(columns), found)


def _unseen(definition: Definition, seen: int) -> int | None:
    """Estimated participants of the selected activities less those seen; None where nobody has estimated."""
    activities = Activity.objects.filter(type__in=definition.activity_types)
    estimates: Any = latest_headcounts(activities).filter(
        year__gte=definition.first_year, year__lte=definition.last_year
    )
    total = Headcount.objects.filter(pk__in=estimates.values("pk")).aggregate(total=Sum("estimate"))["total"]
    return None if total is None else max(total - seen, 0)


# --- Codes ----------------------------------------------------------------------------------------------


def _with_codes(delivery: Delivery, definition: Definition, selection: Selection, starters: Starters) -> Frozen:
    """Participants get their code of the project; families, and persons who are no participants or have not consented,
    one of this group only.

    Somebody who moved may stand in two families: their own code stands once, in the family that they were found by, or
    else the first, and elsewhere they are somebody of the list.
    """
    codes = codes_to_give(delivery.project)
    families, persons = selection.families, selection.persons
    fresh = iter(_fresh_codes(codes, len(families) + len(persons)))
    frames = {}
    if definition.unit == FAMILY:
        families = families.assign(pseudonym=[next(fresh) for _ in range(len(families))])
        families = families.assign(relies_on=families["person"])
        joined = families.set_index("family")[["pseudonym", "region", "person"]].add_prefix("family_")
        persons = persons.join(joined, on="family")
        persons = persons.assign(region=persons["family_region"], first=persons["family_person"] == persons["person"])
        frames[layouts.FAMILIES] = families
    else:
        persons = persons.assign(first=True)
    takes_part = (persons["family_group"] == "participant") & persons["person"].isin(starters.rests_on)
    ordered = persons[takes_part].sort_values(["first", "reference_year"], ascending=[False, True], kind="stable")
    own = ordered.drop_duplicates("person").index
    persons = persons.assign(relies_on=persons["person"].where(persons.index.isin(own)))
    known = _own_codes(codes, starters, sorted(persons.loc[own, "person"]))
    persons = persons.assign(
        pseudonym=[known[key] if key in known else next(fresh) for key in persons["relies_on"]],
        takes_part=persons.index.isin(own).astype(int),
    )
    frames[layouts.PERSONS] = persons
    variables = {name: tuple(variables_of(frame, definition.characteristics)) for name, frame in frames.items()}
    in_families = layouts.FAMILIES in frames
    return Frozen(
        {name: _table(frame, variables[name], starters.rests_on) for name, frame in frames.items()},
        {
            name: layouts.layout(name, definition.years, _regions(), variables[name], in_families=in_families)
            for name in frames
        },
        variables,
        definition.matching.method,
    )


def _table(frame: pd.DataFrame, variables: tuple[Variable, ...], known: dict[bytes, RestsOn]) -> pa.Table:
    """What is frozen of a frame: nothing that leads back to the list."""
    by = frame.dropna(subset=["relies_on"])
    rests_on = {code: known[key] for code, key in zip(by["pseudonym"], by["relies_on"], strict=True)}
    names = ["pseudonym", "family_group", "reference_year", "region", *(each.name for each in variables)]
    if "family_pseudonym" in frame:
        frame = frame.drop(columns="family").rename(columns={"family_pseudonym": "family"})
        names[1:1] = ["family", "takes_part", "adult"]
    return table_of(frame[names], rests_on)


def _own_codes(codes: ProjectCodes, starters: Starters, keys: list[bytes]) -> dict[bytes, str]:
    found: dict[bytes, str] = {}
    for part in batched(keys, AT_ONCE):
        with transaction.atomic():
            own = codes.codes_for([[UUID(bytes=row) for row in starters.rests_on[key].rows] for key in part])
        found |= dict(zip(part, own, strict=True))
    return found


def _fresh_codes(codes: ProjectCodes, count: int) -> list[str]:
    """Distinct codes that the project has not used."""
    found: dict[str, None] = {}
    while len(found) < count:
        found |= dict.fromkeys(codes.unused(min(AT_ONCE, count - len(found))))
    return list(found)


def _regions() -> ValueSet:
    return {int(code): names for code, names in REGIONS.items()}


# --- Matching -------------------------------------------------------------------------------------------


def _matched(frozen: Frozen, definition: Definition, progress: Progress) -> Frozen:
    """With weight, match and reason beside each unit; `match` names codes, or the stratum. Raises JobFailed."""
    spec = definition.matching
    if spec.method == NONE:
        return frozen
    progress.step("match")
    table = frozen.tables[frozen.units]
    known = frozen.variables[frozen.units]
    try:
        found = match(
            frozen.frame().pipe(_plain, known),
            group="participant",
            variables=known,
            spec=spec,
            progress=lambda _stage, done, _total: progress.advance(done),
        )
    except Refused:
        raise JobFailed("no_matching") from None
    for name in ("weight", "match", "reason"):
        table = table.append_column(name, [found.units[name].tolist()])
    return replace(frozen, tables=frozen.tables | {frozen.units: table}, notes=found.notes)


def _plain(frame: pd.DataFrame, variables: tuple[Variable, ...]) -> pd.DataFrame:
    return frame.astype({each.name: "float64" for each in variables if each.kind == NUMERIC})
