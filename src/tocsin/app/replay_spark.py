"""The same replay under Spark, and a stream: `mapInArrow` calls the very function that one process calls.

Needs the extra `spark` and Java 17 or newer. Workers need this package installed, or sent with `--py-files`.
"""

import os
import shutil
import sys
from collections.abc import Iterator, Sequence
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING

import pyarrow as pa

from tocsin.app.replay import (
    FOUND,
    LINES,
    SIGNALS,
    VALUE,
    Counted,
    Recipe,
    check_columns,
    found_in,
    new_folder,
    parquet_files,
)
from tocsin.kernel import BadInput

if TYPE_CHECKING:
    from pyspark.sql import DataFrame, SparkSession
    from pyspark.sql.streaming.query import StreamingQuery

FOUND_DDL = (
    "event string, detector string, version string, category string, strength double, evidence string, "
    "refused string"
)
"""FOUND in Spark's words."""

LOCAL = "local[*]"
SETTINGS = {
    "spark.ui.enabled": "false",
    "spark.sql.session.timeZone": "UTC",
    # rows in one batch between the JVM and Python
    "spark.sql.execution.arrow.maxRecordsPerBatch": "8192",
}
LOCAL_SETTINGS = {
    "spark.driver.host": "127.0.0.1",
    "spark.driver.bindAddress": "127.0.0.1",
    # 200, the default, is for a cluster: here most would be empty
    "spark.sql.shuffle.partitions": "16",
}


def session(master: str | None = None) -> "SparkSession":
    """A session of this process, in local mode unless a master is named. Raises BadInput where Spark cannot start."""
    try:
        from pyspark.sql import SparkSession
    except ImportError as error:
        raise BadInput("Spark is not installed: pip install 'tocsin[spark]', and a Java runtime") from error
    if shutil.which("java") is None and "JAVA_HOME" not in os.environ:
        raise BadInput("there is no Java runtime for Spark: install one (17 or newer), or use --engine local")
    builder = SparkSession.builder.appName("tocsin-replay").master(master or LOCAL)
    here = master is None or master.startswith("local")
    if here:  # another Python on the PATH would not have this package
        os.environ.setdefault("PYSPARK_PYTHON", sys.executable)
    settings = SETTINGS | LOCAL_SETTINGS if here else SETTINGS
    for name, value in settings.items():
        builder = builder.config(name, value)
    return builder.getOrCreate()


def _map(recipe: Recipe, batches: Iterator[pa.RecordBatch]) -> Iterator[pa.RecordBatch]:
    for batch in batches:
        yield found_in(recipe, batch)


def signals(frame: "DataFrame", recipe: Recipe) -> "DataFrame":
    """FOUND of a frame whose columns are LINES, or VALUE with JSON lines; bounded and streaming frames alike."""
    return frame.select(*held_columns(frame)).mapInArrow(partial(_map, recipe), FOUND_DDL)


def held_columns(frame: "DataFrame") -> list[str]:
    """The columns of a frame that are read. Raises BadInput where needed ones are missing."""
    check_columns(frame.columns, "the frame")
    return [VALUE] if frame.columns == [VALUE] else [name for name in LINES.names if name in frame.columns]


def replay(inputs: Sequence[Path], recipe: Recipe, out: Path, *, master: str | None = None) -> Counted:
    """As `tocsin.app.replay.replay`, under Spark; SIGNALS in `out` becomes a folder of Parquet files (FOUND)."""
    new_folder(out)
    files = [str(file.resolve()) for file in parquet_files(inputs)]
    spark = session(master)
    try:
        frame = spark.read.parquet(*files)
        signals(frame, recipe).write.parquet(str(out.resolve() / SIGNALS))
        counted = Counted(events=frame.count())
    finally:
        spark.stop()
    for table in tables(out / SIGNALS):
        counted.add(table)
    return counted


def tables(out: Path) -> Iterator[pa.Table]:
    """What a replay wrote, part by part."""
    import pyarrow.parquet as pq

    for file in sorted(out.glob("*.parquet")):
        yield pq.read_table(file, schema=FOUND)


def follow(lines: "DataFrame", recipe: Recipe, out: Path, checkpoint: Path) -> "StreamingQuery":
    """Screen a stream of JSON lines for ever; each is screened once into `out`, also over a restart from `checkpoint`.

    `lines` has the one column VALUE: `spark.readStream.text(FOLDER)`, or Kafka's `value` cast to a string.
    """
    return (
        signals(lines, recipe)
        .writeStream.format("parquet")
        .option("path", str(out.resolve()))
        .option("checkpointLocation", str(checkpoint.resolve()))
        .outputMode("append")
        .start()
    )
