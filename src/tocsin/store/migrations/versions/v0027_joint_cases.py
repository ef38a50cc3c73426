"""Joint cases: which case here is part of which; what each party said lies among the records."""

import sqlalchemy as sa
from alembic import op

revision = "0027"
down_revision = "0026"

NUMBER = sa.BigInteger().with_variant(sa.Integer(), "sqlite")


def upgrade() -> None:
    op.create_table(
        "joint_links",
        sa.Column("case_id", sa.Text(), nullable=False),
        sa.Column("joint", sa.Text(), nullable=False),
        sa.Column("at", NUMBER, nullable=False),
        sa.PrimaryKeyConstraint("case_id", name=op.f("pk_joint_links")),
    )
    op.create_index(op.f("ix_joint_links_joint"), "joint_links", ["joint"])
