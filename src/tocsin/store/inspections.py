"""Inspections: a history by artefact, found by what they met; each rests on rules until something opens it again."""

import hashlib
from collections.abc import Collection, Mapping
from typing import Any

import msgspec
import sqlalchemy as sa
from sqlalchemy.engine import Connection

from tocsin.kernel import TooLarge
from tocsin.kernel.artefacts import ArtefactVerdict, Inspection
from tocsin.kernel.models import BearingRules, InspectionLine, KeptInspection, Reopening
from tocsin.store.artefact_interface import MAX_INSPECTION_BYTES
from tocsin.store.dialect import among, chunks, insert_new, reserve
from tocsin.store.engine import Database
from tocsin.store.model_tables import artefact_keys, inspection_rules, inspections, rules_behind

COUNTER = "inspection"
_ENCODE = msgspec.msgpack.Encoder().encode
_LINE = msgspec.msgpack.Decoder(InspectionLine)
_BODY = msgspec.msgpack.Decoder(Inspection)
_BEARING = msgspec.msgpack.Decoder(BearingRules)


class SqlInspections:
    """Keeps artefact_interface.InspectionStore."""

    def __init__(self, database: Database) -> None:
        self._database = database

    def keep(self, inspection: Inspection, *, source: str = "", keys: Collection[str] = ()) -> InspectionLine:
        body = _ENCODE(inspection)
        if len(body) > MAX_INSPECTION_BYTES:
            raise TooLarge("an inspection of so many files is not kept whole: inspect the folders one by one")
        identity = hashlib.sha256(_ENCODE(source) + body).hexdigest()
        with self._database.writing() as connection:
            seq = reserve(connection, COUNTER, 1) + 1  # and who keeps another waits here for this to end
            there = sa.select(inspections.c.line).where(inspections.c.id == identity)
            if (kept := connection.execute(there).scalar()) is not None:
                return _LINE.decode(kept)
            newer = sa.select(sa.func.count()).where(
                inspections.c.artefact == inspection.artefact, inspections.c.at > inspection.at
            )
            latest = not connection.execute(newer).scalar_one()
            if latest:
                _retire(connection, inspection.artefact)
            line = _line(identity, inspection, source, latest, seq)
            connection.execute(sa.insert(inspections).values(**_row(line), body=body))
            _index(connection, inspection, identity, keys)
        return line

    def get(self, inspection_id: str) -> KeptInspection | None:
        return self._one(inspections.c.id == inspection_id)

    def latest(self, artefact: str) -> KeptInspection | None:
        return self._one(sa.and_(inspections.c.artefact == artefact, inspections.c.latest == 1))

    def history(self, artefact: str, *, limit: int = 100) -> tuple[InspectionLine, ...]:
        query = sa.select(inspections.c.line).where(inspections.c.artefact == artefact)
        return self._lines(query.order_by(inspections.c.at.desc(), inspections.c.seq.desc()).limit(limit))

    def listed(
        self,
        *,
        name: str | None = None,
        source: str | None = None,
        verdict: ArtefactVerdict | None = None,
        format_name: str | None = None,
        part: str | None = None,
        reopened: bool | None = None,
        every: bool = False,
        before: int | None = None,
        limit: int = 100,
    ) -> tuple[InspectionLine, ...]:
        query = sa.select(inspections.c.line)
        if not every:
            query = query.where(inspections.c.latest == 1)
        if name is not None:
            query = query.where(inspections.c.name == name)
        if source is not None:
            query = query.where(inspections.c.source == source)
        if verdict is not None:
            query = query.where(inspections.c.verdict == verdict.value)
        if reopened is not None:
            query = query.where(inspections.c.reopened == int(reopened))
        if format_name is not None:
            met = sa.select(inspection_rules.c.inspection).where(inspection_rules.c.format == format_name)
            query = query.where(inspections.c.id.in_(met))
        if part is not None:
            holds = sa.select(artefact_keys.c.artefact).where(artefact_keys.c.key == part)
            query = query.where(inspections.c.artefact.in_(holds))
        if before is not None:
            query = query.where(inspections.c.seq < before)
        return self._lines(query.order_by(inspections.c.seq.desc()).limit(limit))

    def counts(self) -> dict[tuple[ArtefactVerdict, bool], int]:
        columns = (inspections.c.verdict, inspections.c.reopened)
        query = sa.select(*columns, sa.func.count()).where(inspections.c.latest == 1).group_by(*columns)
        with self._database.reading() as connection:
            rows = connection.execute(query).all()
        return {(ArtefactVerdict(verdict), bool(again)): count for verdict, again, count in rows}

    def bound(self) -> dict[tuple[str, str], int]:
        columns = (inspection_rules.c.format, inspection_rules.c.rules)
        query = _resting(sa.select(*columns, sa.func.count())).group_by(*columns)
        with self._database.reading() as connection:
            return {(name, rules): count for name, rules, count in connection.execute(query).all()}

    def bound_to(self, format_name: str, rules: str) -> tuple[InspectionLine, ...]:
        query = _resting(sa.select(inspections.c.line)).where(
            inspection_rules.c.format == format_name, inspection_rules.c.rules == rules
        )
        return self._lines(query.order_by(inspections.c.seq))

    def holding(self, keys: Collection[str]) -> dict[str, tuple[str, ...]]:
        found: dict[str, list[str]] = {}
        with self._database.reading() as connection:
            for some in chunks(keys):
                query = sa.select(artefact_keys.c.key, artefact_keys.c.artefact).where(
                    among(connection, artefact_keys.c.key, some)
                )
                for key, artefact in connection.execute(query.order_by(artefact_keys.c.artefact)).all():
                    found.setdefault(key, []).append(artefact)
        return {key: tuple(artefacts) for key, artefacts in found.items()}

    def reopen(self, reopenings: Mapping[str, Reopening]) -> tuple[InspectionLine, ...]:
        opened = []
        with self._database.writing() as connection:
            for identity, reopening in reopenings.items():
                line = _held(connection, identity)
                if line is not None and line.stands:
                    line = msgspec.structs.replace(line, reopened=reopening)
                    _replace(connection, line)
                    opened.append(line)
        return tuple(opened)

    def wait(self, inspection_id: str, why: str) -> None:
        with self._database.writing() as connection:
            line = _held(connection, inspection_id)
            if line is not None and line.reopened is not None:
                again = msgspec.structs.replace(line.reopened, waiting=why)
                _replace(connection, msgspec.structs.replace(line, reopened=again))

    def remember_rules(self, behind: Mapping[str, BearingRules]) -> None:
        with self._database.writing() as connection:
            for digest, bearing in sorted(behind.items()):
                row = {"digest": digest, "body": _ENCODE(bearing)}
                connection.execute(insert_new(connection, rules_behind).values(row))

    def rules_behind(self, digests: Collection[str]) -> dict[str, BearingRules]:
        with self._database.reading() as connection:
            query = sa.select(rules_behind).where(among(connection, rules_behind.c.digest, digests))
            return {row.digest: _BEARING.decode(row.body) for row in connection.execute(query).all()}

    def _one(self, condition: sa.ColumnElement[bool]) -> KeptInspection | None:
        with self._database.reading() as connection:
            query = sa.select(inspections.c.line, inspections.c.body).where(condition)
            row = connection.execute(query).first()
        return None if row is None else KeptInspection(_LINE.decode(row.line), _BODY.decode(row.body))

    def _lines(self, query: sa.Select[Any]) -> tuple[InspectionLine, ...]:
        with self._database.reading() as connection:
            return tuple(map(_LINE.decode, connection.scalars(query).all()))


