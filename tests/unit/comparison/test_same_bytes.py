"""The same register, rule and seed give the same bytes, however many threads work and in whatever order rows come."""

import io
from dataclasses import replace
from pathlib import Path

import numpy as np
import pyarrow.parquet as pq
import pytest

from exports.comparison.runner.characteristics import CATALOGUE
from exports.comparison.runner.definition import EVALUATION, Chosen
from exports.demo.register import write
from tests.unit.comparison.registers import drawn

RULE = replace(EVALUATION, characteristics=tuple(Chosen(name) for name in CATALOGUE))


@pytest.fixture(scope="module")
def register(tmp_path_factory) -> Path:
    folder = tmp_path_factory.mktemp("register")
    write(folder, people=20_000, years=(2014, 2015, 2016), seed=5)
    return folder


def written(selection) -> list[bytes]:
    tables = [selection.families, selection.persons, selection.counts, selection.flow.frame()]
    sinks = [io.BytesIO() for _ in tables]
    for table, sink in zip(tables, sinks, strict=True):
        table.to_parquet(sink)
    return [sink.getvalue() for sink in sinks] + [repr(sorted(selection.medians.items())).encode()]


def test_threads_memory_and_the_order_of_rows_change_nothing(register, tmp_path):
    rng = np.random.default_rng(1)
    for path in register.iterdir():
        table = pq.read_table(path)
        pq.write_table(table.take(rng.permutation(len(table))), tmp_path / path.name, row_group_size=1000)
    first = written(drawn(register, RULE, threads=1))
    assert written(drawn(tmp_path, RULE, threads=4, memory_limit="200MB")) == first
    assert len(set(first)) == 5
