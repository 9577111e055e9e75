"""The formats of a data file of N rows, one after another in one process, against writing its CSV file.

`python -m benchmarks.formats N` on the standard variables of a project. Prints a line of JSON: per format
seconds (CSV, the floor, first and again last), bytes a row, and the most memory that writing it added to the rows' own.

Memory is the process's resident size, sampled by a thread, and the shared memory of its memfds, which is no part of it.
"""

import io
import json
import os
import sys
import threading
import time
from collections.abc import Callable
from datetime import date


class Discard(io.RawIOBase):
    """Takes bytes and counts them."""

    size = 0

    def writable(self) -> bool:
        return True

    def write(self, data, /) -> int:
        length = memoryview(data).nbytes
        self.size += length
        return length


class Peak(threading.Thread):
    """The most memory in MB, of the process and of what its memfds hold, between start and `stop`."""

    def __init__(self) -> None:
        super().__init__(daemon=True)
        self.most, self._over = 0.0, threading.Event()

    def run(self) -> None:
        while not self._over.wait(0.02):
            self.most = max(self.most, resident() + in_memfds())

    def stop(self) -> float:
        self._over.set()
        self.join()
        return self.most


def resident() -> float:
    with open("/proc/self/statm") as file:
        return int(file.read().split()[1]) * os.sysconf("SC_PAGE_SIZE") / 2**20


def in_memfds() -> float:
    size = 0
    for name in os.listdir("/proc/self/fd"):
        try:
            if os.readlink(f"/proc/self/fd/{name}").startswith("/memfd:"):
                size += os.stat(f"/proc/self/fd/{name}").st_blocks * 512
        except OSError:  # closed meanwhile
            continue
    return size / 2**20


def main(count: int) -> None:
    import numpy as np
    import pyarrow as pa

    from exports.linkage.files import write_csv
    from exports.linkage.formats.parquet import write_parquet
    from exports.linkage.formats.readstat import frame_of, write_dta, write_sav, write_xpt
    from exports.pseudonyms import new_codes
    from tests.unit.linkage.invented import LAYOUT

    chance = np.random.default_rng(1)
    columns = []
    for v in LAYOUT.variables:
        if v.name == "PSEUDONYM":
            columns.append(pa.array(sorted(new_codes(count))))
        elif v.values:
            missing = chance.random(count) < (0.05 if v.name == "ALDERSGRP" else 0)
            codes = pa.array(list(v.values), LAYOUT.arrow().field(v.name).type)
            columns.append(codes.take(pa.array(chance.integers(0, len(codes), count), mask=missing)))
        else:
            columns.append(pa.array(np.ones(count, dtype=np.int16)))
    table = pa.Table.from_arrays(columns, schema=LAYOUT.arrow())
    del columns

    options = {"title": "Leverance 1", "day": date(2026, 11, 2)}
    kinds: dict[str, Callable[[Discard], object]] = {
        "csv": lambda out: write_csv(out, LAYOUT, table.to_batches(65_536)),
        "parquet": lambda out: write_parquet(out, LAYOUT, table),
        "xpt": lambda out: write_xpt(out, LAYOUT, frame_of(table), dataset="DELTAGERDATA", **options),
        "dta": lambda out: write_dta(out, LAYOUT, frame_of(table), **options),
        "sav": lambda out: write_sav(out, LAYOUT, frame_of(table), **options),
    }
    whole, table = table, table.slice(0, 100)
    for write in kinds.values():
        write(Discard())  # what is loaded at first use is no part of a file's memory
    found, table = {}, whole
    for kind, write in [*kinds.items(), ("csv again", kinds["csv"])]:
        out, before, peak = Discard(), resident(), Peak()
        peak.start()
        start = time.perf_counter()
        write(out)
        seconds = time.perf_counter() - start
        added = peak.stop() - before
        found[kind] = {"seconds": seconds, "bytes_a_row": out.size / count, "added_mb": max(added, 0)}
    print(
        json.dumps({"rows": count, "columns": len(LAYOUT.variables), "table_mb": table.nbytes / 2**20, "kinds": found})
    )


if __name__ == "__main__":
    import django

    django.setup()
    main(int(sys.argv[1]))
