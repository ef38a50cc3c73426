"""Followed models, intelligence and the word that follows from both."""

from collections.abc import Collection, Sequence
from typing import Any

import msgspec
import sqlalchemy as sa
from sqlalchemy.engine import Connection

from tocsin.kernel import NotFound
from tocsin.kernel.models import ArtefactNotice, FollowedModel, Intelligence, IntelligenceKind
from tocsin.store.dialect import among, chunks, insert_many, insert_new, reserve, upsert, written
from tocsin.store.engine import Database
from tocsin.store.model_tables import artefact_notices, followed_models, intelligence, intelligence_keys

ITEMS = "intelligence"
NOTICES = "artefact-notice"

_ENCODE = msgspec.msgpack.Encoder().encode
_MODEL = msgspec.msgpack.Decoder(FollowedModel)
_ITEM = msgspec.msgpack.Decoder(Intelligence)
_NOTICE = msgspec.msgpack.Decoder(ArtefactNotice)


class SqlFollowed:
    """Keeps artefact_interface.FollowedStore."""

    def __init__(self, database: Database) -> None:
        self._database = database

    def put(self, model: FollowedModel) -> None:
        values = {"artefact": model.artefact, "body": _ENCODE(model)}
        with self._database.writing() as connection:
            upsert(connection, followed_models, {"name": model.name, **values}, changed=values)

    def get(self, name: str) -> FollowedModel | None:
        with self._database.reading() as connection:
            query = sa.select(followed_models.c.body).where(followed_models.c.name == name)
            body = connection.execute(query).scalar()
        return None if body is None else _MODEL.decode(body)

    def every(self) -> tuple[FollowedModel, ...]:
        with self._database.reading() as connection:
            query = sa.select(followed_models.c.body).order_by(followed_models.c.name)
            return tuple(map(_MODEL.decode, connection.scalars(query).all()))

    def of(self, artefacts: Collection[str]) -> tuple[FollowedModel, ...]:
        with self._database.reading() as connection:
            query = sa.select(followed_models.c.body).where(
                among(connection, followed_models.c.artefact, artefacts)
            )
            return tuple(map(_MODEL.decode, connection.scalars(query.order_by(followed_models.c.name)).all()))

    def remove(self, name: str) -> bool:
        with self._database.writing() as connection:
            gone = sa.delete(followed_models).where(followed_models.c.name == name)
            return bool(connection.execute(gone).rowcount)


class SqlIntelligence:
    """Keeps artefact_interface.IntelligenceStore."""

    def __init__(self, database: Database) -> None:
        self._database = database

    def put(self, items: Sequence[Intelligence]) -> tuple[Intelligence, ...]:
        wanted = {(item.kind.value, item.id): item for item in items}
        with self._database.writing() as connection:
            base = reserve(
                connection, ITEMS, len(wanted)
            )  # who puts others, or none, waits here for this to end
            known = _known(connection, wanted)
            fresh = [
                msgspec.structs.replace(item, seq=base + number)
                for number, (name, item) in enumerate(wanted.items(), 1)
                if known.get(name) != item.digest
            ]
            changed = [item for item in fresh if (item.kind.value, item.id) in known]
            _forget(connection, changed)
            insert_many(connection, intelligence, [_item_row(item) for item in fresh])
            insert_many(
                connection,
                intelligence_keys,
                [
                    {"key": key, "kind": item.kind.value, "id": item.id}
                    for item in fresh
                    for key in sorted(set(item.keys))
                ],
            )
        return tuple(fresh)

    def get(self, kind: IntelligenceKind, intelligence_id: str) -> Intelligence | None:
        with self._database.reading() as connection:
            query = sa.select(intelligence.c.body).where(
                intelligence.c.kind == kind.value, intelligence.c.id == intelligence_id
            )
            body = connection.execute(query).scalar()
        return None if body is None else _ITEM.decode(body)

    def about(
        self, keys: Collection[str], *, kind: IntelligenceKind | None = None
    ) -> tuple[Intelligence, ...]:
        found: dict[tuple[str, str], Intelligence] = {}
        with self._database.reading() as connection:
            for some in chunks(keys):
                query = sa.select(intelligence.c.body).join_from(
                    intelligence_keys,
                    intelligence,
                    sa.and_(
                        intelligence.c.kind == intelligence_keys.c.kind,
                        intelligence.c.id == intelligence_keys.c.id,
                    ),
                )
                query = query.where(among(connection, intelligence_keys.c.key, some))
                if kind is not None:
                    query = query.where(intelligence_keys.c.kind == kind.value)
                for item in map(_ITEM.decode, connection.scalars(query).all()):
                    found[item.kind.value, item.id] = item
        return tuple(item for _, item in sorted(found.items()))

    def listed(
        self, *, kind: IntelligenceKind | None = None, before: int | None = None, limit: int = 100
    ) -> tuple[Intelligence, ...]:
        query = sa.select(intelligence.c.body)
        if kind is not None:
            query = query.where(intelligence.c.kind == kind.value)
        if before is not None:
            query = query.where(intelligence.c.seq < before)
        with self._database.reading() as connection:
            newest = query.order_by(intelligence.c.seq.desc()).limit(limit)
            return tuple(map(_ITEM.decode, connection.scalars(newest).all()))

    def counts(self) -> dict[IntelligenceKind, int]:
        query = sa.select(intelligence.c.kind, sa.func.count()).group_by(intelligence.c.kind)
        with self._database.reading() as connection:
            return {IntelligenceKind(kind): count for kind, count in connection.execute(query).all()}


