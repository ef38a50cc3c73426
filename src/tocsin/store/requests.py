"""Authorities' requests, and reports on what this node did: kept for good."""

from collections.abc import Collection, Iterator, Mapping

import msgspec
import sqlalchemy as sa

from tocsin.kernel import Conflict, NotFound
from tocsin.kernel.cases import Case, CaseAct
from tocsin.kernel.requests import AuthorityRequest, RequestState, RequestStep
from tocsin.store.case_tables import case_acts, cases
from tocsin.store.dialect import insert_new, noun, reserve, written
from tocsin.store.engine import Database
from tocsin.store.request_interface import Published
from tocsin.store.request_tables import (
    authority_requests,
    request_steps,
    shielded_cases,
    transparency_reports,
)
from tocsin.store.tables import audit

COUNTER = "authority_request"
_ENCODE = msgspec.msgpack.Encoder().encode
_REQUEST = msgspec.msgpack.Decoder(AuthorityRequest)
_STEP = msgspec.msgpack.Decoder(RequestStep)
_CASE = msgspec.msgpack.Decoder(Case)
_ACT = msgspec.msgpack.Decoder(CaseAct)
ACTS_AT_ONCE = 2_000
"""Rows in memory while acts are counted."""


class SqlRequests:
    """Keeps request_interface.RequestStore."""

    def __init__(self, database: Database) -> None:
        self._database = database

    def begin(self, request: AuthorityRequest, words: bytes) -> None:
        with self._database.writing() as connection:
            row = {
                "id": request.id,
                "seq": reserve(connection, COUNTER, 1) + 1,
                "case": request.case,
                "state": request.state.value,
                "at": request.at,
                "version": request.version,
                "body": _ENCODE(request),
                "words": words,
            }
            if not written(connection, insert_new(connection, authority_requests).values(row)):
                raise Conflict("there is a request of this id already")

    def advance(self, request: AuthorityRequest, words: bytes) -> None:
        table = authority_requests.c
        with self._database.writing() as connection:
            changed = connection.execute(
                sa.update(authority_requests)
                .where(table.id == request.id, table.version == request.version - 1)
                .values(
                    state=request.state.value, version=request.version, body=_ENCODE(request), words=words
                )
            ).rowcount
            if changed:
                return
            known = connection.execute(sa.select(table.id).where(table.id == request.id)).first()
        if known is None:
            raise NotFound("there is no such request: `tocsin request list` shows those there are")
        raise Conflict("somebody acted on this request meanwhile: look at it again")

    def get(self, request_id: str) -> tuple[AuthorityRequest, bytes] | None:
        table = authority_requests.c
        query = sa.select(table.body, table.words).where(table.id == request_id)
        with self._database.reading() as connection:
            row = connection.execute(query).first()
        return None if row is None else (_REQUEST.decode(row[0]), row[1])

    def listed(
        self,
        *,
        state: RequestState | None = None,
        case: str | None = None,
        since: int = 0,
        until: int | None = None,
        before: int | None = None,
        limit: int = 200,
    ) -> tuple[tuple[int, AuthorityRequest], ...]:
        table = authority_requests.c
        query = sa.select(table.seq, table.body).where(table.at >= since)
        for column, wanted in ((table.state, state and state.value), (table.case, case)):
            if wanted is not None:
                query = query.where(column == wanted)
        if until is not None:
            query = query.where(table.at < until)
        if before is not None:
            query = query.where(table.seq < before)
        with self._database.reading() as connection:
            rows = connection.execute(query.order_by(table.seq.desc()).limit(limit)).all()
        return tuple((seq, _REQUEST.decode(body)) for seq, body in rows)

    def add_step(self, step: RequestStep) -> None:
        row = {"request": step.request, "number": step.number, "body": _ENCODE(step)}
        with self._database.writing() as connection:
            if not written(connection, insert_new(connection, request_steps).values(row)):
                raise Conflict("somebody acted on this request meanwhile: look at it again")

    def steps(self, request_id: str) -> tuple[RequestStep, ...]:
        table = request_steps.c
        query = sa.select(table.body).where(table.request == request_id).order_by(table.number)
        with self._database.reading() as connection:
            return tuple(map(_STEP.decode, connection.scalars(query).all()))

    def shield(self, case: str, *, at: int, by: str) -> None:
        with self._database.writing() as connection:
            connection.execute(insert_new(connection, shielded_cases).values(case=case, at=at, by=by))

    def shielded(self, case: str) -> bool:
        query = sa.select(shielded_cases.c.case).where(shielded_cases.c.case == case)
        with self._database.reading() as connection:
            return connection.execute(query).first() is not None


class SqlTransparency:
    """Keeps request_interface.TransparencyStore."""

    def __init__(self, database: Database) -> None:
        self._database = database

    def add(self, report: Published) -> None:
        with self._database.writing() as connection:
            connection.execute(sa.insert(transparency_reports).values(msgspec.structs.asdict(report)))

    def publish(self, report_id: str, *, at: int, by: str) -> Published:
        table = transparency_reports.c
        with self._database.writing() as connection:
            changed = connection.execute(
                sa.update(transparency_reports)
                .where(table.id == report_id, table.published.is_(None))
                .values(published=at, published_by=by)
            ).rowcount
        found = self.get(report_id)
        if found is None:
            raise NotFound("there is no such report: `tocsin transparency list` shows those there are")
        if not changed:
            raise Conflict("this report is out already")
        return found

    def get(self, report_id: str) -> Published | None:
        query = sa.select(transparency_reports).where(transparency_reports.c.id == report_id)
        with self._database.reading() as connection:
            row = connection.execute(query).mappings().first()
        return None if row is None else noun(row, Published)

    def listed(self, *, published: bool = False) -> tuple[Published, ...]:
        table = transparency_reports.c
        query = sa.select(transparency_reports).order_by(table.at.desc(), table.id)
        if published:
            query = query.where(table.published.is_not(None))
        with self._database.reading() as connection:
            return tuple(noun(row, Published) for row in connection.execute(query).mappings())

    def acts(self, *, since: int, until: int) -> Iterator[tuple[Case, CaseAct]]:
        query = (
            sa.select(cases.c.id, cases.c.body, case_acts.c.body)
            .join(case_acts, case_acts.c.case_id == cases.c.id)
            .order_by(cases.c.id, case_acts.c.number)
            .execution_options(yield_per=ACTS_AT_ONCE)
        )
        last: tuple[str, Case] | None = None
        with self._database.reading() as connection:
            for case_id, body, act_body in connection.execute(query):
                act = _ACT.decode(act_body)
                if since <= act.at < until:
                    if last is None or last[0] != case_id:
                        last = case_id, _CASE.decode(body)
                    yield last[1], act

    def audit_counts(self, *, since: int, until: int) -> Mapping[tuple[str, str], int]:
        query = (
            sa.select(audit.c.act, audit.c.outcome, sa.func.count())
            .where(audit.c.at >= since, audit.c.at < until)
            .group_by(audit.c.act, audit.c.outcome)
        )
        with self._database.reading() as connection:
            return {(act, outcome): count for act, outcome, count in connection.execute(query)}

    def audit_subjects(
        self, acts: Collection[str], *, since: int, until: int
    ) -> Mapping[tuple[str, str], int]:
        query = (
            sa.select(audit.c.act, audit.c.subject, sa.func.count())
            .where(audit.c.at >= since, audit.c.at < until)
            .where(audit.c.act.in_(acts), audit.c.outcome == "done")
            .group_by(audit.c.act, audit.c.subject)
        )
        with self._database.reading() as connection:
            return {(act, subject): count for act, subject, count in connection.execute(query)}
