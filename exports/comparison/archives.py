"""The evaluator's archive of a comparison group: families as coded rows, a count table, the flow, a codebook.

Families are frozen as an Arrow stream, sorted by pseudonym; the SHA-256 of its bytes is what an approval is for. A
participant family keeps, beside its row, the participant and decision that it relies on, so that it can be
taken out again when the consent ceases. Later releases only remove.
"""

import csv
import hashlib
import io
import json
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from typing import BinaryIO

import pandas as pd
import pyarrow as pa
import pyarrow.compute as pc

from exports.comparison.runner.flow import LABELS
from exports.comparison.runner.texts import DANISH
from exports.linkage import codebook, manifest, readme
from exports.linkage.archives import Built, write_codebooks
from exports.linkage.codebook_page import About
from exports.linkage.files import Archive, ByteSink, write_csv
from exports.linkage.formats.tables import write_formats
from exports.linkage.frozen import FrozenSetAltered
from exports.linkage.lint import Finding, MemberLinter, TextLinter, stop_if_blocked
from exports.linkage.manifest import DeliveryFacts
from exports.linkage.schema import PSEUDONYM, Kind, Klass, Layout, ValueSet, Variable

GROUPS = {
    "participant": (1, "Deltagerfamilie", "Participant family"),
    "comparison": (2, "Sammenligningsfamilie", "Comparison family"),
}
CHILDREN = {
    "1": (1, "1 barn", "1 child"),
    "2": (2, "2 børn", "2 children"),
    "3+": (3, "3 eller flere børn", "3 or more children"),
}
TYPES = {
    "single": (1, "En voksen", "One adult"),
    "couple": (2, "To voksne", "Two adults"),
    "unknown": (9, "Ingen voksen på listen", "No adult in the list"),
}
MOST_CHILDREN = 20
KEPT = [("participant", pa.binary(16)), ("decision", pa.int64())]
GRAIN = ("Én række for hver familie", "One row for each family")


def layout(first_year: int, last_year: int, regions: ValueSet) -> Layout:
    """The family file's columns; coarse: no plan, no municipality. Years bound REF_AAR."""
    integer, quasi, code = Kind.INTEGER, Klass.QUASI, Klass.CODE
    years: ValueSet = {year: (str(year), str(year)) for year in range(first_year, last_year + 1)}
    source = "Beboerlisten"
    variables = (
        PSEUDONYM,
        Variable("GRUPPE", "Gruppe", "Group", integer, code, "Deltagelse og beboerliste", _coded(GROUPS)),
        Variable("REF_AAR", "År, som familien beskrives i", "Reference year", integer, quasi, source, years),
        Variable("REGION", "Region, som familien boede i", "Region", integer, quasi, source, regions),
        Variable("FAMILIETYPE", "Voksne i familien", "Adults in the family", integer, code, source, _coded(TYPES)),
        Variable("BOERN_GRP", "Hjemmeboende børn", "Children at home", integer, quasi, source, _coded(CHILDREN)),
        Variable(
            "BOERN_I_ALDER",
            "Børn i den valgte alder",
            "Children in the chosen ages",
            integer,
            quasi,
            source,
            bounds=(1, MOST_CHILDREN),
        ),
    )
    return Layout("familier.csv", variables, grain=("PSEUDONYM",), unit=GRAIN)


def _coded(table: dict[str, tuple[int, str, str]]) -> ValueSet:
    return {number: (danish, english) for number, danish, english in table.values()}


def freeze(out: ByteSink, families: pd.DataFrame, relied_on: dict[str, tuple[bytes, int]], columns: Layout) -> str:
    """Codes and writes the pseudonymised family frame; returns the SHA-256 (hex) of what was written.

    `relied_on`: pseudonym -> (participant, 16 bytes, and decision) of participant families.
    """
    frame = families.sort_values("pseudonym", ignore_index=True)
    codes = {
        "PSEUDONYM": frame["pseudonym"],
        "GRUPPE": frame["family_group"].map(lambda value: GROUPS[value][0]),
        "REF_AAR": frame["reference_year"],
        "REGION": frame["region"].astype("int64"),
        "FAMILIETYPE": frame["family_type"].map(lambda value: TYPES[value][0]),
        "BOERN_GRP": frame["children_group"].map(lambda value: CHILDREN[value][0]),
        "BOERN_I_ALDER": frame["children_in_range"],
    }
    schema = pa.schema([*(pa.field(*field) for field in KEPT), *columns.arrow()])
    kept = [relied_on.get(code) for code in frame["pseudonym"]]
    arrays = [pa.array([pair and pair[place] for pair in kept], KEPT[place][1]) for place in range(2)]
    arrays += [pa.array(codes[field.name].tolist(), field.type) for field in columns.arrow()]
    buffer = io.BytesIO()
    with pa.ipc.new_stream(buffer, schema) as writer:
        writer.write_table(pa.Table.from_arrays(arrays, schema=schema))
    out.write(buffer.getbuffer())
    return hashlib.sha256(buffer.getbuffer()).hexdigest()


