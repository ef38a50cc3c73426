"""How fast the log takes entries and proves them: `python -m benchmarks.log [ENTRIES] [URL]`, ten million by default.

Three figures: durable appends a second (added in transactions of 64, as acts come, and given places 5,000 at a time);
the time of a proof of inclusion, median and worst of 200, each read from the store anew; and the memory of both.
The large tree's hashes are written straight into the tables: a leaf is the hash of its number, and no entries lie
beside it, for ten million rows would measure the database and not the tree.
"""

import random
import resource
import statistics
import sys
import tempfile
import time
from collections.abc import Iterator
from hashlib import sha256
from pathlib import Path

import sqlalchemy as sa

from tocsin.store import Store
from tocsin.store.backend import SqlStore
from tocsin.store.dialect import insert_many
from tocsin.store.log_interface import MAX_TOGETHER, LogEntry
from tocsin.store.log_tables import log_head, log_tiles
from tocsin.trust.merkle import leads, leaf_hash
from tocsin.trust.tlog import EMPTY_ROOT, Tree, grow

APPENDS = 20_000
AT_ONCE = 64
PROOFS = 200
PIECE = 256 * 256
"""Leaves that are hashed before their tiles are written."""


def entry(number: int) -> LogEntry:
    return LogEntry(
        number, "share.publish", f"peer-{number % 50}", sha256(b"%d" % number).digest(), bytes(400)
    )


def appends(store: Store) -> float:
    """Entries a second, from an act's transaction to its place, durable twice."""
    made = [entry(number) for number in range(APPENDS)]
    began = time.perf_counter()
    for first in range(0, APPENDS, AT_ONCE):
        store.log.add(made[first : first + AT_ONCE])
    while store.log.waiting():
        store.log.grow(most=MAX_TOGETHER)
    return APPENDS / (time.perf_counter() - began)


def leaf(number: int) -> bytes:
    return leaf_hash(number.to_bytes(8, "big"))


def fill(store: SqlStore, count: int) -> bytes:
    """Tiles of `count` leaves, written in bulk; the root."""
    size, root, last = 0, EMPTY_ROOT, dict[tuple[int, int], bytes]()

    def read(level: int, index: int) -> bytes:
        return last.get((level, index), b"")

    with store._database.writing() as connection:
        connection.execute(sa.delete(log_tiles))
        for piece in _pieces(count):
            grown = grow(size, read, [leaf(number) for number in piece])
            for at in grown.tiles.keys() & last.keys():
                place = sa.and_(log_tiles.c.level == at[0], log_tiles.c.number == at[1])
                connection.execute(sa.delete(log_tiles).where(place))
            rows = [{"level": at[0], "number": at[1], "hashes": tile} for at, tile in grown.tiles.items()]
            insert_many(connection, log_tiles, rows)
            # what is full is not read again while it grows, except through the level above
            last = {at: tile for at, tile in (last | grown.tiles).items() if at[0] or len(tile) < 8192}
            size, root = grown.size, grown.root
        connection.execute(sa.update(log_head).values(size=size, root=root))
    return root


def _pieces(count: int) -> Iterator[range]:
    for first in range(0, count, PIECE):
        yield range(first, min(first + PIECE, count))


def proofs(store: Store, count: int, root: bytes) -> list[float]:
    """Milliseconds of each, checked."""
    chance, took = random.Random(7), []
    for _ in range(PROOFS):
        index = chance.randrange(count)
        began = time.perf_counter()
        beside = Tree(count, store.log.tile).inclusion(index)
        took.append((time.perf_counter() - began) * 1_000)
        assert leads(root, leaf(index), index, count, beside)
    return took


def megabytes() -> int:
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss // 1024


def main() -> None:
    count = int(sys.argv[1]) if len(sys.argv) > 1 else 10_000_000
    with tempfile.TemporaryDirectory() as folder:
        store = SqlStore(Path(folder), sys.argv[2] if len(sys.argv) > 2 else None)
        store.migrate()
        print(f"durable appends a second: {appends(store):,.0f}; memory {megabytes()} MB", flush=True)
        began = time.perf_counter()
        root = fill(store, count)
        print(f"tiles of {count:,} entries in {time.perf_counter() - began:,.0f} s; memory {megabytes()} MB")
        took = proofs(store, count, root)
        print(
            f"proof of inclusion: median {statistics.median(took):.2f} ms, worst {max(took):.2f} ms; "
            f"memory {megabytes()} MB"
        )
        store.close()


if __name__ == "__main__":
    main()
