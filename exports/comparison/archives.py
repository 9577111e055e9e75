"""The evaluator's archive of a comparison group: rows as coded, what matching said, and what may be told of the groups.

familier.*, personer.*   a row for each family and person, in all formats: internal
units.csv                what matching said of each unit (runner's form): internal
table1.*, balance.csv, tests.csv, love.*, distributions.*, flow.*   in aggregate, protected (runner/results.py)
definition.json, kriterier.txt, kodebog*, LAES_MIG.txt, manifest.json
"""

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from textwrap import fill

import pandas as pd

from exports.comparison.frozen import Frozen
from exports.comparison.layouts import FAMILIES, GRAINS, PERSONS
from exports.comparison.runner.definition import Definition, as_file, to_json
from exports.comparison.runner.results import Described, csv_bytes, write_results
from exports.linkage import manifest, readme
from exports.linkage.archives import Built, write_codebooks
from exports.linkage.codebook_page import About
from exports.linkage.files import Archive, ByteSink, write_csv
from exports.linkage.formats.tables import write_formats
from exports.linkage.lint import Finding, MemberLinter, TextLinter, stop_if_blocked
from exports.linkage.lint_texts import is_text
from exports.linkage.manifest import DeliveryFacts
from exports.linkage.schema import Layout

UNITS, CRITERIA = "units.csv", "kriterier.txt"
SUFFIXES = {FAMILIES: "", PERSONS: "_personer"}  # of the codebook and the data package of each table
FLOW_COLUMNS = ["track", "step", "role", "code", "unit", "count", "hidden"]
WIDTH = 26  # of the names of files in a list
HIDDEN, UNKNOWN = "hidden", "unknown"  # stand for a count of the flow


@dataclass(frozen=True)
class Facts:
    """What the files tell. `summary`: the definition in words, Danish; `flow`: as flow_rows gives it, empty
    where it may not be told; `described`: the groups in aggregate."""

    delivery: DeliveryFacts
    summary: str
    definition: Definition
    flow: Sequence[Sequence[object]]
    described: Described


def lint(frozen: Frozen, minimum: int) -> list[Finding]:
    """What the linter says of the rows before anything is written."""
    findings: list[Finding] = []
    for name, layout in frozen.layouts.items():
        linter = MemberLinter(layout)
        for batch in frozen.rows(name).to_batches():
            linter.check(batch)
        findings += linter.finish(minimum=minimum)
    return findings


def write_archive(out: ByteSink, frozen: Frozen, facts: Facts) -> Built:
    """Raises LintBlocked, consent.paper.PaperUnavailable."""
    texts = TextLinter()
    findings: list[Finding] = []
    tables: dict[str, tuple[Layout, int]] = {}
    with Archive(out, texts.check) as archive:
        for name in frozen.tables:
            findings += _write_rows(archive, frozen, name, facts, tables)

        def sink(member: str, content: bytes) -> None:
            if is_text(member):
                archive.text(member, content.decode())
            else:
                with archive.member(member) as stream:
                    stream.write(content)

        if (matched := frozen.matched()) is not None:
            units = matched.units.reset_index(names="id")
            units.insert(1, "group", frozen.frame()["participant"].to_numpy())
            sink(UNITS, csv_bytes(units))
        write_results(sink, facts.described, flow=flow_frame(facts.flow) if facts.flow else None)
        archive.text(CRITERIA, f"{fill(facts.summary, 110)}\n")
        archive.text("definition.json", as_file(facts.definition))
        archive.text(readme.NAME, _readme(facts, frozen))
        archive.text(manifest.NAME, _manifest(facts, archive, frozen, tables))
        stop_if_blocked(texts.findings)
    rows = [table.num_rows for table in frozen.tables.values()]
    return Built(sum(rows), rows[0], archive.members, findings)


def _write_rows(
    archive: Archive, frozen: Frozen, name: str, facts: Facts, tables: dict[str, tuple[Layout, int]]
) -> list[Finding]:
    """One table in all formats, with its codebook. No counts in the codebook: table 1 tells what may be told."""
    layout, rows = frozen.layouts[name], frozen.rows(name)
    linter = MemberLinter(layout)
    with archive.member(layout.member) as stream:
        write_csv(stream, layout, linter.watch(rows.to_batches()))
    findings = linter.finish(minimum=facts.delivery.minimum_count)
    stop_if_blocked(findings)
    suffix = SUFFIXES[name]
    dataset = layout.member.partition(".")[0].upper()
    tables |= write_formats(archive, layout, rows, facts.delivery, dataset, package=f"datapackage{suffix}.json")
    about = About(
        facts.delivery.delivery_id,
        [
            ("Projekt", f"{facts.delivery.project_name} (nr. {facts.delivery.dst_number} hos Danmarks Statistik)"),
            ("Regel", facts.summary),
            ("Rækker", readme.danish(rows.num_rows)),
        ],
    )
    write_codebooks(
        archive,
        layout,
        linter.tally,
        facts.delivery,
        about,
        stem=f"kodebog{suffix}",
        told=False,
        pdf=name == frozen.units,
    )
    return findings


# --- The flow -------------------------------------------------------------------------------------------


def flow_rows(frame: pd.DataFrame) -> list[list[object]]:
    """Flow.frame() as plain values: track, step, role, code, unit, count as text (HIDDEN, UNKNOWN where there is none
    to tell)."""
    rows: list[list[object]] = []
    for row in frame.to_dict("records"):
        count = row["count"]
        shown = HIDDEN if row["hidden"] else (UNKNOWN if pd.isna(count) else str(count))
        rows.append([row["track"], int(row["step"]), row["role"], row["code"], row["unit"], shown])
    return rows


