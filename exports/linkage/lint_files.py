"""Lints a reader's finished plain files against their manifest: reads them back as somebody else would.

For a delivery that was opened again (a folder, or the members of an archive). The job itself lints rows on their way
into a file, see archives.py.
"""

import csv
import hashlib
import io
import json
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import replace
from typing import Any

import pyarrow as pa
import pyarrow.csv
import pyarrow.parquet

from exports.linkage import manifest
from exports.linkage.lint import Finding, MemberLinter
from exports.linkage.schema import IDENTIFICATION_LIST, KEY_FILE, Layout

_BLOCK_BYTES = 1 << 22

Files = Mapping[str, Callable[[], io.BufferedIOBase]]


def lint_evaluator_files(files: Files, layout: Layout, minimum: int = 0) -> list[Finding]:
    """`files`: name -> opens the file anew (seekable); `layout`: the project's approved data layout."""
    return _lint(files, "evaluator", [layout, replace(layout, member="data.parquet")], minimum)


def lint_officer_files(files: Files) -> list[Finding]:
    """The same for the key file and the identification list. `persons` in the manifest is of both together."""
    return _lint(files, "officer", [KEY_FILE, IDENTIFICATION_LIST], 0)


def _lint(files: Files, reader: str, layouts: Sequence[Layout], minimum: int) -> list[Finding]:
    about = _manifest(files)
    if about is None or about["reader"] != reader:
        return [Finding(manifest.NAME, "manifest")]
    listed = {entry["name"]: entry for entry in about["files"]}
    findings = [Finding(name, "file_unlisted") for name in sorted(files.keys() - listed.keys() - {manifest.NAME})]
    findings += [Finding(name, "file_missing") for name in sorted(listed.keys() - files.keys())]
    for name in sorted(listed.keys() & files.keys()):
        with files[name]() as file:
            digest = hashlib.file_digest(file, "sha256").hexdigest()
            if (digest, file.seek(0, io.SEEK_END)) != (listed[name]["sha256"], listed[name]["size"]):
                findings.append(Finding(name, "file_altered"))
    total = 0
    for layout in layouts:
        if layout.member not in files:
            findings.append(Finding(layout.member, "file_missing"))
            continue
        linter = MemberLinter(layout)
        try:
            for batch in _batches(files[layout.member], layout.member):
                linter.check(batch)
        except (pa.ArrowInvalid, UnicodeDecodeError, _NotOurForm):
            findings.append(Finding(layout.member, "file_form"))
        rows = listed.get(layout.member, {}).get("rows", -1)
        persons = about["persons"] if reader == "evaluator" else None
        findings += linter.finish(rows=rows, persons=persons, minimum=minimum)
        total += linter.persons
    if reader == "officer" and total != about["persons"]:
        findings.append(Finding(KEY_FILE.member, "person_count"))
    return sorted(set(findings))


def _manifest(files: Files) -> dict[str, Any] | None:
    if manifest.NAME not in files:
        return None
    with files[manifest.NAME]() as file:
        try:
            about = json.loads(file.read())
            fits = about["format"] == manifest.FORMAT and {"reader", "persons", "files"} <= about.keys()
            return about if fits else None
        except (ValueError, KeyError, TypeError):
            return None


class _NotOurForm(Exception):
    pass


def _batches(open_file: Callable[[], io.BufferedIOBase], member: str) -> Iterator[pa.RecordBatch]:
    if member.endswith(".parquet"):
        with open_file() as file:
            yield from pa.parquet.ParquetFile(file).iter_batches()
        return
    with open_file() as file:
        first = file.readline().decode("utf-8")
    if first.startswith("\ufeff") or not first.endswith("\n") or first.endswith("\r\n"):
        raise _NotOurForm
    names = next(csv.reader([first], delimiter=";"))
    # every column as text: what stands there is judged, not what a reader would make of it
    as_text = pa.csv.ConvertOptions(
        column_types=dict.fromkeys(names, pa.string()),
        strings_can_be_null=True,
        null_values=[""],
        quoted_strings_can_be_null=False,
    )
    with (
        open_file() as file,
        pa.csv.open_csv(
            file,
            read_options=pa.csv.ReadOptions(block_size=_BLOCK_BYTES),
            parse_options=pa.csv.ParseOptions(delimiter=";", newlines_in_values=True),
            convert_options=as_text,
        ) as reader,
    ):
        yield from reader
