"""Passwords, second factors and links. What may be used once is taken by one statement, so that two cannot both win."""

from collections.abc import Collection
from typing import Any

import msgspec
import sqlalchemy as sa
from sqlalchemy.engine import Connection

from tocsin.kernel import Conflict, Link, NotFound
from tocsin.store.dialect import noun, upsert
from tocsin.store.engine import Database
from tocsin.store.interface_people import Totp
from tocsin.store.tables import links, passwords, recovery_codes, totps


class SqlCredentials:
    """Keeps interface_people.CredentialStore."""

    def __init__(self, database: Database) -> None:
        self._database = database

    def password(self, user_id: str) -> str | None:
        query = sa.select(passwords.c.phc).where(passwords.c.user == user_id)
        with self._database.reading() as connection:
            phc: str | None = connection.execute(query).scalar()
        return phc

    def set_password(self, user_id: str, phc: str, at: int) -> None:
        new = {"phc": phc, "changed": at}
        with self._database.writing() as connection:
            upsert(connection, passwords, {"user": user_id, **new}, changed=new)

    def clear_password(self, user_id: str) -> bool:
        with self._database.writing() as connection:
            return connection.execute(sa.delete(passwords).where(passwords.c.user == user_id)).rowcount == 1

    def any_password(self) -> bool:
        with self._database.reading() as connection:
            return connection.execute(sa.select(passwords.c.user).limit(1)).scalar() is not None

    def totp(self, user_id: str) -> Totp | None:
        with self._database.reading() as connection:
            query = sa.select(totps).where(totps.c.user == user_id)
            row = connection.execute(query).mappings().one_or_none()
        return noun(row, Totp) if row else None

    def begin_totp(self, totp: Totp) -> None:
        values = msgspec.structs.asdict(totp)
        with self._database.writing() as connection:
            if not upsert(connection, totps, values, changed=values, where=totps.c.confirmed == 0):
                raise Conflict("there is a second factor already: remove it first")

    def confirm_totp(self, user_id: str, step: int, at: int, recovery: Collection[bytes]) -> bool:
        with self._database.writing() as connection:
            confirming = (
                sa.update(totps)
                .where(totps.c.user == user_id, totps.c.confirmed == 0)
                .values(confirmed=at, step=step)
            )
            if connection.execute(confirming).rowcount != 1:
                return False
            _replace_codes(connection, user_id, recovery)
            return True

    def use_step(self, user_id: str, step: int) -> bool:
        taking = (
            sa.update(totps)
            .where(totps.c.user == user_id, totps.c.confirmed > 0, totps.c.step < step)
            .values(step=step)
        )
        with self._database.writing() as connection:
            return connection.execute(taking).rowcount == 1

    def clear_totp(self, user_id: str) -> bool:
        with self._database.writing() as connection:
            _replace_codes(connection, user_id, ())
            return connection.execute(sa.delete(totps).where(totps.c.user == user_id)).rowcount == 1

    def set_recovery(self, user_id: str, digests: Collection[bytes]) -> None:
        with self._database.writing() as connection:
            _replace_codes(connection, user_id, digests)

    def use_recovery(self, user_id: str, digest: bytes) -> bool:
        taking = sa.delete(recovery_codes).where(
            recovery_codes.c.user == user_id, recovery_codes.c.digest == digest
        )
        with self._database.writing() as connection:
            return connection.execute(taking).rowcount == 1

    def recovery_left(self, user_id: str) -> int:
        query = sa.select(sa.func.count()).where(recovery_codes.c.user == user_id)
        with self._database.reading() as connection:
            return int(connection.execute(query).scalar_one())

    def add_link(self, link: Link) -> None:
        with self._database.writing() as connection:
            connection.execute(sa.insert(links).values(_link_row(link)))

    def link(self, issuer: str, subject: str) -> Link | None:
        query = sa.select(links).where(links.c.issuer == issuer, links.c.subject == subject)
        with self._database.reading() as connection:
            row = connection.execute(query).mappings().one_or_none()
        return _link(row) if row else None

    def links(self, user_id: str | None = None) -> tuple[Link, ...]:
        query = sa.select(links).order_by(links.c.issuer, links.c.subject)
        if user_id is not None:
            query = query.where(links.c.user == user_id)
        with self._database.reading() as connection:
            return tuple(map(_link, connection.execute(query).mappings()))

    def move_link(self, link: Link) -> None:
        moving = (
            sa.update(links)
            .where(links.c.issuer == link.issuer, links.c.subject == link.subject)
            .values(_link_row(link))
        )
        with self._database.writing() as connection:
            if connection.execute(moving).rowcount != 1:
                raise NotFound("nobody is linked to this subject of this issuer")

    def drop_link(self, issuer: str, subject: str) -> bool:
        dropping = sa.delete(links).where(links.c.issuer == issuer, links.c.subject == subject)
        with self._database.writing() as connection:
            return connection.execute(dropping).rowcount == 1


def _replace_codes(connection: Connection, user_id: str, digests: Collection[bytes]) -> None:
    connection.execute(sa.delete(recovery_codes).where(recovery_codes.c.user == user_id))
    if digests:
        connection.execute(
            sa.insert(recovery_codes), [{"user": user_id, "digest": digest} for digest in digests]
        )


def _link_row(link: Link) -> dict[str, Any]:
    return msgspec.structs.asdict(link) | {"managed": int(link.managed)}


def _link(row: sa.RowMapping) -> Link:
    values = {name: row[name] for name in Link.__struct_fields__}
    return Link(**values | {"managed": bool(row["managed"])})
