"""What guard models said of events."""

from collections.abc import Collection, Sequence
from typing import Any

import sqlalchemy as sa

from tocsin.kernel import GuardOutcome, GuardVerdict
from tocsin.store.dialect import among, chunks, upsert
from tocsin.store.engine import Database
from tocsin.store.tables import verdicts

_THOUSANDTHS = 1_000
_KEY = ("event", "guard", "version")


class SqlVerdicts:
    """Keeps interface.VerdictStore."""

    def __init__(self, database: Database) -> None:
        self._database = database

    def put(self, wanted: Sequence[GuardVerdict]) -> None:
        with self._database.writing() as connection:
            for verdict in wanted:
                row = _row(verdict)
                changed = {name: value for name, value in row.items() if name not in _KEY}
                upsert(connection, verdicts, row, changed=changed)

    def of(self, events: Collection[str]) -> tuple[GuardVerdict, ...]:
        with self._database.reading() as connection:
            query = sa.select(verdicts).where(among(connection, verdicts.c.event, events))
            query = query.order_by(verdicts.c.event, verdicts.c.guard, verdicts.c.version)
            return tuple(_verdict(row) for row in connection.execute(query).mappings())

    def by_tag(self, guard: str, version: str, tags: Collection[bytes]) -> dict[bytes, GuardVerdict]:
        found: dict[bytes, GuardVerdict] = {}
        with self._database.reading() as connection:
            for some in chunks(tags):
                query = _of(guard, version).where(
                    verdicts.c.tag.in_(some), verdicts.c.outcome != GuardOutcome.UNKNOWN.value
                )
                for row in connection.execute(query.order_by(verdicts.c.at)).mappings():
                    found[row["tag"]] = _verdict(row)
        return found

    def due(self, guard: str, version: str, *, now: int, limit: int) -> tuple[GuardVerdict, ...]:
        query = _of(guard, version).where(verdicts.c.again <= now)
        query = query.order_by(verdicts.c.again, verdicts.c.event).limit(limit)
        with self._database.reading() as connection:
            return tuple(_verdict(row) for row in connection.execute(query).mappings())

    def flagged(
        self, versions: Collection[str], *, since: int, limit: int = 100_000
    ) -> tuple[GuardVerdict, ...]:
        query = (
            sa.select(verdicts)
            .where(verdicts.c.outcome == GuardOutcome.FLAGGED.value, verdicts.c.at >= since)
            .where(verdicts.c.version.in_(sorted(versions)))
            .order_by(verdicts.c.at.desc(), verdicts.c.event)
            .limit(limit)
        )
        with self._database.reading() as connection:
            return tuple(_verdict(row) for row in connection.execute(query).mappings())

    def counts(self, guard: str, version: str) -> dict[GuardOutcome, int]:
        query = (
            sa.select(verdicts.c.outcome, sa.func.count())
            .where(verdicts.c.guard == guard, verdicts.c.version == version)
            .group_by(verdicts.c.outcome)
        )
        with self._database.reading() as connection:
            return {GuardOutcome(name): number for name, number in connection.execute(query)}

    def expire(self, *, before: int) -> int:
        with self._database.writing() as connection:
            return connection.execute(sa.delete(verdicts).where(verdicts.c.at < before)).rowcount


def _of(guard: str, version: str) -> sa.Select[Any]:
    return sa.select(verdicts).where(verdicts.c.guard == guard, verdicts.c.version == version)


def _row(verdict: GuardVerdict) -> dict[str, Any]:
    return {
        "event": verdict.event,
        "guard": verdict.guard,
        "version": verdict.version,
        "outcome": verdict.outcome.value,
        "category": verdict.category,
        "strength": round(verdict.strength * _THOUSANDTHS),
        "at": verdict.at,
        "tag": verdict.tag,
        "lang": verdict.lang,
        "tries": verdict.tries,
        "again": verdict.again,
        "why": verdict.why,
    }


def _verdict(row: sa.RowMapping) -> GuardVerdict:
    return GuardVerdict(
        event=row["event"],
        guard=row["guard"],
        version=row["version"],
        outcome=GuardOutcome(row["outcome"]),
        at=row["at"],
        tag=row["tag"],
        lang=row["lang"],
        category=row["category"],
        strength=row["strength"] / _THOUSANDTHS,
        tries=row["tries"],
        again=row["again"],
        why=row["why"],
    )