def flow_frame(rows: Sequence[Sequence[object]]) -> pd.DataFrame:
    """What `flow_rows` was made of."""
    counts = [int(str(row[-1])) if str(row[-1]).isdecimal() else None for row in rows]
    frame = pd.DataFrame(
        [
            [*row[:-1], count, row[-1] == HIDDEN or str(row[-1]).startswith("<")]
            for row, count in zip(rows, counts, strict=True)
        ],
        columns=FLOW_COLUMNS,
    )
    return frame.astype({"count": "Int64"})


# --- Texts ----------------------------------------------------------------------------------------------


def _readme(facts: Facts, frozen: Frozen) -> str:
    about = facts.delivery
    rows = [
        line
        for name, layout in frozen.layouts.items()
        for line in (
            _file(layout.member, f"{readme.danish(frozen.tables[name].num_rows)} rækker. {GRAINS[name][0]}"),
            readme.formats_text(layout.member.partition(".")[0], f"datapackage{SUFFIXES[name]}.json", WIDTH),
            _file(f"kodebog{SUFFIXES[name]}.*", "variabler og værdisæt"),
        )
    ]
    matched = frozen.matched() is not None
    if matched:
        rows.append(_file(UNITS, "hvem der er matchet med hvem, vægt og grund"))
    stages = ", før og efter matchning" if facts.described.after else ""
    report, unseen = [], "sammenlignes med."
    if facts.flow:
        report.append(_file("flow.*", "hvordan grupperne blev dannet, og hvor mange der blev ladt ude, i tal og figur"))
        unseen = "sammenlignes med:\n  se flow.csv, rækken unseen."
    report += [
        _file("table1.*", f"tabel 1: grupperne sammenlignet{stages}"),
        _file("balance.csv", f"standardiserede forskelle{stages}"),
        _file("tests.csv", "test af hvert kendetegn"),
        _file("love.*", "figur af de standardiserede forskelle"),
    ]
    if facts.described.distributions:
        report.append(_file("distributions.*", "fordelinger af tal i begge grupper"))
    about_it = [
        _file(CRITERIA, "reglen i ord"),
        _file("definition.json", "reglen, til programmer"),
        _file("manifest.json", "beskrivelse og kontrolsummer (SHA-256) af filerne"),
    ]
    internal = ", ".join(f"{layout.member.partition('.')[0]}.*" for layout in frozen.layouts.values())
    return f"""\
Sammenligningsgruppe
{about.project_name}, projekt {about.dst_number} hos Danmarks Statistik, leverance {about.delivery_id}

INTERN: Filerne {internal}{f" og {UNITS}" if matched else ""} har én række for hver familie eller person. De er
pseudonymiserede, men de er personoplysninger. De må kun bruges i dette projekt og må ikke offentliggøres eller gives
videre. Tal på under {about.minimum_count} må ikke offentliggøres, heller ikke så de kan regnes ud af andre tal.

Må bruges i en rapport: filerne til rapporten nedenfor. Små tal er skjult, også så de ikke kan regnes ud af andre
tal. Læg dem ikke sammen med tal fra andre leverancer eller med egne optællinger af rækkerne.

Regel
{fill(facts.summary, 110, initial_indent="  ", subsequent_indent="  ")}

Filer, interne
{chr(10).join(rows)}

Filer til rapporten
{chr(10).join(report)}

Om leverancen
{chr(10).join(about_it)}

{readme.limits_text(frozen.layouts[frozen.units])}
Hvem rækkerne er
  Deltagere, der har givet samtykke, har deres kode i projektet. Den er den samme som i projektets koblingsfiler.
  Familier og alle andre personer har en kode, der kun bruges i denne gruppe, og som er den samme i alle leverancer
  af den. Om personer i deltagernes familier, der ikke selv har givet samtykke, står der kun det, som beboerlisten
  har om alle, i grove grupper.
  Gruppen er dannet én gang. Senere leverancer er den samme gruppe uden dem, hvis samtykke er ophørt siden. Tabeller
  og figurer er fra den dag, gruppen blev dannet, indtil så mange er gået ud, at nye tal ikke peger på nogen.
  Deltagere, der ikke har givet samtykke eller har trukket det tilbage, kan være blandt dem, der {unseen}
"""


def _file(name: str, about: str) -> str:
    """A line of the list of files."""
    return f"  {name:<{WIDTH}}{about}"


def _manifest(facts: Facts, archive: Archive, frozen: Frozen, tables: Mapping[str, tuple[Layout, int]]) -> str:
    about = facts.delivery
    variables = {each.name: each for layout in frozen.layouts.values() for each in layout.variables}
    content = {
        "format": "deltagerdata-comparison-1",
        "reader": "evaluator",
        "delivery": about.delivery_id,
        "project": {"name": about.project_name, "dst_number": about.dst_number, "purpose": about.purpose},
        "definition": to_json(facts.definition),
        "frozen_on": about.frozen_on.isoformat(),
        "rows": {name: table.num_rows for name, table in frozen.tables.items()},
        "internal": [*tables, *([UNITS] if frozen.matched() is not None else [])],
        "csv": manifest.CSV_FORM,
        "files": [manifest.file_entry(member, tables.get(member.name)) for member in archive.members],
        "variables": [manifest.variable_entry(variable) for variable in variables.values()],
    }
    return json.dumps(content, ensure_ascii=False, indent=2) + "\n"
