"""Labels: fingerprints of what this node labelled."""

import sqlalchemy as sa
from alembic import op

revision = "0036"
down_revision = "0035"

NUMBER = sa.BigInteger().with_variant(sa.Integer(), "sqlite")


def upgrade() -> None:
    op.create_table(
        "labelled",
        sa.Column("sha256", sa.Text(), nullable=False),
        sa.Column("content_id", sa.Text(), nullable=False),
        sa.Column("format", sa.Text(), nullable=False),
        sa.Column("kind", sa.Text(), nullable=False),
        sa.Column("bits", sa.Text(), nullable=False),
        sa.Column("at", NUMBER, nullable=False),
        sa.Column("until", NUMBER, nullable=False),
        sa.PrimaryKeyConstraint("sha256", name=op.f("pk_labelled")),
    )
    op.create_index("ix_labelled_kind", "labelled", ["kind", "sha256"])
    op.create_index("ix_labelled_until", "labelled", ["until"])
    op.create_table(
        "label_questions",
        sa.Column("case_id", sa.Text(), nullable=False),
        sa.Column("sha256", sa.Text(), nullable=False),
        sa.Column("at", NUMBER, nullable=False),
        sa.PrimaryKeyConstraint("case_id", "sha256", name=op.f("pk_label_questions")),
    )
