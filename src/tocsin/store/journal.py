"""The journal: the rows that acknowledge events, until compaction moves them into Parquet.

Every function works inside the transaction of its caller. Rows become Arrow batches here.
"""

import re
from collections.abc import Collection, Iterable, Sequence
from functools import lru_cache
from hashlib import blake2b
from itertools import accumulate
from typing import Any, NamedTuple

import msgspec
import pyarrow as pa
import sqlalchemy as sa
from sqlalchemy.engine import Connection

from tocsin.kernel import BadInput, Event, Signal
from tocsin.store import conversations
from tocsin.store.dialect import chunks, insert_new_rows, insert_rows, pairs_of, reserve
from tocsin.store.interface import Appended, JournalRow
from tocsin.store.schemas import EVENT_SCHEMA, OBSERVABLE_TYPE, SEALED_SCHEMA, SIGNAL_TYPE
from tocsin.store.tables import event_ids, journal

PAGE_ROWS = 5_000
"""Journal rows read in one transaction: some 2 MB of bodies."""

_ENCODER = msgspec.msgpack.Encoder()
_DECODER = msgspec.msgpack.Decoder(tuple[Event, tuple[Signal, ...]])
_DAY = re.compile(r"\d{4}-\d{2}-\d{2}")
_COLUMNS = ("seq", "time", "received", "seal_day", "body", "sealed", "fingerprint")


class Kept(NamedTuple):
    """One journal row, as it lies."""

    seq: int
    body: bytes
    seal_day: str
    sealed: bytes | None
    fingerprint: bytes | None


def digest(event_id: str) -> bytes:
    """16 bytes that stand for an event id: what is remembered of it when the event is in Parquet."""
    return blake2b(event_id.encode(), digest_size=16).digest()


def append(connection: Connection, rows: Sequence[JournalRow]) -> Appended:
    """Keep the rows whose id is new; of two with one id in `rows`, the first."""
    if not rows:
        return Appended(0, 0)
    base = reserve(connection, "event", len(rows))
    # The digest table decides what is new; a number that a duplicate took is simply left out.
    insert_new_rows(
        connection,
        event_ids,
        ("seq", "digest"),
        [(base + n, digest(row.event.id)) for n, row in enumerate(rows, 1)],
    )
    taken = _taken(connection, base, len(rows))
    new = rows if len(taken) == len(rows) else [rows[seq - base - 1] for seq in taken]
    insert_rows(connection, journal, _COLUMNS, list(map(_values, taken, new)))
    conversations.keep(connection, [(seq, row.act) for seq, row in zip(taken, new, strict=True) if row.act])
    return Appended(accepted=len(new), duplicates=len(rows) - len(new))


def _taken(connection: Connection, base: int, most: int) -> Sequence[int]:
    """The numbers above `base` that ids were kept under. Mostly all of them: then they are only counted."""
    above = event_ids.c.seq > base
    if connection.scalar(sa.select(sa.func.count()).where(above)) == most:
        return range(base + 1, base + most + 1)
    return connection.scalars(sa.select(event_ids.c.seq).where(above).order_by(event_ids.c.seq)).all()


def _values(seq: int, row: JournalRow) -> tuple[Any, ...]:
    """A row in the order of _COLUMNS."""
    event = row.event
    body = _ENCODER.encode((event, row.signals))
    return seq, event.time, event.received, _day(event.seal_day), body, row.sealed, row.fingerprint


@lru_cache(maxsize=64)
def _day(day: str) -> str:
    """The day unchanged: it becomes a folder's name, so nothing but digits and dashes passes."""
    if not _DAY.fullmatch(day):
        raise BadInput("seal_day must be YYYY-MM-DD")
    return day


def seqs_of(connection: Connection, ids: Collection[str]) -> dict[str, int]:
    """Event id → seq, for the ids that are kept, in the journal or in Parquet."""
    by_digest = {digest(event_id): event_id for event_id in ids}
    kept = pairs_of(connection, event_ids, ("digest", "seq"), by_digest)
    return {by_digest[bytes(key)]: seq for key, seq in kept}


def newest(connection: Connection) -> int:
    return connection.execute(sa.select(sa.func.max(journal.c.seq))).scalar() or 0


def count(connection: Connection) -> int:
    return connection.execute(sa.select(sa.func.count()).select_from(journal)).scalar_one()


def event_page(
    connection: Connection, *, after: int, upto: int, since: int | None, until: int | None
) -> pa.RecordBatch:
    """The next rows in EVENT_SCHEMA; an empty batch when there are none."""
    query = sa.select(journal.c.seq, journal.c.body).where(journal.c.seq > after, journal.c.seq <= upto)
    if since is not None:
        query = query.where(journal.c.time >= since)
    if until is not None:
        query = query.where(journal.c.time < until)
    return event_batch(connection.execute(query.order_by(journal.c.seq).limit(PAGE_ROWS)).all())


def fingerprint_page(connection: Connection, *, after: int, upto: int) -> pa.RecordBatch:
    """The next rows that have a fingerprint, in SEALED_SCHEMA without `sealed`."""
    query = (
        sa.select(
            journal.c.seq,
            journal.c.body,
            journal.c.seal_day,
            sa.null().label("sealed"),
            journal.c.fingerprint,
        )
        .where(journal.c.seq > after, journal.c.seq <= upto, journal.c.fingerprint.is_not(None))
        .order_by(journal.c.seq)
        .limit(PAGE_ROWS)
    )
    batch = sealed_batch([Kept(*row) for row in connection.execute(query)])
    return batch.drop_columns(["sealed"])


