"""Counts of conduct by day and hour, which outlive the events they count."""

import sqlalchemy as sa
from alembic import op

revision = "0013"
down_revision = "0011"

NUMBER = sa.BigInteger().with_variant(sa.Integer(), "sqlite")


def upgrade() -> None:
    op.create_table(
        "trends",
        sa.Column("width", NUMBER, nullable=False, autoincrement=False),
        sa.Column("bin", NUMBER, nullable=False, autoincrement=False),
        sa.Column("category", sa.Text(), nullable=False),
        sa.Column("language", sa.Text(), nullable=False),
        sa.Column("region", sa.Text(), nullable=False),
        sa.Column("delay", NUMBER, nullable=False, autoincrement=False),
        sa.Column("count", NUMBER, nullable=False),
        sa.PrimaryKeyConstraint(
            "width", "bin", "category", "language", "region", "delay", name=op.f("pk_trends")
        ),
        sqlite_with_rowid=False,
    )
