"""The prepared set: which rows of which participants under which decisions a delivery may hold, frozen and hashed.

Form: an Arrow IPC stream (no seeking, so it goes straight through age), a row per participation, with the columns of
rows.frozen_schema: pseudonym, participant (16 bytes), decision, identification, and the coded variables.
Rows stand by pseudonym and then by coded values, so that their order says nothing of registration, and no
batch divides a person. Where a file is to have a row per person, a person's rows stand by their start first: its row is
the first of those that are left when the file is written. The SHA-256 of the stream's plain bytes is the hash that an
approval is for: the same rows give the same bytes with the same pyarrow, whatever order and chunks they came in.

Never stored here: FORLOEB_NR, ANTAL_FORLOEB and IDENT_ART. They describe the rows that are left when a file is
written, so a participant taken out leaves no gap that tells.

age does not say who sealed a file; the hash does. Each pass checks it at its end, and an error there stops whatever
is being written.
"""

import hashlib
import io
from collections.abc import Callable, Collection, Iterable, Iterator
from dataclasses import dataclass, replace
from typing import BinaryIO

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from exports.linkage.codes import PARTICIPATIONS
from exports.linkage.digests import told_of
from exports.linkage.files import ByteSink
from exports.linkage.rows import CHUNK, KEPT, RECORDS_AT_ONCE, Record, coded_batches, coded_schema, frozen_schema
from exports.linkage.schema import Layout, TypeOfActivity


class FrozenSetAltered(Exception):
    """The stream is not the one whose hash was approved."""


@dataclass(frozen=True, slots=True)
class Frozen:
    """What to keep in the database about a prepared set. `rows`: of the set; a file of persons has `persons` rows."""

    sha256: str
    rows: int
    persons: int


def write_frozen(out: ByteSink, records: Iterable[Record], layout: Layout, types: Iterable[TypeOfActivity]) -> Frozen:
    """Codes, sorts and writes the records (in any order); holds the coded rows in memory, some 100 bytes each.

    Raises rows.UncodedValue.
    """
    schema = frozen_schema(layout)
    rows = gathered(coded_batches(records, layout, types), coded_schema(layout))
    in_time = ["start"] if layout.per_person else []
    order = ["pseudonym", *in_time, *schema.names[len(KEPT) :], "participant", "decision"]
    indices = pc.sort_indices(rows, sort_keys=[(name, "ascending") for name in order])
    rows = rows.select(schema.names)
    ends = _ends_of_people(rows.column("pseudonym").take(indices))
    hashing = _Hashing(out)
    with pa.ipc.new_stream(hashing, schema) as writer:
        start = 0
        while start < rows.num_rows:
            # the batch ends with the person whom the CHUNK-th row belongs to
            end = int(ends[np.searchsorted(ends, min(start + CHUNK, rows.num_rows))])
            writer.write_batch(rows.take(indices[start:end]))
            start = end
    return Frozen(hashing.sha256.hexdigest(), rows.num_rows, len(ends))


@dataclass(frozen=True, slots=True)
class FrozenSet:
    """A prepared set, read as often as wanted, in order, a batch at a time.

    `open_stream` opens its plain bytes anew (for example `lambda: open_age(path, identity)`); `sha256` is the approved
    hash; `left` are participants (16 bytes each) whose consent has ceased since and whose rows are passed over.
    Every pass raises FrozenSetAltered at its end when the hash differs.
    """

    open_stream: Callable[[], BinaryIO]
    sha256: str
    left: frozenset[bytes] = frozenset()

    def without(self, participants: Collection[bytes]) -> "FrozenSet":
        """The same set less these participants' rows."""
        return replace(self, left=self.left | frozenset(participants))

    def batches(self) -> Iterator[pa.RecordBatch]:
        """Batches in frozen_schema, without the rows of those who left. No batch divides a person."""
        with self.open_stream() as stream:
            hashing = _Hashing(stream)
            try:
                with pa.ipc.open_stream(hashing) as reader:
                    for batch in reader:
                        yield self._kept(batch)
            except (pa.ArrowInvalid, OSError) as error:
                if isinstance(error, OSError) and error.errno is not None:  # the disk, not what stands there
                    raise
                raise FrozenSetAltered("The prepared set can't be read.") from None
            while hashing.read(CHUNK):
                pass
            if hashing.sha256.hexdigest() != self.sha256:
                raise FrozenSetAltered("The prepared set is not the one that was approved.")

    def told_of(self, key: bytes) -> Iterator[list[tuple[bytes, int, bytes]]]:
        """For the ledger: (participant, decision, digest of their rows under `key`), each once, a list per batch."""
        return (told_of(batch, key) for batch in self.batches())

    def people(self) -> Iterator[pa.RecordBatch]:
        """`pseudonym`, `participant` and `identification` (a number of IDENTIFICATIONS), each person once, sorted by
        pseudonym.

        By CPR number who has one in at least one of their rows, with the participant to read it from; all others by
        name and address. Of several participants, the one with the lowest id.
        """
        best_first = [(name, "ascending") for name in ("pseudonym", "identification", "participant")]
        for batch in self.batches():
            rows = batch.take(pc.sort_indices(batch, sort_keys=best_first))
            ends = _ends_of_people(rows.column("pseudonym"))
            people = rows.take(pa.array(np.concatenate([[0], ends[:-1]])[: len(ends)]))
            people = people.select(["pseudonym", "participant", "identification"])
            yield from (people.slice(start, RECORDS_AT_ONCE) for start in range(0, len(ends), RECORDS_AT_ONCE))

    def data(self, layout: Layout) -> Iterator[pa.RecordBatch]:
        """The data file's rows in `layout.arrow()`: numbered anew from 1 for each person, or one for each person.

        Raises KeyError for a variable that was not frozen.
        """
        schema = layout.arrow()
        for batch in self.batches():
            if not batch.num_rows:
                continue
            batch, made = (_persons if layout.per_person else _participations)(batch)
            columns = made | {"PSEUDONYM": batch.column("pseudonym")}
            arrays = [columns[name] if name in columns else batch.column(name) for name in schema.names]
            yield pa.record_batch(arrays, schema=schema)

    def _kept(self, batch: pa.RecordBatch) -> pa.RecordBatch:
        if not self.left:
            return batch
        gone = pc.is_in(batch.column("participant"), value_set=pa.array(self.left, pa.binary(16)))
        return batch.filter(pc.invert(gone))


