"""Channels, and the messages that wait for them: kept before they leave, marked after."""

from collections.abc import Collection, Sequence
from typing import Any

import msgspec
import sqlalchemy as sa

from tocsin.kernel import Channel, NotFound, Notice, NoticeState
from tocsin.store.dialect import among, insert_new, reserve, written
from tocsin.store.engine import Database
from tocsin.store.tables import channels, notices

COUNTER = "notice"
_ENCODER = msgspec.msgpack.Encoder()
_CHANNEL = msgspec.msgpack.Decoder(Channel)
_NOTICE = msgspec.msgpack.Decoder(Notice)


class SqlOutbox:
    """Keeps interface.OutboxStore."""

    def __init__(self, database: Database) -> None:
        self._database = database

    def add(self, channel: Channel) -> None:
        with self._database.writing() as connection:
            connection.execute(sa.insert(channels).values(name=channel.name, body=_ENCODER.encode(channel)))

    def get(self, name: str) -> Channel | None:
        with self._database.reading() as connection:
            body = connection.execute(sa.select(channels.c.body).where(channels.c.name == name)).scalar()
        return None if body is None else _CHANNEL.decode(body)

    def channels(self) -> tuple[Channel, ...]:
        with self._database.reading() as connection:
            bodies = connection.scalars(sa.select(channels.c.body).order_by(channels.c.name)).all()
        return tuple(map(_CHANNEL.decode, bodies))

    def replace(self, channel: Channel) -> None:
        change = sa.update(channels).where(channels.c.name == channel.name)
        with self._database.writing() as connection:
            connection.execute(change.values(body=_ENCODER.encode(channel)))

    def remove(self, name: str) -> None:
        with self._database.writing() as connection:
            if not connection.execute(sa.delete(channels).where(channels.c.name == name)).rowcount:
                raise NotFound(f"there is no channel {name[:64]}: `tocsin watch channels list` shows them")
            connection.execute(sa.delete(notices).where(notices.c.channel == name))

    def offer(self, wanted: Sequence[Notice]) -> int:
        if not wanted:
            return 0
        new = 0
        with self._database.writing() as connection:
            base = reserve(connection, COUNTER, len(wanted))
            for number, notice in enumerate(wanted, base + 1):
                numbered = msgspec.structs.replace(notice, seq=number)
                new += written(connection, insert_new(connection, notices).values(_row(numbered)))
        return new

    def known(self, ids: Collection[str]) -> frozenset[str]:
        with self._database.reading() as connection:
            query = sa.select(notices.c.id).where(among(connection, notices.c.id, ids))
            return frozenset(connection.scalars(query).all())

    def waiting(self, channel: str, *, limit: int) -> tuple[Notice, ...]:
        query = sa.select(notices.c.body).where(
            notices.c.channel == channel, notices.c.state == NoticeState.WAITING.value
        )
        return self._all(query.order_by(notices.c.seq).limit(limit))

    def update(self, changed: Sequence[Notice]) -> None:
        with self._database.writing() as connection:
            for notice in changed:
                connection.execute(sa.update(notices).where(notices.c.id == notice.id).values(_row(notice)))

    def sent_since(self, channel: str, moment: int) -> int:
        query = (
            sa.select(sa.func.count())
            .select_from(notices)
            .where(
                notices.c.channel == channel,
                notices.c.state == NoticeState.SENT.value,
                notices.c.done >= moment,
            )
        )
        with self._database.reading() as connection:
            number: int = connection.execute(query).scalar_one()
        return number

    def listed(self, state: NoticeState, *, limit: int = 100) -> tuple[Notice, ...]:
        query = sa.select(notices.c.body).where(notices.c.state == state.value)
        return self._all(query.order_by(notices.c.seq.desc()).limit(limit))

    def counts(self) -> dict[tuple[str, NoticeState], int]:
        query = sa.select(notices.c.channel, notices.c.state, sa.func.count())
        query = query.group_by(notices.c.channel, notices.c.state)
        with self._database.reading() as connection:
            return {(name, NoticeState(state)): number for name, state, number in connection.execute(query)}

    def expire(self, *, before: int) -> int:
        old = sa.and_(notices.c.made < before, notices.c.state != NoticeState.WAITING.value)
        with self._database.writing() as connection:
            return connection.execute(sa.delete(notices).where(old)).rowcount

    def _all(self, query: sa.Select[Any]) -> tuple[Notice, ...]:
        with self._database.reading() as connection:
            return tuple(map(_NOTICE.decode, connection.scalars(query).all()))


def _row(notice: Notice) -> dict[str, Any]:
    return {
        "id": notice.id,
        "seq": notice.seq,
        "channel": notice.channel,
        "warning": notice.warning,
        "state": notice.state.value,
        "made": notice.made,
        "done": notice.done,
        "body": _ENCODER.encode(notice),
    }
