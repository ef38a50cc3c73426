"""Cases in tables: a row that is asked for beside a body that is read, and acts that are only added."""

from collections import Counter
from collections.abc import Collection, Iterable, Mapping
from typing import Any
from zlib import crc32

import msgspec
import sqlalchemy as sa
from sqlalchemy.engine import Connection

from tocsin.kernel import Conflict
from tocsin.kernel.cases import RANK, Case, CaseAct, CaseState
from tocsin.store.case_interface import CaseFilter, KeptAct, NewCaseRow
from tocsin.store.case_tables import case_acts, case_counts, case_texts, cases
from tocsin.store.dialect import add_up, among, by_index, insert_many, upsert
from tocsin.store.engine import Database

OPEN, APPEALED, OVER = "open", "appealed", "over"
SHELVES = {
    CaseState.APPEALED: APPEALED,
    CaseState.CLOSED: OVER,
    CaseState.MERGED: OVER,
    CaseState.TRANSFERRED: OVER,
}
"""Where a page looks for a state; open for the others."""
SLOTS = 16
"""Rows that one number is spread over: of two hundred reports a second few wait for the same one."""
BULK = 5_000
"""New cases in one statement: bounded memory, however many come."""

_ENCODE = msgspec.msgpack.Encoder().encode
_CASE = msgspec.msgpack.Decoder(Case)
_ACT = msgspec.msgpack.Decoder(CaseAct)


class SqlCases:
    """Keeps case_interface.CaseStore."""

    def __init__(self, database: Database) -> None:
        self._database = database

    def add(self, rows: Iterable[NewCaseRow]) -> int:
        kept = 0
        with self._database.writing() as connection:
            batch: list[NewCaseRow] = []
            for row in rows:
                batch.append(row)
                if len(batch) == BULK:
                    kept += _add(connection, batch)
                    batch = []
            return kept + _add(connection, batch)

    def get(self, case_id: str, queues: Collection[str]) -> Case | None:
        with self._database.reading() as connection:
            query = sa.select(cases.c.body).where(cases.c.id == case_id, _in(connection, queues))
            body = connection.execute(query).scalar()
        return None if body is None else _CASE.decode(body)

    def act(self, case: Case, act: KeptAct, texts: Mapping[str, bytes] | None = None) -> None:
        with self._database.writing() as connection:
            before = connection.execute(
                sa.select(cases.c.queue, cases.c.state).where(
                    cases.c.id == case.id, cases.c.version == case.version - 1
                )
            ).one_or_none()
            change = (
                sa.update(cases)
                .where(cases.c.id == case.id, cases.c.version == case.version - 1)
                .values(**_row(case))
            )
            if before is None or not connection.execute(change).rowcount:
                raise Conflict("the case changed meanwhile: look at it again, then act")
            _count(
                connection, [(case.id, before.queue, before.state, -1), (case.id, case.queue, case.state, 1)]
            )
            insert_many(connection, case_acts, [_act_row(act)])
            for what, sealed in (texts or {}).items():
                row = {"case_id": case.id, "what": what, "sealed": sealed}
                upsert(connection, case_texts, row, changed={"sealed": sealed})

    def texts(self, case_id: str, queues: Collection[str]) -> dict[str, bytes]:
        with self._database.reading() as connection:
            query = (
                sa.select(case_texts.c.what, case_texts.c.sealed)
                .join(cases, cases.c.id == case_texts.c.case_id)
                .where(case_texts.c.case_id == case_id, _in(connection, queues))
                .order_by(case_texts.c.what)
            )
            return {row.what: row.sealed for row in connection.execute(query)}

    def move_texts(self, case_id: str, whats: Collection[str], to: str, sealed: Mapping[str, bytes]) -> None:
        with self._database.writing() as connection:
            table = case_texts
            connection.execute(
                sa.delete(table).where(table.c.case_id == case_id, among(connection, table.c.what, whats))
            )
            rows = [{"case_id": to, "what": what, "sealed": text} for what, text in sealed.items()]
            insert_many(connection, table, rows)

    def acts(self, case_id: str, queues: Collection[str]) -> tuple[KeptAct, ...]:
        with self._database.reading() as connection:
            query = (
                sa.select(case_acts.c.body, case_acts.c.sealed)
                .join(cases, cases.c.id == case_acts.c.case_id)
                .where(case_acts.c.case_id == case_id, _in(connection, queues))
                .order_by(case_acts.c.number)
            )
            return tuple(KeptAct(_ACT.decode(body), sealed) for body, sealed in connection.execute(query))

    def page(self, queues: Collection[str], wanted: CaseFilter) -> tuple[Case, ...]:
        if not queues:
            return ()
        # Each queue by itself, from its index in its order: what lies in a queue that is not asked for is never read,
        # and costs no time that could be measured.
        parts = [sa.select(_one_queue(queue, wanted).subquery()) for queue in sorted(queues)]
        every = sa.union_all(*parts).subquery()
        query = (
            sa.select(every.c.body).order_by(every.c.rank, every.c.received, every.c.id).limit(wanted.limit)
        )
        with self._database.reading() as connection:
            return tuple(map(_CASE.decode, connection.scalars(query).all()))

    def counts(self, queues: Collection[str]) -> Mapping[tuple[str, CaseState], int]:
        with self._database.reading() as connection:
            c = case_counts.c
            query = sa.select(c.queue, c.state, sa.func.sum(c.many)).group_by(c.queue, c.state)
            query = query.where(among(connection, c.queue, queues))
            found = connection.execute(query)
            return {(queue, CaseState(state)): int(many) for queue, state, many in found if many}

    def of_warning(self, warning_id: str, queues: Collection[str]) -> tuple[Case, ...]:
        return self._found(cases.c.warning == warning_id, queues)

    def of_report(self, number: str, queues: Collection[str]) -> tuple[Case, ...]:
        return self._found(cases.c.report == number, queues)

    def late(self, now: int, *, queues: Collection[str], limit: int) -> tuple[Case, ...]:
        query = sa.select(cases.c.body).where(cases.c.tell > 0, cases.c.tell <= now)
        with self._database.reading() as connection:
            query = query.where(_in(connection, queues))
            bodies = connection.scalars(query.order_by(cases.c.tell, cases.c.id).limit(limit)).all()
        return tuple(map(_CASE.decode, bodies))

    def queues(self) -> frozenset[str]:
        with self._database.reading() as connection:
            query = sa.select(case_counts.c.queue).group_by(case_counts.c.queue)
            return frozenset(connection.scalars(query.having(sa.func.sum(case_counts.c.many) > 0)).all())

    def _found(self, where: sa.ColumnElement[bool], queues: Collection[str]) -> tuple[Case, ...]:
        with self._database.reading() as connection:
            query = sa.select(cases.c.body).where(where, _in(connection, queues))
            bodies = connection.scalars(query.order_by(cases.c.received, cases.c.id)).all()
        return tuple(map(_CASE.decode, bodies))


