"""What this node labelled, and which files were asked for."""

import msgspec
import sqlalchemy as sa

from tocsin.store.dialect import insert_new, noun, upsert
from tocsin.store.engine import Database
from tocsin.store.label_interface import LabelledContent
from tocsin.store.label_tables import label_questions, labelled


class SqlLabels:
    """Keeps label_interface.LabelStore."""

    def __init__(self, database: Database) -> None:
        self._database = database

    def keep(self, content: LabelledContent) -> None:
        row = msgspec.structs.asdict(content)
        changed = {name: value for name, value in row.items() if name != "sha256"}
        with self._database.writing() as connection:
            upsert(connection, labelled, row, changed=changed)

    def same(self, sha256: str, *, at: int) -> LabelledContent | None:
        query = sa.select(labelled).where(labelled.c.sha256 == sha256, labelled.c.until > at)
        with self._database.reading() as connection:
            row = connection.execute(query).mappings().first()
        return None if row is None else noun(row, LabelledContent)

    def of_kind(self, kind: str, *, at: int, after: str, limit: int) -> tuple[LabelledContent, ...]:
        query = (
            sa.select(labelled)
            .where(labelled.c.kind == kind, labelled.c.sha256 > after, labelled.c.until > at)
            .order_by(labelled.c.sha256)
            .limit(limit)
        )
        with self._database.reading() as connection:
            return tuple(noun(row, LabelledContent) for row in connection.execute(query).mappings())

    def ask(self, case_id: str, sha256: str, at: int) -> int:
        row = {"case_id": case_id, "sha256": sha256, "at": at}
        count = sa.select(sa.func.count()).where(label_questions.c.case_id == case_id)
        with self._database.writing() as connection:
            connection.execute(insert_new(connection, label_questions).values(row))
            return int(connection.execute(count).scalar_one())

    def forget(self, *, before: int, questions_before: int) -> int:
        with self._database.writing() as connection:
            connection.execute(sa.delete(label_questions).where(label_questions.c.at < questions_before))
            return connection.execute(sa.delete(labelled).where(labelled.c.until < before)).rowcount
