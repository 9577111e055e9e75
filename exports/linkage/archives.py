"""The two archives of a linkage delivery, each linted as it is written: what breaks a rule raises, so nothing is left.

`out` is an AgeWriter in the job: when LintBlocked passes through its with-block, the file is removed. Nothing clear
touches the disk. The officer's archive takes 8 bytes per PNR (to see one that is there twice), the evaluator's some 250
bytes a row: the rows as an Arrow table, the frame made of it, and one file at a time in memory (formats/readstat.py).
"""

from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import date
from typing import NamedTuple

import pyarrow as pa

from collection import texts
from exports.linkage import codebook, codebook_page, manifest, readme
from exports.linkage.files import Archive, ByteSink, Member, write_csv
from exports.linkage.formats.tables import write_formats
from exports.linkage.frozen import FrozenSet
from exports.linkage.known_names import NOBODY, KnownNames
from exports.linkage.lint import Finding, MemberLinter, TextLinter, stop_if_blocked
from exports.linkage.manifest import DeliveryFacts
from exports.linkage.rows import typed_batch
from exports.linkage.schema import IDENTIFICATION_LIST, KEY_FILE, Layout

# Called with a member's name and its rows so far, at every batch; may raise to stop the work.
Tick = Callable[[str, int], None]
DATASET = "DELTAGERDATA"  # the rows' name in SAS


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
    out: ByteSink,
    frozen: FrozenSet,
    layout: Layout,
    facts: DeliveryFacts,
    tick: Tick = lambda member, rows: None,
    names: KnownNames = NOBODY,
) -> Built:
    """data.csv and the same rows for SAS, Stata, SPSS and as Parquet, datapackage.json, kodebog.csv, .html and .pdf,
    LAES_MIG.txt, manifest.json.

    One pass over the frozen set, while the CSV file is written and linted; the other formats are written after it, from
    the rows held in memory. `names`: of people who may be named nowhere. Raises LintBlocked, FrozenSetAltered,
    consent.paper.PaperUnavailable.
    """
    linter, texts = MemberLinter(layout, names), TextLinter(names)
    passed: list[pa.RecordBatch] = []
    with Archive(out, texts.check) as archive:
        with archive.member(layout.member) as stream:
            batches = linter.watch(_ticked(frozen.data(layout), layout.member, tick))
            write_csv(stream, layout, _keeping(passed, batches))
        findings = linter.finish(minimum=facts.minimum_count)
        stop_if_blocked(findings)
        rows, persons = linter.rows, linter.persons

        tables = write_formats(
            archive, layout, pa.Table.from_batches(passed, layout.arrow()), facts, DATASET, tick=tick
        )
        passed.clear()
        write_codebooks(archive, layout, linter.tally, facts, about_rows(facts, rows, persons))
        archive.text(readme.NAME, readme.evaluator_text(facts, layout, rows, persons))
        archive.text(manifest.NAME, manifest.manifest_text("evaluator", facts, archive.members, tables, persons))
        stop_if_blocked(texts.findings)
    return Built(rows, persons, archive.members, findings)


def about_rows(facts: DeliveryFacts, rows: int, persons: int) -> codebook_page.About:
    left_out = [(reason.label_da, reason.label_en, count) for reason, count in facts.left_out_masked()]
    return codebook_page.About(
        facts.delivery_id,
        [
            ("Projekt", f"{facts.project_name} (nr. {facts.dst_number} hos Danmarks Statistik)"),
            ("Formål", facts.purpose),
            ("Opgjort", f"{facts.frozen_on:%d.%m.%Y}"),
            ("Periode", f"{facts.first_year}-{facts.last_year}"),
            ("Befolkning", facts.population_da),
            ("Population", facts.population_en),
            ("Rækker", readme.danish(rows)),
            ("Personer", readme.danish(persons)),
        ],
        left_out,
    )


def write_codebooks(
    archive: Archive,
    layout: Layout,
    tally: codebook.Tally,
    facts: DeliveryFacts,
    about: codebook_page.About,
    *,
    stem: str = "kodebog",
    told: bool = True,
    pdf: bool = True,
) -> None:
    """The codebook as .csv, .html and .pdf; `told`: with counts. Raises consent.paper.PaperUnavailable."""
    page = codebook_page.codebook_html(layout, tally, facts.minimum_count, about, told)
    archive.text(f"{stem}.csv", codebook.codebook_csv(layout, tally, facts.minimum_count, told))
    archive.text(f"{stem}.html", page)
    if pdf:
        with archive.member(f"{stem}.pdf") as stream:
            stream.write(codebook_page.codebook_pdf(page))


def write_officer_archive(
    out: ByteSink,
    keys: Iterable[KeyColumns],
    identifications: Iterable[IdentificationColumns],
    facts: DeliveryFacts,
    persons: int | None = None,
    tick: Tick = lambda member, rows: None,
    names: KnownNames = NOBODY,
) -> Built:
    """noegle.csv, identifikationsliste.csv, LAES_MIG.txt, manifest.json.

    Both iterables sorted by pseudonym, each person in one of them; `persons`: how many the data file has. Raises
    LintBlocked (also when the two files do not make up `persons`).
    """
    findings: list[Finding] = []
    tables: dict[str, tuple[Layout, int]] = {}
    texts = TextLinter(names)
    with Archive(out, texts.check) as archive:
        for layout, batches in (
            (KEY_FILE, _key_batches(keys)),
            (IDENTIFICATION_LIST, _identification_batches(identifications)),
        ):
            linter = MemberLinter(layout, names)
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
        stop_if_blocked(texts.findings)
    return Built(total, total, archive.members, findings)


def lint_prepared(frozen: FrozenSet, layout: Layout, minimum_count: int, names: KnownNames = NOBODY) -> list[Finding]:
    """What the linter says of a prepared set before anything is written: for the approval page."""
    linter = MemberLinter(layout, names)
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


def _keeping(kept: list[pa.RecordBatch], batches: Iterable[pa.RecordBatch]) -> Iterator[pa.RecordBatch]:
    for batch in batches:
        kept.append(batch)
        yield batch


def _ticked(batches: Iterable[pa.RecordBatch], member: str, tick: Tick) -> Iterator[pa.RecordBatch]:
    rows = 0
    for batch in batches:
        yield batch
        rows += batch.num_rows
        tick(member, rows)
