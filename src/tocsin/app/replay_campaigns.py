"""Campaigns of a history, in this process: what `replay_campaigns_spark` does, over the same functions.

Memory holds 28 bytes a text of the history and, of one look, some 150 bytes an event and 130 a text; sketches lie in a
file.
"""

import mmap
from collections.abc import Callable, Iterator, Sequence
from functools import partial
from pathlib import Path
from typing import BinaryIO, cast

import numpy as np
import numpy.typing as npt
import pyarrow as pa
import pyarrow.parquet as pq

from tocsin.app.replay import SIGNALS, Counted, Recipe, history, new_folder, written
from tocsin.app.replay_jobs import each
from tocsin.app.replay_looks import CAMPAIGN_FILES, Finding, looks_over, seen_in
from tocsin.app.replay_traces import SEEN, found_of, traced, working
from tocsin.correlate import DEFAULT_SETTINGS, CampaignSettings
from tocsin.correlate.bands import BANDS
from tocsin.correlate.groups import DAY_US
from tocsin.correlate.growing import Growing
from tocsin.correlate.history import (
    LEARN_FROM,
    VERIFY_PAIRS,
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
from tocsin.correlate.numbers import Numbers
from tocsin.wire.sketch import U32

CHUNK_TEXTS = 8_192
"""Texts whose sketches are in memory at once."""

I64 = npt.NDArray[np.int64]
Bools = npt.NDArray[np.bool_]


class SketchFile:
    """Sketches by the number of their text, in a file: all of a history, read where they lie."""

    def __init__(self, file: Path) -> None:
        self._file: BinaryIO = file.open("w+b")
        self._map: bytes | mmap.mmap = b""
        self._places = Numbers()
        self._starts = Growing(np.int64)
        self._starts.extend(np.zeros(1, np.int64))

    def take(self, traces: pa.RecordBatch) -> None:
        """Keep the sketches (TRACES) of texts that are new."""
        there = traces.column("text").is_valid().to_numpy(zero_copy_only=False)
        texts = traces.column("text").fill_null(0).to_numpy(zero_copy_only=False)[there]
        known = len(self._places)
        places, first = np.unique(self._places.of(texts.view(np.uint64)), return_index=True)
        at = np.flatnonzero(there)[first[places >= known]]
        blobs = cast("list[bytes]", traces.column("sketch").take(at).to_pylist())
        self._file.writelines(blobs)
        sizes = np.fromiter(map(len, blobs), np.int64, len(blobs))
        self._starts.extend(self._starts.rows[-1] + np.cumsum(sizes))

    @property
    def texts(self) -> I64:
        """All numbers, ascending."""
        return np.sort(self._places.keys().view(np.int64))

    def of(self, texts: I64) -> list[bytes]:
        """The sketches of some texts."""
        places = self._places.known(texts.view(np.uint64))
        if not len(places):
            return []
        if len(self._map) < self._starts.rows[-1]:
            self._file.flush()
            self._map = mmap.mmap(self._file.fileno(), 0, access=mmap.ACCESS_READ)
        starts, ends = self._starts.rows[places].tolist(), self._starts.rows[places + 1].tolist()
        return [self._map[start:end] for start, end in zip(starts, ends, strict=True)]

    def one(self, text: int) -> bytes:
        """The sketch of one text."""
        return self.of(np.array([text], np.int64))[0]

    def close(self) -> None:
        """Nothing is read after this."""
        if isinstance(self._map, mmap.mmap):
            self._map.close()
        self._file.close()


def replay(
    inputs: Sequence[Path],
    recipe: Recipe,
    out: Path,
    *,
    key: bytes,
    settings: CampaignSettings = DEFAULT_SETTINGS,
    progress: Callable[[int, int], None] = lambda done, of: None,
    jobs: int = 1,
) -> Counted:
    """As `tocsin.app.replay.replay`, and the campaigns of the history, into CAMPAIGN_FILES of `out`.

    `key` (32 random bytes) makes the pseudonyms of this run.
    """
    total, batches = history(inputs)
    new_folder(out)
    with working(out) as work:
        campaigns = Campaigns(work)

        def found() -> Iterator[tuple[int, pa.RecordBatch]]:
            for rows, (traces, said) in each(partial(_traced_and_found, recipe, key), batches, jobs):
                campaigns.take(traces)
                yield rows, said

        counted = written(found(), out / SIGNALS, lambda done: progress(done, total))
        counted.campaigns = campaigns.find(out / CAMPAIGN_FILES, settings)
    return counted


def _traced_and_found(
    recipe: Recipe, key: bytes, batch: pa.RecordBatch
) -> tuple[pa.RecordBatch, pa.RecordBatch]:
    traces = traced(recipe, key, batch)
    return traces, found_of(traces)


class Campaigns:
    """Takes traces in any order, then tells the campaigns of every look."""

    def __init__(self, work: Path) -> None:
        self._traces = work / "traces.parquet"
        self._writer = pq.ParquetWriter(self._traces, SEEN, compression="zstd")
        self._sketches = SketchFile(work / "sketches")
        self._days: set[int] = set()
        self._newest: int | None = None

    def take(self, traces: pa.RecordBatch) -> None:
        """Keep a batch of TRACES for the looks."""
        taken = traces.filter(traces.column("time").is_valid())
        if not taken.num_rows:
            return
        times = taken.column("time").to_numpy()
        self._days.update(np.unique(times // DAY_US).tolist())
        self._newest = max(int(times.max()), self._newest or 0)
        self._writer.write_batch(taken.select(SEEN.names))
        self._sketches.take(taken)

    def find(self, folder: Path, settings: CampaignSettings) -> int:
        """Write what every look finds into a new folder; returns how many campaigns there are."""
        self._writer.close()
        with Finding(folder, settings) as finding:
            if self._newest is not None:
                least = self._sketches.texts[:LEARN_FROM]
                common = common_of(least, self._sketches.of(least) if len(least) == LEARN_FROM else ())
                for look in looks_over(self._days, self._newest, settings):
                    texts = _texts(seen_in([self._traces], look))
                    typical = list(typical_texts(texts, self._sketches, common))
                    prints = prints_of(texts, self._sketches)
                    finding.look(look, seen_in([self._traces], look), typical, prints, self._sketches.one)
        self._sketches.close()
        return finding.count


def _texts(traces: Iterator[pa.RecordBatch]) -> I64:
    """The numbers of the texts of some events, ascending."""
    found = [batch.column("text").drop_null().to_numpy() for batch in traces]
    return np.unique(np.concatenate(found)) if found else np.empty(0, np.int64)


def typical_texts(texts: I64, sketches: SketchFile, common: U32) -> Iterator[Typical]:
    """The clusters of texts (ascending) that resemble each other."""
    tied = families(_meetings(texts, sketches, common), lambda pairs: _verified(pairs, sketches))
    order = np.lexsort((tied.texts, tied.family))
    splitting = Splitting()
    for at in range(0, len(order), CHUNK_TEXTS):
        some = order[at : at + CHUNK_TEXTS]
        yield from splitting.take(tied.family[some], tied.texts[some], sketches.of(tied.texts[some]))
    yield from splitting.end()


def prints_of(texts: I64, sketches: SketchFile) -> Iterator[Prints]:
    """The bits of texts, some at a time."""
    for at in range(0, len(texts), CHUNK_TEXTS):
        some = texts[at : at + CHUNK_TEXTS]
        yield Prints.of(some, sketches.of(some))


def _meetings(texts: I64, sketches: SketchFile, common: U32) -> Met:
    codes = np.empty((len(texts), BANDS), np.int64)
    bits = []
    for at in range(0, len(texts), CHUNK_TEXTS):
        some = texts[at : at + CHUNK_TEXTS]
        rows = band_rows(some, sketches.of(some), common)
        codes[at : at + CHUNK_TEXTS] = rows.code.reshape(-1, BANDS)
        bits.append(rows.bits[::BANDS])
    if not bits:
        return Met.of(())
    planes = np.concatenate(bits)
    met = []
    for band in range(BANDS):
        order = np.argsort(codes[:, band], kind="stable")  # texts ascend already
        met.append(Meetings().take(BandRows(codes[order, band], texts[order], planes[order])))
    return Met.of(met)


def _verified(pairs: I64, sketches: SketchFile) -> Bools:
    found = np.zeros(len(pairs), np.bool_)
    for at in range(0, len(pairs), VERIFY_PAIRS):
        part = pairs[at : at + VERIFY_PAIRS]
        some = np.unique(part)
        found[at : at + VERIFY_PAIRS] = verified(part, some, sketches.of(some))
    return found
