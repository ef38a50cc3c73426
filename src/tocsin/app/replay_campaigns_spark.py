"""Campaigns of a history under Spark: `replay_campaigns` over the same functions, with Spark between them.

1. `mapInArrow` makes TRACES of lines; 2. one sketch a text is kept, sorted by its number; then for each look
3. texts become band rows, shuffled by (band, key) and sorted, and the texts of a bucket meet; 4. the driver joins what
is tied, and asks for the hashes of doubtful pairs, which a join brings together; 5. families are shuffled by their name
and split; 6. the driver reads the columns of the look's events, and 24 bytes a text, and weighs.

The driver joins, not rounds of label propagation: a pair is 17 bytes and there are at most 2 * WIDTH a text and band,
while each round would shuffle all of them again. Driver and workers must see one file system.
"""

from collections.abc import Iterator, Sequence
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, cast

import numpy as np
import numpy.typing as npt
import pyarrow as pa
import pyarrow.parquet as pq

from tocsin.app.replay import SIGNALS, Counted, Recipe, new_folder, parquet_files
from tocsin.app.replay_looks import CAMPAIGN_FILES, Finding, Look, looks_over, seen_in
from tocsin.app.replay_spark import FOUND_DDL, held_columns, session, tables
from tocsin.app.replay_traces import found_of, traced, working
from tocsin.correlate import DEFAULT_SETTINGS, CampaignSettings
from tocsin.correlate.bands import PLANES
from tocsin.correlate.groups import DAY_US
from tocsin.correlate.history import (
    LEARN_FROM,
    BandRows,
    Meetings,
    Met,
    Prints,
    Splitting,
    Typical,
    band_rows,
    common_of,
    families,
    verified,
)
from tocsin.wire.sketch import U32

if TYPE_CHECKING:
    from pyspark.sql import DataFrame, SparkSession

Batches = Iterator[pa.RecordBatch]
I64 = npt.NDArray[np.int64]
Bools = npt.NDArray[np.bool_]

TRACES_DDL = (
    "id string, time bigint, actor string, actor_created bigint, "
    "observables array<struct<type: string, value: string>>, "
    "signals array<struct<detector: string, version: string, category: string, strength: double, "
    "evidence: string>>, text bigint, sketch binary, refused string"
)
"""TRACES in Spark's words."""

_BITS = [f"bits_{plane}" for plane in range(PLANES)]
BANDS_DDL = ", ".join(f"{name} bigint" for name in ("code", "text", *_BITS))
PRINTS_DDL = ", ".join(f"{name} bigint" for name in ("text", *_BITS))
MET_DDL = "one bigint, other bigint, agree int"
TIED_DDL = "place bigint, tied boolean"
TYPICAL_DDL = "text bigint, typical bigint"


def replay(
    inputs: Sequence[Path],
    recipe: Recipe,
    out: Path,
    *,
    key: bytes,
    settings: CampaignSettings = DEFAULT_SETTINGS,
    master: str | None = None,
) -> Counted:
    """As `tocsin.app.replay_campaigns.replay`, under Spark; the same signals and the same campaigns."""
    new_folder(out)
    files = [str(file.resolve()) for file in parquet_files(inputs)]
    spark = session(master)
    try:
        with working(out) as work:
            run = Run(spark, work.resolve())
            run.trace(spark.read.parquet(*files), recipe, key)
            run.signals(out.resolve() / SIGNALS)
            campaigns = run.find(out / CAMPAIGN_FILES, settings)
            counted = Counted(events=run.events(), campaigns=campaigns)
    finally:
        spark.stop()
    for table in tables(out / SIGNALS):
        counted.add(table)
    return counted


