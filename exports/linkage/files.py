"""Members of an archive, as streams: a zip that is written front to back, and CSV into it.

The same rows give the same bytes: order and names come from the caller, times are fixed, no clock and no chance.
Members are "deflated" at level 0, that is, not made smaller: readers that go through a zip front to back accept this
with sizes told afterwards (they don't accept "stored"), the result depends on no compressor, and age's speed is kept.

CSV: UTF-8 without a byte order mark (SAS, pandas and DuckDB are told UTF-8; a mark becomes part of the first name in
some of them), semicolon (addresses hold commas, and Danish Excel and SAS guides expect it), LF (TERMSTR=LF in SAS),
names in the first line, text always in quotes and numbers never, so that PNR stays text of ten characters; dates
YYYY-MM-DD; missing is nothing between two semicolons.
"""

import hashlib
import io
import zipfile
import zlib
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import BinaryIO, Self

import pyarrow as pa
import pyarrow.csv

from exports.linkage.schema import Layout

ByteSink = BinaryIO | io.RawIOBase  # takes bytes; need not seek

_BEGINNING = (1980, 1, 1, 0, 0, 0)  # the first time that a zip can tell
_CSV = pa.csv.WriteOptions(delimiter=";", quoting_style="needed", quoting_header="none")


@dataclass(frozen=True, slots=True)
class Member:
    """A finished member: its name, and size and hash of its plain bytes."""

    name: str
    sha256: str
    size: int


class Archive:
    """A zip written to `out` from front to back (`out`: an AgeWriter). Use as a context manager.

    `inspect` is shown each member of text, by name, before it is written.
    """

    def __init__(self, out: ByteSink, inspect: Callable[[str, str], None] = lambda name, text: None):
        self.members: list[Member] = []
        self._inspect = inspect
        self._zip = zipfile.ZipFile(out, "w")

    def __enter__(self) -> Self:
        return self

    def __exit__(self, kind, error, traceback) -> None:
        if kind is None:
            self._zip.close()
        else:
            self._zip.fp = None  # or it would still end the zip, as if it were whole, when it is collected

    @contextmanager
    def member(self, name: str) -> Iterator["MemberStream"]:
        """A stream for the member's plain bytes; afterwards it is in `members`."""
        info = zipfile.ZipInfo(name, _BEGINNING)
        info.compress_type = zipfile.ZIP_DEFLATED
        info._compresslevel = zlib.Z_NO_COMPRESSION  # type: ignore[attr-defined]  # public only from Python 3.13
        info.external_attr = 0o600 << 16
        info.create_system = 3  # Unix, wherever it is written
        with self._zip.open(info, "w", force_zip64=True) as raw:
            stream = MemberStream(raw)
            yield stream
        self.members.append(Member(name, stream.sha256.hexdigest(), stream.size))

    def text(self, name: str, text: str) -> None:
        """A member of UTF-8 text."""
        self._inspect(name, text)
        with self.member(name) as stream:
            stream.write(text.encode("utf-8"))


class MemberStream(io.RawIOBase):
    """Counts and hashes what goes into a member."""

    def __init__(self, raw):
        super().__init__()
        self._raw = raw
        self.sha256 = hashlib.sha256()
        self.size = 0

    def writable(self) -> bool:
        return True

    def tell(self) -> int:
        return self.size

    def write(self, data, /) -> int:
        length = memoryview(data).nbytes
        self.sha256.update(data)
        self.size += length
        self._raw.write(data)
        return length


def write_csv(out: ByteSink, layout: Layout, batches: Iterable[pa.RecordBatch]) -> None:
    """The batches, in `layout.arrow()`, as CSV in the form that this page states."""
    with pa.csv.CSVWriter(out, layout.arrow(), write_options=_CSV) as writer:
        for batch in batches:
            writer.write_batch(batch)
