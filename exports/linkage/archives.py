"""The two archives of a linkage delivery, each linted as it is written: what breaks a rule raises, so nothing is left.

`out` is an AgeWriter in the job: when LintBlocked passes through its with-block, the file is removed. Nothing clear
touches the disk, and memory does not grow with the rows (apart from 8 bytes per PNR to see one that is there twice).
"""

from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from datetime import date
from typing import NamedTuple

import pyarrow as pa

from collection import texts
from exports.linkage import codebook, manifest, readme
from exports.linkage.files import Archive, ByteSink, Member, parquet_beside, write_csv
from exports.linkage.frozen import FrozenSet
from exports.linkage.lint import Finding, MemberLinter, stop_if_blocked
from exports.linkage.manifest import DeliveryFacts
from exports.linkage.rows import typed_batch
from exports.linkage.schema import IDENTIFICATION_LIST, KEY_FILE, Layout

# Called with a member's name and its rows so far, at every batch; may raise to stop the work.
Tick = Callable[[str, int], None]


class KeyColumns(NamedTuple):
    """Lines of the key file, a column each."""

    pnr: Sequence[str]  # ten digits
    pseudonym: Sequence[str]


class IdentificationColumns(NamedTuple):
    """Lines of the identification list, a column each. None or "" is missing."""

    pseudonym: Sequence[str]
    name: Sequence[str | None]
    birth_date: Sequence[date | None]
    address: Sequence[str | None]
    residence_date: Sequence[date | None]


@dataclass(frozen=True, slots=True)
class Built:
    """What an archive holds: `rows` of its tables, `persons`, its members in order, and warnings of the linter."""

    rows: int
    persons: int
    members: list[Member]
    findings: list[Finding]


def write_evaluator_archive(
    out: ByteSink, frozen: FrozenSet, layout: Layout, facts: DeliveryFacts, tick: Tick = lambda member, rows: None
) -> Built:
    """data.csv, data.parquet, kodebog.csv, kodebog.html, LAES_MIG.txt, manifest.json.

    One pass over the frozen set: the Parquet file is made beside the CSV file and waits, compressed, in memory (some
    12 bytes a row). Raises LintBlocked, FrozenSetAltered.
    """
    linter = MemberLinter(layout)
    parquet = replace(layout, member="data.parquet")
    packed = pa.BufferOutputStream()
    with Archive(out) as archive:
        with archive.member(layout.member) as stream:
            batches = linter.watch(_ticked(frozen.data(layout), layout.member, tick))
            write_csv(stream, layout, parquet_beside(packed, parquet, batches))
        findings = linter.finish(minimum=facts.minimum_count)
        stop_if_blocked(findings)
        rows, persons = linter.rows, linter.persons

        with archive.member(parquet.member) as stream:
            stream.write(packed.getvalue())

        minimum = facts.minimum_count
        about = [
            ("Projekt", f"{facts.project_name} ({facts.dst_number})"),
            ("Leverance", facts.delivery_id),
            ("Befolkning", facts.population_da),
            ("Population", facts.population_en),
            ("Rækker", readme.danish(rows)),
            ("Personer", readme.danish(persons)),
            *((f"Ikke med: {reason.label_da}", count) for reason, count in facts.left_out_masked()),
        ]
        archive.text("kodebog.csv", codebook.codebook_csv(layout, linter.tally, minimum))
        archive.text("kodebog.html", codebook.codebook_html(layout, linter.tally, minimum, about))
        archive.text(readme.NAME, readme.evaluator_text(facts, rows, persons))
        tables = {layout.member: (layout, rows), parquet.member: (parquet, rows)}
        archive.text(manifest.NAME, manifest.manifest_text("evaluator", facts, archive.members, tables, persons))
    return Built(rows, persons, archive.members, findings)


def write_officer_archive(
    out: ByteSink,
    keys: Iterable[KeyColumns],
    identifications: Iterable[IdentificationColumns],
    facts: DeliveryFacts,
    persons: int | None = None,
    tick: Tick = lambda member, rows: None,
) -> Built:
    """noegle.csv, identifikationsliste.csv, LAES_MIG.txt, manifest.json.

    Both iterables sorted by pseudonym, each person in one of them; `persons`: how many the data file has. Raises
    LintBlocked (also when the two files do not make up `persons`).
    """
    findings: list[Finding] = []
    tables: dict[str, tuple[Layout, int]] = {}
    with Archive(out) as archive:
        for layout, batches in (
            (KEY_FILE, _key_batches(keys)),
            (IDENTIFICATION_LIST, _identification_batches(identifications)),
        ):
            linter = MemberLinter(layout)
            with archive.member(layout.member) as stream:
                write_csv(stream, layout, linter.watch(_ticked(batches, layout.member, tick)))
            findings += linter.finish()
            tables[layout.member] = (layout, linter.rows)
        with_cpr, without_cpr = (rows for _, rows in tables.values())
        total = with_cpr + without_cpr
        if persons is not None and persons != total:
            findings.append(Finding(KEY_FILE.member, "person_count"))
        stop_if_blocked(findings)
        archive.text(readme.NAME, readme.officer_text(facts, with_cpr, without_cpr))
        archive.text(manifest.NAME, manifest.manifest_text("officer", facts, archive.members, tables, total))
    return Built(total, total, archive.members, findings)


def lint_prepared(frozen: FrozenSet, layout: Layout, minimum_count: int) -> list[Finding]:
    """What the linter says of a prepared set before anything is written: for the approval page."""
    linter = MemberLinter(layout)
    for batch in frozen.data(layout):
        linter.check(batch)
    return linter.finish(minimum=minimum_count)


def _key_batches(chunks: Iterable[KeyColumns]) -> Iterator[pa.RecordBatch]:
    for columns in chunks:
        yield typed_batch(columns, KEY_FILE.arrow())


def _identification_batches(chunks: Iterable[IdentificationColumns]) -> Iterator[pa.RecordBatch]:
    for codes, names, births, addresses, residences in chunks:
        columns = [codes, list(map(one_line, names)), births, list(map(one_line, addresses)), residences]
        yield typed_batch(columns, IDENTIFICATION_LIST.arrow())


def one_line(text: str | None) -> str | None:
    """As collection.texts.one_line; None when there is nothing to write."""
    return texts.one_line(text or "") or None


def _ticked(batches: Iterable[pa.RecordBatch], member: str, tick: Tick) -> Iterator[pa.RecordBatch]:
    rows = 0
    for batch in batches:
        yield batch
        rows += batch.num_rows
        tick(member, rows)
