"""A drawn group, frozen: families and persons, with matching, as one set with one hash. Later it can only get smaller.

Form: a zip without compression of families.arrow and persons.arrow (IPC streams, sorted by pseudonym) and about.json,
which has all that is needed to write the rows: layouts, the characteristics, the method of matching. The SHA-256 of its
bytes is what an approval is for.

Beside each row stands what it rests on, where it rests on somebody's consent (RestsOn): a participant family on the
adult by whom it was found, a person on their own. When the consent ceases, or it turns out that they are somebody else,
the row goes, a family with all its persons. It never leaves in a file.

What matching said stays as it was: nobody is matched anew because somebody left. Who stood for somebody who left no
longer does so, and the weights are those of what is left, by the rule of MatchIt (runner/matching/weights.py).
"""

import hashlib
import io
import json
import zipfile
from collections.abc import Collection, Mapping, Sequence
from dataclasses import asdict, dataclass
from typing import BinaryIO

import numpy as np
import pandas as pd
import pyarrow as pa
import pyarrow.compute as pc

from exports.comparison.described import variable_of
from exports.comparison.layouts import FAMILIES, GROUPS, MEMBERS, PERSONS, codes_of
from exports.comparison.runner.matching import weights
from exports.comparison.runner.matching.matched import Matched
from exports.comparison.runner.matching.propensity import Note
from exports.comparison.runner.matching.spec import COARSENED, EXACT, NONE
from exports.comparison.runner.variables import Variable, texts_of
from exports.linkage.files import Archive, ByteSink
from exports.linkage.frozen import FrozenSetAltered
from exports.linkage.schema import Layout, layout_from_json, layout_to_json

RESTS_ON = [
    pa.field("participant", pa.binary(16)),
    pa.field("decision", pa.int64()),
    pa.field("person", pa.binary(8)),
    pa.field("rows", pa.list_(pa.binary(16))),
]
LEFT = "left"  # why somebody is not matched, beside the reasons of matching: who they stood for has left
BY_ROW = {"PSEUDONYM": "pseudonym", "FAMILIE": "family", "REF_AAR": "reference_year"}
BY_ROW |= {"DELTAGER": "takes_part", "VOKSEN": "adult"}


@dataclass(frozen=True, slots=True)
class RestsOn:
    """participant: 16 bytes. decision: their consent. person: digest of their CPR number when the group was drawn
    (ProjectCodes.person_digest). rows: of the register of participants that had this number then, 16 bytes each."""

    participant: bytes
    decision: int
    person: bytes
    rows: tuple[bytes, ...]


@dataclass(frozen=True)
class Frozen:
    """tables: FAMILIES (where families were drawn) and PERSONS; the first holds the units that are described and
    matched. method: of matching. variables: the characteristics of each table. notes: of the score, for the set as it
    was drawn."""

    tables: dict[str, pa.Table]
    layouts: dict[str, Layout]
    variables: dict[str, tuple[Variable, ...]]
    method: str
    notes: tuple[Note, ...] = ()

    @property
    def units(self) -> str:
        return next(iter(self.tables))

    @property
    def size(self) -> int:
        """How many units are in both groups together."""
        return self.tables[self.units].num_rows

    def without(self, participants: Collection[bytes]) -> "Frozen":
        """The set less what relies on these participants."""
        gone = pa.array(list(participants), pa.binary(16))
        tables = {name: table.filter(_not_in(table["participant"], gone)) for name, table in self.tables.items()}
        if FAMILIES in tables and PERSONS in tables:
            persons, families = tables[PERSONS], tables[FAMILIES]["pseudonym"]
            tables[PERSONS] = persons.filter(pc.is_in(persons["family"], value_set=families.combine_chunks()))
        tables[self.units] = _matched_less(tables[self.units], self.method)
        return Frozen(tables, self.layouts, self.variables, self.method)

    def frame(self) -> pd.DataFrame:
        """The units with their characteristics, by pseudonym; `participant` is 1 or 0."""
        names = [variable.name for variable in self.variables[self.units]]
        table = self.tables[self.units]
        frame = table.select(names).to_pandas().set_index(table["pseudonym"].to_pandas())
        frame.insert(0, "participant", pc.equal(table["family_group"], "participant").to_numpy().astype(int))
        return frame

    def unknown(self) -> list[Variable]:
        """Those of which nobody has a value: the list doesn't have it."""
        return [
            variable
            for name, known in self.variables.items()
            for variable in known
            if self.tables[name][variable.name].null_count == self.tables[name].num_rows
        ]

    def matched(self) -> Matched | None:
        if self.method == NONE:
            return None
        table = self.tables[self.units]
        units = table.select(["weight", "match", "reason"]).to_pandas()
        units.index = pd.Index(table["pseudonym"].to_pandas())
        participant = pc.equal(table["family_group"], "participant").to_numpy()
        used = units["weight"].to_numpy() > 0
        counts = {
            "participants": int(participant.sum()),
            "comparisons": int((~participant).sum()),
            "participants_matched": int(used[participant].sum()),
            "comparisons_matched": int(used[~participant].sum()),
        }
        return Matched(units, None, counts, self.notes)

    def rows(self, name: str) -> pa.Table:
        """A table as it leaves, in the columns of its layout."""
        table, layout = self.tables[name], self.layouts[name]
        by_name = {variable.name.upper(): variable for variable in self.variables[name]}
        columns = []
        for field in layout.arrow():
            if field.name == "GRUPPE":
                groups = [GROUPS[group][0] for group in table["family_group"].to_pylist()]
                columns.append(pa.array(groups, field.type))
            elif field.name == "REGION":
                columns.append(table["region"].cast(pa.int64()).cast(field.type))
            elif field.name in BY_ROW:
                columns.append(table[BY_ROW[field.name]].cast(field.type))
            else:
                columns.append(_coded(table, by_name[field.name], field.type))
        return pa.Table.from_arrays(columns, schema=layout.arrow())

    def relied_on(self) -> dict[bytes, RestsOn]:
        """Each participant of the set, and what stands on them."""
        found: dict[bytes, RestsOn] = {}
        for table in self.tables.values():
            columns = [table[field.name].to_pylist() for field in RESTS_ON]
            for participant, decision, person, rows in zip(*columns, strict=True):
                if participant is not None:
                    found[participant] = RestsOn(participant, decision, person, tuple(rows))
        return found