def read_frozen(stream: BinaryIO, sha256: str) -> pa.Table:
    """What `freeze` wrote. Raises FrozenSetAltered when it is not what `sha256` was taken of."""
    content = stream.read()
    if hashlib.sha256(content).hexdigest() != sha256:
        raise FrozenSetAltered("The prepared set is not the one that was approved.")
    with pa.ipc.open_stream(content) as reader:
        return reader.read_all()


def without(frozen: pa.Table, participants: Collection[bytes]) -> pa.Table:
    """The set less the families that rely on these participants."""
    gone = pc.is_in(frozen.column("participant"), value_set=pa.array(list(participants), pa.binary(16)))
    return frozen.filter(pc.invert(pc.fill_null(gone, False)))


def families_of(frozen: pa.Table, columns: Layout) -> pa.Table:
    """The rows as they leave."""
    return frozen.select(columns.names)


def lint(frozen: pa.Table, columns: Layout, minimum: int) -> list[Finding]:
    linter = MemberLinter(columns)
    for batch in families_of(frozen, columns).to_batches():
        linter.check(batch)
    return linter.finish(minimum=minimum)


@dataclass(frozen=True)
class Facts:
    """What the files tell. `summary`: the definition in words; `definition`: as JSON; `flow`: see `flow_rows`."""

    delivery: DeliveryFacts
    summary: str
    definition: dict
    flow: Sequence[Sequence[object]]


FLOW_COLUMNS = ["SPOR", "TRIN", "PLADS", "KODE", "TEKST", "ENHED", "ANTAL"]
HIDDEN, UNKNOWN = "hidden", "unknown"  # stand for a count of the flow
UNCOUNTED = {HIDDEN: "skjult", UNKNOWN: "ukendt"}
COUNTED_BY = ["GRUPPE", "REF_AAR", "FAMILIETYPE"]


def count_rows(frozen: pa.Table, minimum: int) -> list[list[int | str]]:
    """Families by the codes of COUNTED_BY, and their count; counts below `minimum` are hidden within each group."""
    frame = frozen.select(COUNTED_BY).to_pandas()
    rows: list[list[int | str]] = []
    for group, _, _ in GROUPS.values():
        part = frame[frame["GRUPPE"] == group]
        counts = part.groupby(["REF_AAR", "FAMILIETYPE"]).size().to_dict()
        shown = codebook.masked_counts(counts, minimum)
        rows += [[group, int(year), int(kind), shown[year, kind]] for year, kind in sorted(counts)]
    return rows


def _counts_csv(frozen: pa.Table, columns: Layout, minimum: int) -> str:
    values = {variable.name: variable.values or {} for variable in columns.variables}
    rows = [
        [*(values[name][code][0] for name, code in zip(COUNTED_BY, codes, strict=False)), codes[-1]]
        for codes in count_rows(frozen, minimum)
    ]
    return _csv([*COUNTED_BY, "ANTAL"], rows)


def write_archive(out: ByteSink, frozen: pa.Table, columns: Layout, facts: Facts) -> Built:
    """familier.csv and the same rows in other formats (as linkage.formats.tables has them), datapackage.json,
    optaelling.csv, forloeb.csv, definition.json, kodebog.*, LAES_MIG.txt, manifest.json.

    Raises LintBlocked, consent.paper.PaperUnavailable.
    """
    minimum = facts.delivery.minimum_count
    table = families_of(frozen, columns)
    linter, texts = MemberLinter(columns), TextLinter()
    with Archive(out, texts.check) as archive:
        with archive.member(columns.member) as stream:
            write_csv(stream, columns, linter.watch(table.to_batches()))
        findings = linter.finish(minimum=minimum)
        stop_if_blocked(findings)
        tables = write_formats(archive, columns, table, facts.delivery, "FAMILIER")
        archive.text("optaelling.csv", _counts_csv(frozen, columns, minimum))
        archive.text("forloeb.csv", _flow_csv(facts.flow))
        archive.text(
            "definition.json", json.dumps(facts.definition, ensure_ascii=False, indent=2, sort_keys=True) + "\n"
        )
        about = About(
            facts.delivery.delivery_id,
            [
                ("Projekt", f"{facts.delivery.project_name} (nr. {facts.delivery.dst_number} hos Danmarks Statistik)"),
                ("Definition", facts.summary),
                ("Familier", readme.danish(table.num_rows)),
            ],
        )
        write_codebooks(archive, columns, linter.tally, facts.delivery, about)
        archive.text(readme.NAME, _readme(facts, columns, table.num_rows))
        archive.text(manifest.NAME, _manifest(facts, archive, columns, tables, table.num_rows))
        stop_if_blocked(texts.findings)
    return Built(table.num_rows, table.num_rows, archive.members, findings)


