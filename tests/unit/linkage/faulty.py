"""Finished files with a fault put in, and nothing else changed: the manifest and the codebook are told of it."""

import csv
import hashlib
import io
import json
from collections.abc import Callable
from dataclasses import replace
from typing import Any

from exports.linkage.archives import write_evaluator_archive, write_officer_archive
from exports.linkage.codebook import codebook_csv
from exports.linkage.lint import Finding, MemberLinter
from exports.linkage.lint_files import Terms, lint_files
from exports.linkage.read_back import TABLES, csv_batches
from exports.linkage.rows import turned
from exports.linkage.schema import Layout
from tests.unit.linkage.invented import (
    FACTS,
    LAYOUT,
    make_frozen,
    make_identification_rows,
    make_key_rows,
    members_of,
)

NUMBER = "0707614286"  # fails modulus 11
Members = dict[str, bytes]
Edit = Callable[[list[list]], Any]


def evaluator_members(records=None, layout: Layout = LAYOUT) -> Members:
    out = io.BytesIO()
    write_evaluator_archive(out, make_frozen(records, layout), layout, FACTS)
    return members_of(out.getvalue())


def officer_members() -> Members:
    out, frozen = io.BytesIO(), make_frozen()
    write_officer_archive(out, turned(make_key_rows(frozen)), turned(make_identification_rows(frozen)), FACTS)
    return members_of(out.getvalue())


def lint(members: Members, **terms) -> list[Finding]:
    """`approved`: held against that layout; otherwise against what the manifest itself describes."""
    files = {name: lambda data=data: io.BytesIO(data) for name, data in members.items()}
    return lint_files(files, Terms(**{"minimum": FACTS.minimum_count} | terms)).findings


def changed(members: Members, name: str, data: bytes) -> Members:
    """One file replaced and the manifest told of it, so that only what stands in it can be wrong."""
    about = json.loads(members["manifest.json"])
    for entry in about["files"]:
        if entry["name"] == name:
            entry |= {"sha256": hashlib.sha256(data).hexdigest(), "size": len(data)}
    return {**members, name: data, "manifest.json": json.dumps(about, ensure_ascii=False).encode()}


def told(members: Members, edit: Callable[[dict], Any]) -> Members:
    """The manifest changed by `edit(about)`."""
    about = json.loads(members["manifest.json"])
    edit(about)
    return {**members, "manifest.json": json.dumps(about, ensure_ascii=False).encode()}


def edited(members: Members, name: str, edit: Edit, layout: Layout = LAYOUT) -> Members:
    """One CSV's rows changed by `edit(rows)`; row 0 holds the names; None is an empty field.

    With the data file its codebook, by `layout`, is made anew, and the other formats are left out.
    """
    rows = [[field or None for field in row] for row in csv.reader(io.StringIO(members[name].decode()), delimiter=";")]
    rows = edit(rows) or rows
    lines = (";".join("" if field is None else '"' + field.replace('"', '""') + '"' for field in row) for row in rows)
    data = "".join(line + "\n" for line in lines).encode()
    members = changed(members, name, data)
    if name != LAYOUT.member:
        return members
    linter = MemberLinter(layout)
    for batch in csv_batches(lambda: io.BytesIO(data)):
        linter.check(batch)
    return changed(only_csv(members), "kodebog.csv", codebook_csv(layout, linter.tally, FACTS.minimum_count).encode())


def only_csv(members: Members) -> Members:
    """Without the same rows in other formats."""
    others = {name for name in members if any(name.endswith(suffix) for suffix in (*TABLES, ".sas"))}

    def forget(about: dict) -> None:
        about["files"] = [entry for entry in about["files"] if entry["name"] not in others]

    return told({name: data for name, data in members.items() if name not in others}, forget)


def described(members: Members, name: str, **changes) -> Members:
    """A variable described otherwise in the manifest; with `add_column` also one that is new."""

    def describe(about: dict) -> None:
        for each in about["variables"]:
            if each["name"] == name:
                each |= changes
                return
        about["variables"].append({"name": name, **changes})
        for entry in about["files"]:
            if "columns" in entry:
                entry["columns"].append(name)

    return told(members, describe)


def with_variable(layout: Layout, variable) -> Layout:
    return replace(layout, variables=(*layout.variables, variable))


def put(row: int, column: str, value: str | None) -> Edit:
    def edit(rows):
        rows[row][rows[0].index(column)] = value

    return edit


def drop_column(name: str) -> Edit:
    def edit(rows):
        place = rows[0].index(name)
        return [row[:place] + row[place + 1 :] for row in rows]

    return edit


def rename(old: str, new: str) -> Edit:
    return lambda rows: put(0, old, new)(rows)


def add_column(name: str, value: str) -> Edit:
    return lambda rows: [row + [name if place == 0 else value] for place, row in enumerate(rows)]


def swap(first: int, second: int) -> Edit:
    def edit(rows):
        rows[first], rows[second] = rows[second], rows[first]

    return edit
