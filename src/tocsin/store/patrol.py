"""Submissions, looks and draws in tables."""

from collections.abc import Iterable

import msgspec
import sqlalchemy as sa

from tocsin.kernel import Conflict
from tocsin.kernel.patrol import PatrolCheck, PatrolDraw, Submission
from tocsin.store.dialect import insert_new, noun, upsert, written
from tocsin.store.engine import Database
from tocsin.store.patrol_tables import patrol_checks, patrol_draws, patrol_submissions

_ENCODE = msgspec.msgpack.Encoder().encode
_CHECK = msgspec.msgpack.Decoder(PatrolCheck).decode


class SqlPatrol:
    """Keeps patrol_interface.PatrolStore."""

    def __init__(self, database: Database) -> None:
        self._database = database

    def keep(self, check: PatrolCheck) -> None:
        body = _ENCODE(check)
        newest = {"looked": check.at, "verdict": check.verdict.value, "body": body}
        row = {"submission": check.submission, "number": check.number, "body": body}
        with self._database.writing() as connection:
            if not written(connection, insert_new(connection, patrol_checks).values(row)):
                raise Conflict("somebody looked at the same time: look again")
            upsert(
                connection,
                patrol_submissions,
                {"id": check.submission, "at": check.at, **newest},
                changed=newest,
            )

    def get(self, submission: str) -> Submission | None:
        query = sa.select(patrol_submissions).where(patrol_submissions.c.id == submission)
        with self._database.reading() as connection:
            row = connection.execute(query).mappings().first()
        return None if row is None else _submission(row)

    def checks(self, submission: str) -> tuple[PatrolCheck, ...]:
        query = (
            sa.select(patrol_checks.c.body)
            .where(patrol_checks.c.submission == submission)
            .order_by(patrol_checks.c.number)
        )
        with self._database.reading() as connection:
            return tuple(_CHECK(body) for body in connection.execute(query).scalars())

    def page(self, *, after: tuple[int, str] | None = None, limit: int = 100) -> tuple[Submission, ...]:
        table = patrol_submissions.c
        query = sa.select(patrol_submissions).order_by(table.at.desc(), table.id.desc()).limit(limit)
        if after is not None:
            query = query.where(sa.tuple_(table.at, table.id) < sa.tuple_(sa.literal(after[0]), after[1]))
        with self._database.reading() as connection:
            return tuple(_submission(row) for row in connection.execute(query).mappings())

    def count(self) -> int:
        query = sa.select(sa.func.count()).select_from(patrol_submissions)
        with self._database.reading() as connection:
            return int(connection.execute(query).scalar_one())

    def ids(self, *, before: int) -> tuple[str, ...]:
        table = patrol_submissions.c
        query = sa.select(table.id).where(table.at < before).order_by(table.id)
        with self._database.reading() as connection:
            return tuple(connection.execute(query).scalars())

    def draw(self, draws: Iterable[PatrolDraw]) -> int:
        with self._database.writing() as connection:
            return sum(
                written(
                    connection,
                    insert_new(connection, patrol_draws).values(msgspec.structs.asdict(one)),
                )
                for one in draws
            )

    def waiting(self, *, limit: int = 1_000) -> tuple[PatrolDraw, ...]:
        table = patrol_draws.c
        query = (
            sa.select(patrol_draws)
            .where(table.checked == 0)
            .order_by(table.at, table.submission)
            .limit(limit)
        )
        with self._database.reading() as connection:
            return tuple(noun(row, PatrolDraw) for row in connection.execute(query).mappings())

    def checked(self, submission: str, at: int) -> int:
        table = patrol_draws.c
        change = sa.update(patrol_draws).where(table.submission == submission, table.checked == 0)
        with self._database.writing() as connection:
            return connection.execute(change.values(checked=at)).rowcount

    def expire(self, *, before: int) -> int:
        old = sa.select(patrol_submissions.c.id).where(patrol_submissions.c.looked < before)
        with self._database.writing() as connection:
            for table in (patrol_checks, patrol_draws):
                connection.execute(sa.delete(table).where(table.c.submission.in_(old)))
            gone = sa.delete(patrol_submissions).where(patrol_submissions.c.looked < before)
            return connection.execute(gone).rowcount


def _submission(row: sa.RowMapping) -> Submission:
    return Submission(row["id"], row["at"], _CHECK(row["body"]))