class Run:
    """One replay, its stages in a folder."""

    def __init__(self, spark: "SparkSession", work: Path) -> None:
        self._spark, self._work = spark, work

    def trace(self, lines: "DataFrame", recipe: Recipe, key: bytes) -> None:
        """Keep the traces of lines, and of each text one sketch, sorted, so that few are found quickly."""
        traces = lines.select(*held_columns(lines)).mapInArrow(partial(_traced, recipe, key), TRACES_DDL)
        traces.write.parquet(self._at("traces"))
        sketches = self._read("traces").select("text", "sketch").where("text is not null")
        texts = sketches.dropDuplicates(["text"]).repartitionByRange("text").sortWithinPartitions("text")
        texts.write.parquet(self._at("texts"))

    def events(self) -> int:
        """How many lines there were."""
        return self._read("traces").count()

    def signals(self, out: Path) -> None:
        """Write what the detectors said, as one process does."""
        traces = self._read("traces").select("id", "signals", "refused")
        traces.mapInArrow(_found, FOUND_DDL).write.parquet(str(out))

    def find(self, folder: Path, settings: CampaignSettings) -> int:
        """Write what every look finds into a new folder; returns how many campaigns there are."""
        taken = self._read("traces").where("time is not null")
        days = [row[0] for row in taken.selectExpr(f"floor(time / {DAY_US})").distinct().collect()]
        with Finding(folder, settings) as finding:
            if days:
                newest = taken.selectExpr("max(time)").first()
                assert newest is not None
                common = self._common()
                files = sorted((self._work / "traces").glob("*.parquet"))
                for number, look in enumerate(looks_over(days, newest[0], settings)):
                    texts = self._texts(look)
                    typical = self._typical(texts, common, number)
                    prints = self._prints(texts, number)
                    finding.look(look, seen_in(files, look), [typical], [prints], self._sketch)
        return finding.count

    def _common(self) -> U32:
        least = self._read("texts").orderBy("text").limit(LEARN_FROM).toArrow()
        return common_of(_numbers(least, "text"), _blobs(least))

    def _texts(self, look: Look) -> "DataFrame":
        """Texts of one look, with their sketches."""
        seen = self._read("traces").where(f"time >= {look.since} and time <= {look.now}").select("text")
        return self._read("texts").join(seen.distinct(), "text", "left_semi")

    def _sketch(self, text: int) -> bytes:
        table = pq.read_table(self._work / "texts", columns=["sketch"], filters=[("text", "==", text)])
        sketch: bytes = table.column("sketch")[0].as_py()
        return sketch

    def _prints(self, texts: "DataFrame", look: int) -> Prints:
        """The bits of each text of a look."""
        table = self._kept(texts.select("text", "sketch").mapInArrow(_bits, PRINTS_DDL), f"prints-{look}")
        bits = np.stack([_numbers(table, name) for name in _BITS], axis=1)
        return Prints(_numbers(table, "text"), bits.view(np.uint64))

    def _typical(self, texts: "DataFrame", common: U32, look: int) -> Typical:
        met = self._met(texts, common, look)
        tied = families(met, lambda pairs: self._verified(pairs, look))
        given = {"family": tied.family, "text": tied.texts}
        split = (
            self._given(f"tied-{look}", given)
            .join(self._read("texts"), "text")
            .select("family", "text", "sketch")
            .repartition("family")
            .sortWithinPartitions("family", "text")
            .mapInArrow(_split, TYPICAL_DDL)
        )
        table = self._kept(split, f"typical-{look}")
        return Typical(_numbers(table, "text"), _numbers(table, "typical"))

    def _met(self, texts: "DataFrame", common: U32, look: int) -> Met:
        met = (
            texts.select("text", "sketch")
            .mapInArrow(partial(_bands, common), BANDS_DDL)
            .repartition("code")
            .sortWithinPartitions("code", "text")
            .mapInArrow(_meet, MET_DDL)
            .distinct()
        )
        table = self._kept(met, f"met-{look}")
        pairs = np.stack((_numbers(table, "one"), _numbers(table, "other")), axis=1)
        return Met.of([Met(pairs, _numbers(table, "agree").astype(np.uint8))])

    def _verified(self, pairs: I64, look: int) -> Bools:
        found = np.zeros(len(pairs), np.bool_)
        if not len(pairs):
            return found
        columns = {"one": pairs[:, 0].copy(), "other": pairs[:, 1].copy(), "place": np.arange(len(pairs))}
        texts = self._read("texts")
        asked = (
            self._given(f"asked-{look}", columns)
            .join(texts.withColumnsRenamed({"text": "one", "sketch": "sketch_one"}), "one")
            .join(texts.withColumnsRenamed({"text": "other", "sketch": "sketch_other"}), "other")
            .select("place", "sketch_one", "sketch_other")
            .mapInArrow(_verify, TIED_DDL)
        )
        table = self._kept(asked, f"verified-{look}")
        found[_numbers(table, "place")] = table.column("tied").to_numpy()
        return found

    def _given(self, name: str, columns: dict[str, I64]) -> "DataFrame":
        """What the driver found, as a frame."""
        folder = self._work / name
        folder.mkdir()
        pq.write_table(
            pa.table({name: pa.array(column) for name, column in columns.items()}), folder / "part.parquet"
        )
        return self._read(name)

    def _kept(self, frame: "DataFrame", name: str) -> pa.Table:
        """What the workers found, in the driver: over files, which may be larger than a result."""
        frame.write.parquet(self._at(name))
        return pq.read_table(self._work / name)

    def _at(self, name: str) -> str:
        return str(self._work / name)

    def _read(self, name: str) -> "DataFrame":
        return self._spark.read.parquet(self._at(name))


