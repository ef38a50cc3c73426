"""Private sums of evidence: agreements, epochs, mail, spends and answers."""

from hashlib import sha256

import msgspec
import sqlalchemy as sa

from tocsin.kernel import Conflict, NotAllowed
from tocsin.store.dialect import insert_new, noun, upsert, written
from tocsin.store.engine import Database
from tocsin.store.sum_interface import SumAgreement, SumAnswer, SumHeard, SumMail
from tocsin.store.sum_tables import sum_agreements, sum_answers, sum_epochs, sum_heard, sum_mail, sum_parts

_ENCODE = msgspec.msgpack.encode


class SqlSums:
    """Keeps sum_interface.SumStore."""

    def __init__(self, database: Database) -> None:
        self._database = database

    def agree(self, agreement: SumAgreement) -> None:
        body = _ENCODE(agreement)
        row = {
            "id": sha256(body).hexdigest(),
            "by": agreement.by,
            "at": agreement.at,
            "withdrawn": 0,
            "body": body,
        }
        of = sum_agreements.c
        with self._database.writing() as connection:
            connection.execute(
                sa.update(sum_agreements).where(of.withdrawn == 0).values(withdrawn=agreement.at)
            )
            upsert(connection, sum_agreements, row, changed={"withdrawn": 0})

    def agreed(self) -> SumAgreement | None:
        return next((one for one in self.agreements() if not one.withdrawn), None)

    def agreements(self) -> tuple[SumAgreement, ...]:
        of = sum_agreements.c
        query = sa.select(of.body, of.withdrawn).order_by(of.at.desc(), of.id)
        with self._database.reading() as connection:
            return tuple(
                msgspec.structs.replace(msgspec.msgpack.decode(body, type=SumAgreement), withdrawn=withdrawn)
                for body, withdrawn in connection.execute(query)
            )

    def withdraw(self, at: int) -> bool:
        update = sa.update(sum_agreements).where(sum_agreements.c.withdrawn == 0).values(withdrawn=at)
        with self._database.writing() as connection:
            return connection.execute(update).rowcount > 0

    def keep(self, epoch: int, body: bytes) -> None:
        with self._database.writing() as connection:
            upsert(connection, sum_epochs, {"epoch": epoch, "body": body}, changed={"body": body})

    def state(self, epoch: int) -> bytes | None:
        query = sa.select(sum_epochs.c.body).where(sum_epochs.c.epoch == epoch)
        with self._database.reading() as connection:
            return connection.execute(query).scalar_one_or_none()

    def epochs(self) -> tuple[int, ...]:
        query = sa.select(sum_epochs.c.epoch).order_by(sum_epochs.c.epoch.desc())
        with self._database.reading() as connection:
            return tuple(connection.execute(query).scalars())

    def post(self, epoch: int, peer: str, kind: str, body: bytes, at: int) -> None:
        last = sa.select(sa.func.coalesce(sa.func.max(sum_mail.c.seq), 0) + 1).scalar_subquery()
        row = {"epoch": epoch, "peer": peer, "kind": kind, "size": len(body), "at": at, "due": at, "sent": 0}
        with self._database.writing() as connection:
            connection.execute(sa.insert(sum_mail).values({**row, "seq": last, "body": body}))

    def due(self, now: int, limit: int = 100) -> tuple[SumMail, ...]:
        of = sum_mail.c
        query = sa.select(sum_mail).where(of.sent == 0, of.due <= now).order_by(of.seq).limit(limit)
        return self._mail(query)

    def later(self, seq: int, due: int) -> None:
        with self._database.writing() as connection:
            connection.execute(sa.update(sum_mail).where(sum_mail.c.seq == seq).values(due=due))

    def hurry(self, peer: str, due: int) -> None:
        of = sum_mail.c
        waiting = sa.update(sum_mail).where(of.sent == 0, of.peer == peer, of.due > due)
        with self._database.writing() as connection:
            connection.execute(waiting.values(due=due))

    def sent(self, seq: int, at: int) -> None:
        update = sa.update(sum_mail).where(sum_mail.c.seq == seq).values(sent=at, body=b"")
        with self._database.writing() as connection:
            connection.execute(update)

    def mail(self, *, limit: int = 100) -> tuple[SumMail, ...]:
        return self._mail(sa.select(sum_mail).order_by(sum_mail.c.seq.desc()).limit(limit))

    def hear(self, heard: SumHeard) -> bool:
        with self._database.writing() as connection:
            statement = insert_new(connection, sum_heard).values(msgspec.structs.asdict(heard))
            return written(connection, statement) > 0

    def heard(self, epoch: int) -> tuple[SumHeard, ...]:
        of = sum_heard.c
        query = sa.select(sum_heard).where(of.epoch == epoch).order_by(of.at, of.look, of.kind, of.sender)
        with self._database.reading() as connection:
            return tuple(noun(row, SumHeard) for row in connection.execute(query).mappings())

    def spend(self, asker: str, epoch: int, serial: bytes, part: int, points: int, most: int) -> None:
        row = {"asker": asker, "epoch": epoch, "serial": serial.hex(), "part": part, "points": points}
        of = sum_parts.c
        total = sa.select(sa.func.coalesce(sa.func.sum(of.points), 0)).where(
            of.asker == asker, of.epoch == epoch
        )
        with self._database.writing() as connection:
            if not written(connection, insert_new(connection, sum_parts).values(row)):
                raise Conflict(
                    "these values were asked for before: they are replayed, or the answer was lost"
                )
            # Within the transaction that wrote it: a write that goes beyond takes itself back.
            if connection.execute(total).scalar_one() > most:
                raise NotAllowed(
                    f"a node has at most {most} values evaluated in an epoch; wait for the next week"
                )

    def spent(self, epoch: int) -> dict[str, int]:
        of = sum_parts.c
        query = sa.select(of.asker, sa.func.sum(of.points)).where(of.epoch == epoch).group_by(of.asker)
        with self._database.reading() as connection:
            return {asker: int(points) for asker, points in connection.execute(query)}

    def answer(self, answer: SumAnswer) -> None:
        row = {
            **{name: getattr(answer, name) for name in ("epoch", "look", "at", "keys", "candidates")},
            "rang": len(answer.warnings),
            "body": _ENCODE(answer),
        }
        with self._database.writing() as connection:
            upsert(connection, sum_answers, row, changed=row)

    def answers(self, *, limit: int = 100) -> tuple[SumAnswer, ...]:
        of = sum_answers.c
        query = sa.select(of.body).order_by(of.epoch.desc(), of.look.desc()).limit(limit)
        with self._database.reading() as connection:
            return tuple(
                msgspec.msgpack.decode(body, type=SumAnswer) for body in connection.execute(query).scalars()
            )

    def close_epoch(self, epoch: int) -> None:
        with self._database.writing() as connection:
            for table in (sum_epochs, sum_heard, sum_parts):
                connection.execute(sa.delete(table).where(table.c.epoch == epoch))
            waiting = sa.delete(sum_mail).where(sum_mail.c.epoch == epoch, sum_mail.c.sent == 0)
            connection.execute(waiting)

    def _mail(self, query: "sa.Select[tuple[object, ...]]") -> tuple[SumMail, ...]:
        with self._database.reading() as connection:
            return tuple(noun(row, SumMail) for row in connection.execute(query).mappings())
