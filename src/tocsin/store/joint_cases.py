"""Which case here is part of which joint case."""

import sqlalchemy as sa

from tocsin.kernel import Conflict
from tocsin.store.dialect import insert_new, written
from tocsin.store.engine import Database
from tocsin.store.joint_case_tables import joint_links


class SqlJointCases:
    """Keeps joint_case_interface.JointCaseStore."""

    def __init__(self, database: Database) -> None:
        self._database = database

    def link(self, case_id: str, joint: str, at: int) -> None:
        row = {"case_id": case_id, "joint": joint, "at": at}
        with self._database.writing() as connection:
            if not written(connection, insert_new(connection, joint_links).values(row)):
                raise Conflict("this case is part of a joint case already")

    def cases_of(self, joint: str) -> tuple[str, ...]:
        query = sa.select(joint_links.c.case_id).where(joint_links.c.joint == joint)
        with self._database.reading() as connection:
            return tuple(connection.execute(query.order_by(joint_links.c.case_id)).scalars())
