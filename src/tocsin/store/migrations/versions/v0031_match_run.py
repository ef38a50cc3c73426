"""Sessions of matching between nodes: what waits for an operator's yes."""

import sqlalchemy as sa
from alembic import op

revision = "0031"
down_revision = "0030"

NUMBER = sa.BigInteger().with_variant(sa.Integer(), "sqlite")


def upgrade() -> None:
    op.create_table(
        "match_wishes",
        sa.Column("id", sa.Text(), nullable=False),
        sa.Column("peer", sa.Text(), nullable=False),
        sa.Column("kind", sa.Text(), nullable=False),
        sa.Column("question", sa.Text(), nullable=False),
        sa.Column("reveal", sa.Text(), nullable=False),
        sa.Column("purpose", sa.Text(), nullable=False),
        sa.Column("points", NUMBER, nullable=False),
        sa.Column("at", NUMBER, nullable=False),
        sa.Column("allowed_by", sa.Text(), nullable=False),
        sa.Column("until", NUMBER, nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_match_wishes")),
    )
    op.create_index(op.f("ix_match_wishes_peer_at"), "match_wishes", ["peer", "at"])
