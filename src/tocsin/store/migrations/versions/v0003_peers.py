"""Groups of peers, the history of keys, recalls and their receipts."""

import sqlalchemy as sa
from alembic import op

revision = "0003"
down_revision = "0002"

NUMBER = sa.BigInteger().with_variant(sa.Integer(), "sqlite")


def upgrade() -> None:
    op.create_table(
        "groups",
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("body", sa.LargeBinary(), nullable=False),
        sa.PrimaryKeyConstraint("name", name=op.f("pk_groups")),
    )
    op.create_table(
        "key_statements",
        sa.Column("identity", sa.Text(), nullable=False),
        sa.Column("digest", sa.Text(), nullable=False),
        sa.Column("seq", NUMBER, nullable=False),
        sa.Column("received", NUMBER, nullable=False),
        sa.Column("body", sa.LargeBinary(), nullable=False),
        sa.PrimaryKeyConstraint("identity", "digest", name=op.f("pk_key_statements")),
    )
    op.create_index(
        op.f("ix_key_statements_identity_seq"), "key_statements", ["identity", "seq"], unique=False
    )
    op.create_table(
        "recalls",
        sa.Column("record", sa.Text(), nullable=False),
        sa.Column("peer", sa.Text(), nullable=False),
        sa.Column("version", NUMBER, nullable=False),
        sa.Column("at", NUMBER, nullable=False),
        sa.Column("body", sa.LargeBinary(), nullable=False),
        sa.PrimaryKeyConstraint("record", "peer", name=op.f("pk_recalls")),
    )
    op.create_index(op.f("ix_recalls_at"), "recalls", ["at"], unique=False)
    op.create_table(
        "receipts",
        sa.Column("record", sa.Text(), nullable=False),
        sa.Column("peer", sa.Text(), nullable=False),
        sa.Column("version", NUMBER, autoincrement=False, nullable=False),
        sa.Column("sent", NUMBER, nullable=False),
        sa.Column("body", sa.LargeBinary(), nullable=False),
        sa.PrimaryKeyConstraint("record", "peer", "version", name=op.f("pk_receipts")),
    )
    op.create_index(op.f("ix_receipts_peer_sent"), "receipts", ["peer", "sent"], unique=False)
