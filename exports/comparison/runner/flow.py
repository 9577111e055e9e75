"""The flow of a selection, in the manner of CONSORT: what a step began with, who was left out and why, what remained.

A step is an equation of one unit (before = left out + after), so that a hidden count could be found by subtraction.
`masked` therefore hides with it as many other counts of the step, and of the step before, as it takes.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace

import pandas as pd

from .disclosure.limits import has_room
from .texts import Text

LABELS: dict[str, Text] = {
    # groups and values of the family frame
    "participant": ("Deltagerfamilier", "Participant families"),
    "comparison": ("Sammenligningsfamilier", "Comparison families"),
    "single": ("En voksen", "One adult"),
    "couple": ("To voksne", "Two adults"),
    "unknown": ("Ingen voksen på listen", "No adult in the register"),
    # what a step begins and ends with
    "starters": (
        "Personer, der begyndte på en valgt aktivitet i deltagerårene",
        "Persons who started a selected activity in the participant years",
    ),
    "found": (
        "Voksne, der stod på listen det år, de begyndte",
        "Adults found in the register of the year in which they started",
    ),
    "found_families": ("Deres familier", "Their families"),
    "residents": ("Beboere på listen i sammenligningsåret", "Residents in the register of the comparison year"),
    "area_residents": (
        "Beboere i områderne",
        "Residents of the areas",
    ),
    "area_families": ("Familier i områderne", "Families in the areas"),
    "candidates": (
        "Familier i områderne med et barn i den valgte alder",
        "Families in the areas with a child of the chosen age",
    ),
    "found_persons": (
        "Personer, der stod på listen det år, de begyndte",
        "Persons found in the register of the year in which they started",
    ),
    "participant_persons": ("Deltagere", "Participants"),
    "person_candidates": ("Personer i områderne i den valgte alder", "Persons in the areas of the chosen age"),
    "comparison_persons": ("Sammenligningspersoner", "Comparison persons"),
    # who was left out
    "list_missing": (
        "Der er ingen liste for det år, de begyndte",
        "There is no register for the year in which they started",
    ),
    "not_in_list": ("Stod ikke på listen det år, de begyndte", "Not in the register of the year in which they started"),
    "not_adult": ("Var ikke voksen i familien", "Not an adult of the family"),
    "earlier_start": (
        "En anden voksen i familien begyndte et tidligere år, og familien måles kun dér",
        "Another adult of the family started in an earlier year, and the family is measured then only",
    ),
    "outside_areas": (
        "Boede uden for områderne",
        "Lived outside the areas",
    ),
    "no_child": ("Havde intet barn i den valgte alder", "Had no child of the chosen age"),
    "not_of_age": ("Havde ikke den valgte alder", "Were not of the chosen age"),
    "participant_person": ("Er deltagere", "Are participants"),
    "started_persons": ("Var begyndt på en valgt aktivitet", "Had started a selected activity"),
    "participant_family": ("Er deltagerfamilier", "Are participant families"),
    "started": (
        "Nogen i familien var begyndt på en valgt aktivitet",
        "Somebody in the family had started a selected activity",
    ),
    "withdrawn": (
        "Er taget ud, fordi samtykket er ophørt, siden gruppen blev dannet",
        "Taken out because the consent has ended since the group was drawn",
    ),
    # the note
    "unseen": (
        "Deltagere uden samtykke, der kan være i sammenligningsgruppen",
        "Participants without consent who may be in the comparison group",
    ),
}
PERSONS, FAMILIES = "persons", "families"


@dataclass(frozen=True)
class Count:
    """A number of persons or families; None when it may not be shown."""

    code: str
    count: int | None

    @property
    def label(self) -> Text:
        return LABELS[self.code]


@dataclass(frozen=True)
class Step:
    """before = sum of left_out + after, all of one unit. `track` is the group that the step leads to."""

    track: str
    unit: str
    before: Count
    left_out: tuple[Count, ...]
    after: Count


@dataclass(frozen=True)
class Flow:
    """`unseen`: how many participants may be among the comparison families because nobody could recognise them (see
    selection.select); None with `unseen_known` true when it may not be shown, None with it false when nobody knows."""

    steps: tuple[Step, ...]
    unseen: int | None
    unseen_known: bool

    def frame(self) -> pd.DataFrame:
        """A row for each count: track, step (from 1), role (before, left_out, after, note), code, unit, count (Int64,
        missing when hidden or unknown), hidden (bool)."""
        rows: list[tuple[str, int, str, str, str, int | None, bool]] = []
        for number, step in enumerate(self.steps, start=1):
            for role, counts in (("before", (step.before,)), ("left_out", step.left_out), ("after", (step.after,))):
                rows += [(step.track, number, role, c.code, step.unit, c.count, c.count is None) for c in counts]
        hidden = self.unseen is None and self.unseen_known
        rows.append(("comparison", len(self.steps) + 1, "note", "unseen", PERSONS, self.unseen, hidden))
        columns = ["track", "step", "role", "code", "unit", "count", "hidden"]
        return pd.DataFrame(rows, columns=columns).astype({"count": "Int64"})


def flow(counts: Mapping[str, Mapping[str, int]], unseen: int | None, minimum: int) -> Flow:
    """The flow of a selection, with counts of people left out masked below `minimum`.

    `counts`: "persons" and "families" by status of the participants' tables, "candidates" by status of the comparison
    table, "sizes" with residents, area_residents, area_families and candidates.
    """
    sizes = counts["sizes"]
    steps = [
        _step(
            "participant",
            PERSONS,
            "starters",
            counts["persons"],
            ("list_missing", "not_in_list", "not_adult"),
            "found",
        ),
        _step(
            "participant",
            FAMILIES,
            "found_families",
            counts["families"],
            ("earlier_start", "no_child"),
            "participant",
        ),
        _rest("comparison", PERSONS, "residents", sizes, "outside_areas", "area_residents"),
        _rest("comparison", FAMILIES, "area_families", sizes, "no_child", "candidates"),
        _step(
            "comparison", FAMILIES, "candidates", counts["candidates"], ("participant_family", "started"), "comparison"
        ),
    ]
    return _flow(steps, unseen, minimum)


def person_flow(counts: Mapping[str, Mapping[str, int]], unseen: int | None, minimum: int) -> Flow:
    """The flow where the unit is the person. `counts`: "persons" by status of those who started, "units" of those whom
    the register has, "candidates" of the comparison table, "sizes" with residents, area_residents and candidates."""
    sizes = {**counts["sizes"], "person_candidates": counts["sizes"]["candidates"]}
    found = {**counts["persons"], "found_persons": counts["persons"].get("found", 0)}
    units = {**counts["units"], "participant_persons": counts["units"].get("participant", 0)}
    others = {
        **counts["candidates"],
        "comparison_persons": counts["candidates"].get("comparison", 0),
        "started_persons": counts["candidates"].get("started", 0),
    }
    steps = [
        _step("participant", PERSONS, "starters", found, ("list_missing", "not_in_list"), "found_persons"),
        _step("participant", PERSONS, "found_persons", units, ("not_of_age",), "participant_persons"),
        _rest("comparison", PERSONS, "residents", sizes, "outside_areas", "area_residents"),
        _rest("comparison", PERSONS, "area_residents", sizes, "not_of_age", "person_candidates"),
        _step(
            "comparison", PERSONS, "person_candidates", others, ("participant_person", "started_persons"),
            "comparison_persons",
        ),
    ]  # fmt: skip
    return _flow(steps, unseen, minimum)


def _flow(steps: Sequence[Step], unseen: int | None, minimum: int) -> Flow:
    shown = None if unseen is None else max(unseen, 0)
    if shown is not None and 0 < shown < minimum:
        shown = None
    return Flow(tuple(masked(steps, minimum)), shown, unseen is not None)


def masked(steps: Sequence[Step], minimum: int) -> list[Step]:
    """The steps with every count of people left out that is 1 to `minimum` - 1 hidden, and beside it the smallest
    others of its step until the hidden ones are open (disclosure.has_room); when there are not enough, what the step
    began with. The size of a group is never hidden."""
    result = list(steps)
    for place in reversed(range(len(result))):
        step = result[place]
        true = steps[place]
        following = result[place + 1] if place + 1 < len(result) else None
        after_hidden = following is not None and following.before == Count(step.after.code, None)
        counts = [item.count or 0 for item in step.left_out]
        hidden = {index for index, count in enumerate(counts) if 0 < count < minimum}
        if not hidden and not after_hidden:
            continue
        others = sorted((count, index) for index, count in enumerate(counts) if count >= minimum)
        after = [true.after.count or 0] if after_hidden else []
        while not _open([counts[index] for index in hidden], after, others, minimum):
            if not others:
                step = replace(step, before=Count(step.before.code, None))
                break
            _count, index = others.pop(0)
            hidden.add(index)
        left_out = tuple(
            Count(item.code, None) if index in hidden else item for index, item in enumerate(step.left_out)
        )
        shown = Count(step.after.code, None) if after_hidden else step.after
        result[place] = replace(step, left_out=left_out, after=shown)
    return result


def _open(left_out: Sequence[int], after: Sequence[int], others: Sequence[tuple[int, int]], minimum: int) -> bool:
    """Whether the hidden counts of a step stay hidden beside its sum. `others`: what is told, the smallest first."""
    most = others[0][0] if others and not after else None
    return len(left_out) + len(after) > 1 and has_room([*left_out, *after], minimum, most)


def _step(track: str, unit: str, before: str, counts: Mapping[str, int], reasons: Sequence[str], after: str) -> Step:
    left_out = tuple(Count(reason, counts.get(reason, 0)) for reason in reasons)
    rest = counts.get(after, 0)
    whole = sum(count.count or 0 for count in left_out) + rest
    return Step(track, unit, Count(before, whole), left_out, Count(after, rest))


def _rest(track: str, unit: str, before: str, sizes: Mapping[str, int], reason: str, after: str) -> Step:
    rest = Count(reason, sizes[before] - sizes[after])
    return Step(track, unit, Count(before, sizes[before]), (rest,), Count(after, sizes[after]))
