"""Lints a reader's finished plain files against their manifest: reads them back as somebody else would.

For a delivery that was opened again (a folder, or the members of an archive). The job itself lints rows on their way
into a file, see archives.py.
"""

import hashlib
import io
import json
import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import PurePath
from typing import Any

import pyarrow as pa
import pyarrow.compute as pc

from exports.linkage import kanonymity, manifest
from exports.linkage.known_names import NOBODY, KnownNames
from exports.linkage.lint import Finding, MemberLinter, TextLinter
from exports.linkage.lint_codebook import codebook_faults
from exports.linkage.lint_texts import is_text
from exports.linkage.read_back import TABLES, Fingerprint, Opens, Unreadable, csv_batches, fingerprint, table_batches
from exports.linkage.schema import (
    IDENTIFICATION_LIST,
    KEY_FILE,
    BadVariableName,
    Kind,
    Klass,
    Layout,
    Variable,
)

Files = Mapping[str, Opens]  # by name
FORMATS = (manifest.FORMAT, "deltagerdata-comparison-1")
CODEBOOK, CODEBOOKS = "kodebog.csv", {"personer.csv": "kodebog_personer.csv"}  # by the table, where not the first
LEAST = 3  # Statistics Denmark's own least count of a cell


@dataclass
class Checked:
    """What was found, and what was looked at."""

    findings: list[Finding]
    reader: str = ""  # "officer" | "evaluator"; "" when there is no manifest to say so
    delivery: str = ""
    rows: dict[str, int] = field(default_factory=dict)  # of each table that was read
    texts: list[str] = field(default_factory=list)  # files whose words were looked through
    unread: list[str] = field(default_factory=list)  # files of which only size and checksum were held against the list
    k: dict[str, Any] | None = None  # see kanonymity


@dataclass(frozen=True)
class Terms:
    """What files are held against. `approved`: the project's data layout; None: what the manifest itself describes."""

    approved: Layout | None = None
    dst_number: str = ""
    minimum: int = LEAST  # counts below it are hidden
    k: int = 0  # 0: groups are not counted
    names: KnownNames = NOBODY


def lint_files(files: Files, terms: Terms) -> Checked:
    """`files`: one reader's, as the manifest says whose."""
    about = _manifest(files)
    if about is None:
        return Checked([Finding(manifest.NAME, "manifest")])
    checked = Checked([*_against_list(files, about)], about["reader"], str(about.get("delivery", "")))
    try:
        layouts = _layouts(about, terms)
    except BadVariableName:
        checked.findings.append(Finding(manifest.NAME, "variable_name"))
        return checked
    except (KeyError, TypeError, ValueError):
        checked.findings.append(Finding(manifest.NAME, "undocumented_delivery"))
        return checked
    checked.findings += _manifest_faults(about, terms)
    people = [_check_table(files, layout, about, terms, checked) for layout in layouts]
    if about["reader"] == "officer" and None not in people:
        everybody = pa.concat_arrays([codes for codes in people if codes is not None])
        if len(everybody) != about["persons"]:
            checked.findings.append(Finding(KEY_FILE.member, "person_count"))
        if len(everybody.unique()) != len(everybody):
            checked.findings.append(Finding(IDENTIFICATION_LIST.member, "person_twice"))
    _check_texts(files, layouts, terms, checked)
    looked_at = {*checked.rows, *checked.texts}
    checked.unread = sorted(files.keys() - looked_at)
    checked.findings = sorted(set(checked.findings))
    return checked


# --- The manifest ---------------------------------------------------------------------------------------


def _manifest(files: Files) -> dict[str, Any] | None:
    if manifest.NAME not in files:
        return None
    with files[manifest.NAME]() as file:
        try:
            about = json.loads(file.read())
            persons = about.get("persons")
            fits = about["format"] in FORMATS and about["reader"] in ("officer", "evaluator")
            fits &= all({"name", "size", "sha256"} <= entry.keys() for entry in about["files"])
            return about | {"persons": persons} if fits else None
        except (ValueError, KeyError, TypeError, AttributeError):
            return None


def _against_list(files: Files, about: dict[str, Any]) -> Iterator[Finding]:
    listed = {entry["name"]: entry for entry in about["files"]}
    yield from (Finding(name, "file_unlisted") for name in files.keys() - listed.keys() - {manifest.NAME})
    yield from (Finding(name, "file_missing") for name in listed.keys() - files.keys())
    for name in listed.keys() & files.keys():
        with files[name]() as file:
            digest = hashlib.file_digest(file, "sha256").hexdigest()
            if (digest, file.seek(0, io.SEEK_END)) != (listed[name]["sha256"], listed[name]["size"]):
                yield Finding(name, "file_altered")


def _layouts(about: dict[str, Any], terms: Terms) -> list[Layout]:
    """The CSV tables that there must be. Raises KeyError, TypeError, ValueError where the manifest doesn't say."""
    described = [_described(about, entry) for entry in about["files"] if "columns" in entry]
    tables = [layout for layout in described if layout.member.endswith(".csv")]
    if about["reader"] == "officer":
        return [KEY_FILE, IDENTIFICATION_LIST]
    if not tables:
        raise ValueError("no table")
    # a comparison group has variables of its own, the same for every project
    return [terms.approved] if terms.approved and about["format"] == manifest.FORMAT else tables


def _described(about: dict[str, Any], entry: dict[str, Any]) -> Layout:
    variables = {each["name"]: each for each in about["variables"]}
    return Layout(
        entry["name"],
        tuple(_variable(variables[name]) for name in entry["columns"]),
        grain=tuple(entry["row_key"]),
    )