def sealed_of(connection: Connection, seqs: Collection[int]) -> dict[int, tuple[str, bytes]]:
    """Seq → (seal day, ciphertext) for the rows that are still here and still have it."""
    found = {}
    for chunk in chunks(seqs):
        query = sa.select(journal.c.seq, journal.c.seal_day, journal.c.sealed).where(
            journal.c.seq.in_(chunk), journal.c.sealed.is_not(None)
        )
        for seq, day, sealed in connection.execute(query):
            found[seq] = (day, bytes(sealed))
    return found


def facts_of(connection: Connection, seqs: Collection[int]) -> dict[int, Event]:
    """Seq → event for the rows that are still here."""
    found = {}
    for chunk in chunks(seqs):
        query = sa.select(journal.c.seq, journal.c.body).where(journal.c.seq.in_(chunk))
        for seq, body in connection.execute(query):
            found[seq] = _DECODER.decode(body)[0]
    return found


def sketches_of(connection: Connection, seqs: Collection[int]) -> dict[int, tuple[str, str, bytes]]:
    """Seq → (seal day, event id, sealed sketch) for the rows that are still here and have one."""
    found = {}
    for chunk in chunks(seqs):
        query = sa.select(journal.c.seq, journal.c.seal_day, journal.c.body, journal.c.fingerprint).where(
            journal.c.seq.in_(chunk), journal.c.fingerprint.is_not(None)
        )
        for seq, day, body, fingerprint in connection.execute(query):
            found[seq] = (day, _DECODER.decode(body)[0].id, bytes(fingerprint))
    return found


def oldest(connection: Connection, *, keep_rows: int, max_rows: int, max_bytes: int) -> list[Kept]:
    """The oldest rows but for the newest `keep_rows`, as many as fit both bounds and at least one."""
    last = connection.execute(
        sa.select(journal.c.seq).order_by(journal.c.seq.desc()).offset(keep_rows).limit(1)
    ).scalar()
    if last is None:
        return []
    query = (
        sa.select(journal.c.seq, journal.c.body, journal.c.seal_day, journal.c.sealed, journal.c.fingerprint)
        .where(journal.c.seq <= last)
        .order_by(journal.c.seq)
        .limit(max_rows)
    )
    rows: list[Kept] = []
    size = 0
    with connection.execution_options(yield_per=500).execute(query) as result:
        for row in result:
            rows.append(Kept(*row))
            size += len(row.body) + len(row.sealed or b"") + len(row.fingerprint or b"")
            if size >= max_bytes:
                break
    return rows


def remove(connection: Connection, first: int, last: int) -> None:
    connection.execute(sa.delete(journal).where(journal.c.seq.between(first, last)))


def batch_of(rows: Iterable[tuple[int, Event, tuple[Signal, ...]]]) -> pa.RecordBatch:
    """Events with their signals as one batch in EVENT_SCHEMA, as if they had been kept."""
    return event_batch((seq, _ENCODER.encode((event, said))) for seq, event, said in rows)


def event_batch(rows: Iterable[tuple[int, bytes]]) -> pa.RecordBatch:
    """(seq, body) rows as one batch in EVENT_SCHEMA."""
    seqs: list[int] = []
    events: list[Event] = []
    signals: list[tuple[Signal, ...]] = []
    for seq, body in rows:
        event, said = _DECODER.decode(body)
        seqs.append(seq)
        events.append(event)
        signals.append(said)
    flat = list(EVENT_SCHEMA)[1:-2]
    columns: list[pa.Array[Any]] = [
        pa.array(seqs, pa.int64()),
        *(pa.array([getattr(event, field.name) for event in events], field.type) for field in flat),
        _nested([event.observables for event in events], OBSERVABLE_TYPE),
        _nested(signals, SIGNAL_TYPE),
    ]
    return pa.RecordBatch.from_arrays(columns, schema=EVENT_SCHEMA)


def _nested(lists: Sequence[Sequence[msgspec.Struct]], kind: pa.StructType) -> "pa.Array[Any]":
    """Lists of structs by offsets over flat columns: far quicker than Arrow's own reading of dicts."""
    flat = [item for items in lists for item in items]
    fields = list(kind)
    values = pa.StructArray.from_arrays(
        [pa.array([getattr(item, field.name) for item in flat], field.type) for field in fields],
        fields=fields,
    )
    offsets = pa.array(accumulate((len(items) for items in lists), initial=0), pa.int32())
    return pa.ListArray.from_arrays(offsets, values, type=pa.list_(kind))


def sealed_batch(rows: Iterable[Kept]) -> pa.RecordBatch:
    """Rows as one batch in SEALED_SCHEMA."""
    kept = list(rows)
    columns: list[pa.Array[Any]] = [
        pa.array([row.seq for row in kept], pa.int64()),
        pa.array([_DECODER.decode(row.body)[0].id for row in kept], pa.string()),
        pa.array([row.seal_day for row in kept], pa.string()),
        pa.array([row.sealed for row in kept], pa.binary()),
        pa.array([row.fingerprint for row in kept], pa.binary()),
    ]
    return pa.RecordBatch.from_arrays(columns, schema=SEALED_SCHEMA)
