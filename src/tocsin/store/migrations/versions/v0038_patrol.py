"""Patrol of what is submitted for admission to a platform."""

import sqlalchemy as sa
from alembic import op

revision = "0038"
down_revision = "0037"

NUMBER = sa.BigInteger().with_variant(sa.Integer(), "sqlite")


def upgrade() -> None:
    op.create_table(
        "patrol_submissions",
        sa.Column("id", sa.Text(), nullable=False),
        sa.Column("at", NUMBER, nullable=False),
        sa.Column("looked", NUMBER, nullable=False),
        sa.Column("verdict", sa.Text(), nullable=False),
        sa.Column("body", sa.LargeBinary(), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_patrol_submissions")),
    )
    op.create_index("ix_patrol_submissions_at", "patrol_submissions", ["at", "id"])
    op.create_index("ix_patrol_submissions_looked", "patrol_submissions", ["looked"])
    op.create_table(
        "patrol_checks",
        sa.Column("submission", sa.Text(), nullable=False),
        sa.Column("number", NUMBER, autoincrement=False, nullable=False),
        sa.Column("body", sa.LargeBinary(), nullable=False),
        sa.PrimaryKeyConstraint("submission", "number", name=op.f("pk_patrol_checks")),
    )
    op.create_table(
        "patrol_draws",
        sa.Column("submission", sa.Text(), nullable=False),
        sa.Column("week", sa.Text(), nullable=False),
        sa.Column("at", NUMBER, nullable=False),
        sa.Column("checked", NUMBER, nullable=False),
        sa.PrimaryKeyConstraint("submission", "week", name=op.f("pk_patrol_draws")),
    )
    op.create_index("ix_patrol_draws_checked", "patrol_draws", ["checked", "at"])