def _variable(each: dict[str, Any]) -> Variable:
    values = each.get("values")
    bounds = each.get("bounds")
    return Variable(
        each["name"],
        each["label_da"],
        each["label_en"],
        Kind(each["type"]),
        Klass(each["class"]),
        each["source"],
        None if values is None else {value["code"]: (value["da"], value["en"]) for value in values},
        None if bounds is None else (int(bounds[0]), int(bounds[1])),
    )


def _manifest_faults(about: dict[str, Any], terms: Terms) -> Iterator[Finding]:
    project = about.get("project", {})
    if terms.dst_number and project.get("dst_number") != terms.dst_number:
        yield Finding(manifest.NAME, "project_differs")
    if not _says_enough(about):
        yield Finding(manifest.NAME, "undocumented_delivery")
    for reason in about.get("left_out", []):
        count = str(reason.get("persons"))
        if count.isdecimal() and 0 < int(count) < terms.minimum:
            yield Finding(manifest.NAME, "small_count")


def _says_enough(about: dict[str, Any]) -> bool:
    rows = all(isinstance(entry.get("rows"), int) for entry in about["files"] if "columns" in entry)
    if about["format"] != manifest.FORMAT:
        return rows and bool(about.get("definition"))
    population, period = about.get("population", {}), about.get("period", {})
    texts = (population.get("da"), population.get("en"), period.get("first_year"), period.get("last_year"))
    return rows and isinstance(about["persons"], int) and all(texts)


# --- Tables ---------------------------------------------------------------------------------------------


def _check_table(
    files: Files, layout: Layout, about: dict[str, Any], terms: Terms, checked: Checked
) -> pa.Array | None:
    """One CSV file, and the same table in other formats. Gives the pseudonyms, each once; None if it can't be read."""
    if layout.member not in files:
        checked.findings.append(Finding(layout.member, "file_missing"))
        return None
    linter, rows, codes = MemberLinter(layout, terms.names), Fingerprint(), []
    try:
        for batch in csv_batches(files[layout.member]):
            linter.check(batch)
            rows.add(batch)
            if layout.identities and "PSEUDONYM" in batch.schema.names:
                codes.append(batch.column("PSEUDONYM"))
    except Unreadable:
        checked.findings.append(Finding(layout.member, "file_form"))
        return None
    told = {entry["name"]: entry.get("rows") for entry in about["files"]}.get(layout.member)
    persons, minimum = (None, 0) if layout.identities else (about["persons"], terms.minimum)
    checked.findings += linter.finish(rows=told, persons=persons, minimum=minimum)
    checked.rows[layout.member] = linter.rows
    if not layout.identities:
        _check_other_formats(files, layout, rows.digest(), checked)
        codebook = CODEBOOKS.get(layout.member, CODEBOOK)
        if codebook not in files:
            checked.findings.append(Finding(codebook, "file_missing"))
        else:
            with files[codebook]() as file:
                text = file.read().decode("utf-8", "replace")
            checked.findings += codebook_faults(codebook, text, layout, linter.tally, terms.minimum)
        if terms.k and set(layout.names) <= set(rows.names):
            as_read = lambda: _typed(csv_batches(files[layout.member]), layout)  # noqa: E731
            checked.k = kanonymity.measure(as_read, layout, terms.k)
            checked.findings += kanonymity.findings(checked.k, layout)
    return pa.concat_arrays(codes).unique() if codes else pa.array([], pa.string())


def _check_other_formats(files: Files, layout: Layout, digest: tuple, checked: Checked) -> None:
    stem = PurePath(layout.member).stem
    for name in sorted(files):
        path = PurePath(name)
        if path.stem != stem or path.suffix not in TABLES:
            continue
        try:
            found = fingerprint(table_batches(files[name], name))
        except Unreadable:
            checked.findings.append(Finding(name, "file_unreadable"))
            continue
        checked.rows[name] = found[1]
        if found != digest:
            checked.findings.append(Finding(name, "format_differs"))


def _typed(batches: Iterator[pa.RecordBatch], layout: Layout) -> Iterator[pa.RecordBatch]:
    """Numbers as numbers, null where none stands."""
    for batch in batches:
        columns = []
        for v in layout.variables:
            column = batch.column(v.name)
            if v.kind is Kind.INTEGER:
                column = pc.if_else(pc.match_substring_regex(column, r"^-?[0-9]{1,9}$"), column, None).cast(pa.int32())
            columns.append(column)
        yield pa.record_batch(columns, names=layout.names)


# --- Words ----------------------------------------------------------------------------------------------


def _check_texts(files: Files, layouts: Sequence[Layout], terms: Terms, checked: Checked) -> None:
    linter = TextLinter(terms.names)
    names = {PurePath(layout.member).stem: set(layout.names) for layout in layouts}
    for name in sorted(files.keys() - checked.rows.keys()):
        if not is_text(name) or name in {layout.member for layout in layouts}:
            continue
        with files[name]() as file:
            try:
                text = file.read().decode("utf-8")
            except UnicodeDecodeError:
                checked.findings.append(Finding(name, "file_unreadable"))
                continue
        checked.texts.append(name)
        linter.check(name, text)
        in_sas = names.get(PurePath(name).stem, set()) if name.endswith(".sas") else set()
        if not in_sas <= set(re.findall(r"\w+", text)):
            checked.findings.append(Finding(name, "format_differs"))
    checked.findings += linter.findings
