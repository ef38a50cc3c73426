"""Sessions of matching: what was asked, consented to and spent."""

import sqlalchemy as sa
from alembic import op

revision = "0029"
down_revision = "0028"

NUMBER = sa.BigInteger().with_variant(sa.Integer(), "sqlite")


def upgrade() -> None:
    op.create_table(
        "match_terms",
        sa.Column("peer", sa.Text(), nullable=False),
        sa.Column("by", sa.Text(), nullable=False),
        sa.Column("at", NUMBER, nullable=False),
        sa.Column("body", sa.LargeBinary(), nullable=False),
        sa.PrimaryKeyConstraint("peer", name=op.f("pk_match_terms")),
    )
    op.create_table(
        "match_sessions",
        sa.Column("session", sa.Text(), nullable=False),
        *(
            sa.Column(name, sa.Text(), nullable=False)
            for name in ("role", "peer", "kind", "question", "reveal", "purpose")
        ),
        *(sa.Column(name, NUMBER, nullable=False) for name in ("epoch", "points", "at")),
        sa.Column("outcome", sa.Text(), nullable=False),
        sa.Column("found", NUMBER, nullable=True),
        sa.PrimaryKeyConstraint("session", name=op.f("pk_match_sessions")),
    )
    op.create_index(op.f("ix_match_sessions_at_session"), "match_sessions", ["at", "session"])
    op.create_table(
        "match_spent",
        *(sa.Column(name, sa.Text(), nullable=False) for name in ("peer", "role", "kind")),
        sa.Column("epoch", NUMBER, autoincrement=False, nullable=False),
        sa.Column("points", NUMBER, nullable=False),
        sa.PrimaryKeyConstraint("peer", "role", "kind", "epoch", name=op.f("pk_match_spent")),
    )
