"""Cases: as they are now, what was done in them, and their queues."""

import sqlalchemy as sa
from alembic import op

revision = "0021"
down_revision = "0020"

NUMBER = sa.BigInteger().with_variant(sa.Integer(), "sqlite")


def upgrade() -> None:
    op.create_table(
        "cases",
        sa.Column("id", sa.Text(), nullable=False),
        sa.Column("queue", sa.Text(), nullable=False),
        sa.Column("shelf", sa.Text(), nullable=False),
        sa.Column("state", sa.Text(), nullable=False),
        sa.Column("rank", NUMBER, nullable=False),
        sa.Column("received", NUMBER, nullable=False),
        sa.Column("version", NUMBER, nullable=False),
        sa.Column("tell", NUMBER, nullable=False),
        sa.Column("holder", sa.Text(), nullable=True),
        sa.Column("held_until", NUMBER, nullable=False),
        sa.Column("report", sa.Text(), nullable=True),
        sa.Column("warning", sa.Text(), nullable=True),
        sa.Column("body", sa.LargeBinary(), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_cases")),
    )
    for columns in (
        ["queue", "shelf", "rank", "received", "id"],
        ["queue", "state", "rank", "received", "id"],
        ["holder", "shelf", "queue"],
        ["tell"],
        ["report"],
        ["warning"],
    ):
        op.create_index(op.f(f"ix_cases_{'_'.join(columns)}"), "cases", columns)
    op.create_table(
        "case_counts",
        sa.Column("queue", sa.Text(), nullable=False),
        sa.Column("state", sa.Text(), nullable=False),
        sa.Column("slot", NUMBER, autoincrement=False, nullable=False),
        sa.Column("many", NUMBER, nullable=False),
        sa.PrimaryKeyConstraint("queue", "state", "slot", name=op.f("pk_case_counts")),
    )
    op.create_table(
        "case_texts",
        sa.Column("case_id", sa.Text(), nullable=False),
        sa.Column("what", sa.Text(), nullable=False),
        sa.Column("sealed", sa.LargeBinary(), nullable=False),
        sa.ForeignKeyConstraint(["case_id"], ["cases.id"], name=op.f("fk_case_texts_case_id")),
        sa.PrimaryKeyConstraint("case_id", "what", name=op.f("pk_case_texts")),
    )
    op.create_table(
        "case_acts",
        sa.Column("case_id", sa.Text(), nullable=False),
        sa.Column("number", NUMBER, autoincrement=False, nullable=False),
        sa.Column("body", sa.LargeBinary(), nullable=False),
        sa.Column("sealed", sa.LargeBinary(), nullable=True),
        sa.ForeignKeyConstraint(["case_id"], ["cases.id"], name=op.f("fk_case_acts_case_id")),
        sa.PrimaryKeyConstraint("case_id", "number", name=op.f("pk_case_acts")),
    )
