"""Apache Spark behind the methods of engine.Engine, for those who have outgrown one process: the same texts, the same
frames. Needs pyspark 4.3 and a Java runtime of 17 or later.

Spark runs in a Java process of its own that ends with the engine. It listens on the loopback address only, to who has
the secret of the run, and says nothing: its messages quote values. What it writes to disk is encrypted under a key
that is only in memory, in the folder that it is given.
"""

import logging
import os
import re
import shutil
import warnings
from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from pathlib import Path
from subprocess import DEVNULL
from typing import TYPE_CHECKING, Any

import pyarrow as pa

from .engine import Spill, plain_numbers, selected, yearly
from .registers import Column
from .texts import Refused, Text

if TYPE_CHECKING:
    from pyspark.sql import SparkSession

MISSING: Text = (
    "Apache Spark kræver Python-pakken pyspark og Java 17 eller nyere på denne maskine.",
    "Apache Spark needs the Python package pyspark and Java 17 or later on this machine.",
)
STOPPED: Text = (
    "Apache Spark stoppede: der er ikke hukommelse eller plads nok på disken, eller en fil kan ikke læses til ende.",
    "Apache Spark stopped: there is not enough memory or disk, or a file can't be read to the end.",
)
LEAST_MEMORY = 512  # MB; Spark refuses to start with less than 450


@contextmanager
def spark_engine(spill: Spill, *, memory_limit: str, threads: int) -> Iterator["Spark"]:
    """See engine.engine. One at a time in a process. Raises Refused where there is no Spark, or where it stops."""
    try:
        from pyspark import SparkConf, SparkContext
        from pyspark.java_gateway import launch_gateway
        from pyspark.sql import SparkSession
    except ImportError:
        raise Refused({"engine": MISSING}) from None
    if shutil.which("java") is None and "JAVA_HOME" not in os.environ:
        raise Refused({"engine": MISSING})
    logging.getLogger("py4j").setLevel(logging.WARNING)
    # It isn't given any pandas.
    warnings.filterwarnings("ignore", "PySpark does not yet fully support pandas", FutureWarning)
    with spill as (_, address):
        folder = address.rpartition("://")[2]  # without the file system: Spark writes there itself, encrypted
        conf = SparkConf(loadDefaults=False).setAll(settings(folder, memory_limit, threads).items())
        gateway = launch_gateway(conf, {"stdout": DEVNULL, "stderr": DEVNULL})
        try:
            context = SparkContext(conf=conf, gateway=gateway)
            try:
                yield Spark(SparkSession(context))
            finally:
                context.stop()
        finally:
            gateway.shutdown()
            gateway.proc.stdin.close()  # at which the Java process ends
            gateway.proc.wait()
            # pyspark keeps its Java process for the next context, and would look for this one there.
            SparkContext._gateway = SparkContext._jvm = None


def settings(folder: str, memory_limit: str, threads: int) -> dict[str, str]:
    """How Spark runs here. memory_limit is that of the Java heap: the process takes some 300 MB more."""
    found = re.fullmatch(r"([0-9.]+)([KMGT])i?B", memory_limit)
    assert found is not None  # engine.engine has looked
    megabytes = float(found[1]) * 1024.0 ** ("KMGT".index(found[2]) - 1)
    return {
        "spark.master": f"local[{threads}]",
        "spark.app.name": "comparison",
        "spark.driver.memory": f"{max(int(megabytes), LEAST_MEMORY)}m",
        "spark.driver.bindAddress": "127.0.0.1",
        "spark.driver.host": "127.0.0.1",
        "spark.driver.extraJavaOptions": f"-Djava.io.tmpdir={folder} -XX:-UsePerfData -Duser.timezone=UTC",
        "spark.authenticate": "true",
        "spark.io.encryption.enabled": "true",
        "spark.io.encryption.keySizeBits": "256",
        "spark.network.crypto.enabled": "true",
        "spark.local.dir": folder,
        "spark.sql.warehouse.dir": f"{folder}/warehouse",
        "spark.sql.catalogImplementation": "in-memory",
        "spark.sql.ansi.enabled": "true",
        "spark.sql.session.timeZone": "UTC",
        "spark.sql.shuffle.partitions": str(16 * threads),
        "spark.ui.enabled": "false",
        "spark.ui.showConsoleProgress": "false",
    }


class Spark:
    """The Engine that is a Spark session. Every method may raise Refused."""

    def __init__(self, session: "SparkSession") -> None:
        self.session = session

    def put(self, name: str, schema: pa.Schema, batches: Iterable[pa.RecordBatch]) -> None:
        table = pa.Table.from_batches(batches, schema)
        with _speaking():
            data: Any = self.session.createDataFrame(table)
            data.createOrReplaceTempView(name)
            data.cache()

    def read(self, name: str, files: Mapping[int, Path] | Path, columns: Sequence[Column]) -> None:
        parts = []
        with _speaking():
            for year, path in yearly(files):
                data = self.session.read.parquet(str(path))
                data.createOrReplaceTempView(source := f"{name}_{year or 'file'}")
                parts.append(f"SELECT {selected(columns, data.columns, year)} FROM {source}")  # noqa: S608 - our own names
            self.session.sql(" UNION ALL ".join(parts)).createOrReplaceTempView(name)

    def make(self, name: str, text: str) -> None:
        # Computed now, and its plan forgotten: a view of views would be planned anew, with all below it, at each use.
        with _speaking():
            self.session.sql(text).localCheckpoint(eager=True).createOrReplaceTempView(name)

    def fetch(self, text: str) -> pa.Table:
        with _speaking():
            return plain_numbers(self.session.sql(text).toArrow())


@contextmanager
def _speaking() -> Iterator[None]:
    """What Spark finds wrong quotes values: said without them."""
    from py4j.protocol import Py4JError
    from pyspark.errors import PySparkException

    try:
        yield
    except (PySparkException, Py4JError, EOFError):
        raise Refused({"engine": STOPPED}) from None
