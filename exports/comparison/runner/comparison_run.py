"""`comparison`: a whole run where the registers are, from a definition to a folder of results."""

import json
import tempfile
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from pathlib import Path

import duckdb
import pandas as pd
import pyarrow as pa
import pyarrow.parquet as pq

from . import reading, register_files
from .characteristics import variables_of
from .codebook import codebook
from .definition import FAMILY, PLANS, Chosen, Definition, as_file, from_json
from .drawing import RegisterUnfit, Selection, select_from_registers
from .folder import Folder, sha256
from .matching.matched import Matched, match
from .matching.spec import NONE
from .registers import TABLES
from .results import csv_bytes, describe, exact_balance, write_results
from .summaries import comparison_summary
from .texts import Refused, Text
from .variables import CATEGORICAL, MISSING, occurring

FORMAT = "deltagerdata-comparison-run-1"
AREAS = "omraader.csv"  # beside the definition, as a package has it
SUMMARY = "summary.txt"
EXACT = "balance_internal.csv"
INTERNAL = ("families.csv", "families.parquet", "persons.csv", "persons.parquet", EXACT)
GROUP = "participant"  # the column of the frame that is described: 1 for participants, 0 for the comparison

NO_MEMORY: Text = (
    "Der er ikke hukommelse eller plads nok på disken. Giv mere, f.eks. --memory 4GB.",
    "There is not enough memory or disk. Give more, like --memory 4GB.",
)
UNREADABLE: Text = (
    "Registrene kan ikke læses til ende: en fil er beskadiget, eller en værdi passer ikke til sin kolonne.",
    "The registers can't be read to the end: a file is damaged, or a value doesn't fit its column.",
)
Say = Callable[[Text], None]


@dataclass(frozen=True, kw_only=True)
class Sources:
    """registers: name, year or None, file. areas None: `omraader.csv` beside the definition. unseen: how many
    participants nobody can recognise (see drawing.select), where that is known."""

    definition: Path
    registers: Sequence[tuple[str, int | None, Path]]
    participants: Path
    areas: Path | None = None
    medians: Path | None = None
    unseen: int | None = None

    @property
    def area_list(self) -> Path:
        return self.areas or self.definition.parent / AREAS


def run(sources: Sources, folder: Folder, *, engine: str, memory: str, language: int, say: Say) -> None:
    """Writes families.*, persons.* (INTERNAL), what `results` writes, definition.json, codebook.csv, summary.txt and
    manifest.json. Raises Refused."""
    definition = definition_of(sources.definition)
    selection = _draw(sources, definition, engine, memory, say)
    by_family = definition.unit == FAMILY
    units = selection.families if by_family else selection.persons
    if units["family_group"].nunique() < 2:
        raise Refused(
            {
                "": (
                    "En af grupperne er tom: der er ingen at sammenligne. Se efter, om deltagernes nøgler, år og "
                    "planer er dem, som registrene og områderne har.",
                    "One of the groups is empty: there is nothing to compare. Check that the participants' keys, years "
                    "and plans are those of the registers and areas.",
                )
            }
        )
    frame = units.set_index("family" if by_family else "person")
    frame = frame.assign(**{GROUP: (frame["family_group"] == "participant").astype(int)})
    variables = variables_of(frame, definition.characteristics)
    matched: Matched | None = None
    if definition.matching.method != NONE:
        say(("Matcher", "Matching"))
        matched = match(frame, group=GROUP, variables=variables, spec=definition.matching)
        for note in matched.notes:  # said, not written: they tell of single levels
            say(note.text)
        units = units.assign(**{name: matched.units[name].to_numpy() for name in ("weight", "match", "reason")})
        if matched.score is not None:
            units = units.assign(score=matched.score.to_numpy())
    say(("Beskriver grupperne", "Describing the groups"))
    described = describe(frame, group=GROUP, variables=variables, matched=matched, minimum=definition.minimum)
    if by_family:
        write_rows(folder, "families", spelled_out(units, definition.characteristics))
    persons = selection.persons if by_family else units
    write_rows(folder, "persons", spelled_out(persons, definition.characteristics))
    exact = exact_balance(frame, group=GROUP, variables=variables, matched=matched, described=described)
    folder(EXACT, csv_bytes(exact))
    told_sizes = None not in described.before.sizes  # a flow chart would tell them
    write_results(folder, described, flow=selection.flow.frame() if told_sizes else None, language=language)
    folder("definition.json", as_file(definition).encode())
    folder("codebook.csv", csv_bytes(codebook(definition, occurring(frame, variables))))
    told = comparison_summary(definition, described, selection, folder.digests, INTERNAL)
    folder(SUMMARY, told[language].encode())
    inputs = [sources.definition, sources.participants, sources.area_list, sources.medians]
    inputs += [path for _name, _year, path in sources.registers]
    folder.manifest(
        {
            "format": FORMAT,
            "internal": [name for name in INTERNAL if name in folder.digests],
            "inputs": [{"name": path.name, "sha256": sha256(path)} for path in inputs if path is not None],
        }
    )


