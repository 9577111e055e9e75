"""`match`: a data set that somebody brings is described, and matched if they ask for it."""

from collections.abc import Callable
from pathlib import Path

import pandas as pd

from . import match_spec, reading
from .folder import Folder, sha256
from .match_spec import Asked, MatchTask
from .matching.matched import Matched, match
from .matching.spec import NONE
from .results import csv_bytes, describe, exact_balance, write_results
from .summaries import KINDS, UNITS, match_summary
from .texts import Refused, Text
from .variables import BINARY, CATEGORICAL, MISSING, MISSING_LABEL, NUMERIC, Level, Variable, levels_of

Say = Callable[[Text], None]
PARTICIPANT = {*reading.TRUE, "participant", "deltager"}
COMPARISON = {*reading.FALSE, "comparison", "sammenligning"}
MOST_LEVELS = 200
THOUSANDS: Text = (
    "punktummet kan betyde både tusinder og decimaler. Skriv tusinder uden punktum (1000) og decimaler efter komma "
    "(1,000).",
    "the point may stand for thousands or for decimals. Write thousands without it (1000) and decimals after a comma "
    "(1,000).",
)
SUMMARY = "summary.txt"
INTERNAL = (UNITS, "balance.csv")
_BINARY = (Level("0", ("Nej", "No")), Level("1", ("Ja", "Yes")))


def run(spec: Path, data: Path, folder: Folder, *, language: int, say: Say) -> None:
    """Reads SPEC.json and the data; writes units.csv, what `results` writes, summary.txt and manifest.json. Raises
    Refused."""
    task = task_of(spec)
    say((f"Læser {data.name}", f"Reading {data.name}"))
    frame, variables, groups = read_frame(task, data, say)
    matched: Matched | None = None
    if task.matching.method != NONE:
        say(("Matcher", "Matching"))
        try:
            matched = match(frame, group=task.group, variables=variables, spec=task.matching)
        except Refused as refused:
            raise _placed(f"{spec} matching", refused) from None
        for note in matched.notes:  # said, not written: they tell of single levels
            say(note.text)
    say(("Beskriver grupperne", "Describing the groups"))
    described = describe(frame, group=task.group, variables=variables, matched=matched, minimum=task.minimum)
    balance = exact_balance(frame, group=task.group, variables=variables, matched=matched, described=described)
    folder(UNITS, csv_bytes(units_of(frame, groups, matched)))
    write_results(folder, described, balance=balance, language=language)
    folder(SUMMARY, match_summary(task, frame, variables, matched, described)[language].encode())
    folder.manifest(
        {
            "format": match_spec.FORMAT,
            "internal": [*INTERNAL],
            "inputs": {spec.name: sha256(spec), data.name: sha256(data)},
        }
    )


def task_of(spec: Path) -> MatchTask:
    """Raises Refused; places are in the file."""
    try:
        return match_spec.from_text(spec.read_text(encoding="utf-8-sig"))
    except (OSError, UnicodeError):
        raise Refused(
            {str(spec): ("Filen findes ikke eller kan ikke læses.", "There is no such file to read.")}
        ) from None
    except Refused as refused:
        raise _placed(str(spec), refused) from None


def read_frame(task: MatchTask, data: Path, say: Say) -> tuple[pd.DataFrame, list[Variable], pd.Series]:
    """The frame that is matched, its variables, and the group as it stands in the data. Index: ids, as text; the column
    of the group is 1 for participants, 0 for the others."""
    present = reading.columns_of(data)
    if missing := [name for name in task.columns if name not in present]:
        listed = ", ".join(missing)
        raise Refused({str(data): (f"Kolonnen mangler: {listed}.", f"There is no such column: {listed}.")})
    given = reading.read_table(data, task.columns).to_pandas()
    if given.empty:
        raise Refused({str(data): ("Filen har ingen rækker.", "The file has no rows.")})
    ids = _ids(task, data, given)
    groups = reading.codes_of(given[task.group])
    columns = {task.group: _groups(task, data, groups)}
    variables: list[Variable] = []
    for asked in task.variables:
        variable, columns[asked.name] = _column(asked, data, given[asked.name], say)
        variables.append(variable)
    frame = pd.DataFrame(columns).set_axis(ids, axis="index")
    return frame, variables, groups.set_axis(ids, axis="index")


