"""Cases' keys: locks, wrapped copies, and the keys of members."""

from collections.abc import Sequence

import msgspec
import sqlalchemy as sa

from tocsin.kernel import NotFound
from tocsin.store.case_key_interface import CaseLock, KeyCopy, MemberKey, QueueKey
from tocsin.store.case_key_tables import case_keys, case_locks, member_keys, queue_keys
from tocsin.store.dialect import insert_new, noun
from tocsin.store.engine import Database


class SqlCaseKeys:
    """Keeps case_key_interface.CaseKeyStore."""

    def __init__(self, database: Database) -> None:
        self._database = database

    def begin(self, lock: CaseLock, copies: Sequence[KeyCopy]) -> None:
        with self._database.writing() as connection:
            connection.execute(sa.insert(case_locks).values(msgspec.structs.asdict(lock)))
            connection.execute(sa.insert(case_keys), [msgspec.structs.asdict(copy) for copy in copies])

    def lock(self, case: str) -> CaseLock | None:
        query = sa.select(case_locks).where(case_locks.c.case == case)
        with self._database.reading() as connection:
            row = connection.execute(query).mappings().first()
        return None if row is None else noun(row, CaseLock)

    def locks(self, queue: str) -> tuple[CaseLock, ...]:
        query = sa.select(case_locks).where(case_locks.c.queue == queue).order_by(case_locks.c.case)
        with self._database.reading() as connection:
            return tuple(noun(row, CaseLock) for row in connection.execute(query).mappings())

    def copy(self, case: str, holders: Sequence[str]) -> KeyCopy | None:
        kept = {copy.holder: copy for copy in self.copies(case)}
        return next((kept[holder] for holder in holders if holder in kept), None)

    def copies(self, case: str) -> tuple[KeyCopy, ...]:
        return self._copies(sa.select(case_keys).where(case_keys.c.case == case).order_by(case_keys.c.holder))

    def held_by(self, holder: str) -> tuple[KeyCopy, ...]:
        return self._copies(
            sa.select(case_keys).where(case_keys.c.holder == holder).order_by(case_keys.c.case)
        )

    def replace(self, case: str, queue: str, copies: Sequence[KeyCopy]) -> None:
        with self._database.writing() as connection:
            known = connection.execute(
                sa.update(case_locks).where(case_locks.c.case == case).values(queue=queue)
            ).rowcount
            if not known:
                raise NotFound("this case has no key")
            connection.execute(sa.delete(case_keys).where(case_keys.c.case == case))
            connection.execute(sa.insert(case_keys), [msgspec.structs.asdict(copy) for copy in copies])

    def add(self, copies: Sequence[KeyCopy]) -> None:
        if copies:
            with self._database.writing() as connection:
                connection.execute(
                    insert_new(connection, case_keys), [msgspec.structs.asdict(copy) for copy in copies]
                )

    def destroy(self, case: str) -> bool:
        with self._database.writing() as connection:
            connection.execute(sa.delete(case_keys).where(case_keys.c.case == case))
            return bool(connection.execute(sa.delete(case_locks).where(case_locks.c.case == case)).rowcount)

    def cases(self) -> tuple[str, ...]:
        with self._database.reading() as connection:
            return tuple(connection.scalars(sa.select(case_locks.c.case).order_by(case_locks.c.case)))

    def add_member(self, member: MemberKey) -> None:
        with self._database.writing() as connection:
            connection.execute(sa.insert(member_keys).values(msgspec.structs.asdict(member)))

    def members(self, user: str | None = None) -> tuple[MemberKey, ...]:
        query = sa.select(member_keys).where(member_keys.c.ended.is_(None))
        if user is not None:
            query = query.where(member_keys.c.user == user)
        with self._database.reading() as connection:
            rows = connection.execute(query.order_by(member_keys.c.at, member_keys.c.id)).mappings()
            return tuple(noun(row, MemberKey) for row in rows)

    def relock_member(self, key_id: str, sealed: bytes) -> None:
        one = sa.and_(member_keys.c.id == key_id, member_keys.c.ended.is_(None))
        with self._database.writing() as connection:
            if not connection.execute(sa.update(member_keys).where(one).values(sealed=sealed)).rowcount:
                raise NotFound("there is no such key of a member, or it ended before")

    def admit(self, keys: Sequence[QueueKey]) -> None:
        if keys:
            with self._database.writing() as connection:
                connection.execute(
                    insert_new(connection, queue_keys), [msgspec.structs.asdict(one) for one in keys]
                )

    def admitted(self, queue: str) -> tuple[QueueKey, ...]:
        query = sa.select(queue_keys).where(queue_keys.c.queue == queue)
        with self._database.reading() as connection:
            rows = connection.execute(query.order_by(queue_keys.c.at, queue_keys.c.member_key)).mappings()
            return tuple(noun(row, QueueKey) for row in rows)

    def leave(self, queue: str, key_id: str) -> int:
        of_queue = sa.select(case_locks.c.case).where(case_locks.c.queue == queue)
        place = sa.and_(queue_keys.c.queue == queue, queue_keys.c.member_key == key_id)
        held = sa.and_(case_keys.c.holder == key_id, case_keys.c.case.in_(of_queue))
        with self._database.writing() as connection:
            connection.execute(sa.delete(queue_keys).where(place))
            return connection.execute(sa.delete(case_keys).where(held)).rowcount

    def end_member(self, key_id: str, at: int) -> int:
        one = sa.and_(member_keys.c.id == key_id, member_keys.c.ended.is_(None))
        with self._database.writing() as connection:
            if not connection.execute(
                sa.update(member_keys).where(one).values(ended=at, sealed=b"")
            ).rowcount:
                raise NotFound("there is no such key of a member, or it ended before")
            connection.execute(sa.delete(queue_keys).where(queue_keys.c.member_key == key_id))
            return connection.execute(sa.delete(case_keys).where(case_keys.c.holder == key_id)).rowcount

    def _copies(self, query: sa.Select[tuple[object, ...]]) -> tuple[KeyCopy, ...]:
        with self._database.reading() as connection:
            return tuple(noun(row, KeyCopy) for row in connection.execute(query).mappings())