def _numbers(columns: pa.Table | pa.RecordBatch, name: str) -> I64:
    numbers: I64 = columns.column(name).to_numpy().astype(np.int64, copy=False)
    return numbers


def _blobs(batch: pa.Table | pa.RecordBatch, name: str = "sketch") -> list[bytes]:
    return cast("list[bytes]", batch.column(name).to_pylist())


def _traced(recipe: Recipe, key: bytes, batches: Batches) -> Batches:
    for batch in batches:
        yield traced(recipe, key, batch)


def _found(batches: Batches) -> Batches:
    for batch in batches:
        yield found_of(batch)


def _bands(common: U32, batches: Batches) -> Batches:
    for batch in batches:
        if batch.num_rows:
            rows = band_rows(_numbers(batch, "text"), _blobs(batch), common)
            bits = np.ascontiguousarray(rows.bits.T).view(np.int64)
            yield pa.RecordBatch.from_arrays(
                [pa.array(column) for column in (rows.code, rows.text, *bits)], ["code", "text", *_BITS]
            )


def _bits(batches: Batches) -> Batches:
    for batch in batches:
        if batch.num_rows:
            prints = Prints.of(_numbers(batch, "text"), _blobs(batch))
            bits = np.ascontiguousarray(prints.planes.T).view(np.int64)
            yield pa.RecordBatch.from_arrays(
                [pa.array(column) for column in (prints.texts, *bits)], ["text", *_BITS]
            )


def _meet(batches: Batches) -> Batches:
    meetings = Meetings()
    for batch in batches:
        bits = np.stack([_numbers(batch, name) for name in _BITS], axis=1).view(np.uint64)
        met = meetings.take(BandRows(_numbers(batch, "code"), _numbers(batch, "text"), bits))
        columns = (met.pairs[:, 0].copy(), met.pairs[:, 1].copy(), met.agree.astype(np.int32))
        yield pa.RecordBatch.from_arrays([pa.array(column) for column in columns], ["one", "other", "agree"])


def _verify(batches: Batches) -> Batches:
    for batch in batches:
        number = batch.num_rows
        if number:
            texts = np.arange(2 * number)
            tied = verified(
                texts.reshape(2, number).T, texts, _blobs(batch, "sketch_one") + _blobs(batch, "sketch_other")
            )
            yield pa.RecordBatch.from_arrays([batch.column("place"), pa.array(tied)], ["place", "tied"])


def _split(batches: Batches) -> Batches:
    splitting = Splitting()
    for batch in batches:
        for some in splitting.take(_numbers(batch, "family"), _numbers(batch, "text"), _blobs(batch)):
            yield _typical_rows(some)
    for some in splitting.end():
        yield _typical_rows(some)


def _typical_rows(some: Typical) -> pa.RecordBatch:
    return pa.RecordBatch.from_arrays([pa.array(column) for column in some], ["text", "typical"])
