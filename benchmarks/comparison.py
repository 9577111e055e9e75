"""A whole comparison group with all characteristics, drawn from an invented register of Denmark's size.

Each side is a process of its own and prints a line of JSON: seconds, those of the processor (of the whole process),
peak memory in MB, and what it found, so that who is faster has also done it.

`python -m benchmarks.comparison ours DIR`    the product: from the registers' files to the frames
`python -m benchmarks.comparison bare DIR`    the texts that `ours` ran, sent to a DuckDB of the same limits by hand
`python -m benchmarks.comparison pandas DIR`  the same group in pandas (benchmarks/peers/comparison_pandas.py)

DIR is what `manage.py demo_register --out DIR` has written; `ours` leaves there what `bare` runs (texts.pickle).
"""

import json
import pickle
import re
import resource
import sys
import time
from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.parquet as pq

MEMORY, THREADS = "1GB", 2
TEXTS = "texts.pickle"
STARTS = {"PNR": "person", "AKTIVITETSTYPE": "activity_type", "AAR": "year", "PLAN": "plan"}
AREAS = {"AFDELING": "department", "PLAN": "plan", "KOM": "municipality_code", "REGION": "region"}


def files_of(folder: Path) -> dict[str, dict[int, Path]]:
    """Table -> year (0: none) -> file."""
    found: dict[str, dict[int, Path]] = {}
    for path in sorted(folder.glob("*.parquet")):
        parts = re.fullmatch(r"([A-Z_]+)(\d{4})?", path.stem)
        assert parts is not None
        found.setdefault(parts[1], {})[int(parts[2] or 0)] = path
    return found


def ours(folder: Path) -> dict[str, Any]:
    from exports.comparison.runner import drawing
    from exports.comparison.runner.characteristics import CATALOGUE
    from exports.comparison.runner.definition import EVALUATION, Chosen

    files = files_of(folder)
    starts, areas = (
        pq.read_table(files.pop(name)[0]).to_pandas().rename(columns=names)
        for name, names in (("STARTER", STARTS), ("OMRAADER", AREAS))
    )
    kept: list[tuple] = []
    opened = drawing.engine

    @contextmanager
    def recorded(*given: Any, **options: Any) -> Iterator[Any]:
        with opened(*given, **options) as database:
            yield Recorder(database, kept)

    drawing.engine = recorded
    definition = replace(EVALUATION, characteristics=tuple(Chosen(name) for name in CATALOGUE))
    start = time.perf_counter()
    found = drawing.select_from_registers(
        definition, files, departments=areas, starts=starts, memory_limit=MEMORY, threads=THREADS
    )
    seconds = time.perf_counter() - start
    (folder / TEXTS).write_bytes(pickle.dumps(kept))
    groups = found.families["family_group"].value_counts()
    return {
        "seconds": seconds,
        "participants": int(groups["participant"]),
        "comparison": int(groups["comparison"]),
        "medians": {str(year): int(median) for year, median in found.medians.items()},
        "poor": int(found.families["poverty_50"].sum()),
        "ill": int(found.families["mental_illness"].sum()),
    }


class Recorder:
    """Remembers what an engine was asked for."""

    def __init__(self, database: Any, kept: list[tuple]) -> None:
        self.database, self.kept = database, kept

    def put(self, name: str, schema: pa.Schema, batches: Iterable[pa.RecordBatch]) -> None:
        table = pa.Table.from_batches(batches, schema)
        self.kept.append(("put", name, table))
        self.database.put(name, schema, table.to_batches())

    def read(self, name: str, files: Mapping[int, Path], columns: Sequence[Any]) -> None:
        names = [column.name for column in columns]
        self.kept.append(("read", name, {year: str(path) for year, path in files.items()}, names))
        self.database.read(name, files, columns)

    def make(self, name: str, text: str) -> None:
        self.kept.append(("make", name, text))
        self.database.make(name, text)

    def fetch(self, text: str) -> pa.Table:
        self.kept.append(("fetch", text))
        return self.database.fetch(text)


def bare(folder: Path) -> dict[str, Any]:
    import duckdb

    kept = pickle.loads((folder / TEXTS).read_bytes())
    start = time.perf_counter()
    connection = duckdb.connect(config={"memory_limit": MEMORY, "threads": THREADS, "temp_directory": f"{folder}/bare"})
    sizes = []
    for step, *rest in kept:
        if step == "put":
            connection.register(rest[0], rest[1])
        elif step == "read":
            parts = [f"SELECT {year} AS year, * FROM '{path}'" for year, path in rest[1].items()]
            nothing = ", ".join(f"NULL AS {name}" for name in _missing(rest))
            text = " UNION ALL BY NAME ".join(parts)
            connection.execute(f"CREATE VIEW {rest[0]} AS SELECT *{', ' + nothing if nothing else ''} FROM ({text})")
        elif step == "make":
            connection.execute(f"CREATE TEMP TABLE {rest[0]} AS {rest[1]}")
        else:
            sizes.append(len(connection.sql(rest[0]).df()))
    return {"seconds": time.perf_counter() - start, "frames": sizes}


def _missing(read: Sequence[Any]) -> list[str]:
    _name, files, names = read
    present = {name for path in files.values() for name in pq.read_schema(path).names}
    return [name for name in names if name not in present]


def pandas(folder: Path) -> dict[str, Any]:
    from benchmarks.peers.comparison_pandas import draw

    start = time.perf_counter()
    found = draw(files_of(folder))
    return {"seconds": time.perf_counter() - start} | found


if __name__ == "__main__":
    side = {"ours": ours, "bare": bare, "pandas": pandas}[sys.argv[1]]
    result = side(Path(sys.argv[2]))
    used = resource.getrusage(resource.RUSAGE_SELF)
    processor = used.ru_utime + used.ru_stime  # which says more than seconds where others are at work
    print(json.dumps(result | {"processor": round(processor, 1), "peak_mb": round(used.ru_maxrss / 1024)}))