def flow_rows(frame: pd.DataFrame, minimum: int, withdrawn: int = 0) -> list[list[object]]:
    """Flow.frame() as plain values, and how many families have left since the group was drawn.

    Each: track, step, role, code, unit, count as text (HIDDEN where it may not be told, UNKNOWN where nobody knows).
    """
    rows: list[list[object]] = []
    for row in frame.to_dict("records"):
        count = row["count"]
        shown = HIDDEN if row["hidden"] else (UNKNOWN if pd.isna(count) else str(count))
        rows.append([row["track"], row["step"], row["role"], row["code"], row["unit"], shown])
    if withdrawn:
        rows.append(["participant", 99, "left_out", "withdrawn", "families", codebook.masked(withdrawn, minimum)])
    return rows


def _flow_csv(flow: Sequence[Sequence[object]]) -> str:
    rows = [
        [track, step, role, code, LABELS[str(code)][DANISH], unit, UNCOUNTED.get(str(shown), shown)]
        for track, step, role, code, unit, shown in flow
    ]
    return _csv(FLOW_COLUMNS, rows)


def _csv(header: Sequence[str], rows: Sequence[Sequence[object]]) -> str:
    text = io.StringIO()
    writer = csv.writer(text, delimiter=";", quoting=csv.QUOTE_ALL, lineterminator="\n")
    writer.writerow(header)
    writer.writerows(rows)
    return text.getvalue()


def _readme(facts: Facts, columns: Layout, families: int) -> str:
    about = facts.delivery
    return f"""\
Sammenligningsgruppe
{about.project_name}, projekt {about.dst_number} hos Danmarks Statistik, leverance {about.delivery_id}

INTERN: Filerne familier.* har én række for hver familie. De er pseudonymiserede, men de er
personoplysninger. De må kun bruges i dette projekt og må ikke offentliggøres eller gives videre.
Tal på under {about.minimum_count} familier må ikke offentliggøres, heller ikke så de kan regnes ud af andre tal.

Definition
  {facts.summary}

Filer
  familier.csv      {readme.danish(families)} familier
{readme.formats_text("familier")}
  optaelling.csv    familier efter gruppe, år og type; små tal er skjult
  forloeb.csv       hvor mange der blev ladt ude ved hvert trin, og hvorfor
  definition.json   definitionen, til programmer
  kodebog.*         variabler, værdisæt og antal
  manifest.json     beskrivelse og kontrolsummer (SHA-256) af filerne

{readme.limits_text(columns)}
Familiernes koder gælder kun i denne leverance. Deltagere, der ikke har givet samtykke eller har trukket det
tilbage, kan være blandt sammenligningsfamilierne: se forloeb.csv, rækken unseen.
"""


def _manifest(
    facts: Facts, archive: Archive, columns: Layout, tables: Mapping[str, tuple[Layout, int]], families: int
) -> str:
    about = facts.delivery
    content = {
        "format": "deltagerdata-comparison-1",
        "reader": "evaluator",
        "delivery": about.delivery_id,
        "project": {"name": about.project_name, "dst_number": about.dst_number, "purpose": about.purpose},
        "definition": facts.definition,
        "frozen_on": about.frozen_on.isoformat(),
        "families": families,
        "grain": {"da": GRAIN[0], "en": GRAIN[1]},
        "csv": manifest.CSV_FORM,
        "files": [manifest.file_entry(member, tables.get(member.name)) for member in archive.members],
        "variables": [manifest.variable_entry(variable) for variable in columns.variables],
    }
    return json.dumps(content, ensure_ascii=False, indent=2) + "\n"
