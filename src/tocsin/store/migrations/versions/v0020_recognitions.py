"""Recognitions of peers' evaluations, and the draws behind them."""

import sqlalchemy as sa
from alembic import op

revision = "0020"
down_revision = "0018"

NUMBER = sa.BigInteger().with_variant(sa.Integer(), "sqlite")


def upgrade() -> None:
    op.create_table(
        "recognitions",
        sa.Column("id", sa.Text(), nullable=False),
        sa.Column("seq", NUMBER, autoincrement=False, nullable=False),
        sa.Column("evaluation", sa.Text(), nullable=False),
        sa.Column("at", NUMBER, autoincrement=False, nullable=False),
        sa.Column("body", sa.LargeBinary(), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_recognitions")),
    )
    op.create_index(op.f("ix_recognitions_seq"), "recognitions", ["seq"], unique=True)
    op.create_index(op.f("ix_recognitions_evaluation_seq"), "recognitions", ["evaluation", "seq"])
    op.create_table(
        "recognition_draws",
        sa.Column("id", sa.Text(), nullable=False),
        sa.Column("seq", NUMBER, autoincrement=False, nullable=False),
        sa.Column("challenger", sa.Text(), nullable=False),
        sa.Column("evaluation", sa.Text(), nullable=False),
        sa.Column("sheet", sa.Text(), nullable=False),
        sa.Column("state", sa.Text(), nullable=False),
        sa.Column("body", sa.LargeBinary(), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_recognition_draws")),
    )
    op.create_index(op.f("ix_recognition_draws_seq"), "recognition_draws", ["seq"], unique=True)
    op.create_index(
        op.f("ix_recognition_draws_evaluation_sheet_seq"), "recognition_draws", ["evaluation", "sheet", "seq"]
    )
    op.execute("INSERT INTO counters (name, value, moment) VALUES ('recognition', 0, 0)")