def gathered(batches: Iterable[pa.RecordBatch], schema: pa.Schema) -> pa.RecordBatch:
    """All rows as one batch, joined a column at a time: two copies of one column at most are in memory, not of all."""
    pieces: list[list[pa.Array]] = [[] for _ in schema]
    for batch in batches:
        for column, piece in zip(pieces, batch.columns, strict=True):
            column.append(piece)
    arrays = []
    for field, column in zip(schema, pieces, strict=True):
        arrays.append(pa.concat_arrays(column) if column else pa.array([], field.type))
        column.clear()
    return pa.record_batch(arrays, schema=schema)


def _participations(batch: pa.RecordBatch) -> tuple[pa.RecordBatch, dict[str, pa.Array]]:
    """All rows, and what is made of them when they are written."""
    starts, sizes = _people_in(batch)
    number = np.arange(1, batch.num_rows + 1) - np.repeat(starts, sizes)
    kind = np.repeat(_kinds(batch, starts), sizes)
    return batch, {"FORLOEB_NR": pa.array(number, pa.int16()), "IDENT_ART": pa.array(kind, pa.int16())}


def _persons(batch: pa.RecordBatch) -> tuple[pa.RecordBatch, dict[str, pa.Array]]:
    """The first row of each person, and what is made of all of them."""
    starts, sizes = _people_in(batch)
    count = np.minimum(sizes, max(PARTICIPATIONS))
    made = {"ANTAL_FORLOEB": pa.array(count, pa.int16()), "IDENT_ART": pa.array(_kinds(batch, starts), pa.int16())}
    return batch.take(pa.array(starts)), made


def _people_in(batch: pa.RecordBatch) -> tuple[np.ndarray, np.ndarray]:
    """The index of each person's first row, and how many rows they have."""
    ends = _ends_of_people(batch.column("pseudonym"))
    starts = np.concatenate([[0], ends[:-1]])
    return starts, ends - starts


def _kinds(batch: pa.RecordBatch, starts: np.ndarray) -> np.ndarray:
    """Each person's identification: "cpr" is the lower number, and who has one in any row is in the key file."""
    return np.minimum.reduceat(batch.column("identification").to_numpy(), starts)


def _ends_of_people(pseudonyms: pa.Array) -> np.ndarray:
    """For sorted pseudonyms: the index after each person's last row."""
    if not len(pseudonyms):
        return np.empty(0, dtype=np.int64)
    changes = pc.not_equal(pseudonyms[1:], pseudonyms[:-1])
    return np.append(np.flatnonzero(changes.to_numpy(zero_copy_only=False)) + 1, len(pseudonyms))


class _Hashing(io.RawIOBase):
    """Passes bytes through to or from a stream and hashes them."""

    def __init__(self, stream: ByteSink):
        super().__init__()
        self._stream = stream
        self.sha256 = hashlib.sha256()

    def readable(self) -> bool:
        return True

    def writable(self) -> bool:
        return True

    def read(self, size: int = -1, /) -> bytes:
        data = self._stream.read(size)
        self.sha256.update(data)
        return data

    def write(self, data, /) -> int:
        self.sha256.update(data)
        self._stream.write(data)
        return memoryview(data).nbytes
