"""Apache Spark gives the frames that DuckDB gives, to the last digit, and keeps to itself. Needs pyspark and Java."""

import random
import subprocess
import sys
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path

import numpy as np
import pandas as pd
import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from exports.comparison.runner import drawing
from exports.comparison.runner.characteristics import CATALOGUE
from exports.comparison.runner.definition import EVALUATION, EVALUATION_SINCE_2012, PERSON, Chosen
from exports.comparison.runner.engine import DUCKDB, SPARK, engine
from exports.comparison.runner.texts import Refused
from exports.demo.register import write
from tests.factories.register import Numbers, small_register, together
from tests.unit.comparison.registers import drawn
from tests.unit.comparison.village import definition

pytestmark = pytest.mark.slow

EVERYTHING = tuple(Chosen(name) for name in CATALOGUE)


@pytest.fixture(scope="module")
def spark(tmp_path_factory, pytestconfig):
    if pytestconfig.getoption("--database") == "postgres":
        pytest.skip("No database has a part in this: the other pass has run it.")
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("JDK_JAVA_OPTIONS", "-XX:TieredStopAtLevel=1")  # much is compiled, and little of it runs long
        with engine(_folder(tmp_path_factory.mktemp("spark")), kind=SPARK) as database:
            database.session.conf.set("spark.sql.shuffle.partitions", 4)
            yield database


@contextmanager
def _folder(path: Path):
    yield None, str(path)


@pytest.fixture
def both(monkeypatch, spark):
    """Draws with each engine, all with one Spark. What one drawing made is gone before the next."""

    @contextmanager
    def opened(spill=None, *, kind, **options):
        if kind == DUCKDB:
            with engine(spill, kind=kind, **options) as database:
                yield database
        else:
            yield spark
            for table in spark.session.catalog.listTables():
                spark.session.catalog.dropTempView(table.name)
            spark.session.catalog.clearCache()

    monkeypatch.setattr(drawing, "engine", opened)

    def _both(draw):
        return draw(kind=DUCKDB), draw(kind=SPARK)

    return _both


def assert_same(ours, theirs):
    for name in ("families", "persons", "counts"):
        pd.testing.assert_frame_equal(getattr(ours, name), getattr(theirs, name), check_exact=True)
    pd.testing.assert_frame_equal(ours.flow.frame(), theirs.flow.frame())
    assert ours.medians == theirs.medians


def with_gaps(folder: Path, seed: int) -> None:
    """Takes away one value in twenty of what a register may lack, and turns the rows about."""
    rng = np.random.default_rng(seed)
    for path in sorted(folder.iterdir()):
        frame = pq.read_table(path).to_pandas(types_mapper=pd.ArrowDtype)
        if not path.name.startswith(("STARTER", "OMRAADER", "AFDELINGER", "AUDD")):
            for column in set(frame.columns) - {"PNR", "FAMILIE_ID", "FOED_DAG", "DST_BOLIGERHVERVSENHED_ID"}:
                frame[column] = frame[column].mask(rng.random(len(frame)) < 0.05)
        schema = pq.read_schema(path).remove_metadata()
        turned = frame.iloc[rng.permutation(len(frame))]
        pq.write_table(pa.Table.from_pandas(turned, schema=schema, preserve_index=False), path)


@pytest.mark.parametrize(
    ("people", "seed", "rule", "chosen"),
    [
        (20_000, 2, replace(EVALUATION_SINCE_2012, youngest=3, oldest=15, areas="departments"), EVERYTHING[::2]),
        (20_000, 3, replace(EVALUATION, unit=PERSON, youngest=13, oldest=60, dwellings=None), EVERYTHING[1::2]),
        (60_000, 4, EVALUATION, EVERYTHING),
    ],
)
def test_gives_the_frames_that_duckdb_gives_from_registers_with_gaps(both, tmp_path, people, seed, rule, chosen):
    write(tmp_path, people=people, years=(2014, 2015, 2016), seed=seed)
    with_gaps(tmp_path, seed)
    rule = replace(rule, characteristics=chosen)
    ours, theirs = both(lambda kind: drawn(tmp_path, rule, kind=kind))
    assert_same(ours, theirs)
    assert set(ours.persons["family_group"]) == {"participant", "comparison"}
    assert len(ours.medians) == 3


def test_gives_the_frames_that_duckdb_gives_from_random_resident_lists(both, draw):
    numbers = Numbers(random.Random(1))
    towns = together([small_register(seed, numbers=numbers) for seed in range(25)])
    rule = definition(characteristics=(Chosen("family_type"), Chosen("children_group")))
    ours, theirs = both(lambda kind: draw(towns, rule, kind=kind))
    assert_same(ours, theirs)
    assert set(ours.families["family_group"]) == {"participant", "comparison"}


def test_is_reached_from_this_machine_only(spark):
    process = spark.session.sparkContext._gateway.proc.pid
    own = {link.readlink().name for link in Path(f"/proc/{process}/fd").iterdir() if link.is_symlink()}
    listening = [
        fields[1].rpartition(":")[0]
        for table in ("tcp", "tcp6")
        for fields in map(str.split, Path(f"/proc/{process}/net/{table}").read_text().splitlines()[1:])
        if fields[3] == "0A" and f"socket:[{fields[9]}]" in own
    ]
    assert listening  # it does listen
    loopback = {"0100007F", "0000000000000000FFFF00000100007F", "00000000000000000000000001000000"}
    assert set(listening) <= loopback


def test_writes_nothing_in_clear(spark):
    from pyspark import StorageLevel

    folder = Path(spark.session.conf.get("spark.local.dir"))
    words = [f"somebody-{number}" for number in range(10_000)]
    spark.put("secret", pa.schema([("word", pa.string())]), pa.table({"word": words}).to_batches())
    stored = spark.session.table("secret").persist(StorageLevel.DISK_ONLY)
    assert spark.session.sql("SELECT word FROM secret DISTRIBUTE BY word").persist(StorageLevel.DISK_ONLY).count()
    assert stored.count() == len(words)
    files = [path for path in folder.rglob("*") if path.is_file() and path.stat().st_size]
    assert sum(path.stat().st_size for path in files) > 50_000
    assert not [path for path in files if b"somebody-" in path.read_bytes()]


def test_what_goes_wrong_is_said_without_values(spark):
    for ask in (lambda text: spark.make("wrong", text), spark.fetch):
        with pytest.raises(Refused) as refused:
            ask("SELECT CAST('somebody' AS INT) AS number")
        assert "somebody" not in str(refused.value)
        assert refused.value.__suppress_context__  # what Spark said isn't told with it


def test_ends_with_its_engine_and_leaves_no_file(spark, tmp_path):
    program = """
import sys, tempfile
from exports.comparison.runner.engine import engine
tempfile.tempdir = sys.argv[1]
with engine(kind="spark") as database:
    process = database.session.sparkContext._gateway.proc
    print(database.fetch("SELECT 1 + 1 AS two")["two"][0].as_py(), process.poll())
print(process.poll() is not None)
"""
    done = subprocess.run([sys.executable, "-c", program, str(tmp_path)], capture_output=True, text=True, check=True)
    assert done.stdout.splitlines() == ["2 None", "True"]
    assert not list(tmp_path.iterdir())
    assert done.stderr == ""
