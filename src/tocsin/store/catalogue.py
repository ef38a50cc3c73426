"""The catalogue: which Parquet files are live, and what range each covers.

A file that is not listed does not exist for a reader. Every function works inside its caller's transaction.
"""

from collections.abc import Iterable, Sequence
from enum import StrEnum
from pathlib import Path

import msgspec
import sqlalchemy as sa
from sqlalchemy.engine import Connection

from tocsin.store.dialect import noun
from tocsin.store.tables import files


class FileKind(StrEnum):
    EVENTS = "events"
    SEALED = "sealed"


class DataFile(msgspec.Struct, frozen=True):
    """One immutable Parquet file, its rows ordered by seq. Ranges are inclusive, `size` is bytes.

    `day` is the seal day of a sealed file, and empty for events. The times of a sealed file are 0.
    """

    number: int
    kind: FileKind
    day: str
    rows: int
    size: int
    min_seq: int
    max_seq: int
    min_time: int = 0
    max_time: int = 0
    min_received: int = 0
    max_received: int = 0

    @property
    def path(self) -> Path:
        """Inside the data folder. A number is used once, so a path never means two contents."""
        return Path(self.kind.value) / self.day / f"{self.number:012d}.parquet"


def live(
    connection: Connection,
    kind: FileKind,
    *,
    after: int = 0,
    upto: int | None = None,
    since: int | None = None,
    until: int | None = None,
) -> tuple[DataFile, ...]:
    """Files that may hold rows with after < seq <= upto and since <= time < until, by first seq."""
    query = sa.select(files).where(files.c.kind == kind.value, files.c.max_seq > after)
    if upto is not None:
        query = query.where(files.c.min_seq <= upto)
    if since is not None:
        query = query.where(files.c.max_time >= since)
    if until is not None:
        query = query.where(files.c.min_time < until)
    rows = connection.execute(query.order_by(files.c.min_seq, files.c.number))
    return tuple(noun(row, DataFile) for row in rows.mappings())


def newest(connection: Connection) -> int:
    query = sa.select(sa.func.max(files.c.max_seq)).where(files.c.kind == FileKind.EVENTS.value)
    return connection.execute(query).scalar() or 0


def count(connection: Connection) -> int:
    query = sa.select(sa.func.sum(files.c.rows)).where(files.c.kind == FileKind.EVENTS.value)
    return int(connection.execute(query).scalar() or 0)


def replace(connection: Connection, old: Iterable[DataFile], new: Sequence[DataFile]) -> None:
    """Swap files, in the caller's transaction: a reader sees all of the old or all of the new."""
    numbers = [file.number for file in old]
    if numbers:
        connection.execute(sa.delete(files).where(files.c.number.in_(numbers)))
    if new:
        connection.execute(sa.insert(files), [msgspec.to_builtins(file) for file in new])
