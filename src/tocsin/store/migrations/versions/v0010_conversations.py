"""Acts of conversations, apart from events and warnings, so that they can expire by themselves."""

import sqlalchemy as sa
from alembic import op

revision = "0010"
down_revision = "0008"


def upgrade() -> None:
    number = sa.BigInteger().with_variant(sa.Integer(), "sqlite")
    op.create_table(
        "acts",
        sa.Column("seq", number, autoincrement=False, nullable=False),
        sa.Column("session", sa.Text(), nullable=False),
        sa.Column("received", number, nullable=False),
        sa.Column("weight", number, nullable=False),
        sa.Column("aim", number, nullable=False),
        sa.Column("body", sa.LargeBinary(), nullable=False),
        sa.PrimaryKeyConstraint("seq", name=op.f("pk_acts")),
    )
    op.create_index(op.f("ix_acts_session_seq"), "acts", ["session", "seq"], unique=False)
    op.create_index(op.f("ix_acts_received"), "acts", ["received"], unique=False)
