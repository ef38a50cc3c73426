"""Registered plans and evaluations: added, found, never replaced."""

from typing import Any

import msgspec
import sqlalchemy as sa
from sqlalchemy.engine import Connection

from tocsin.kernel import Conflict, TooLarge
from tocsin.kernel.evaluations import Evaluation, KeptEvaluation, Run
from tocsin.kernel.plans import Plan, PlannedSample, RegisteredPlan, Registration, RegistrationLine
from tocsin.store.dialect import insert_new, reserve, written
from tocsin.store.engine import Database
from tocsin.store.evaluation_interface import MAX_RUN_BYTES
from tocsin.store.model_tables import evaluation_plans, evaluation_runs, evaluations

PLANS, EVALUATIONS = "evaluation-plan", "evaluation"
_ENCODE = msgspec.msgpack.Encoder().encode
_REGISTRATION = msgspec.msgpack.Decoder(Registration)
_PLAN = msgspec.msgpack.Decoder(Plan)
_SAMPLES = msgspec.msgpack.Decoder(dict[str, tuple[PlannedSample, ...]])
_EVALUATION = msgspec.msgpack.Decoder(Evaluation)
_RUN = msgspec.msgpack.Decoder(Run)


class SqlEvaluationPlans:
    """Keeps evaluation_interface.EvaluationPlanStore."""

    def __init__(self, database: Database) -> None:
        self._database = database

    def keep(self, registered: RegisteredPlan) -> None:
        kept, samples = registered.registration, _bounded(registered.samples)
        with self._database.writing() as connection:
            row = {
                "id": kept.id,
                "seq": reserve(connection, PLANS, 1) + 1,
                "plan": kept.plan,
                "name": registered.plan.name,
                "version": registered.plan.version,
                "at": kept.at,
                "line": _ENCODE(kept),
                "body": _ENCODE(registered.plan),
                "samples": samples,
            }
            if not written(connection, insert_new(connection, evaluation_plans).values(row)):
                raise Conflict(f"commitment {kept.id} is kept already: register again, with another salt")

    def get(self, registration: str) -> RegisteredPlan | None:
        with self._database.reading() as connection:
            query = sa.select(evaluation_plans).where(evaluation_plans.c.id == registration)
            row = connection.execute(query).first()
        if row is None:
            return None
        return RegisteredPlan(
            _REGISTRATION.decode(row.line), _PLAN.decode(row.body), _SAMPLES.decode(row.samples)
        )

    def listed(
        self, *, plan: str | None = None, before: str | None = None, limit: int = 100
    ) -> tuple[RegistrationLine, ...]:
        table = evaluation_plans.c
        kept = sa.select(sa.func.count()).where(evaluations.c.registration == table.id).scalar_subquery()
        query = sa.select(table.line, table.name, table.version, kept)
        if plan is not None:
            query = query.where(table.plan == plan)
        with self._database.reading() as connection:
            rows = connection.execute(_page(query, evaluation_plans, before, limit)).all()
        return tuple(
            RegistrationLine(_REGISTRATION.decode(line), name, version, number)
            for line, name, version, number in rows
        )

    def matching(self, start: str, *, limit: int = 2) -> tuple[str, ...]:
        return _matching(self._database, evaluation_plans, start, limit)


class SqlEvaluations:
    """Keeps evaluation_interface.EvaluationStore."""

    def __init__(self, database: Database) -> None:
        self._database = database

    def attempts(self, registration: str) -> int:
        query = sa.select(sa.func.count()).where(evaluations.c.registration == registration)
        with self._database.writing() as connection:
            reserve(connection, EVALUATIONS, 0)  # holds the counter's row until the transaction ends
            number: int = connection.execute(query).scalar_one()
        return number

    def keep(self, kept: KeptEvaluation, *, runs: str) -> None:
        found = kept.evaluation
        bodies = [_bounded(run) for run in kept.runs]
        with self._database.writing() as connection:
            row = {
                "id": found.id,
                "seq": reserve(connection, EVALUATIONS, 1) + 1,
                "registration": found.registration,
                "attempt": found.attempt,
                "plan": found.plan,
                "name": found.name,
                "model_digest": found.model_digest,
                "runs": runs,
                "at": found.at,
                "body": _ENCODE(found),
            }
            if not written(connection, insert_new(connection, evaluations).values(row)):
                raise Conflict(
                    f"attempt {found.attempt} of registration {found.registration}, or these runs, are kept already"
                )
            for place, body in enumerate(bodies):
                values = {"evaluation": found.id, "place": place, "body": body}
                connection.execute(sa.insert(evaluation_runs).values(values))

    def of_runs(self, registration: str, runs: str) -> Evaluation | None:
        return self._one(sa.and_(evaluations.c.registration == registration, evaluations.c.runs == runs))

    def get(self, evaluation: str) -> Evaluation | None:
        return self._one(evaluations.c.id == evaluation)

    def runs(self, evaluation: str) -> tuple[Run, ...]:
        query = sa.select(evaluation_runs.c.body).where(evaluation_runs.c.evaluation == evaluation)
        with self._database.reading() as connection:
            bodies = connection.scalars(query.order_by(evaluation_runs.c.place)).all()
        return tuple(map(_RUN.decode, bodies))

    def count(self, *, name: str, model_digest: str) -> int:
        query = sa.select(sa.func.count()).where(
            evaluations.c.name == name, evaluations.c.model_digest == model_digest
        )
        with self._database.reading() as connection:
            number: int = connection.execute(query).scalar_one()
        return number

    def listed(
        self,
        *,
        model_digest: str | None = None,
        plan: str | None = None,
        registration: str | None = None,
        before: str | None = None,
        limit: int = 100,
    ) -> tuple[Evaluation, ...]:
        table = evaluations.c
        query = sa.select(table.body)
        for column, value in (
            (table.model_digest, model_digest),
            (table.plan, plan),
            (table.registration, registration),
        ):
            if value is not None:
                query = query.where(column == value)
        with self._database.reading() as connection:
            bodies = connection.scalars(_page(query, evaluations, before, limit)).all()
        return tuple(map(_EVALUATION.decode, bodies))

    def matching(self, start: str, *, limit: int = 2) -> tuple[str, ...]:
        return _matching(self._database, evaluations, start, limit)

    def _one(self, condition: sa.ColumnElement[bool]) -> Evaluation | None:
        with self._database.reading() as connection:
            body = connection.execute(sa.select(evaluations.c.body).where(condition)).scalar()
        return None if body is None else _EVALUATION.decode(body)


def _page(query: sa.Select[Any], table: sa.Table, before: str | None, limit: int) -> sa.Select[Any]:
    if before is not None:
        last = sa.select(table.c.seq).where(table.c.id == before).scalar_subquery()
        query = query.where(table.c.seq < last)
    return query.order_by(table.c.seq.desc()).limit(limit)


def _matching(database: Database, table: sa.Table, start: str, limit: int) -> tuple[str, ...]:
    query = sa.select(table.c.id).where(table.c.id.startswith(start, autoescape=True))
    with database.reading() as connection:
        return tuple(_texts(connection, query.order_by(table.c.id).limit(limit)))


def _texts(connection: Connection, query: sa.Select[Any]) -> list[str]:
    return [str(value) for value in connection.scalars(query).all()]


def _bounded(value: Any) -> bytes:
    body = _ENCODE(value)
    if len(body) > MAX_RUN_BYTES:
        raise TooLarge(f"over {MAX_RUN_BYTES >> 20} MiB of samples are not kept whole: make two plans of it")
    return body
