"""Exhibits, every hand they went through, and holds on them."""

import sqlalchemy as sa
from alembic import op

revision = "0024"
down_revision = "0023"

NUMBER = sa.BigInteger().with_variant(sa.Integer(), "sqlite")


def upgrade() -> None:
    op.create_table(
        "exhibits",
        sa.Column("id", sa.Text(), nullable=False),
        sa.Column("case", sa.Text(), nullable=False),
        sa.Column("received", NUMBER, autoincrement=False, nullable=False),
        sa.Column("quarantined", NUMBER, autoincrement=False, nullable=False),
        sa.Column("destroyed", NUMBER, autoincrement=False, nullable=True),
        sa.Column("facts", sa.LargeBinary(), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_exhibits")),
    )
    op.create_index(op.f("ix_exhibits_case_received_id"), "exhibits", ["case", "received", "id"])
    op.create_index(op.f("ix_exhibits_destroyed_received"), "exhibits", ["destroyed", "received"])
    op.create_table(
        "custody_steps",
        sa.Column("exhibit", sa.Text(), nullable=False),
        sa.Column("number", NUMBER, autoincrement=False, nullable=False),
        sa.Column("body", sa.LargeBinary(), nullable=False),
        sa.PrimaryKeyConstraint("exhibit", "number", name=op.f("pk_custody_steps")),
    )
    op.create_table(
        "exhibit_holds",
        sa.Column("id", sa.Text(), nullable=False),
        sa.Column("case", sa.Text(), nullable=False),
        sa.Column("exhibit", sa.Text(), nullable=True),
        sa.Column("at", NUMBER, autoincrement=False, nullable=False),
        sa.Column("by", sa.Text(), nullable=False),
        sa.Column("until", NUMBER, autoincrement=False, nullable=True),
        sa.Column("released", NUMBER, autoincrement=False, nullable=True),
        sa.Column("reason", sa.LargeBinary(), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_exhibit_holds")),
    )
    op.create_index(op.f("ix_exhibit_holds_case_at"), "exhibit_holds", ["case", "at"])
    op.create_index(op.f("ix_exhibit_holds_exhibit"), "exhibit_holds", ["exhibit"])
