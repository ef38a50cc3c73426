"""The register of key cases, in tables: what never travels."""

from typing import Any

import msgspec
import sqlalchemy as sa

from tocsin.kernel import Conflict, NotFound
from tocsin.kernel.precedents import Citation, Precedent
from tocsin.store.dialect import insert_new, written
from tocsin.store.engine import Database
from tocsin.store.model_tables import precedent_citations, precedent_rules, precedents

_ENCODE = msgspec.msgpack.Encoder().encode
_PRECEDENT = msgspec.msgpack.Decoder(Precedent)
_CITATION = msgspec.msgpack.Decoder(Citation)


class SqlPrecedents:
    """Keeps precedent_interface.PrecedentStore."""

    def __init__(self, database: Database) -> None:
        self._database = database

    def add(self, precedent: Precedent) -> None:
        row = {
            "id": precedent.id,
            "at": precedent.at,
            "domain": precedent.domain,
            "tier": precedent.tier,
            "body": _ENCODE(precedent),
        }
        with self._database.writing() as connection:
            if not written(connection, insert_new(connection, precedents).values(row)):
                raise Conflict("this decision is in the register already: `tocsin precedent show` shows it")
            for rule in sorted(set(precedent.rules)):
                connection.execute(sa.insert(precedent_rules).values(rule=rule, precedent=precedent.id))

    def get(self, decision_id: str) -> Precedent | None:
        with self._database.reading() as connection:
            query = sa.select(precedents.c.body).where(precedents.c.id == decision_id)
            body = connection.execute(query).scalar()
        return None if body is None else _PRECEDENT.decode(body)

    def find(
        self, *, domain: str = "", tier: str = "", rule: str = "", limit: int = 200
    ) -> tuple[Precedent, ...]:
        query = sa.select(precedents.c.body).order_by(precedents.c.at.desc(), precedents.c.id).limit(limit)
        if domain:
            query = query.where(precedents.c.domain == domain)
        if tier:
            query = query.where(precedents.c.tier == tier)
        if rule:
            read_by = sa.select(precedent_rules.c.precedent).where(precedent_rules.c.rule == rule)
            query = query.where(precedents.c.id.in_(read_by))
        with self._database.reading() as connection:
            return tuple(map(_PRECEDENT.decode, connection.scalars(query).all()))

    def cite(self, citation: Citation) -> None:
        row: dict[str, Any] = {
            "decision": citation.decision,
            "precedent": citation.precedent,
            "at": citation.at,
            "body": _ENCODE(citation),
        }
        with self._database.writing() as connection:
            there = sa.select(precedents.c.id).where(precedents.c.id == citation.precedent)
            if connection.execute(there).scalar() is None:
                raise NotFound("there is no such precedent: `tocsin precedent list` shows those there are")
            if not written(connection, insert_new(connection, precedent_citations).values(row)):
                raise Conflict("the decision cites this precedent already: a citation is not rewritten")

    def citations(self, *, precedent: str = "", decision: str = "") -> tuple[Citation, ...]:
        table = precedent_citations
        query = sa.select(table.c.body).order_by(table.c.at, table.c.decision)
        if precedent:
            query = query.where(table.c.precedent == precedent)
        if decision:
            query = query.where(table.c.decision == decision)
        with self._database.reading() as connection:
            return tuple(map(_CITATION.decode, connection.scalars(query).all()))