def freeze(out: ByteSink, frozen: Frozen) -> str:
    """Writes the set; returns the SHA-256 (hex) of its bytes. The same set gives the same bytes."""
    about = {
        "method": frozen.method,
        "layouts": {name: layout_to_json(layout) for name, layout in frozen.layouts.items()},
        "variables": {name: [asdict(each) for each in known] for name, known in frozen.variables.items()},
        "notes": [asdict(each) for each in frozen.notes],
    }
    buffer = io.BytesIO()
    with Archive(buffer) as archive:
        for name, table in frozen.tables.items():
            with archive.member(f"{name}.arrow") as stream, pa.ipc.new_stream(stream, table.schema) as writer:
                writer.write_table(table.sort_by("pseudonym").combine_chunks())
        archive.text("about.json", json.dumps(about, ensure_ascii=False, sort_keys=True))
    out.write(buffer.getbuffer())
    return hashlib.sha256(buffer.getbuffer()).hexdigest()


def read_frozen(stream: BinaryIO, sha256: str) -> Frozen:
    """What `freeze` wrote. Raises FrozenSetAltered when it is not what `sha256` was taken of."""
    content = stream.read()
    if hashlib.sha256(content).hexdigest() != sha256:
        raise FrozenSetAltered("The prepared set is not the one that was approved.")
    with zipfile.ZipFile(io.BytesIO(content)) as archive:
        about = json.loads(archive.read("about.json"))
        tables = {}
        for name in MEMBERS:
            if f"{name}.arrow" in archive.namelist():
                with pa.ipc.open_stream(archive.read(f"{name}.arrow")) as reader:
                    tables[name] = reader.read_all()
    layouts = {name: layout_from_json(data) for name, data in about["layouts"].items()}
    variables = {name: tuple(map(variable_of, known)) for name, known in about["variables"].items()}
    notes = tuple(
        Note(each["variable"], each["level"], (each["text"][0], each["text"][1])) for each in about.get("notes", ())
    )
    return Frozen(tables, layouts, variables, about["method"], notes)


def table_of(frame: pd.DataFrame, rests_on: Mapping[str, RestsOn]) -> pa.Table:
    """A pseudonymised frame as a table of the set. `rests_on`: by pseudonym."""
    frame = frame.sort_values("pseudonym", ignore_index=True)
    kept = [rests_on.get(code) for code in frame["pseudonym"]]
    table = pa.Table.from_pandas(frame, preserve_index=False).replace_schema_metadata()
    texts = [pa.field(each.name, pa.string()) if pa.types.is_large_string(each.type) else each for each in table.schema]
    table = table.cast(pa.schema(texts))
    for field in RESTS_ON:
        table = table.append_column(field, pa.array([each and getattr(each, field.name) for each in kept], field.type))
    return table


# --- Parts ----------------------------------------------------------------------------------------------


def _not_in(column: pa.ChunkedArray, values: pa.Array) -> pa.ChunkedArray:
    return pc.invert(pc.fill_null(pc.is_in(column, value_set=values), False))


def _coded(table: pa.Table, variable: Variable, kind: pa.DataType) -> pa.Array:
    values = table[variable.name].to_pandas()
    if not variable.levels:
        return pa.array([None if pd.isna(value) else round(value) for value in values], kind)
    codes = codes_of(variable)
    return pa.array([codes.get(text) for text in texts_of(values)], kind)


def _matched_less(table: pa.Table, method: str) -> pa.Table:
    """The same matching of the units that are left."""
    if method == NONE:
        return table
    names = table["pseudonym"].to_pylist()
    before = table["match"].to_pylist()
    participant = pc.equal(table["family_group"], "participant").to_numpy(zero_copy_only=False)
    if method in (EXACT, COARSENED):
        match, weight = before, _of_strata(before, participant)
    else:
        left = set(names)
        match = [";".join(one for one in each.split(";") if one in left) for each in before]
        weight = _of_pairs(names, match, participant)
    reason = table["reason"].to_pylist()
    reason = [LEFT if old and not new else why for old, new, why in zip(before, weight, reason, strict=True)]
    match = [each if used else "" for each, used in zip(match, weight, strict=True)]
    for name, values in (("weight", weight), ("match", match), ("reason", reason)):
        place = table.schema.get_field_index(name)
        table = table.set_column(place, table.schema.field(name), pa.array(values, table.schema.field(name).type))
    return table


def _of_strata(match: Sequence[str], participant: np.ndarray) -> np.ndarray:
    used = np.array([bool(each) for each in match])
    result = np.zeros(len(match))
    if used.any():
        stratum = np.array([int(each) for each in match if each])
        result[used] = weights.of_strata(stratum, participant[used])
    return result


def _of_pairs(names: Sequence[str], match: Sequence[str], participant: np.ndarray) -> np.ndarray:
    place = {name: row for row, name in enumerate(names)}
    pairs = [
        (row, place[other])
        for row in np.flatnonzero(participant).tolist()
        for other in match[row].split(";")
        if other in place
    ]
    rows = np.array(pairs, dtype=np.intp).reshape(-1, 2)
    return weights.of_pairs(len(names), rows[:, 0], rows[:, 1])
