"""Accountable matching: commitments before a session, challenges, openings."""

import sqlalchemy as sa
from alembic import op

revision = "0033"
down_revision = "0032"

NUMBER = sa.BigInteger().with_variant(sa.Integer(), "sqlite")


def upgrade() -> None:
    op.create_table(
        "match_auditors",
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("line", sa.Text(), nullable=False),
        sa.Column("by", sa.Text(), nullable=False),
        sa.Column("at", NUMBER, nullable=False),
        sa.PrimaryKeyConstraint("name", name=op.f("pk_match_auditors")),
    )
    op.create_table(
        "match_quotas",
        sa.Column("digest", sa.Text(), nullable=False),
        sa.Column("kind", sa.Text(), nullable=False),
        sa.Column("at", NUMBER, nullable=False),
        sa.Column("note", sa.LargeBinary(), nullable=False),
        sa.PrimaryKeyConstraint("digest", name=op.f("pk_match_quotas")),
    )
    op.create_index(op.f("ix_match_quotas_kind_at"), "match_quotas", ["kind", "at"])
    op.create_table(
        "match_days",
        sa.Column("kind", sa.Text(), nullable=False),
        sa.Column("number", NUMBER, autoincrement=False, nullable=False),
        sa.Column("digest", sa.Text(), nullable=False),
        sa.Column("at", NUMBER, nullable=False),
        sa.Column("note", sa.LargeBinary(), nullable=False),
        sa.Column("lines", sa.LargeBinary(), nullable=False),
        sa.Column("sealed_on", sa.Text(), nullable=False),
        sa.Column("sealed", sa.LargeBinary(), nullable=False),
        sa.PrimaryKeyConstraint("kind", "number", name=op.f("pk_match_days")),
    )
    op.create_table(
        "match_pledges",
        *(sa.Column(name, sa.Text(), nullable=False) for name in ("session", "side", "kind")),
        *(sa.Column(name, NUMBER, nullable=False) for name in ("epoch", "number")),
        sa.Column("digest", sa.Text(), nullable=False),
        sa.Column("at", NUMBER, nullable=False),
        *(
            sa.Column(name, sa.LargeBinary(), nullable=False)
            for name in ("note", "sealed", "other", "proposal", "acceptance", "points", "tags", "challenge")
        ),
        sa.PrimaryKeyConstraint("session", "side", name=op.f("pk_match_pledges")),
        sa.UniqueConstraint(
            "side", "kind", "epoch", "number", name=op.f("uq_match_pledges_side_kind_epoch_number")
        ),
    )
