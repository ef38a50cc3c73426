"""Users, their tokens, their sessions."""

from typing import Any

import msgspec
import sqlalchemy as sa

from tocsin.kernel import NotFound, Token, User
from tocsin.store.dialect import noun
from tocsin.store.engine import Database
from tocsin.store.interface_people import Session
from tocsin.store.tables import sessions, tokens, users

_ENCODER = msgspec.msgpack.Encoder()
_USER = msgspec.msgpack.Decoder(User)
_TOKEN = msgspec.msgpack.Decoder(Token)


class SqlPeople:
    """Keeps interface.PeopleStore."""

    def __init__(self, database: Database) -> None:
        self._database = database

    def add_user(self, user: User) -> None:
        with self._database.writing() as connection:
            connection.execute(sa.insert(users).values(**_user_row(user)))

    def user(self, name_or_id: str) -> User | None:
        # An id wins over a name, so that nobody takes another's place by choosing a name.
        query = (
            sa.select(users.c.body)
            .where(sa.or_(users.c.id == name_or_id, users.c.name == name_or_id))
            .order_by(sa.case((users.c.id == name_or_id, 0), else_=1))
            .limit(1)
        )
        with self._database.reading() as connection:
            body = connection.execute(query).scalar()
        return _USER.decode(body) if body is not None else None

    def users(self) -> tuple[User, ...]:
        with self._database.reading() as connection:
            bodies = connection.scalars(sa.select(users.c.body).order_by(users.c.name)).all()
        return tuple(map(_USER.decode, bodies))

    def replace_user(self, user: User) -> None:
        with self._database.writing() as connection:
            change = sa.update(users).where(users.c.id == user.id).values(**_user_row(user))
            if not connection.execute(change).rowcount:
                raise NotFound("there is no such user")

    def add_token(self, token: Token) -> None:
        with self._database.writing() as connection:
            connection.execute(
                sa.insert(tokens).values(
                    id=token.id, user=token.user, created=token.created, body=_ENCODER.encode(token)
                )
            )

    def token(self, token_id: str) -> Token | None:
        with self._database.reading() as connection:
            body = connection.execute(sa.select(tokens.c.body).where(tokens.c.id == token_id)).scalar()
        return _TOKEN.decode(body) if body is not None else None

    def tokens(self, user_id: str | None = None) -> tuple[Token, ...]:
        query = sa.select(tokens.c.body).order_by(tokens.c.created, tokens.c.id)
        if user_id is not None:
            query = query.where(tokens.c.user == user_id)
        with self._database.reading() as connection:
            return tuple(map(_TOKEN.decode, connection.scalars(query).all()))

    def revoke_token(self, token_id: str, at: int) -> bool:
        row = tokens.c.id == token_id
        with self._database.writing() as connection:
            body = connection.execute(sa.select(tokens.c.body).where(row).with_for_update()).scalar()
            token = _TOKEN.decode(body) if body is not None else None
            if token is None or token.revoked is not None:
                return False
            revoked = msgspec.structs.replace(token, revoked=at)
            connection.execute(sa.update(tokens).where(row).values(body=_ENCODER.encode(revoked)))
            return True

    def open_session(self, session: Session) -> None:
        with self._database.writing() as connection:
            # Dead ones go here, or they would heap up: nobody logs out.
            connection.execute(sa.delete(sessions).where(sessions.c.expires <= session.created))
            connection.execute(sa.insert(sessions).values(msgspec.structs.asdict(session)))

    def session(self, digest: bytes) -> Session | None:
        query = sa.select(sessions).where(sessions.c.digest == digest)
        with self._database.reading() as connection:
            row = connection.execute(query).mappings().one_or_none()
        return noun(row, Session) if row else None

    def close_session(self, digest: bytes) -> None:
        with self._database.writing() as connection:
            connection.execute(sa.delete(sessions).where(sessions.c.digest == digest))

    def sessions(self, user_id: str) -> tuple[Session, ...]:
        query = (
            sa.select(sessions)
            .where(sessions.c.user == user_id)
            .order_by(sessions.c.created.desc(), sessions.c.digest)
        )
        with self._database.reading() as connection:
            return tuple(noun(row, Session) for row in connection.execute(query).mappings())

    def close_sessions(self, user_id: str, *, but: bytes = b"") -> int:
        ending = sa.delete(sessions).where(sessions.c.user == user_id, sessions.c.digest != but)
        with self._database.writing() as connection:
            return connection.execute(ending).rowcount


def _user_row(user: User) -> dict[str, Any]:
    return {"id": user.id, "name": user.name, "body": _ENCODER.encode(user)}