def _resting(query: sa.Select[Any]) -> sa.Select[Any]:
    """Joined to the latest inspections whose verdict stands."""
    return query.join_from(
        inspection_rules, inspections, inspections.c.id == inspection_rules.c.inspection
    ).where(inspections.c.latest == 1, inspections.c.reopened == 0)


def _retire(connection: Connection, artefact: str) -> None:
    """A newer look takes the place of what was the latest; what had opened that one again stays written there."""
    query = sa.select(inspections.c.line).where(inspections.c.artefact == artefact, inspections.c.latest == 1)
    for body in connection.scalars(query).all():
        _replace(connection, msgspec.structs.replace(_LINE.decode(body), latest=False))


def _index(connection: Connection, inspection: Inspection, identity: str, keys: Collection[str]) -> None:
    rules = [
        {"format": name, "rules": digest, "inspection": identity} for name, digest in inspection.rules.items()
    ]
    held = {inspection.artefact, *(part.sha256 for part in inspection.parts), *keys} - {""}
    found_by = [{"key": key, "artefact": inspection.artefact} for key in sorted(held)]
    for table, rows in ((inspection_rules, rules), (artefact_keys, found_by)):
        if rows:
            connection.execute(insert_new(connection, table), rows)


def _line(identity: str, inspection: Inspection, source: str, latest: bool, seq: int) -> InspectionLine:
    return InspectionLine(
        id=identity,
        artefact=inspection.artefact,
        name=inspection.name,
        source=source,
        size=inspection.size,
        at=inspection.at,
        scanner=inspection.scanner,
        verdict=inspection.verdict,
        rules=inspection.rules,
        findings=len(inspection.findings),
        parts=len(inspection.parts),
        latest=latest,
        seq=seq,
    )


def _held(connection: Connection, identity: str) -> InspectionLine | None:
    query = sa.select(inspections.c.line).where(inspections.c.id == identity).with_for_update()
    body = connection.execute(query).scalar()
    return None if body is None else _LINE.decode(body)


def _replace(connection: Connection, line: InspectionLine) -> None:
    connection.execute(sa.update(inspections).where(inspections.c.id == line.id).values(_row(line)))


def _row(line: InspectionLine) -> dict[str, Any]:
    return {
        "id": line.id,
        "seq": line.seq,
        "artefact": line.artefact,
        "name": line.name,
        "source": line.source,
        "at": line.at,
        "verdict": line.verdict.value,
        "latest": int(line.latest),
        "reopened": int(line.reopened is not None),
        "line": _ENCODE(line),
    }
