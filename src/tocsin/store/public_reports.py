"""Public reports, in tables."""

import msgspec
import sqlalchemy as sa

from tocsin.kernel import Conflict, NotFound
from tocsin.kernel.reports import PublicReport, ReportWord
from tocsin.store.dialect import insert_new, noun, written
from tocsin.store.engine import Database
from tocsin.store.public_report_tables import public_report_contacts, public_report_words, public_reports

_ENCODE = msgspec.msgpack.Encoder().encode
_REPORT = msgspec.msgpack.Decoder(PublicReport)


class SqlPublicReports:
    """Keeps public_report_interface.PublicReportStore."""

    def __init__(self, database: Database) -> None:
        self._database = database

    def add(self, report: PublicReport, *, contact: bytes | None) -> None:
        row = {
            "number": report.number,
            "case": report.case,
            "received": report.received,
            "secret_digest": report.secret_digest,
            "body": _ENCODE(report),
        }
        with self._database.writing() as connection:
            if not written(connection, insert_new(connection, public_reports).values(row)):
                raise Conflict("a report has this number already, or this case has one")
            if contact is not None:
                connection.execute(
                    sa.insert(public_report_contacts).values(number=report.number, sealed=contact)
                )

    def get(self, number: str) -> PublicReport | None:
        return self._one(public_reports.c.number == number)

    def secret_digest(self, number: str) -> bytes | None:
        query = sa.select(public_reports.c.secret_digest).where(public_reports.c.number == number)
        with self._database.reading() as connection:
            found: bytes | None = connection.execute(query).scalar()
        return found

    def of_case(self, case_id: str) -> PublicReport | None:
        return self._one(public_reports.c.case == case_id)

    def replace(self, report: PublicReport) -> None:
        update = (
            sa.update(public_reports)
            .where(public_reports.c.number == report.number, public_reports.c.case == report.case)
            .values(secret_digest=report.secret_digest, body=_ENCODE(report))
        )
        with self._database.writing() as connection:
            if not connection.execute(update).rowcount:
                raise NotFound("there is no such report")

    def contact(self, number: str) -> bytes | None:
        table = public_report_contacts
        with self._database.reading() as connection:
            found: bytes | None = connection.execute(
                sa.select(table.c.sealed).where(table.c.number == number)
            ).scalar()
        return found

    def forget_contact(self, number: str) -> bool:
        table = public_report_contacts
        with self._database.writing() as connection:
            return connection.execute(sa.delete(table).where(table.c.number == number)).rowcount > 0

    def say(self, word: ReportWord) -> None:
        row = msgspec.to_builtins(word, builtin_types=(bytes,))
        with self._database.writing() as connection:
            if not written(connection, insert_new(connection, public_report_words).values(row)):
                raise Conflict("something else was added to this report just now: send it again")

    def words(self, number: str) -> tuple[ReportWord, ...]:
        table = public_report_words
        query = sa.select(table).where(table.c.number == number).order_by(table.c.turn)
        with self._database.reading() as connection:
            return tuple(noun(row, ReportWord) for row in connection.execute(query).mappings())

    def _one(self, where: sa.ColumnElement[bool]) -> PublicReport | None:
        with self._database.reading() as connection:
            body = connection.execute(sa.select(public_reports.c.body).where(where)).scalar()
        return None if body is None else _REPORT.decode(body)
