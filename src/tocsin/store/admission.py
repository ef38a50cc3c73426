"""Grants, capabilities, looks of people in the loop, and answers that were given."""

import hashlib
from collections import Counter
from collections.abc import Sequence
from typing import Any

import msgspec
import sqlalchemy as sa
from sqlalchemy.engine import Connection

from tocsin.kernel import Conflict
from tocsin.kernel.admission import (
    AccessMarks,
    AnswerTally,
    Capability,
    ControlLook,
    DecisionCount,
    Grant,
)
from tocsin.kernel.release import ReleaseState
from tocsin.store.admission_interface import MAX_DECISIONS_A_DAY
from tocsin.store.admission_tables import access_capabilities, access_decisions, access_grants, access_looks
from tocsin.store.dialect import among, reserve, upsert
from tocsin.store.engine import Database
from tocsin.store.model_tables import release_decisions
from tocsin.store.tables import counters

COUNTER = "admission"
_ENCODE = msgspec.msgpack.Encoder().encode
_GRANT = msgspec.msgpack.Decoder(Grant).decode
_CAPABILITY = msgspec.msgpack.Decoder(Capability).decode
_LOOK = msgspec.msgpack.Decoder(ControlLook).decode
_SPACE = " "
_AGAIN = (
    sa.update(access_decisions)
    .where(
        access_decisions.c.day == sa.bindparam("of_day"),
        access_decisions.c.digest == sa.bindparam("of_digest"),
    )
    .values(count=access_decisions.c.count + sa.bindparam("more"), last=sa.bindparam("until"))
)


class SqlAdmission:
    """Keeps admission_interface.AdmissionStore."""

    def __init__(self, database: Database) -> None:
        self._database = database

    def marks(self) -> AccessMarks:
        table = release_decisions
        number = sa.select(counters.c.value).where(counters.c.name == COUNTER)
        force = (
            sa.select(table.c.artefact, table.c.id)
            .where(table.c.state == ReleaseState.IN_FORCE.value)
            .order_by(table.c.artefact, table.c.id)
        )
        with self._database.reading() as connection:
            revision = connection.execute(number).scalar_one()
            releases = tuple((row.artefact, row.id) for row in connection.execute(force))
        return AccessMarks(revision, releases)

    def touch(self) -> None:
        with self._database.writing() as connection:
            reserve(connection, COUNTER, 1)

    def put_grant(self, grant: Grant, *, was: Grant | None) -> None:
        row = {"subject": grant.subject, "artefact": grant.artefact, "at": grant.at}
        with self._database.writing() as connection:
            _put(connection, access_grants, grant.id, grant, was, row)

    def grant(self, grant_id: str) -> Grant | None:
        body = self._body(sa.select(access_grants.c.body).where(access_grants.c.id == grant_id))
        return None if body is None else _GRANT(body)

    def grants(self, *, subject: str = "", artefact: str = "", limit: int = 200) -> tuple[Grant, ...]:
        query = sa.select(access_grants.c.body)
        if subject:
            query = query.where(access_grants.c.subject == subject)
        if artefact:
            query = query.where(access_grants.c.artefact == artefact)
        query = query.order_by(access_grants.c.at.desc(), access_grants.c.id).limit(limit)
        with self._database.reading() as connection:
            return tuple(map(_GRANT, connection.scalars(query).all()))

    def put_capability(self, capability: Capability) -> None:
        body = {"body": _ENCODE(capability)}
        row = {"artefact": capability.artefact, "name": capability.name, **body}
        with self._database.writing() as connection:
            reserve(connection, COUNTER, 1)
            upsert(connection, access_capabilities, row, changed=body)

    def capability(self, artefact: str, name: str) -> Capability | None:
        table = access_capabilities
        body = self._body(sa.select(table.c.body).where(table.c.artefact == artefact, table.c.name == name))
        return None if body is None else _CAPABILITY(body)

    def capabilities(self, artefact: str = "") -> tuple[Capability, ...]:
        table = access_capabilities
        query = sa.select(table.c.body).order_by(table.c.artefact, table.c.name)
        if artefact:
            query = query.where(table.c.artefact == artefact)
        with self._database.reading() as connection:
            return tuple(map(_CAPABILITY, connection.scalars(query).all()))

    def put_look(self, look: ControlLook, *, was: ControlLook | None) -> None:
        with self._database.writing() as connection:
            _put(connection, access_looks, look.id, look, was, {"asked": look.asked})

    def look(self, look_id: str) -> ControlLook | None:
        body = self._body(sa.select(access_looks.c.body).where(access_looks.c.id == look_id))
        return None if body is None else _LOOK(body)

    def looks(self, *, since: int, limit: int = 200) -> tuple[ControlLook, ...]:
        table = access_looks
        query = sa.select(table.c.body).where(table.c.asked >= since)
        query = query.order_by(table.c.asked.desc(), table.c.id).limit(limit)
        with self._database.reading() as connection:
            return tuple(map(_LOOK, connection.scalars(query).all()))

    def count(self, rows: Sequence[DecisionCount]) -> None:
        table = access_decisions
        with self._database.writing() as connection:
            reserve(connection, COUNTER, 0)  # who counts beside us waits here, so that the bound holds
            room = Counter(
                {day: MAX_DECISIONS_A_DAY - _rows(connection, day) for day in {one.day for one in rows}}
            )
            there = _there(connection, rows)
            if again := [one for one in rows if (one.day, one.digest) in there]:
                connection.execute(_AGAIN, [_added(one) for one in again])  # in one go: these are the many
            for one in rows:
                if (one.day, one.digest) in there:
                    continue
                kept = sa.select(table.c.day).where(table.c.day == one.day, table.c.digest == one.digest)
                if connection.execute(kept).scalar() is None:
                    if room[one.day] <= 0:
                        one = _by_answer(one)
                    room[one.day] -= 1
                row = _row(one)
                changed = {"count": table.c.count + one.count, "last": one.last}
                upsert(connection, table, row, changed=changed)

    def counted(self, *, digest: str = "", artefact: str = "", limit: int = 200) -> tuple[DecisionCount, ...]:
        table = access_decisions
        query = sa.select(table).order_by(table.c.last.desc(), table.c.digest).limit(limit)
        if digest:
            query = query.where(table.c.digest == digest)
        if artefact:
            query = query.where(table.c.artefact == artefact)
        with self._database.reading() as connection:
            return tuple(_counted(row) for row in connection.execute(query).mappings())

    def tallied(self, *, since: int, limit: int = 200) -> tuple[AnswerTally, ...]:
        table = access_decisions
        alike = (table.c.artefact, table.c.act, table.c.granted, table.c.rules, table.c.obligations)
        total = sa.func.sum(table.c.count)
        query = (
            sa.select(*alike, total.label("total"), sa.func.max(table.c.last).label("newest"))
            .where(table.c.last >= since)
            .group_by(*alike)
            .order_by(total.desc(), *alike)
            .limit(limit)
        )
        with self._database.reading() as connection:
            return tuple(
                AnswerTally(
                    artefact=row.artefact,
                    act=row.act,
                    granted=bool(row.granted),
                    rules=tuple(row.rules.split()),
                    obligations=tuple(row.obligations.split()),
                    count=int(row.total),
                    last=row.newest,
                )
                for row in connection.execute(query)
            )

    def expire(self, *, before: int) -> int:
        gone = 0
        with self._database.writing() as connection:
            for query in (
                sa.delete(access_decisions).where(access_decisions.c.last < before),
                sa.delete(access_looks).where(access_looks.c.asked < before),
            ):
                gone += connection.execute(query).rowcount
        return gone

    def _body(self, query: sa.Select[Any]) -> bytes | None:
        with self._database.reading() as connection:
            found: bytes | None = connection.execute(query).scalar()
            return found


