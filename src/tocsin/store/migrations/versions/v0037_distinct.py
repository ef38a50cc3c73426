"""Distinct counts over several nodes: consent, and counts."""

import sqlalchemy as sa
from alembic import op

revision = "0037"
down_revision = "0036"

NUMBER = sa.BigInteger().with_variant(sa.Integer(), "sqlite")


def upgrade() -> None:
    op.create_table(
        "distinct_terms",
        sa.Column("peer", sa.Text(), nullable=False),
        sa.Column("at", NUMBER, nullable=False),
        sa.Column("body", sa.LargeBinary(), nullable=False),
        sa.PrimaryKeyConstraint("peer", name=op.f("pk_distinct_terms")),
    )
    op.create_table(
        "distinct_counts",
        sa.Column("session", sa.Text(), nullable=False),
        sa.Column("state", sa.Text(), nullable=False),
        sa.Column("proposer", sa.Text(), nullable=False),
        sa.Column("at", NUMBER, nullable=False),
        sa.Column("begun", NUMBER, nullable=False),
        sa.Column("cost", NUMBER, nullable=False),
        sa.Column("body", sa.LargeBinary(), nullable=False),
        sa.PrimaryKeyConstraint("session", name=op.f("pk_distinct_counts")),
    )
    op.create_index(op.f("ix_distinct_counts_state"), "distinct_counts", ["state"])
    op.create_index(op.f("ix_distinct_counts_proposer_begun"), "distinct_counts", ["proposer", "begun"])