class SqlArtefactNotices:
    """Keeps artefact_interface.ArtefactNoticeStore."""

    def __init__(self, database: Database) -> None:
        self._database = database

    def add(self, notices: Sequence[ArtefactNotice]) -> tuple[ArtefactNotice, ...]:
        if not notices:
            return ()
        new = []
        with self._database.writing() as connection:
            base = reserve(connection, NOTICES, len(notices))
            for number, notice in enumerate(notices, base + 1):
                numbered = msgspec.structs.replace(notice, seq=number)
                if written(connection, insert_new(connection, artefact_notices).values(_row(numbered))):
                    new.append(numbered)
        return tuple(new)

    def get(self, notice_id: str) -> ArtefactNotice | None:
        with self._database.reading() as connection:
            query = sa.select(artefact_notices.c.body).where(artefact_notices.c.id == notice_id)
            body = connection.execute(query).scalar()
        return None if body is None else _NOTICE.decode(body)

    def listed(
        self,
        *,
        to: Collection[str] | None = None,
        model: str | None = None,
        artefact: str | None = None,
        unread: bool = False,
        before: int | None = None,
        limit: int = 100,
    ) -> tuple[ArtefactNotice, ...]:
        query = sa.select(artefact_notices.c.body)
        if to is not None:
            query = query.where(artefact_notices.c.recipient.in_(to))
        if model is not None:
            query = query.where(artefact_notices.c.model == model)
        if artefact is not None:
            query = query.where(artefact_notices.c.artefact == artefact)
        if unread:
            query = query.where(artefact_notices.c.read.is_(None))
        if before is not None:
            query = query.where(artefact_notices.c.seq < before)
        with self._database.reading() as connection:
            newest = query.order_by(artefact_notices.c.seq.desc()).limit(limit)
            return tuple(map(_NOTICE.decode, connection.scalars(newest).all()))

    def answer(self, notice_id: str, *, by: str, at: int, answer: str = "") -> ArtefactNotice:
        with self._database.writing() as connection:
            row = artefact_notices.c.id == notice_id
            body = connection.execute(
                sa.select(artefact_notices.c.body).where(row).with_for_update()
            ).scalar()
            if body is None:
                raise NotFound(f"there is no notice {notice_id[:64]}: `tocsin model notices` shows them")
            said = msgspec.structs.replace(_NOTICE.decode(body), read=at, read_by=by, answer=answer)
            connection.execute(sa.update(artefact_notices).where(row).values(_row(said)))
        return said

    def unread(self) -> int:
        query = sa.select(sa.func.count()).where(artefact_notices.c.read.is_(None))
        with self._database.reading() as connection:
            count: int = connection.execute(query).scalar_one()
        return count


def _known(connection: Connection, wanted: Collection[tuple[str, str]]) -> dict[tuple[str, str], str]:
    """(kind, id) → digest, of those that are kept."""
    known = {}
    for kind in {kind for kind, _ in wanted}:
        for some in chunks(name for of, name in wanted if of == kind):
            query = sa.select(intelligence.c.id, intelligence.c.digest).where(
                intelligence.c.kind == kind, among(connection, intelligence.c.id, some)
            )
            known.update({(kind, name): digest for name, digest in connection.execute(query).all()})
    return known


def _forget(connection: Connection, items: Sequence[Intelligence]) -> None:
    for kind in {item.kind for item in items}:
        for some in chunks(item.id for item in items if item.kind is kind):
            for table in (intelligence_keys, intelligence):
                old = sa.delete(table).where(table.c.kind == kind.value, among(connection, table.c.id, some))
                connection.execute(old)


def _item_row(item: Intelligence) -> dict[str, Any]:
    return {
        "kind": item.kind.value,
        "id": item.id,
        "seq": item.seq,
        "digest": item.digest,
        "body": _ENCODE(item),
    }


def _row(notice: ArtefactNotice) -> dict[str, Any]:
    return {
        "id": notice.id,
        "seq": notice.seq,
        "recipient": notice.to,
        "model": notice.model,
        "artefact": notice.artefact,
        "read": notice.read,
        "body": _ENCODE(notice),
    }
