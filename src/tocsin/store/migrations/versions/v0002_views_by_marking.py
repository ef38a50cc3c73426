"""Views by audience: what somebody may not see is not in the view that they ask.

Rows of a view are numbered by the moment they came into it, so that nothing of another view shows through.
"""

from collections.abc import Iterator
from typing import Any

import msgspec
import sqlalchemy as sa
from alembic import op
from sqlalchemy.engine import Connection

revision = "0002"
down_revision = "0001"

NUMBER = sa.BigInteger().with_variant(sa.Integer(), "sqlite")
CHUNK = 5_000
RED, AMBER = 4, 2
RANKS = {
    "marking-definition--94868c89-83c2-464b-929b-a1a8aa3c8487": 0,
    "marking-definition--bab4a63c-aed9-4cf5-a766-dfca5abac2bb": 1,
    "marking-definition--55d920b0-5e8b-4f79-9ee9-91f868d9b421": AMBER,
    "marking-definition--939a9414-2ddd-4d32-a0cd-375ea402b003": 3,
    "marking-definition--e828b379-4e03-4974-9ac4-e53a884c97c1": RED,
}
"""TLP 2.0 as it was when this was written; any other marking is taken for the most closed."""


class _Marked(msgspec.Struct):
    type: str = ""
    object_marking_refs: list[str] = []


_READ = msgspec.json.Decoder(_Marked)


def upgrade() -> None:
    for shelf in ("release", "inbox"):
        _rename(shelf)
        _create(shelf)
        _fill(op.get_bind(), shelf)
        op.drop_table(f"old_{shelf}_views")
        op.drop_table(f"old_{shelf}_objects")


def _rename(shelf: str) -> None:
    """Out of the way, indexes and constraints too: their names are needed again."""
    for columns in ("id_view_version", "view_place_seq", "view_type_place_seq", "view_version_seq"):
        op.drop_index(f"ix_{shelf}_views_{columns}", f"{shelf}_views")
    postgresql = op.get_bind().dialect.name == "postgresql"
    for table in (f"{shelf}_objects", f"{shelf}_views"):
        if postgresql:
            op.execute(f"ALTER TABLE {table} RENAME CONSTRAINT pk_{table} TO pk_old_{table}")
        op.rename_table(table, f"old_{table}")


def _create(shelf: str) -> None:
    op.create_table(
        f"{shelf}_objects",
        sa.Column("seq", NUMBER, autoincrement=False, nullable=False),
        sa.Column("owner", sa.Text(), nullable=False),
        sa.Column("id", sa.Text(), nullable=False),
        sa.Column("type", sa.Text(), nullable=False),
        sa.Column("version", NUMBER, nullable=False),
        sa.Column("added", NUMBER, nullable=False),
        sa.Column("manifest", sa.Text(), nullable=False),
        sa.Column("tlp", NUMBER, nullable=False),
        sa.Column("gone", NUMBER, nullable=False),
        sa.Column("stix", sa.LargeBinary(), nullable=False),
        sa.PrimaryKeyConstraint("seq", name=op.f(f"pk_{shelf}_objects")),
    )
    if shelf == "release":
        op.create_index(
            op.f(f"ix_{shelf}_objects_owner_tlp_seq"), f"{shelf}_objects", ["owner", "tlp", "seq"]
        )
    gone = sa.text("gone = 1")
    op.create_index(
        f"ix_{shelf}_objects_gone", f"{shelf}_objects", ["id"], sqlite_where=gone, postgresql_where=gone
    )
    op.create_table(
        f"{shelf}_views",
        sa.Column("view", sa.Text(), nullable=False),
        sa.Column("added", NUMBER, autoincrement=False, nullable=False),
        sa.Column("object", NUMBER, nullable=False),
        sa.Column("id", sa.Text(), nullable=False),
        sa.Column("type", sa.Text(), nullable=False),
        sa.Column("version", NUMBER, nullable=False),
        sa.Column("place", NUMBER, nullable=False),
        sa.PrimaryKeyConstraint("view", "added", name=op.f(f"pk_{shelf}_views")),
        sqlite_with_rowid=False,
    )
    for columns in (
        ["view", "id", "version"],
        ["view", "place", "added"],
        ["view", "type", "place", "added"],
        ["view", "version", "type", "added"],
    ):
        name = op.f(f"ix_{shelf}_views_{'_'.join(columns)}")
        if columns[1] == "id":
            op.create_index(name, f"{shelf}_views", columns, unique=True)
        else:
            op.create_index(name, f"{shelf}_views", [*columns, "object"])
    op.create_table(
        f"{shelf}_audiences",
        sa.Column("view", sa.Text(), nullable=False),
        sa.Column("owner", sa.Text(), nullable=False),
        sa.Column("ceiling", NUMBER, nullable=False),
        sa.Column("moment", NUMBER, nullable=False),
        sa.PrimaryKeyConstraint("view", name=op.f(f"pk_{shelf}_audiences")),
    )


def _fill(connection: Connection, shelf: str) -> None:
    """Moments stay what they were: whoever pages by them misses nothing and sees nothing twice."""
    objects = sa.table(
        f"{shelf}_objects",
        *(sa.column(name) for name in ("seq", "owner", "id", "type", "version", "added", "manifest")),
        *(sa.column(name) for name in ("tlp", "gone", "stix")),
    )
    old = sa.table(f"old_{shelf}_objects", *(sa.column(column.name) for column in objects.columns))
    kept = [old.c[name] for name in ("seq", "owner", "id", "type", "version", "added", "manifest", "stix")]
    for rows in _pieces(connection, sa.select(*kept), old.c.seq):
        connection.execute(
            sa.insert(objects), [dict(row._mapping) | {"tlp": _rank(row.stix), "gone": 0} for row in rows]
        )
    connection.execute(
        sa.text(
            f"INSERT INTO {shelf}_views (view, added, object, id, type, version, place) "  # noqa: S608  # ours
            f"SELECT v.view, o.added, v.seq, v.id, v.type, v.version, v.place "
            f"FROM old_{shelf}_views v JOIN old_{shelf}_objects o ON o.seq = v.seq"
        )
    )
    connection.execute(
        sa.text(
            f"INSERT INTO {shelf}_audiences (view, owner, ceiling, moment) "  # noqa: S608  # ours
            f"SELECT view, view, {RED}, max(added) FROM {shelf}_views GROUP BY view"
        )
    )


def _pieces(connection: Connection, query: sa.Select[Any], seq: sa.ColumnClause[Any]) -> Iterator[Any]:
    query = query.order_by(seq).limit(CHUNK)
    rows = connection.execute(query).all()
    while rows:
        yield rows
        rows = connection.execute(query.where(seq > rows[-1].seq)).all()


def _rank(stix: bytes) -> int:
    """The rank of the strictest marking; unmarked is AMBER, what defines markings or extensions is for everybody."""
    try:
        found = _READ.decode(stix)
    except msgspec.MsgspecError:
        return RED
    if found.type in ("marking-definition", "extension-definition"):
        return 0
    return max((RANKS.get(ref, RED) for ref in found.object_marking_refs), default=AMBER)
