"""How far models may go out, and which rules were set aside: kept as decided, moved on by comparing with what was."""

from typing import Any

import msgspec
import sqlalchemy as sa

from tocsin.kernel import Conflict, TooLarge
from tocsin.kernel.release import Exemption, ReleaseDecision, ReleaseState, Told
from tocsin.store.dialect import reserve
from tocsin.store.engine import Database
from tocsin.store.model_tables import exemptions, release_decisions
from tocsin.store.release_interface import MAX_DECISION_BYTES

COUNTER = "release-decision"
_ENCODE = msgspec.msgpack.Encoder().encode
_DECISION = msgspec.msgpack.Decoder(ReleaseDecision).decode
_TOLD = msgspec.msgpack.Decoder(Told).decode
_EXEMPTION = msgspec.msgpack.Decoder(Exemption).decode


class SqlReleaseDecisions:
    """Keeps release_interface.ReleaseDecisionStore."""

    def __init__(self, database: Database) -> None:
        self._database = database

    def add(self, decision: ReleaseDecision, told: Told) -> bool:
        body, beside = _ENCODE(decision), _ENCODE(told)
        if len(body) + len(beside) > MAX_DECISION_BYTES:
            raise TooLarge(
                f"a decision with its evidence is over {MAX_DECISION_BYTES >> 20} MiB: bring less at once"
            )
        with self._database.writing() as connection:
            seq = reserve(connection, COUNTER, 1) + 1  # and who adds another waits here for this to end
            there = sa.select(release_decisions.c.id).where(release_decisions.c.id == decision.id)
            if connection.execute(there).scalar() is not None:
                return False
            row = {
                "id": decision.id,
                "seq": seq,
                "artefact": decision.artefact,
                "state": decision.state.value,
                "body": body,
                "told": beside,
            }
            connection.execute(sa.insert(release_decisions).values(row))
        return True

    def get(self, decision_id: str) -> ReleaseDecision | None:
        query = sa.select(release_decisions.c.body).where(release_decisions.c.id == decision_id)
        with self._database.reading() as connection:
            body = connection.execute(query).scalar()
        return None if body is None else _DECISION(body)

    def told(self, decision_id: str) -> Told | None:
        query = sa.select(release_decisions.c.told).where(release_decisions.c.id == decision_id)
        with self._database.reading() as connection:
            body = connection.execute(query).scalar()
        return None if body is None else _TOLD(body)

    def move(self, decision: ReleaseDecision, *, was: ReleaseDecision) -> None:
        table = release_decisions
        query = (
            sa.update(table)
            .where(table.c.id == decision.id, table.c.state == was.state.value, table.c.body == _ENCODE(was))
            .values(state=decision.state.value, body=_ENCODE(decision))
        )
        with self._database.writing() as connection:
            if connection.execute(query).rowcount != 1:
                raise Conflict("the decision was approved, withdrawn or ended meanwhile: look at it again")

    def listed(
        self,
        *,
        artefact: str | None = None,
        state: ReleaseState | None = None,
        after: int = 0,
        limit: int = 100,
        newest: bool = True,
    ) -> tuple[tuple[int, ReleaseDecision], ...]:
        table = release_decisions
        query = sa.select(table.c.seq, table.c.body)
        if artefact is not None:
            query = query.where(table.c.artefact == artefact)
        if state is not None:
            query = query.where(table.c.state == state.value)
        query = (
            query.order_by(table.c.seq.desc())
            if newest
            else query.where(table.c.seq > after).order_by(table.c.seq)
        )
        with self._database.reading() as connection:
            rows = connection.execute(query.limit(limit)).all()
        return tuple((row.seq, _DECISION(row.body)) for row in rows)


class SqlExemptions:
    """Keeps release_interface.ExemptionStore."""

    def __init__(self, database: Database) -> None:
        self._database = database

    def put(self, exemption: Exemption, *, was: Exemption | None) -> None:
        body = _ENCODE(exemption)
        with self._database.writing() as connection:
            reserve(connection, COUNTER, 0)  # who puts another waits here for this to end
            query = sa.select(exemptions.c.body).where(exemptions.c.id == exemption.id)
            kept = connection.execute(query).scalar()
            if kept != (None if was is None else _ENCODE(was)):
                raise Conflict("the exemption is another by now: look at it again")
            if was is None:
                row = {"id": exemption.id, "artefact": exemption.artefact, "at": exemption.at, "body": body}
                connection.execute(sa.insert(exemptions).values(row))
            else:
                change = sa.update(exemptions).where(exemptions.c.id == exemption.id)
                connection.execute(change.values(at=exemption.at, body=body))

    def get(self, exemption_id: str) -> Exemption | None:
        query = sa.select(exemptions.c.body).where(exemptions.c.id == exemption_id)
        with self._database.reading() as connection:
            body = connection.execute(query).scalar()
        return None if body is None else _EXEMPTION(body)

    def of(self, artefact: str) -> tuple[Exemption, ...]:
        return self._many(sa.select(exemptions.c.body).where(exemptions.c.artefact == artefact))

    def listed(self, *, limit: int = 100) -> tuple[Exemption, ...]:
        return self._many(sa.select(exemptions.c.body).limit(limit))

    def _many(self, query: sa.Select[Any]) -> tuple[Exemption, ...]:
        query = query.order_by(exemptions.c.at.desc(), exemptions.c.id)
        with self._database.reading() as connection:
            return tuple(map(_EXEMPTION, connection.scalars(query).all()))