def _put(
    connection: Connection,
    table: sa.Table,
    name: str,
    made: msgspec.Struct,
    was: msgspec.Struct | None,
    beside: dict[str, Any],
) -> None:
    reserve(connection, COUNTER, 1)  # and who puts another waits here for this to end
    kept = connection.execute(sa.select(table.c.body).where(table.c.id == name)).scalar()
    if kept != (None if was is None else _ENCODE(was)):
        raise Conflict("it changed meanwhile: look at it again")
    body = {**beside, "body": _ENCODE(made)}
    upsert(connection, table, {"id": name, **body}, changed=body)


def _rows(connection: Connection, day: str) -> int:
    found: int = connection.execute(
        sa.select(sa.func.count()).select_from(access_decisions).where(access_decisions.c.day == day)
    ).scalar_one()
    return found


def _there(connection: Connection, rows: Sequence[DecisionCount]) -> set[tuple[str, str]]:
    """Which of these are counted already."""
    table, there = access_decisions, set()
    for day in {one.day for one in rows}:
        named = [one.digest for one in rows if one.day == day]
        found = connection.execute(
            sa.select(table.c.digest).where(table.c.day == day, among(connection, table.c.digest, named))
        )
        there |= {(day, digest) for digest in found.scalars()}
    return there


def _added(one: DecisionCount) -> dict[str, Any]:
    return {"of_day": one.day, "of_digest": one.digest, "more": one.count, "until": one.last}


def _by_answer(one: DecisionCount) -> DecisionCount:
    """The same answer without who got it, so that the number of such rows is that of rules and models."""
    of = _SPACE.join((one.artefact, one.act, str(one.granted), *one.rules, "|", *one.obligations))
    return msgspec.structs.replace(
        one, capability="", digest=f"many:{hashlib.sha256(of.encode()).hexdigest()}"
    )


def _row(one: DecisionCount) -> dict[str, Any]:
    return {
        **msgspec.structs.asdict(one),
        "granted": int(one.granted),
        "rules": _SPACE.join(one.rules),
        "obligations": _SPACE.join(one.obligations),
    }


def _counted(row: sa.RowMapping) -> DecisionCount:
    values = {
        **{name: row[name] for name in DecisionCount.__struct_fields__},
        "granted": bool(row["granted"]),
        "rules": tuple(row["rules"].split()),
        "obligations": tuple(row["obligations"].split()),
    }
    return msgspec.convert(values, DecisionCount)
