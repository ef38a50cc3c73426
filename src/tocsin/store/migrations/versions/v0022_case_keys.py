"""Keys of cases, wrapped for those who may open them; members' public keys; reviewers' own limits."""

import sqlalchemy as sa
from alembic import op

revision = "0022"
down_revision = "0021"

NUMBER = sa.BigInteger().with_variant(sa.Integer(), "sqlite")


def upgrade() -> None:
    op.create_table(
        "case_locks",
        sa.Column("case", sa.Text(), nullable=False),
        sa.Column("queue", sa.Text(), nullable=False),
        sa.Column("public", sa.LargeBinary(), nullable=False),
        sa.Column("at", NUMBER, autoincrement=False, nullable=False),
        sa.PrimaryKeyConstraint("case", name=op.f("pk_case_locks")),
    )
    op.create_index(op.f("ix_case_locks_queue_case"), "case_locks", ["queue", "case"])
    op.create_table(
        "case_keys",
        sa.Column("case", sa.Text(), nullable=False),
        sa.Column("holder", sa.Text(), nullable=False),
        sa.Column("at", NUMBER, autoincrement=False, nullable=False),
        sa.Column("wrapped", sa.LargeBinary(), nullable=False),
        sa.PrimaryKeyConstraint("case", "holder", name=op.f("pk_case_keys")),
        sqlite_with_rowid=False,
    )
    op.create_index(op.f("ix_case_keys_holder_case"), "case_keys", ["holder", "case"])
    op.create_table(
        "member_keys",
        sa.Column("id", sa.Text(), nullable=False),
        sa.Column("user", sa.Text(), nullable=False),
        sa.Column("at", NUMBER, autoincrement=False, nullable=False),
        sa.Column("ended", NUMBER, autoincrement=False, nullable=True),
        sa.Column("public", sa.LargeBinary(), nullable=False),
        sa.Column("sealed", sa.LargeBinary(), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_member_keys")),
    )
    op.create_index(op.f("ix_member_keys_user_at"), "member_keys", ["user", "at"])
    op.create_table(
        "queue_keys",
        sa.Column("queue", sa.Text(), nullable=False),
        sa.Column("member_key", sa.Text(), nullable=False),
        sa.Column("at", NUMBER, autoincrement=False, nullable=False),
        sa.Column("by", sa.Text(), nullable=False),
        sa.PrimaryKeyConstraint("queue", "member_key", name=op.f("pk_queue_keys")),
        sqlite_with_rowid=False,
    )
    op.create_index(op.f("ix_queue_keys_member_key"), "queue_keys", ["member_key"])
    op.create_table(
        "care_limits",
        sa.Column("user", sa.Text(), nullable=False),
        sa.Column("body", sa.LargeBinary(), nullable=False),
        sa.PrimaryKeyConstraint("user", name=op.f("pk_care_limits")),
    )
    op.create_table(
        "care_days",
        sa.Column("user", sa.Text(), nullable=False),
        sa.Column("day", sa.Text(), nullable=False),
        sa.Column("opened", NUMBER, autoincrement=False, nullable=False),
        sa.Column("last", NUMBER, autoincrement=False, nullable=False),
        sa.PrimaryKeyConstraint("user", "day", name=op.f("pk_care_days")),
        sqlite_with_rowid=False,
    )
    op.create_index(op.f("ix_care_days_day"), "care_days", ["day"])
