"""Recalls: what was taken back from whom, and the receipts that go back and forth."""

from collections.abc import Sequence

import msgspec
import sqlalchemy as sa

from tocsin.kernel import NotFound, Recall, Receipt
from tocsin.kernel.recalls import EVERYBODY
from tocsin.store.dialect import insert_new, upsert
from tocsin.store.engine import Database
from tocsin.store.tables import recalls, receipts

_ENCODER = msgspec.msgpack.Encoder()
_RECALL = msgspec.msgpack.Decoder(Recall)
_RECEIPT = msgspec.msgpack.Decoder(Receipt)


class SqlRecalls:
    """Keeps interface.RecallStore."""

    def __init__(self, database: Database) -> None:
        self._database = database

    def add(self, wanted: Sequence[Recall]) -> None:
        with self._database.writing() as connection:
            for one in wanted:
                changed = {"version": one.version, "at": one.at, "body": _ENCODER.encode(one)}
                upsert(
                    connection, recalls, {"record": one.record, "peer": one.peer} | changed, changed=changed
                )

    def get(self, record: str, peer: str) -> Recall | None:
        wanted = sa.select(recalls.c.body).where(recalls.c.record == record, recalls.c.peer == peer)
        with self._database.reading() as connection:
            body = connection.execute(wanted).scalar()
        return None if body is None else _RECALL.decode(body)

    def list(self, *, limit: int = 1000) -> tuple[Recall, ...]:
        wanted = (
            sa.select(recalls.c.body)
            .where(recalls.c.peer != EVERYBODY)
            .order_by(recalls.c.at.desc(), recalls.c.record, recalls.c.peer)
            .limit(limit)
        )
        with self._database.reading() as connection:
            return tuple(map(_RECALL.decode, connection.scalars(wanted).all()))

    def withdrawn(self, peer: str) -> frozenset[str]:
        wanted = sa.select(recalls.c.record).where(recalls.c.peer.in_((EVERYBODY, peer)))
        with self._database.reading() as connection:
            return frozenset(connection.scalars(wanted).all())

    def confirm(self, receipt: Receipt, peer: str) -> Recall:
        key = sa.and_(recalls.c.record == receipt.record, recalls.c.peer == peer)
        with self._database.writing() as connection:
            body = connection.execute(sa.select(recalls.c.body).where(key).with_for_update()).scalar()
            known = None if body is None else _RECALL.decode(body)
            if known is None or known.version != receipt.version:
                raise NotFound("there is no such thing here, or not for you")
            if known.receipt is None:
                known = msgspec.structs.replace(known, receipt=receipt)
                connection.execute(sa.update(recalls).where(key).values(body=_ENCODER.encode(known)))
            return known

    def owe(self, receipt: Receipt, peer: str) -> None:
        with self._database.writing() as connection:
            connection.execute(
                insert_new(connection, receipts).values(
                    record=receipt.record,
                    peer=peer,
                    version=receipt.version,
                    sent=0,
                    body=_ENCODER.encode(receipt),
                )
            )

    def owed(self, peer: str, *, limit: int = 1000) -> tuple[Receipt, ...]:
        wanted = (
            sa.select(receipts.c.body)
            .where(receipts.c.peer == peer, receipts.c.sent == 0)
            .order_by(receipts.c.record, receipts.c.version)
            .limit(limit)
        )
        with self._database.reading() as connection:
            return tuple(map(_RECEIPT.decode, connection.scalars(wanted).all()))

    def sent(self, receipt: Receipt, peer: str, *, at: int) -> None:
        key = sa.and_(
            receipts.c.record == receipt.record,
            receipts.c.peer == peer,
            receipts.c.version == receipt.version,
        )
        with self._database.writing() as connection:
            connection.execute(sa.update(receipts).where(key).values(sent=at))
