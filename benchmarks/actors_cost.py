"""What a look costs: seconds, CPU and memory of a fresh process, over event files as compaction leaves them."""

import multiprocessing
import resource
import tempfile
import time
from collections.abc import Iterator
from hashlib import blake2b
from pathlib import Path
from typing import Any, NamedTuple

import numpy as np
import pyarrow as pa

from tocsin.correlate.actors import gathered, picture_of
from tocsin.kernel import RiskVector, Warning, WarningKind
from tocsin.store import EVENT_SCHEMA, catalogue, open_store, parquet
from tocsin.store.catalogue import FileKind
from tocsin.store.engine import Database
from tocsin.store.schemas import OBSERVABLE_TYPE, SIGNAL_TYPE

SIZES = ((100_000, 10_000), (1_000_000, 100_000), (10_000_000, 1_000_000))
WARNED, OPERATED = 500, 60
FILE_ROWS = 1_000_000
BATCH = 100_000
NOW = 1_800_000_000_000_000
DAY = 86_400_000_000


class Cost(NamedTuple):
    """Of one look, and of importing alone (`before`, in MB)."""

    seconds: float
    cpu: float
    before: float
    peak: float
    tied: int


def cost(*size: int) -> str:
    """The lines of the page's table: for one size, or for all."""
    sizes = [(size[0], size[1])] if size else SIZES
    lines = [
        "| events | accounts | seconds | CPU s | CPU microseconds an event | peak memory above imports, MB |",
        "|---|---|---|---|---|---|",
    ]
    for events, accounts in sizes:
        with tempfile.TemporaryDirectory() as folder:
            _apart(fill, Path(folder), events, accounts)
            one = _apart(look, Path(folder), accounts)
        assert one.tied == OPERATED, "the operator's accounts are one cluster"
        each, memory = one.cpu / events * 1e6, one.peak - one.before
        lines.append(
            f"| {events:,} | {accounts:,} | {one.seconds:.1f} | {one.cpu:.1f} | {each:.2f} | {memory:.0f} |"
        )
        print(lines[-1], flush=True)
    return "\n".join(lines)


def _apart(work: Any, *arguments: Any) -> Any:
    """In a process of its own, so that memory is of this work alone."""
    with multiprocessing.get_context("spawn").Pool(1) as pool:
        return pool.apply(work, arguments)


def name(kind: str, number: int) -> str:
    return f"ps_{blake2b(f'{kind}{number}'.encode(), digest_size=16).hexdigest()}"


def fill(folder: Path, events: int, accounts: int) -> None:
    """Write the events straight into Parquet, as compaction would leave them, and list them."""
    store = open_store(folder)
    store.migrate()
    database = Database(folder, None)
    for number, first in enumerate(range(0, events, FILE_ROWS), 1):
        rows = min(FILE_ROWS, events - first)
        batches = _batches(first, rows, accounts)
        file = parquet.write(folder, 1_000_000 + number, FileKind.EVENTS, "", batches)
        assert file is not None
        with database.writing() as connection:
            catalogue.replace(connection, (), [file])
    store.close()


def _batches(first: int, rows: int, accounts: int) -> Iterator[pa.RecordBatch]:
    rng = np.random.default_rng(first)
    names = pa.array([name("actor", n) for n in range(accounts)])
    devices = pa.array([name("device", n) for n in range(accounts)])
    lines = pa.array([name("line", n) for n in range(max(accounts // 200, 1))])
    cards = pa.array([name("card", n) for n in range(max(accounts // 4, 8))])
    for at in range(first, first + rows, BATCH):
        size = min(BATCH, first + rows - at)
        who = rng.integers(0, accounts, size)
        operated = who < OPERATED
        device = np.where(operated, who % 12, who - who % 2 * (who % 10 == 1))
        card = np.where(operated, who % 5, 8 + who % (len(cards) - 8))
        values = np.empty((size, 3), object)
        for column, (table, index) in enumerate(
            ((devices, device), (lines, who % len(lines)), (cards, card))
        ):
            values[:, column] = table.take(index).to_pylist()
        kinds = np.tile(np.array(["device", "address-prefix", "payment"], object), size)
        flat = pa.StructArray.from_arrays(
            [pa.array(kinds, pa.string()), pa.array(values.reshape(-1), pa.string())],
            fields=list(OBSERVABLE_TYPE),
        )
        seen = pa.ListArray.from_arrays(
            pa.array(np.arange(0, 3 * size + 1, 3), pa.int32()), flat, type=pa.list_(OBSERVABLE_TYPE)
        )
        columns: dict[str, pa.Array[Any]] = {
            "seq": pa.array(np.arange(at + 1, at + 1 + size)),
            "id": pa.array([f"event-{n}" for n in range(at, at + size)]),
            "time": pa.array(NOW - 80 * DAY + rng.integers(0, 79 * DAY, size)),
            "received": pa.array(np.full(size, NOW)),
            "source": pa.array(["town"] * size),
            "kind": pa.array(["content.post"] * size),
            "actor": names.take(who),
            "seal_day": pa.array(["2026-01-01"] * size),
            "observables": seen,
            "signals": pa.array([[]] * size, pa.list_(SIGNAL_TYPE)),
        }
        yield pa.RecordBatch.from_arrays(
            [columns.get(field.name, pa.nulls(size, field.type)) for field in EVENT_SCHEMA],
            schema=EVENT_SCHEMA,
        )


def look(folder: Path, accounts: int) -> Cost:
    """One look at WARNED accounts, OPERATED of them of one hand."""
    import networkx  # noqa: F401  # imported before memory is read

    store = open_store(folder)
    warned = [name("actor", n) for n in (*range(OPERATED), *range(OPERATED, accounts, accounts // WARNED))]
    warning = Warning(
        id="w", kind=WarningKind.CAMPAIGN, key="k", category="influence.inauthentic", actors=len(warned),
        events=len(warned), first_seen=NOW - 9 * DAY, last_seen=NOW, score=7.0, threshold=6.0, confidence=70,
        risk=RiskVector(), reasons=(), refutations=(),
    )  # fmt: skip
    before, started, cpu = _peak(), time.perf_counter(), time.process_time()
    seen = gathered(store.links, warned, (), since=NOW - 90 * DAY, until=NOW)
    picture = picture_of(warning, seen.traits, seen.ties)
    spent = time.perf_counter() - started, time.process_time() - cpu
    store.close()
    return Cost(*spent, before, _peak(), max(cluster.warned for cluster in picture.clusters))


def _peak() -> float:
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
