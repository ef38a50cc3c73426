"""Exhibits, steps of custody and legal holds: added, marked, never deleted."""

from collections.abc import Callable

import msgspec
import sqlalchemy as sa

from tocsin.kernel import NotFound
from tocsin.kernel.custody import CustodyStep
from tocsin.store.dialect import noun
from tocsin.store.engine import Database
from tocsin.store.exhibit_interface import ExhibitRow, HoldRow
from tocsin.store.exhibit_tables import custody_steps, exhibit_holds, exhibits

_ENCODE = msgspec.msgpack.Encoder().encode
_STEP = msgspec.msgpack.Decoder(CustodyStep)


class SqlExhibits:
    """Keeps exhibit_interface.ExhibitStore."""

    def __init__(self, database: Database) -> None:
        self._database = database

    def add(self, row: ExhibitRow) -> None:
        values = msgspec.structs.asdict(row) | {"quarantined": int(row.quarantined)}
        with self._database.writing() as connection:
            connection.execute(sa.insert(exhibits).values(values))

    def get(self, exhibit_id: str) -> ExhibitRow | None:
        found = self._rows(sa.select(exhibits).where(exhibits.c.id == exhibit_id))
        return found[0] if found else None

    def of(self, case: str) -> tuple[ExhibitRow, ...]:
        table = exhibits.c
        return self._rows(sa.select(exhibits).where(table.case == case).order_by(table.received, table.id))

    def quarantine(self, exhibit_id: str) -> bool:
        with self._database.writing() as connection:
            changed = connection.execute(
                sa.update(exhibits)
                .where(exhibits.c.id == exhibit_id, exhibits.c.quarantined == 0)
                .values(quarantined=1)
            )
        return bool(changed.rowcount)

    def destroy(self, exhibit_id: str, *, at: int) -> bool:
        with self._database.writing() as connection:
            query = sa.select(exhibits).where(exhibits.c.id == exhibit_id).with_for_update()
            row = connection.execute(query).mappings().first()
            if row is None or row["destroyed"] is not None:
                return False
            held = sa.select(exhibit_holds.c.id).where(
                exhibit_holds.c.case == row["case"],
                sa.or_(exhibit_holds.c.exhibit.is_(None), exhibit_holds.c.exhibit == exhibit_id),
                exhibit_holds.c.released.is_(None),
                sa.or_(exhibit_holds.c.until.is_(None), exhibit_holds.c.until > at),
            )
            if connection.execute(held).first() is not None:
                return False
            connection.execute(
                sa.update(exhibits).where(exhibits.c.id == exhibit_id).values(destroyed=at, facts=b"")
            )
        return True

    def hand_on(self, exhibit_id: str, *, at: int) -> bool:
        with self._database.writing() as connection:
            changed = connection.execute(
                sa.update(exhibits)
                .where(exhibits.c.id == exhibit_id, exhibits.c.destroyed.is_(None))
                .values(destroyed=at, facts=b"")
            )
        return bool(changed.rowcount)

    def old(
        self, *, before: int, after: tuple[int, str] = (0, ""), limit: int = 1000
    ) -> tuple[ExhibitRow, ...]:
        table = exhibits.c
        return self._rows(
            sa.select(exhibits)
            .where(
                table.destroyed.is_(None),
                table.received < before,
                sa.tuple_(table.received, table.id) > sa.tuple_(*map(sa.literal, after)),
            )
            .order_by(table.received, table.id)
            .limit(limit)
        )

    def present(self) -> frozenset[str]:
        with self._database.reading() as connection:
            query = sa.select(exhibits.c.id).where(exhibits.c.destroyed.is_(None))
            return frozenset(connection.execute(query).scalars())

    def extend(self, exhibit_id: str, make: Callable[[CustodyStep | None], CustodyStep]) -> CustodyStep:
        table = custody_steps.c
        with self._database.writing() as connection:
            # The exhibit's row is the turn: who adds a step at the same time waits here.
            turn = sa.select(exhibits.c.id).where(exhibits.c.id == exhibit_id).with_for_update()
            if connection.execute(turn).first() is None:
                raise NotFound(f"there is no exhibit {exhibit_id}")
            last = connection.execute(
                sa.select(table.body)
                .where(table.exhibit == exhibit_id)
                .order_by(table.number.desc())
                .limit(1)
            ).scalar()
            step = make(None if last is None else _STEP.decode(last))
            row = {"exhibit": exhibit_id, "number": step.number, "body": _ENCODE(step)}
            connection.execute(sa.insert(custody_steps).values(row))
        return step

    def steps(self, exhibit_id: str) -> tuple[CustodyStep, ...]:
        table = custody_steps.c
        query = sa.select(table.body).where(table.exhibit == exhibit_id).order_by(table.number)
        with self._database.reading() as connection:
            return tuple(map(_STEP.decode, connection.execute(query).scalars()))

    def hold(self, row: HoldRow) -> None:
        with self._database.writing() as connection:
            # Whoever destroys one of them has its row: either they see this hold, or it is gone before.
            connection.execute(
                sa.select(exhibits.c.id).where(exhibits.c.case == row.case).with_for_update()
            ).all()
            connection.execute(sa.insert(exhibit_holds).values(msgspec.structs.asdict(row)))

    def get_hold(self, hold_id: str) -> HoldRow | None:
        found = self._holds(sa.select(exhibit_holds).where(exhibit_holds.c.id == hold_id))
        return found[0] if found else None

    def release(self, hold_id: str, *, at: int) -> bool:
        with self._database.writing() as connection:
            ended = connection.execute(
                sa.update(exhibit_holds)
                .where(exhibit_holds.c.id == hold_id, exhibit_holds.c.released.is_(None))
                .values(released=at)
            )
        return bool(ended.rowcount)

    def holds(self, case: str) -> tuple[HoldRow, ...]:
        return self._holds(
            sa.select(exhibit_holds)
            .where(exhibit_holds.c.case == case)
            .order_by(exhibit_holds.c.at, exhibit_holds.c.id)
        )

    def _rows(self, query: sa.Select[tuple[object, ...]]) -> tuple[ExhibitRow, ...]:
        with self._database.reading() as connection:
            found = connection.execute(query).mappings().all()
        fields = ExhibitRow.__struct_fields__
        return tuple(
            ExhibitRow(**{name: row[name] for name in fields} | {"quarantined": bool(row["quarantined"])})
            for row in found
        )

    def _holds(self, query: sa.Select[tuple[object, ...]]) -> tuple[HoldRow, ...]:
        with self._database.reading() as connection:
            return tuple(noun(row, HoldRow) for row in connection.execute(query).mappings())
