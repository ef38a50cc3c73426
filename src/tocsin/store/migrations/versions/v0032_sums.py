"""Private sums of evidence: agreements, epochs, mail, spends, answers."""

import sqlalchemy as sa
from alembic import op

revision = "0032"
down_revision = "0031"

NUMBER = sa.BigInteger().with_variant(sa.Integer(), "sqlite")


def upgrade() -> None:
    op.create_table(
        "sum_agreements",
        sa.Column("id", sa.Text(), nullable=False),
        sa.Column("by", sa.Text(), nullable=False),
        sa.Column("at", NUMBER, nullable=False),
        sa.Column("withdrawn", NUMBER, nullable=False),
        sa.Column("body", sa.LargeBinary(), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_sum_agreements")),
    )
    op.create_table(
        "sum_epochs",
        sa.Column("epoch", NUMBER, autoincrement=False, nullable=False),
        sa.Column("body", sa.LargeBinary(), nullable=False),
        sa.PrimaryKeyConstraint("epoch", name=op.f("pk_sum_epochs")),
    )
    op.create_table(
        "sum_mail",
        sa.Column("seq", NUMBER, autoincrement=False, nullable=False),
        sa.Column("epoch", NUMBER, nullable=False),
        sa.Column("peer", sa.Text(), nullable=False),
        sa.Column("kind", sa.Text(), nullable=False),
        sa.Column("size", NUMBER, nullable=False),
        sa.Column("at", NUMBER, nullable=False),
        sa.Column("due", NUMBER, nullable=False),
        sa.Column("sent", NUMBER, nullable=False),
        sa.Column("body", sa.LargeBinary(), nullable=False),
        sa.PrimaryKeyConstraint("seq", name=op.f("pk_sum_mail")),
    )
    op.create_index(op.f("ix_sum_mail_epoch"), "sum_mail", ["epoch"])
    op.create_index(op.f("ix_sum_mail_sent_due"), "sum_mail", ["sent", "due"])
    op.create_table(
        "sum_heard",
        sa.Column("epoch", NUMBER, autoincrement=False, nullable=False),
        sa.Column("roster", sa.Text(), nullable=False),
        sa.Column("look", NUMBER, autoincrement=False, nullable=False),
        sa.Column("kind", sa.Text(), nullable=False),
        sa.Column("sender", sa.Text(), nullable=False),
        sa.Column("at", NUMBER, nullable=False),
        sa.Column("body", sa.LargeBinary(), nullable=False),
        sa.PrimaryKeyConstraint("epoch", "roster", "look", "kind", "sender", name=op.f("pk_sum_heard")),
    )
    op.create_table(
        "sum_parts",
        sa.Column("asker", sa.Text(), nullable=False),
        sa.Column("epoch", NUMBER, autoincrement=False, nullable=False),
        sa.Column("serial", sa.Text(), nullable=False),
        sa.Column("part", NUMBER, autoincrement=False, nullable=False),
        sa.Column("points", NUMBER, nullable=False),
        sa.PrimaryKeyConstraint("asker", "epoch", "serial", "part", name=op.f("pk_sum_parts")),
    )
    op.create_table(
        "sum_answers",
        sa.Column("epoch", NUMBER, autoincrement=False, nullable=False),
        sa.Column("look", NUMBER, autoincrement=False, nullable=False),
        sa.Column("at", NUMBER, nullable=False),
        sa.Column("keys", NUMBER, nullable=False),
        sa.Column("candidates", NUMBER, nullable=False),
        sa.Column("rang", NUMBER, nullable=False),
        sa.Column("body", sa.LargeBinary(), nullable=False),
        sa.PrimaryKeyConstraint("epoch", "look", name=op.f("pk_sum_answers")),
    )