def units_of(frame: pd.DataFrame, groups: pd.Series, matched: Matched | None) -> pd.DataFrame:
    """id, group (as in the data), weight, match, reason, and score where the method has one; a row for each unit, in
    the data's order. Without matching everybody weighs 1."""
    units = pd.DataFrame({"id": frame.index, "group": groups.to_numpy()})
    if matched is None:
        return units.assign(weight=1.0, match="", reason="")
    for name in ("weight", "match", "reason"):
        units[name] = matched.units[name].to_numpy()
    return units if matched.score is None else units.assign(score=matched.score.to_numpy())


def _placed(where: str, refused: Refused) -> Refused:
    return Refused({f"{where} {place}".strip(): text for place, text in refused.problems.items()})


def _ids(task: MatchTask, data: Path, given: pd.DataFrame) -> pd.Index:
    if not task.id:
        return pd.Index([str(number) for number in range(1, len(given) + 1)], name="id", dtype="str")
    ids = reading.codes_of(given[task.id])
    if ids.isna().any():
        raise reading.fault(data, ids.isna(), task.id, ("nummeret mangler.", "the id is missing."))
    if ids.duplicated().any():
        text = ("nummeret står også i en tidligere række.", "the id stands in an earlier row too.")
        raise reading.fault(data, ids.duplicated(), task.id, text)
    return pd.Index(ids, name="id")


def _groups(task: MatchTask, data: Path, groups: pd.Series) -> pd.Series:
    if groups.isna().any():
        raise reading.fault(data, groups.isna(), task.group, ("gruppen mangler.", "the group is missing."))
    found = reading.truths_of(groups, PARTICIPANT, COMPARISON)
    if found is None:
        unknown = ~groups.str.lower().isin([*PARTICIPANT, *COMPARISON])
        text = (
            "gruppen skal være 1, true eller participant for deltagere, 0, false eller comparison for de andre.",
            "the group must be 1, true or participant for participants, 0, false or comparison for the others.",
        )
        raise reading.fault(data, unknown, task.group, text)
    if found.nunique() < 2:
        raise Refused(
            {
                str(data): (
                    f"{task.group}: alle rækker er i den samme gruppe.",
                    f"{task.group}: all rows are in the same group.",
                )
            }
        )
    return found.astype(int)


def _column(asked: Asked, data: Path, values: pd.Series, say: Say) -> tuple[Variable, pd.Series]:
    if asked.kind != CATEGORICAL and (thousands := reading.thousands_in(values)).any():
        raise reading.fault(data, thousands, asked.name, THOUSANDS)
    kind = asked.kind or _guess(values)
    if not asked.kind:
        danish, english = KINDS[kind]
        say((f"{asked.name} læses som {danish} ({kind})", f"{asked.name} is taken as {english} ({kind})"))
    found: pd.Series | None
    if kind == NUMERIC:
        found = reading.numbers_of(values)
        if found is None:
            wrong = values.notna() & pd.to_numeric(_plain(values), errors="coerce").isna()
            raise _refused(data, wrong, asked.name, ("værdien skal være et tal.", "the value must be a number."))
        return Variable(name=asked.name, label=asked.label, kind=kind, measured=asked.measured), found
    if kind == BINARY:
        found = reading.truths_of(values)
        if found is None:
            codes = reading.codes_of(values).str.lower()
            wrong = codes.notna() & ~codes.isin([*reading.TRUE, *reading.FALSE])
            raise _refused(data, wrong, asked.name, ("værdien skal være 0 eller 1.", "the value must be 0 or 1."))
        levels: tuple[Level, ...] = (*_BINARY, Level(MISSING, MISSING_LABEL)) if found.isna().any() else _BINARY
        return Variable(name=asked.name, label=asked.label, kind=kind, levels=levels, measured=asked.measured), found
    found = reading.codes_of(values)
    levels = levels_of(found)
    if len(levels) > MOST_LEVELS:
        text = (
            f"{asked.name} har over {MOST_LEVELS} forskellige værdier. Slå dem sammen i grupper først.",
            f"{asked.name} has more than {MOST_LEVELS} values. Put them into groups first.",
        )
        raise Refused({str(data): text})
    return Variable(name=asked.name, label=asked.label, kind=kind, levels=levels, measured=asked.measured), found


def _guess(values: pd.Series) -> str:
    if reading.truths_of(values) is not None:
        return BINARY
    return NUMERIC if reading.numbers_of(values) is not None else CATEGORICAL


def _plain(values: pd.Series) -> pd.Series:
    return reading.codes_of(values).str.replace(",", ".", regex=False)


def _refused(data: Path, wrong: pd.Series, column: str, text: Text) -> Refused:
    if wrong.any():
        return reading.fault(data, wrong, column, text)
    return Refused({str(data): (f"{column}: {text[0]}", f"{column}: {text[1]}")})
