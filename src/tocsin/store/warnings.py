"""Warnings, and what persons said of them."""

from typing import Any

import msgspec
import sqlalchemy as sa
from sqlalchemy.engine import Connection

from tocsin.kernel import BadInput, NotFound, Review, Warning, WarningKind, WarningStatus
from tocsin.kernel.handling import HELD, without
from tocsin.store.dialect import insert_new, written
from tocsin.store.engine import Database
from tocsin.store.handlings import of_warning
from tocsin.store.tables import reviews, warnings

_ENCODER = msgspec.msgpack.Encoder()
_WARNING = msgspec.msgpack.Decoder(Warning)
_REVIEW = msgspec.msgpack.Decoder(Review)
REVIEWED = frozenset({WarningStatus.CONFIRMED, WarningStatus.DISMISSED})


class SqlWarnings:
    """Keeps interface.WarningStore."""

    def __init__(self, database: Database) -> None:
        self._database = database

    def upsert(self, warning: Warning) -> bool:
        if warning.kind is WarningKind.SESSION:
            raise BadInput(
                "what builds up in a conversation is no warning: nothing lists, routes or shares it"
            )
        with self._database.writing() as connection:
            if written(connection, insert_new(connection, warnings).values(_row(warning))):
                return True
            known = _locked(connection, warning.id)
            arranged = of_warning(connection, warning.id)
            if arranged is not None:
                warning = without(warning, arranged.given)
            if known is not None and known.status in HELD:
                warning = msgspec.structs.replace(warning, status=known.status)
            _update(connection, warning)
            return False

    def get(self, warning_id: str) -> Warning | None:
        with self._database.reading() as connection:
            body = connection.execute(sa.select(warnings.c.body).where(warnings.c.id == warning_id)).scalar()
        return _WARNING.decode(body) if body is not None else None

    def list(
        self, *, status: WarningStatus | None = None, kind: WarningKind | None = None, limit: int = 1000
    ) -> tuple[Warning, ...]:
        query = sa.select(warnings.c.body).order_by(warnings.c.last_seen.desc(), warnings.c.id).limit(limit)
        if status is not None:
            query = query.where(warnings.c.status == status.value)
        if kind is not None:
            query = query.where(warnings.c.kind == kind.value)
        with self._database.reading() as connection:
            return tuple(map(_WARNING.decode, connection.scalars(query).all()))

    def forget_signatures(self, *, before: int) -> int:
        unsaid = sa.and_(
            warnings.c.last_seen < before, warnings.c.status.not_in([status.value for status in REVIEWED])
        )
        forgotten = 0
        with self._database.writing() as connection:
            for body in connection.scalars(sa.select(warnings.c.body).where(unsaid)).all():
                warning = _WARNING.decode(body)
                if warning.signature is not None:
                    _update(connection, msgspec.structs.replace(warning, signature=None))
                    forgotten += 1
        return forgotten

    def review(self, review: Review) -> Warning:
        with self._database.writing() as connection:
            known = _locked(connection, review.warning)
            if known is None:
                raise NotFound("there is no such warning")
            turns = sa.select(sa.func.count()).select_from(reviews).where(reviews.c.warning == review.warning)
            connection.execute(
                sa.insert(reviews).values(
                    warning=review.warning,
                    turn=connection.execute(turns).scalar_one(),
                    body=_ENCODER.encode(review),
                )
            )
            reviewed = msgspec.structs.replace(known, status=review.verdict)
            _update(connection, reviewed)
            return reviewed

    def stand(self, warning_id: str, status: WarningStatus) -> Warning:
        with self._database.writing() as connection:
            known = _locked(connection, warning_id)
            if known is None:
                raise NotFound("there is no such warning")
            standing = msgspec.structs.replace(known, status=status)
            _update(connection, standing)
            return standing

    def reviews(self, warning_id: str) -> tuple[Review, ...]:
        query = sa.select(reviews.c.body).where(reviews.c.warning == warning_id).order_by(reviews.c.turn)
        with self._database.reading() as connection:
            return tuple(map(_REVIEW.decode, connection.scalars(query).all()))


def _locked(connection: Connection, warning_id: str) -> Warning | None:
    query = sa.select(warnings.c.body).where(warnings.c.id == warning_id).with_for_update()
    body = connection.execute(query).scalar()
    return _WARNING.decode(body) if body is not None else None


def _update(connection: Connection, warning: Warning) -> None:
    connection.execute(sa.update(warnings).where(warnings.c.id == warning.id).values(_row(warning)))


def _row(warning: Warning) -> dict[str, Any]:
    return {
        "id": warning.id,
        "kind": warning.kind.value,
        "status": warning.status.value,
        "last_seen": warning.last_seen,
        "body": _ENCODER.encode(warning),
    }
