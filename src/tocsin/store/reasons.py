"""Letters, statements of reasons, remedies, and what cases made of rules."""

import msgspec
import sqlalchemy as sa

from tocsin.kernel import Conflict, NotFound
from tocsin.store.dialect import insert_new, noun, upsert
from tocsin.store.engine import Database
from tocsin.store.request_interface import KeptLetter, KeptStatement, Remedy, RuleOutcome
from tocsin.store.request_tables import letters, remedies, rule_outcomes, statements


class SqlReasons:
    """Keeps request_interface.ReasonStore."""

    def __init__(self, database: Database) -> None:
        self._database = database

    def add_letter(self, case: str, audience: str, *, at: int, held: str, sealed: bytes) -> KeptLetter:
        table = letters.c
        with self._database.writing() as connection:
            mine = sa.select(sa.func.coalesce(sa.func.max(table.number), 0)).where(
                table.case == case, table.audience == audience
            )
            number = connection.execute(mine).scalar_one() + 1
            kept = KeptLetter(case, audience, number, at, held, sealed)
            connection.execute(sa.insert(letters).values(msgspec.structs.asdict(kept)))
        return kept

    def letters(self, case: str, audience: str | None = None) -> tuple[KeptLetter, ...]:
        query = sa.select(letters).where(letters.c.case == case)
        if audience is not None:
            query = query.where(letters.c.audience == audience)
        with self._database.reading() as connection:
            rows = connection.execute(query.order_by(letters.c.audience, letters.c.number)).mappings()
            return tuple(noun(row, KeptLetter) for row in rows)

    def put_statement(self, statement: KeptStatement) -> None:
        row = msgspec.structs.asdict(statement)
        changed = {name: row[name] for name in ("at", "measures", "told", "exported")}
        with self._database.writing() as connection:
            upsert(connection, statements, row, changed=changed)

    def statement(self, puid: str) -> KeptStatement | None:
        with self._database.reading() as connection:
            row = (
                connection.execute(sa.select(statements).where(statements.c.puid == puid)).mappings().first()
            )
        return None if row is None else noun(row, KeptStatement)

    def statements(
        self, *, case: str | None = None, since: int = 0, until: int | None = None, limit: int = 1000
    ) -> tuple[KeptStatement, ...]:
        table = statements.c
        query = sa.select(statements).where(table.at >= since).order_by(table.at, table.puid).limit(limit)
        if case is not None:
            query = query.where(table.case == case)
        if until is not None:
            query = query.where(table.at < until)
        with self._database.reading() as connection:
            return tuple(noun(row, KeptStatement) for row in connection.execute(query).mappings())

    def forget(self, case: str) -> int:
        with self._database.writing() as connection:
            return connection.execute(sa.delete(letters).where(letters.c.case == case)).rowcount

    def add_remedies(self, found: tuple[Remedy, ...]) -> None:
        with self._database.writing() as connection:
            for one in found:
                connection.execute(insert_new(connection, remedies).values(msgspec.structs.asdict(one)))

    def finish_remedy(self, remedy_id: str, *, at: int, by: str) -> Remedy:
        table = remedies.c
        with self._database.writing() as connection:
            changed = connection.execute(
                sa.update(remedies).where(table.id == remedy_id, table.done.is_(None)).values(done=at, by=by)
            ).rowcount
            row = connection.execute(sa.select(remedies).where(table.id == remedy_id)).mappings().first()
        if row is None:
            raise NotFound("there is no such measure to undo: `tocsin reasons remedies` lists them")
        if not changed:
            raise Conflict("this measure was undone before")
        return noun(row, Remedy)

    def remedies(self, *, case: str | None = None, still: bool = False) -> tuple[Remedy, ...]:
        table = remedies.c
        query = sa.select(remedies).order_by(table.since, table.id)
        if case is not None:
            query = query.where(table.case == case)
        if still:
            query = query.where(table.done.is_(None))
        with self._database.reading() as connection:
            return tuple(noun(row, Remedy) for row in connection.execute(query).mappings())

    def put_outcome(self, outcome: RuleOutcome) -> None:
        row = msgspec.structs.asdict(outcome) | {"borne_out": int(outcome.borne_out)}
        changed = {name: value for name, value in row.items() if name != "case"}
        with self._database.writing() as connection:
            upsert(connection, rule_outcomes, row, changed=changed)

    def drop_outcome(self, case: str) -> None:
        with self._database.writing() as connection:
            connection.execute(sa.delete(rule_outcomes).where(rule_outcomes.c.case == case))

    def outcomes(self, *, rule: str | None = None) -> tuple[RuleOutcome, ...]:
        query = sa.select(rule_outcomes).order_by(rule_outcomes.c.at, rule_outcomes.c.case)
        if rule is not None:
            query = query.where(rule_outcomes.c.rule == rule)
        with self._database.reading() as connection:
            rows = connection.execute(query).mappings().all()
        return tuple(
            RuleOutcome(row["case"], row["rule"], row["warning"], bool(row["borne_out"]), row["at"])
            for row in rows
        )
