"""Who approved which manifest."""

import msgspec
import sqlalchemy as sa

from tocsin.kernel import Approval
from tocsin.store.dialect import noun
from tocsin.store.engine import Database
from tocsin.store.tables import approvals


class SqlApprovals:
    """Keeps interface.ApprovalStore."""

    def __init__(self, database: Database) -> None:
        self._database = database

    def add(self, approval: Approval) -> None:
        one = sa.and_(approvals.c.digest == approval.digest, approvals.c.user == approval.user)
        with self._database.writing() as connection:
            connection.execute(sa.delete(approvals).where(one))
            connection.execute(sa.insert(approvals).values(msgspec.structs.asdict(approval)))

    def of(self, digest: str) -> tuple[Approval, ...]:
        query = (
            sa.select(approvals)
            .where(approvals.c.digest == digest)
            .order_by(approvals.c.at, approvals.c.user)
        )
        with self._database.reading() as connection:
            return tuple(noun(row, Approval) for row in connection.execute(query).mappings())
