"""Access decisions: grants, revocations, what was decided."""

import sqlalchemy as sa
from alembic import op

revision = "0034"
down_revision = "0033"

NUMBER = sa.BigInteger().with_variant(sa.Integer(), "sqlite")


def upgrade() -> None:
    op.create_table(
        "access_grants",
        sa.Column("id", sa.Text(), nullable=False),
        sa.Column("subject", sa.Text(), nullable=False),
        sa.Column("artefact", sa.Text(), nullable=False),
        sa.Column("at", NUMBER, nullable=False),
        sa.Column("body", sa.LargeBinary(), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_access_grants")),
    )
    op.create_index(op.f("ix_access_grants_subject_artefact"), "access_grants", ["subject", "artefact"])
    op.create_index(op.f("ix_access_grants_at"), "access_grants", ["at"])
    op.create_table(
        "access_capabilities",
        sa.Column("artefact", sa.Text(), nullable=False),
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("body", sa.LargeBinary(), nullable=False),
        sa.PrimaryKeyConstraint("artefact", "name", name=op.f("pk_access_capabilities")),
    )
    op.create_table(
        "access_looks",
        sa.Column("id", sa.Text(), nullable=False),
        sa.Column("asked", NUMBER, nullable=False),
        sa.Column("body", sa.LargeBinary(), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_access_looks")),
    )
    op.create_table(
        "access_decisions",
        sa.Column("day", sa.Text(), nullable=False),
        sa.Column("digest", sa.Text(), nullable=False),
        sa.Column("artefact", sa.Text(), nullable=False),
        sa.Column("capability", sa.Text(), nullable=False),
        sa.Column("act", sa.Text(), nullable=False),
        sa.Column("granted", NUMBER, nullable=False),
        sa.Column("rules", sa.Text(), nullable=False),
        sa.Column("obligations", sa.Text(), nullable=False),
        sa.Column("first", NUMBER, nullable=False),
        sa.Column("last", NUMBER, nullable=False),
        sa.Column("count", NUMBER, nullable=False),
        sa.PrimaryKeyConstraint("day", "digest", name=op.f("pk_access_decisions")),
    )
    op.create_index(op.f("ix_access_decisions_last"), "access_decisions", ["last"])
    op.execute("INSERT INTO counters (name, value, moment) VALUES ('admission', 0, 0)")
