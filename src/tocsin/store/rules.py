"""Rules in this node's keeping, and their tallies."""

from collections.abc import Sequence

import msgspec
import sqlalchemy as sa

from tocsin.kernel import KeptRule, RuleTally
from tocsin.store.dialect import upsert
from tocsin.store.engine import Database
from tocsin.store.tables import rule_tallies, rules

_ENCODE = msgspec.msgpack.Encoder().encode
_RULE = msgspec.msgpack.Decoder(KeptRule)
_TALLY = msgspec.msgpack.Decoder(RuleTally)


class SqlRules:
    """Keeps interface.RuleStore."""

    def __init__(self, database: Database) -> None:
        self._database = database

    def put(self, rule: KeptRule) -> None:
        with self._database.writing() as connection:
            query = sa.select(rules.c.added).where(rules.c.id == rule.id).with_for_update()
            added = connection.execute(query).scalar()
            rule = rule if added is None else msgspec.structs.replace(rule, added=added)
            body = {"body": _ENCODE(rule)}
            upsert(connection, rules, {"id": rule.id, "added": rule.added, **body}, changed=body)

    def get(self, rule_id: str) -> KeptRule | None:
        with self._database.reading() as connection:
            body = connection.execute(sa.select(rules.c.body).where(rules.c.id == rule_id)).scalar()
        return _RULE.decode(body) if body is not None else None

    def list(self) -> tuple[KeptRule, ...]:
        with self._database.reading() as connection:
            query = sa.select(rules.c.body).order_by(rules.c.added, rules.c.id)
            return tuple(map(_RULE.decode, connection.scalars(query).all()))

    def remove(self, rule_id: str) -> bool:
        with self._database.writing() as connection:
            connection.execute(sa.delete(rule_tallies).where(rule_tallies.c.rule == rule_id))
            return bool(connection.execute(sa.delete(rules).where(rules.c.id == rule_id)).rowcount)

    def tally(self, tallies: Sequence[RuleTally]) -> None:
        with self._database.writing() as connection:
            for one in tallies:
                body = {"body": _ENCODE(one)}
                upsert(connection, rule_tallies, {"rule": one.rule, "day": one.day, **body}, changed=body)

    def tallies(self, rule_id: str | None = None, *, since: int = 0) -> tuple[RuleTally, ...]:
        query = sa.select(rule_tallies.c.body).where(rule_tallies.c.day >= since)
        if rule_id is not None:
            query = query.where(rule_tallies.c.rule == rule_id)
        with self._database.reading() as connection:
            ordered = query.order_by(rule_tallies.c.day.desc(), rule_tallies.c.rule)
            return tuple(map(_TALLY.decode, connection.scalars(ordered).all()))