def definition_of(path: Path) -> Definition:
    """Raises Refused; places are in the file."""
    try:
        return from_json(json.loads(path.read_text(encoding="utf-8-sig")))
    except (OSError, UnicodeError):
        raise Refused(
            {str(path): ("Filen findes ikke eller kan ikke læses.", "There is no such file to read.")}
        ) from None
    except json.JSONDecodeError:
        raise Refused({str(path): ("Filen er ikke gyldig JSON.", "The file isn't valid JSON.")}) from None
    except Refused as refused:
        raise Refused({f"{path} {place}".strip(): text for place, text in refused.problems.items()}) from None


def spelled_out(rows: pd.DataFrame, chosen: Iterable[Chosen]) -> pd.DataFrame:
    """The rows with the level of what is not known written out in categories, as the codebook has it. In numbers, and
    yes or no, it stays empty."""
    names = [each.name for each in variables_of(rows, chosen) if each.kind == CATEGORICAL]
    return rows.assign(**{name: rows[name].fillna(MISSING) for name in names})


def write_rows(folder: Folder, name: str, frame: pd.DataFrame) -> None:
    """name.csv and name.parquet."""
    folder(f"{name}.csv", csv_bytes(frame))
    table = pa.Table.from_pandas(frame, preserve_index=False).replace_schema_metadata({"INTERN": "INTERNAL"})
    sink = pa.BufferOutputStream()
    pq.write_table(table, sink)
    folder(f"{name}.parquet", sink.getvalue().to_pybytes())


def _draw(sources: Sources, definition: Definition, engine: str, memory: str, say: Say) -> Selection:
    starts = _starts(sources.participants, definition)
    departments = _listed(sources.area_list, "OMRAADER").set_axis(
        ["department", "plan", "municipality_code", "region"], axis="columns"
    )
    medians = _medians(sources.medians) if sources.medians else None
    with tempfile.TemporaryDirectory(prefix="registers-") as work:  # mode 0700
        say(("Læser registrene", "Reading the registers"))
        files = register_files.prepared(sources.registers, Path(work))
        try:
            return select_from_registers(
                definition,
                files,
                departments=departments,
                starts=starts,
                medians=medians,
                unseen=sources.unseen,
                minimum=definition.minimum,
                kind=engine,
                memory_limit=memory,
                progress=lambda stage, done, total: say((f"{done}/{total} {stage}", f"{done}/{total} {stage}")),
            )
        except RegisterUnfit:
            raise Refused(
                {
                    "BEF": (
                        "En person står to gange i det samme år.",
                        "A person stands twice in one year.",
                    )
                }
            ) from None
        except duckdb.OutOfMemoryException:
            raise Refused({"--memory": NO_MEMORY}) from None
        except duckdb.Error:  # its own words quote values
            raise Refused({"--register": UNREADABLE}) from None


def _starts(path: Path, definition: Definition) -> pd.DataFrame:
    """person, activity_type, year, plan. The plan may be missing where areas don't go by it."""
    optional = () if definition.areas == PLANS else ("PLAN",)
    starts = _listed(path, "STARTER", optional).set_axis(["person", "activity_type", "year", "plan"], axis="columns")
    if starts.empty:
        raise Refused({str(path): ("Filen har ingen rækker.", "The file has no rows.")})
    return starts


def _listed(path: Path, table: str, optional: Sequence[str] = ()) -> pd.DataFrame:
    """The columns of a table, in its order, as its kinds say. Raises Refused."""
    columns = TABLES[table].columns
    present = reading.columns_of(path)
    if missing := [each.name for each in columns if each.name not in (*present, *optional)]:
        listed = ", ".join(missing)
        raise Refused({str(path): (f"Kolonnen mangler: {listed}.", f"There is no such column: {listed}.")})
    given = reading.read_table(path, [each.name for each in columns]).to_pandas()
    result: dict[str, pd.Series] = {}
    for each in columns:
        if each.name not in given:
            result[each.name] = pd.Series("", index=given.index, dtype="str")
            continue
        values = reading.codes_of(given[each.name])
        if values.isna().any() and each.name not in optional:
            raise reading.fault(path, values.isna(), each.name, ("værdien mangler.", "the value is missing."))
        if each.kind == "integer":
            values = _whole(path, each.name, values)
        result[each.name] = values
    return pd.DataFrame(result)


def _whole(path: Path, column: str, values: pd.Series) -> pd.Series:
    right = values.str.fullmatch(r"[0-9]{1,18}")
    if not right.all():
        raise reading.fault(
            path, ~right, column, ("værdien skal være et helt tal.", "the value must be a whole number.")
        )
    return values.astype("int64")


def _medians(path: Path) -> dict[int, int]:
    """AAR, MEDIAN: whole kroner."""
    present = reading.columns_of(path)
    if not {"AAR", "MEDIAN"} <= set(present):
        text = ("Filen skal have kolonnerne AAR og MEDIAN.", "The file must have the columns AAR and MEDIAN.")
        raise Refused({str(path): text})
    given = reading.read_table(path, ["AAR", "MEDIAN"]).to_pandas()
    years, medians = (_whole(path, name, reading.codes_of(given[name]).fillna("")) for name in ("AAR", "MEDIAN"))
    return dict(zip(years.tolist(), medians.tolist(), strict=True))