def _in(connection: Connection, queues: Collection[str]) -> sa.ColumnElement[bool]:
    return among(connection, cases.c.queue, queues)


def _one_queue(queue: str, wanted: CaseFilter) -> sa.Select[Any]:
    c = cases.c
    query: sa.Select[Any] = sa.select(c.rank, c.received, c.id, c.body).where(c.queue == queue)
    if wanted.state is not None:
        query = query.where(c.state == wanted.state.value)
    else:
        query = query.where(c.shelf == (APPEALED if wanted.appeals else OPEN))
    if wanted.urgency is not None:
        query = query.where(c.rank == RANK[wanted.urgency])
    if wanted.holder is not None:
        # a person holds few: sorting those is quicker than reading a queue in its order
        query = by_index(query, cases, "holder_shelf_queue")
        query = query.where(c.holder == wanted.holder, c.held_until > wanted.now)
    if wanted.after is not None:
        query = query.where(sa.tuple_(c.rank, c.received, c.id) > sa.tuple_(*wanted.after))
    return query.order_by(c.rank, c.received, c.id).limit(wanted.limit)


def _add(connection: Connection, rows: list[NewCaseRow]) -> int:
    insert_many(connection, cases, [_row(row.case) for row in rows])
    insert_many(connection, case_acts, [_act_row(row.act) for row in rows])
    _count(connection, ((row.case.id, row.case.queue, row.case.state, 1) for row in rows))
    texts = [
        {"case_id": row.case.id, "what": what, "sealed": sealed}
        for row in rows
        for what, sealed in row.texts.items()
    ]
    insert_many(connection, case_texts, texts)
    return len(rows)


def _count(connection: Connection, changes: Iterable[tuple[str, str, str, int]]) -> None:
    """Add to the numbers: (id, queue, state, change) each. Rows in one order, so that writers do not wait in a ring."""
    total: Counter[tuple[str, str, int]] = Counter()
    for case_id, queue, state, change in changes:
        total[queue, str(state), crc32(case_id.encode()) % SLOTS] += change
    rows = [
        {"queue": queue, "state": state, "slot": slot, "many": many}
        for (queue, state, slot), many in sorted(total.items())
        if many
    ]
    add_up(connection, case_counts, rows, "many")


def _row(case: Case) -> dict[str, Any]:
    return {
        "id": case.id,
        "queue": case.queue,
        "shelf": SHELVES.get(case.state, OPEN),
        "state": case.state.value,
        "rank": RANK[case.urgency],
        "received": case.received,
        "version": case.version,
        "tell": case.tell,
        "holder": case.claim.by if case.claim else None,
        "held_until": case.claim.until if case.claim else 0,
        "report": case.report,
        "warning": case.warning,
        "body": _ENCODE(case),
    }


def _act_row(kept: KeptAct) -> dict[str, Any]:
    return {
        "case_id": kept.act.case,
        "number": kept.act.number,
        "body": _ENCODE(kept.act),
        "sealed": kept.sealed,
    }
